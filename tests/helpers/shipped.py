"""The shipped feature table and models, loaded once for all tests. Tests do not change them."""

from functools import cache

from ser.data.table import FeatureTable
from ser.data.table_file import load_table
from ser.model.emotion_model import EmotionModel
from ser.model.store import DEFAULT_NAME, ModelStore, StoredModel


@cache
def table() -> FeatureTable:
    return load_table()


@cache
def stored(name: str = DEFAULT_NAME) -> StoredModel:
    return ModelStore().load(name)


def model(name: str = DEFAULT_NAME) -> EmotionModel:
    return stored(name).model
