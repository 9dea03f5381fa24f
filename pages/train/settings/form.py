"""The sliders and choices of Train: presets, files and addresses in, `TrainingSettings` out.

`CONTROLS` has a line for every setting; a new one of `TrainingSettings` needs a line there and nothing else.
"""

import json

import streamlit as st

from pages.train.settings import widgets as widgets
from pages.train.settings.widgets import Control
from ser.data.table import FeatureTable
from ser.errors import TrainingError
from ser.features.sets import FEATURE_SETS, feature_set
from ser.training.enrolled import NEUTRAL
from ser.training.presets import PRESETS
from ser.training.selection import group_weights
from ser.training.settings import ACTIVATIONS, SCHEDULES, SOLVERS, TrainingSettings

PRESET_NAMES = {
    "fast": "Quick try",
    "notebook": "As the notebook did it",
    "shipped": "As the shipped model",
    "small": "Small: 16 units",
    "wide": "Wide: 1024 units",
    "few": "For a few clips of your own",
}
FIRST_PRESET = "fast"

ALPHAS = (0.0, 1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
LEARNING_RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3)
MIXUPS = (0.0, 0.1, 0.2, 0.4, 1.0, 2.0)
SMOOTHINGS = (0.0, 0.05, 0.1, 0.2, 0.3)
LIMITS = (0.0, 3.0, 5.0, 10.0)
EMPHASES = (0.5, 0.7, 1.0, 1.2, 1.5, 1.75, 2.0, 3.0)
BATCH_SIZES = (8, 16, 32, 64, 128, 256, 512, 1024)
EPSILONS = (1e-10, 1e-8, 1e-6, 1e-4, 1e-2)
# A single fold would leave nothing to learn from, and counts as none.
CALIBRATION_FOLDS = (0, 2, 3, 4, 6, 8)
TOLERANCES = (0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2)

NETWORK, LEARNING, STEPS, DATA, JUDGING = TABS = ("Network", "Learning", "Steps", "Data", "Judging")


def _stepwise(chosen: dict) -> bool:
    return chosen["solver"] != "lbfgs"


def _standard(chosen: dict) -> bool:
    return bool(feature_set(chosen["feature_set"]).views)


def _of_several_kinds(chosen: dict) -> bool:
    """Whether among the chosen features there are any to count for more, or less, than others."""
    if not _standard(chosen):
        return False
    settings = TrainingSettings(groups=tuple(chosen["groups"]), scale=chosen["scale"], emphasis=2.0)
    return len(set(group_weights(settings))) > 1


def _sgd(chosen: dict) -> bool:
    return chosen["solver"] == "sgd"


def _adam(chosen: dict) -> bool:
    return chosen["solver"] == "adam"


def _schedules(chosen: dict) -> tuple[str, ...]:
    """Those that the solver knows."""
    return SCHEDULES if _sgd(chosen) else ("constant", "cosine")


def _tolerance_matters(chosen: dict) -> bool:
    waits_for_loss = chosen["patience"] > 0 and chosen["validation"] == 0
    return chosen["solver"] == "lbfgs" or waits_for_loss or (_sgd(chosen) and chosen["schedule"] == "adaptive")


_W = widgets
CONTROLS: tuple[Control, ...] = (
    Control(
        "hidden_layers", NETWORK, "Hidden layers", "More layers can form finer rules, and overfit sooner.", _W.layers()
    ),
    Control("activation", NETWORK, "Activation", "What a neuron makes of its sum.", _W.choice(ACTIVATIONS)),
    Control(
        "members",
        NETWORK,
        "Members",
        "Networks trained side by side from different seeds; their probabilities are averaged.",
        _W.slider(1, 8),
    ),
    Control(
        "solver",
        LEARNING,
        "Solver",
        "adam and sgd step after every batch; lbfgs looks at all clips at once and reports every 10 passes.",
        _W.choice(SOLVERS),
    ),
    Control(
        "alpha",
        LEARNING,
        "Alpha (L2 penalty)",
        "Higher keeps the weights small, against overfitting.",
        _W.steps(ALPHAS),
    ),
    Control(
        "learning_rate",
        LEARNING,
        "Learning rate",
        "Size of the first steps. lbfgs finds its own.",
        _W.steps(LEARNING_RATES),
        _stepwise,
    ),
    Control(
        "batch_size",
        LEARNING,
        "Batch size (clips)",
        "Clips per step. lbfgs always takes all.",
        _W.steps(BATCH_SIZES),
        _stepwise,
    ),
    Control(
        "epochs",
        LEARNING,
        "Epochs, at most",
        "Passes over the training clips; lbfgs makes whole tens.",
        _W.slider(1, 500),
    ),
    Control(
        "patience",
        LEARNING,
        "Patience (epochs)",
        "Stop after so many epochs without improvement; 0 never stops early.",
        _W.slider(0, 50),
    ),
    Control(
        "validation",
        LEARNING,
        "Watch (% of the training actors)",
        "Held out of the training to draw the map and the validation curve, and to keep the best epoch; "
        "with a random split it is a share of the clips. 0 keeps the last epoch.",
        _W.percent(0, 40, 5),
    ),
    Control(
        "schedule",
        STEPS,
        "Schedule",
        "How the learning rate falls: along a cosine to nothing; with sgd also by a power, or when the loss stalls.",
        _W.choice(SCHEDULES, _schedules),
        _stepwise,
    ),
    Control(
        "power_t",
        STEPS,
        "Power of the schedule",
        "How fast invscaling lowers the rate.",
        _W.slider(0.0, 1.0, 0.05),
        lambda c: _sgd(c) and c["schedule"] == "invscaling",
    ),
    Control(
        "momentum",
        STEPS,
        "Momentum",
        "How much of the last step goes into the next. For sgd.",
        _W.slider(0.0, 0.99, 0.01),
        _sgd,
    ),
    Control(
        "nesterov",
        STEPS,
        "Nesterov momentum",
        "Looks ahead before it steps. For sgd with momentum.",
        _W.toggle(),
        lambda c: _sgd(c) and c["momentum"] > 0,
    ),
    Control(
        "beta_1",
        STEPS,
        "Beta 1",
        "How slowly adam forgets the direction of past gradients.",
        _W.slider(0.0, 0.99, 0.01),
        _adam,
    ),
    Control(
        "beta_2",
        STEPS,
        "Beta 2",
        "How slowly adam forgets the size of past gradients.",
        _W.slider(0.9, 0.999, 0.001),
        _adam,
    ),
    Control(
        "epsilon",
        STEPS,
        "Epsilon",
        "Larger values damp adam’s steps where gradients are small.",
        _W.steps(EPSILONS),
        _adam,
    ),
    Control(
        "tolerance",
        STEPS,
        "Tolerance",
        "What the training loss must fall by to count as an improvement: for patience when nothing is watched, "
        "the adaptive schedule, and the end of lbfgs.",
        _W.steps(TOLERANCES),
        _tolerance_matters,
    ),
    Control(
        "learning_rate_changes",
        STEPS,
        "Changes of the learning rate",
        "Epoch: rate, as in “20: 0.0003, 40: 0.0001”. Written here by itself when you change the rate of a run.",
        _W.changes(),
        _stepwise,
    ),
    Control(
        "feature_set",
        DATA,
        "Features",
        "standard: 16 kHz, levelled, many statistics. notebook: 180 averages at 48 kHz.",
        _W.choice(tuple(FEATURE_SETS)),
    ),
    Control("groups", DATA, "Groups of features (none: all)", "Learn from these alone.", _W.groups()),
    Control("scale", DATA, "Scale features", "To mean 0 and deviation 1 on the training clips.", _W.toggle()),
    Control("emotions", DATA, "Emotions", "At least two.", _W.emotions()),
    Control(
        "enrolled_members",
        NETWORK,
        "Networks for known voices",
        "Further networks that answer for a speaker whose neutral voice is known (My voice on Recognise); with neutral "
        "among the emotions only.",
        _W.slider(0, 4),
        lambda c: NEUTRAL in c["emotions"],
    ),
    Control(
        "balanced",
        DATA,
        "Balance emotions",
        "A rare emotion’s clips count for more: neutral has half as many.",
        _W.toggle(),
    ),
    Control(
        "copies",
        DATA,
        "Altered copies of every clip",
        "Other pitch, room, noise and colour, to learn from beside the clip; of the standard features only.",
        _W.slider(0, 4),
        _standard,
    ),
    Control(
        "views",
        DATA,
        "Average over readings",
        "Learn from, and average over, the clip read slower through a telephone’s band and faster in noise; "
        "of the standard features only.",
        _W.toggle(),
        _standard,
    ),
    Control(
        "mixup",
        DATA,
        "Mixup",
        "How strongly clips are blended with one another while learning; 0 blends none. lbfgs takes no blends.",
        _W.steps(MIXUPS),
        _stepwise,
    ),
    Control(
        "smoothing",
        DATA,
        "Label smoothing",
        "Share of every target that is spread over all emotions, against certainty. lbfgs takes none.",
        _W.steps(SMOOTHINGS),
        _stepwise,
    ),
    Control(
        "limit",
        DATA,
        "Limit (deviations)",
        "Scaled features are held within so many deviations; 0 sets no limit.",
        _W.steps(LIMITS),
        lambda c: c["scale"],
    ),
    Control(
        "emphasis",
        DATA,
        "Emphasis on the voice",
        "How much more pitch and voice quality count than how descriptors move together, which hangs on the words; "
        "1 lets all count alike; of scaled standard features of several kinds only.",
        _W.steps(EMPHASES),
        _of_several_kinds,
    ),
    Control("protocol", JUDGING, "Judged by", "Which clips give the score.", _W.protocol()),
    Control(
        "test_actors",
        JUDGING,
        "Held-out actors",
        "Who judges and is never trained on. The other protocols choose for themselves.",
        _W.actors(),
        lambda c: c["protocol"] == "heldout",
    ),
    Control(
        "calibration_folds",
        JUDGING,
        "Calibration folds",
        "Trainings on the side that teach the model how far to trust itself; they change its confidence, "
        "not its learning. With 0 the watched clips teach it.",
        _W.steps(CALIBRATION_FOLDS),
    ),
    Control(
        "seed", JUDGING, "Seed", "Of the split, the first weights and the order of the clips.", _W.number(0, 2**31 - 1)
    ),
)


def pick_preset() -> None:
    """Show the presets; choosing one sets every control below it. The first time, the address may choose."""
    if "train_preset" not in st.session_state:
        _from_address()
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
    st.session_state["train_base"] = settings
    for control in CONTROLS:
        control.draw.fill(control.name, getattr(settings, control.name))


def settings_form(table: FeatureTable, source: str = "ravdess") -> TrainingSettings:
    """Show the controls and return what they say.

    Args:
        table: the clips to train on: which emotions and actors there are.
        source: where these come from; emotions and protocol are remembered for each apart.

    Returns:
        Checked settings.

    Raises:
        TrainingError: they do not fit together, such as a single emotion.
    """
    # What has no control keeps the value that it came with.
    chosen = st.session_state["train_base"].to_json()
    about = widgets.Data(table, source)
    tabs = dict(zip(TABS, st.tabs(TABS), strict=True))
    for control in CONTROLS:
        with tabs[control.tab]:
            disabled = not control.matters(chosen)
            chosen[control.name] = control.draw(control, widgets.Place(disabled, chosen, about))
    return TrainingSettings.from_json(chosen)


def changes(settings: TrainingSettings, source: str = "ravdess") -> list[str]:
    """What differs from the preset last chosen, as "epochs 20 → 50"; not what own clips bring with them."""
    before, after = PRESETS[st.session_state["train_preset"]].to_json(), settings.to_json()
    return [
        f"{name.replace('_', ' ')} {widgets.plain(before[name])} → {widgets.plain(after[name])}"
        for name in after
        if before[name] != after[name] and (source == "ravdess" or name not in ("emotions", "protocol"))
    ]


def address(settings: TrainingSettings) -> dict[str, str]:
    """What the page's address says of the settings: the preset, and what differs from it."""
    preset = st.session_state["train_preset"]
    before, after = PRESETS[preset].to_json(), settings.to_json()
    changed = {name: value for name, value in after.items() if before[name] != value}
    found = {"preset": preset}
    return found | ({"set": json.dumps(changed, separators=(",", ":"), ensure_ascii=False)} if changed else {})


def to_address(settings: TrainingSettings) -> None:
    """Write the settings into the page's address, for a reload or a bookmark."""
    found = address(settings)
    for name in ("preset", "set"):
        if name in found and st.query_params.get(name) != found[name]:
            st.query_params[name] = found[name]
        elif name not in found and name in st.query_params:
            del st.query_params[name]


def _from_address() -> None:
    preset = st.query_params.get("preset", FIRST_PRESET)
    settings, wrong = PRESETS.get(preset), None
    if settings is None:
        preset, settings = FIRST_PRESET, PRESETS[FIRST_PRESET]
        wrong = "The address names a preset that there is not."
    elif text := st.query_params.get("set"):
        try:
            changed = json.loads(text)
            if not isinstance(changed, dict):
                raise TrainingError("They are no JSON object.")
            settings = TrainingSettings.from_json(settings.to_json() | changed)
        except (ValueError, TrainingError) as error:
            wrong = f"The settings in the address cannot be used: {str(error).rstrip('.')}."
    if wrong:
        st.warning(f"{wrong} The sliders stand as in “{PRESET_NAMES[preset]}”.", icon=":material/link_off:")
    st.session_state["train_preset"] = preset
    fill(settings)
