"""The sliders and choices of Train: presets in, `TrainingSettings` out."""

import itertools

import streamlit as st

from ser.emotions import BY_NAME, LABELS
from ser.features import FEATURE_SETS
from ser.ravdess import ACTORS
from ser.training import ACTIVATIONS, PRESETS, SCHEDULES, SOLVERS, TrainingSettings, chosen_columns

MAX_LAYERS = 4
ALPHAS = (0.0, 1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0)
LEARNING_RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3)
BATCH_SIZES = (8, 16, 32, 64, 128, 256, 512, 1024)

PRESET_NAMES = {
    "fast": "Quick try",
    "notebook": "As the notebook did it",
    "shipped": "As the shipped model",
    "small": "Small: 16 units",
    "wide": "Wide: 1024 units",
}
FIRST_PRESET = "fast"

PROTOCOL_NAMES = {
    "heldout": ("Held-out actors", "Judged on voices that the model never heard."),
    "random": ("Random split", "Leaks voices: the same actors are on both sides, so the score flatters."),
    "emobox": ("EmoBox, first fold", "Four unseen actors as in the literature: 1, 11, 20 and 21."),
    "loso": ("Leave one speaker out, first fold", "Actor 1 alone is unseen: quick to watch, but a single voice."),
}


def pick_preset() -> None:
    """Show the presets; choosing one sets every control below it."""
    if "train_preset" not in st.session_state:
        fill(PRESETS[FIRST_PRESET])
    st.selectbox(
        "Start from",
        list(PRESET_NAMES),
        format_func=PRESET_NAMES.get,
        key="train_preset",
        on_change=lambda: fill(PRESETS[st.session_state["train_preset"]]),
        persist_state="session",
    )


def fill(settings: TrainingSettings) -> None:
    """Set the controls to these settings."""
    state = st.session_state
    for name in ("activation", "solver", "alpha", "learning_rate", "schedule", "batch_size", "epochs", "patience"):
        state[f"train_{name}"] = getattr(settings, name)
    for name in ("scale", "balanced", "members", "feature_set", "protocol", "seed", "calibration_folds"):
        state[f"train_{name}"] = getattr(settings, name)
    for name in ("emotions", "test_actors"):
        state[f"train_{name}"] = list(getattr(settings, name))
    state["train_validation"] = round(100 * settings.validation)
    state["train_layers"] = len(settings.hidden_layers)
    # A layer that is added later starts as wide as the last.
    widths = (*settings.hidden_layers, *itertools.repeat(settings.hidden_layers[-1], MAX_LAYERS))
    for layer in range(MAX_LAYERS):
        state[f"train_units_{layer + 1}"] = widths[layer]
    for name in FEATURE_SETS:
        state[f"train_groups_{name}"] = list(settings.groups) if name == settings.feature_set else []


def settings_form() -> TrainingSettings:
    """Show the controls and return what they say.

    Returns:
        Checked settings.

    Raises:
        TrainingError: they do not fit together, such as a single emotion.
    """
    network, learning, judging = st.tabs(["Network", "Learning", "Data and judging"])
    with network:
        chosen = _network()
    with learning:
        chosen |= _learning()
    with judging:
        chosen |= _data()
    return TrainingSettings(**chosen)


def n_parameters(settings: TrainingSettings) -> int:
    """Weights and biases that a training with these settings fits, over all members."""
    widths = (chosen_columns(settings).size, *settings.hidden_layers, len(settings.emotions))
    return settings.members * sum((inputs + 1) * units for inputs, units in itertools.pairwise(widths))


def changes(settings: TrainingSettings) -> list[str]:
    """What differs from the preset last chosen, as "epochs 20 → 50"."""
    before, after = PRESETS[st.session_state["train_preset"]].to_json(), settings.to_json()
    return [
        f"{name.replace('_', ' ')} {_plain(before[name])} → {_plain(after[name])}"
        for name in after
        if before[name] != after[name]
    ]


def _network() -> dict:
    layers = st.slider(
        "Hidden layers", 1, MAX_LAYERS, help="More layers can form finer rules, and overfit sooner.", **_key("layers")
    )
    units = tuple(
        st.slider(
            f"Units in layer {layer}",
            4,
            1024,
            step=4,
            help="How many neurons the layer has." if layer == 1 else None,
            **_key(f"units_{layer}"),
        )
        for layer in range(1, layers + 1)
    )
    return {
        "hidden_layers": units,
        "activation": st.segmented_control(
            "Activation", ACTIVATIONS, required=True, help="What a neuron makes of its sum.", **_key("activation")
        ),
        "members": st.slider(
            "Members",
            1,
            8,
            help="Networks trained side by side from different seeds; their probabilities are averaged.",
            **_key("members"),
        ),
    }


def _learning() -> dict:
    solver = st.segmented_control(
        "Solver",
        SOLVERS,
        required=True,
        help="adam and sgd step after every batch; lbfgs looks at all clips at once and reports every 10 passes.",
        **_key("solver"),
    )
    stepwise, sgd = solver != "lbfgs", solver == "sgd"
    return {
        "solver": solver,
        "alpha": st.select_slider(
            "Alpha (L2 penalty)",
            ALPHAS,
            format_func=_plain,
            help="Higher keeps the weights small, against overfitting.",
            **_key("alpha"),
        ),
        "learning_rate": st.select_slider(
            "Learning rate",
            LEARNING_RATES,
            format_func=_plain,
            disabled=not stepwise,
            help="Size of the first steps. lbfgs finds its own.",
            **_key("learning_rate"),
        ),
        "schedule": st.segmented_control(
            "Schedule",
            SCHEDULES,
            required=True,
            disabled=not sgd,
            help="How the learning rate falls. Only sgd follows a schedule.",
            **_key("schedule"),
        ),
        "batch_size": st.select_slider(
            "Batch size (clips)",
            BATCH_SIZES,
            disabled=not stepwise,
            help="Clips per step. lbfgs always takes all.",
            **_key("batch_size"),
        ),
        "epochs": st.slider("Epochs, at most", 1, 500, help="Passes over the training clips.", **_key("epochs")),
        "patience": st.slider(
            "Patience (epochs)",
            0,
            50,
            help="Stop after so many epochs without improvement; 0 never stops early.",
            **_key("patience"),
        ),
        "validation": st.slider(
            "Watch (% of the training actors)",
            0,
            40,
            step=5,
            help="Held out of the training to draw the validation curve and to keep the best epoch; "
            "with a random split it is a share of the clips. 0 keeps the last epoch.",
            **_key("validation"),
        )
        / 100,
    }


def _data() -> dict:
    feature_set = st.segmented_control(
        "Features",
        list(FEATURE_SETS),
        required=True,
        help="standard: 16 kHz, levelled, many statistics. notebook: 180 averages at 48 kHz.",
        **_key("feature_set"),
    )
    groups = FEATURE_SETS[feature_set].groups
    chosen = {
        "feature_set": feature_set,
        "groups": tuple(
            st.pills(
                "Groups of features",
                groups,
                selection_mode="multi",
                help="Only these; none chosen means all.",
                **_key(f"groups_{feature_set}"),
            )
        ),
        "scale": st.toggle("Scale features", help="To mean 0 and deviation 1 on the training clips.", **_key("scale")),
        "emotions": tuple(
            st.pills(
                "Emotions",
                LABELS,
                selection_mode="multi",
                format_func=lambda label: f"{BY_NAME[label].emoji} {label}",
                help="At least two.",
                **_key("emotions"),
            )
        ),
        "balanced": st.toggle(
            "Balance emotions",
            help="A rare emotion's clips count for more: neutral has half as many.",
            **_key("balanced"),
        ),
    }
    protocol = st.radio(
        "Judged by",
        list(PROTOCOL_NAMES),
        format_func=lambda name: PROTOCOL_NAMES[name][0],
        captions=[caption for _, caption in PROTOCOL_NAMES.values()],
        **_key("protocol"),
    )
    return chosen | {
        "protocol": protocol,
        "test_actors": tuple(
            st.multiselect(
                "Held-out actors",
                ACTORS,
                disabled=protocol != "heldout",
                help="Who judges and is never trained on. The other protocols choose for themselves.",
                **_key("test_actors"),
            )
        ),
        "calibration_folds": st.slider(
            "Calibration folds",
            0,
            8,
            help="Trainings on the side that teach the model how far to trust itself; they change its confidence, not "
            "its learning. With 0 the watched clips teach it.",
            **_key("calibration_folds"),
        ),
        "seed": st.number_input(
            "Seed", 0, 9999, help="Of the split, the first weights and the order of the clips.", **_key("seed")
        ),
    }


def _key(name: str) -> dict:
    """The widget's key, and that its value outlives a visit to another page."""
    return {"key": f"train_{name}", "persist_state": "session"}


def _plain(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value)) or "all"
    return f"{value:g}" if isinstance(value, float) else str(value)
