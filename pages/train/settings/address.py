"""The settings in the page's address, for a reload or a bookmark: a preset, and what differs from it."""

import json

import streamlit as st

from ser.errors import TrainingError
from ser.training.presets import PRESETS
from ser.training.settings import TrainingSettings

FIRST_PRESET = "fast"


def read() -> tuple[str, TrainingSettings, str | None]:
    """The preset and the settings in the address, and a sentence if they cannot be used."""
    preset = st.query_params.get("preset", FIRST_PRESET)
    settings = PRESETS.get(preset)
    if settings is None:
        return FIRST_PRESET, PRESETS[FIRST_PRESET], "The address names a preset that there is not."
    text = st.query_params.get("set")
    if not text:
        return preset, settings, None
    try:
        changed = json.loads(text)
        if not isinstance(changed, dict):
            raise TrainingError("They are no JSON object.")
        return preset, TrainingSettings.from_json(settings.to_json() | changed), None
    except (ValueError, TrainingError) as error:
        return preset, settings, f"The settings in the address cannot be used: {str(error).rstrip('.')}."


def parameters(settings: TrainingSettings) -> dict[str, str]:
    """The address's query parameters for these settings."""
    preset = st.session_state["train_preset"]
    before, after = PRESETS[preset].to_json(), settings.to_json()
    changed = {name: value for name, value in after.items() if before[name] != value}
    preset_only = {"preset": preset}
    if not changed:
        return preset_only
    return preset_only | {"set": json.dumps(changed, separators=(",", ":"), ensure_ascii=False)}


def write(settings: TrainingSettings) -> None:
    """Write the settings into the page's address."""
    after = parameters(settings)
    for name in ("preset", "set"):
        if name in after and st.query_params.get(name) != after[name]:
            st.query_params[name] = after[name]
        elif name not in after and name in st.query_params:
            del st.query_params[name]
