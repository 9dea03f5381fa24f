"""Settings that several tests train with: a small plain network on the notebook's features, quick to learn."""

from dataclasses import replace

from ser.training import PRESETS

PLAIN = replace(
    PRESETS["small"], feature_set="notebook", activation="relu", alpha=0.01, patience=0, validation=0.0, limit=0.0
)
