"""Settings that several tests train with: a small plain network on the notebook's features, quick to learn."""

from dataclasses import replace

from ser.data.table import FeatureTable
from ser.model.emotion_model import EmotionModel
from ser.steps import finish
from ser.training.epochs import EpochReport
from ser.training.own_clips import FIRST_SPEAKER
from ser.training.presets import PRESETS
from ser.training.settings import TrainingSettings
from ser.training.trainer import train

PLAIN = replace(
    PRESETS["small"], feature_set="notebook", activation="relu", alpha=0.01, patience=0, validation=0.0, limit=0.0
)

SMALL = replace(PLAIN, epochs=6)


def learnt(settings: TrainingSettings, table: FeatureTable) -> EmotionModel:
    """The model that these settings and clips give."""
    return finish(train(settings, table.matrix(settings.feature_set), table.labels, table.actors))


def reports(settings: TrainingSettings, table: FeatureTable) -> list[EpochReport]:
    """The reports of that training."""
    return list(train(settings, table.matrix(settings.feature_set), table.labels, table.actors))


def own_speakers(table: FeatureTable, count: int) -> FeatureTable:
    """Clips of so many actors as a visitor's own, whose speakers have numbers above RAVDESS's."""
    part = table.select(table.actors <= count)
    return replace(part, clips=part.clips.assign(actor=part.clips["actor"] + FIRST_SPEAKER - 1), clip_views=None)
