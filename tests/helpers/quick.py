"""Settings that several tests train with: a small plain network on the notebook's features, quick to learn."""

from dataclasses import replace

from ser.data.table import FeatureTable
from ser.training.own_clips import FIRST_SPEAKER
from ser.training.trainer import PRESETS

PLAIN = replace(
    PRESETS["small"], feature_set="notebook", activation="relu", alpha=0.01, patience=0, validation=0.0, limit=0.0
)


def own_speakers(table: FeatureTable, count: int) -> FeatureTable:
    """Clips of so many actors as a visitor's own, whose speakers have numbers above RAVDESS's."""
    part = table.select(table.actors <= count)
    return replace(part, clips=part.clips.assign(actor=part.clips["actor"] + FIRST_SPEAKER - 1), clip_views=None)
