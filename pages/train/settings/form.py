"""The sliders and choices of Train: presets, files and addresses in, `TrainingSettings` out.

What the form shows of each setting is declared in `ser.training.setting_fields`.
"""

import json

import streamlit as st

from pages.common.inputs import download
from pages.train.settings import address
from pages.train.settings.field_widgets import WIDGETS
from pages.train.settings.widgets import FormData, FormState, brief
from ser.data.data_sets import SHIPPED_CORPORA
from ser.data.table import FeatureTable
from ser.training.presets import PRESETS
from ser.training.setting_fields import SETTINGS, TABS
from ser.training.settings import TrainingSettings

PRESET_NAMES = {
    "fast": "Quick try",
    "notebook": "As the notebook did it",
    "shipped": "As the shipped model",
    "small": "Small: 16 units",
    "wide": "Wide: 1024 units",
    "few": "For a few clips of your own",
}

# The settings that everybody tries first; the others are within an expander.
BASIC = ("hidden_layers", "epochs", "learning_rate", "alpha")


def pick_preset() -> None:
    """Show the presets; choosing one sets every widget below it. The first time, the address may choose."""
    if "train_preset" not in st.session_state:
        preset, settings, problem = address.read()
        if problem:
            st.warning(f"{problem} The sliders stand as in “{PRESET_NAMES[preset]}”.", icon=":material/link_off:")
        st.session_state["train_preset"] = preset
        fill(settings)
    st.selectbox(
        "Start from",
        list(PRESET_NAMES),
        format_func=PRESET_NAMES.get,
        key="train_preset",
        on_change=lambda: fill(PRESETS[st.session_state["train_preset"]]),
        persist_state="session",
    )


def chosen_corpora() -> tuple[str, ...]:
    """The data sets to learn from, as they are chosen in the form; the first where none is, which the form refuses."""
    chosen = st.session_state["train_corpora"]
    return tuple(corpus for corpus in SHIPPED_CORPORA if corpus in chosen) or SHIPPED_CORPORA[:1]


def fill(settings: TrainingSettings) -> None:
    """Set the widgets to these settings."""
    st.session_state["train_base"] = settings
    for name, widget in WIDGETS.items():
        widget.fill(name, getattr(settings, name))


def settings_form(table: FeatureTable, source: str = "published") -> TrainingSettings:
    """Show the widgets and return checked settings; `TrainingError` if they do not fit together.

    The table holds the clips to train on, which decide on the emotions and actors that are offered. What is chosen of
    the emotions and the protocol is remembered for each source apart.
    """
    chosen = st.session_state["train_base"].to_json()
    data = FormData(table, source)
    basic = st.container()
    # A closed expander still keeps what was chosen within it.
    with st.expander(f"All settings ({len(SETTINGS) - len(BASIC)} more)", icon=":material/tune:"):
        tabs = dict(zip(TABS, st.tabs(TABS), strict=True))
    for name, setting in SETTINGS.items():
        with basic if name in BASIC else tabs[setting.tab]:
            form = FormState(not setting.effect.holds(chosen), chosen, data)
            chosen[name] = WIDGETS[name].draw(setting, form)
    return TrainingSettings.from_json(chosen)


def changes(settings: TrainingSettings, source: str = "published") -> list[str]:
    """What differs from the chosen preset, as "epochs 20 → 50"; what own clips bring with them is left out."""
    before, after = PRESETS[st.session_state["train_preset"]].to_json(), settings.to_json()
    return [
        f"{name.replace('_', ' ')} {brief(before[name])} → {brief(after[name])}"
        for name in after
        if before[name] != after[name] and (source == "published" or name not in ("emotions", "protocol"))
    ]


def download_settings(settings: TrainingSettings, file_name: str = "settings.json", *, key: str, **more: str) -> None:
    """Show a button that downloads settings as a file that the form and the command line read."""
    content = json.dumps(settings.to_json(), indent=1, ensure_ascii=False)
    download("Download settings", content, file_name, "application/json", key=key, **more)
