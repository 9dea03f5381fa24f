"""Every training setting, declared once: default, allowed values, and how forms and help texts present it.

`TrainingSettings` checks its fields with this table. The form on Train, `ser train --help` and the test that every
setting has an effect read it too. To add a setting, add a line here and a field to `TrainingSettings`.
"""

import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ser.data.data_sets import SHIPPED_CORPORA
from ser.data.splits import EMOBOX_FOLDS, PROTOCOLS
from ser.emotions import LABELS
from ser.features.sets import AUGMENTED_SET, FEATURE_SETS, feature_set
from ser.training.feature_weights import weight_exponents
from ser.training.setting_values import (
    Actors,
    Allowed,
    Changes,
    Choice,
    Chosen,
    Corpora,
    Emotions,
    FeatureSetName,
    Groups,
    Layers,
    Number,
    Range,
    Switch,
    Values,
)

NETWORK, LEARNING, STEPS, DATA, JUDGING = TABS = ("Network", "Learning", "Steps", "Data", "Testing")


@dataclass(frozen=True)
class Effect:
    """When a setting has an effect.

    Attributes:
        holds: whether it has one beside the other settings.
        condition: the same in words that follow "with"; "" for always.
    """

    holds: Callable[[Chosen], bool] = lambda chosen: True
    condition: str = ""


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes:
        name: of the field of `TrainingSettings`.
        default: the shipped model's value.
        allowed: which values it may have.
        tab: the part of the form that it belongs to, one of `TABS`.
        label: its name on the form.
        help: one sentence or two for visitors.
        offered: the numbers that the form offers; None where `allowed` says it all.
        effect: when it has an effect. On the form, this may depend only on settings that stand before it.
    """

    name: str
    default: Any
    allowed: Allowed
    tab: str
    label: str
    help: str
    offered: Range | Values | None = None
    effect: Effect = Effect()


ACTIVATIONS = ("relu", "tanh", "logistic")
SOLVERS = ("adam", "sgd", "lbfgs")
SCHEDULES = ("constant", "cosine", "invscaling", "adaptive")
_RATES = Number(1e-6, 1.0)
MOST_ALPHA = 100.0
LEARNING_RATES = Values((1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3))


def _uses_sgd(chosen: Chosen) -> bool:
    return chosen["solver"] == "sgd"


def _effective_schedules(chosen: Chosen) -> tuple[str, ...]:
    return SCHEDULES if _uses_sgd(chosen) else ("constant", "cosine")


def _tolerance_counts(chosen: Chosen) -> bool:
    waits_for_loss = chosen["patience"] > 0 and chosen["validation"] == 0
    return chosen["solver"] == "lbfgs" or waits_for_loss or (_uses_sgd(chosen) and chosen["schedule"] == "adaptive")


def _weights_differ(chosen: Chosen) -> bool:
    return chosen["scale"] and len(set(weight_exponents(chosen["feature_set"], chosen["groups"]))) > 1


_IN_STEPS = Effect(lambda chosen: chosen["solver"] != "lbfgs", "the solvers adam and sgd")
_WITH_SGD = Effect(_uses_sgd, "the solver sgd")
_WITH_ADAM = Effect(lambda chosen: chosen["solver"] == "adam", "the solver adam")
_INVSCALING = Effect(
    lambda chosen: _uses_sgd(chosen) and chosen["schedule"] == "invscaling",
    "the solver sgd and the schedule invscaling",
)
_WITH_MOMENTUM = Effect(lambda chosen: _uses_sgd(chosen) and chosen["momentum"] > 0, "the solver sgd and momentum")
_TOLERANCE = Effect(
    _tolerance_counts, "the solver lbfgs, the schedule adaptive of sgd, or patience where no clips are watched"
)
_SEVERAL_CORPORA = Effect(lambda chosen: len(chosen["corpora"]) > 1, "several data sets")
_AUGMENTED = Effect(
    lambda chosen: bool(feature_set(chosen["feature_set"]).views), f"the feature set {AUGMENTED_SET.name}"
)
_SCALED = Effect(lambda chosen: chosen["scale"], "scaled features")
_WEIGHTED = Effect(_weights_differ, f"scaled features of several kinds of the feature set {AUGMENTED_SET.name}")
_HELD_OUT = Effect(lambda chosen: chosen["protocol"] == "heldout", "the protocol heldout")

SETTINGS: dict[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting(
            "hidden_layers", (256,), Layers(), NETWORK,
            "Hidden layers", "How many layers of neurons lie between the features and the answer.",
        ),
        Setting(
            "activation", "relu", Choice(ACTIVATIONS), NETWORK,
            "Activation", "The function that each neuron applies to the sum of its inputs.",
        ),
        Setting(
            "members", 2, Number(1, 16), NETWORK,
            "Networks", "Several networks learn side by side, each from a random start. Their answers are averaged.",
            Range(1, 8),
        ),
        Setting(
            "corpora", SHIPPED_CORPORA, Corpora(SHIPPED_CORPORA), DATA,
            "Data sets", "Which recordings it learns from. Each emotion of each data set counts the same.",
        ),
        Setting(
            "specialists", 2, Number(0, 16), NETWORK,
            "Extra networks for the first data set",
            "They learn from the first data set only. They answer for clips that sound like it.",
            Range(0, 4), _SEVERAL_CORPORA,
        ),
        Setting(
            "solver", "adam", Choice(SOLVERS), LEARNING,
            "Solver",
            "How it finds its weights. adam and sgd take a step after each batch. lbfgs looks at all clips at once and "
            "reports after every ten passes.",
        ),
        Setting(
            "alpha", 10.0, Number(0.0, MOST_ALPHA), LEARNING,
            "Penalty on large weights (alpha)",
            "A higher value keeps the weights small, so that it learns less by heart.",
            Values((0.0, 1e-5, 1e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0), zero="off"),
        ),
        Setting(
            "learning_rate", 0.001, _RATES, LEARNING,
            "Learning rate", "How large its first steps are. lbfgs finds its own.",
            LEARNING_RATES, _IN_STEPS,
        ),
        Setting(
            "batch_size", 256, Number(1, 4096), LEARNING,
            "Batch size (clips)", "How many clips it looks at before each step. lbfgs always takes all.",
            Values((8, 16, 32, 64, 128, 256, 512, 1024)), _IN_STEPS,
        ),
        Setting(
            "epochs", 12, Number(1, 2000), LEARNING,
            "Epochs, at most", "How often it goes through all training clips. lbfgs rounds this to tens.",
            Range(1, 500),
        ),
        Setting(
            "patience", 0, Number(0, 2000), LEARNING,
            "Stop early", "Ends the training after so many epochs in which it did not get better.",
            Values((0, 3, 5, 10, 15, 20, 30, 50), zero="never", unit="epochs without gain"),
        ),
        Setting(
            "validation", 0.0, Number(0.0, 0.5), LEARNING,
            "Speakers to watch it by",
            "This share of the speakers is kept out of the training. They show how it does on new voices while it "
            "learns, and the best epoch is kept. A random split keeps clips out instead.",
            Values((0.0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4), zero="none", unit="%"),
        ),
        Setting(
            "schedule", "cosine", Choice(SCHEDULES, _effective_schedules), STEPS,
            "Learning rate over time",
            "cosine lets the rate fall to zero in a smooth curve. With sgd it can also fall by a power of the step, or "
            "once the loss stops falling.",
            effect=_IN_STEPS,
        ),
        Setting(
            "power_t", 0.5, Number(0.0, 2.0), STEPS,
            "Power of the schedule", "How fast invscaling lowers the rate.",
            Range(0.0, 1.0, 0.05), _INVSCALING,
        ),
        Setting(
            "momentum", 0.9, Number(0.0, 0.9999), STEPS,
            "Momentum", "How much of the last step goes into the next. For sgd.",
            Range(0.0, 0.99, 0.01), _WITH_SGD,
        ),
        Setting(
            "nesterov", True, Switch(), STEPS,
            "Nesterov momentum", "Looks ahead before each step. For sgd with momentum.",
            effect=_WITH_MOMENTUM,
        ),
        Setting(
            "beta_1", 0.9, Number(0.0, 0.9999), STEPS,
            "Beta 1", "How slowly adam forgets the direction of its past steps.",
            Range(0.0, 0.99, 0.01), _WITH_ADAM,
        ),
        Setting(
            "beta_2", 0.999, Number(0.0, 0.999999), STEPS,
            "Beta 2", "How slowly adam forgets the size of its past steps.",
            Range(0.9, 0.999, 0.001), _WITH_ADAM,
        ),
        Setting(
            "epsilon", 1e-8, Number(1e-12, 1.0), STEPS,
            "Epsilon", "A larger value makes adam’s steps smaller where the slope is flat.",
            Values((1e-10, 1e-8, 1e-6, 1e-4, 1e-2)), _WITH_ADAM,
        ),
        Setting(
            "tolerance", 1e-4, Number(0.0, 1.0), STEPS,
            "Smallest gain that counts",
            "The training loss has to fall by this much to count as better. It matters for lbfgs, for the adaptive "
            "rate, and for stopping early when no speakers are watched.",
            Values((0.0, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2), zero="any"), _TOLERANCE,
        ),
        Setting(
            "learning_rate_changes", (), Changes(_RATES), STEPS,
            "Changes of the learning rate",
            "An epoch and a rate, as in “20: 0.0003, 40: 0.0001”. When you change the rate of a run, it is noted here.",
            effect=_IN_STEPS,
        ),
        Setting(
            "feature_set", AUGMENTED_SET.name, FeatureSetName(tuple(FEATURE_SETS)), DATA,
            "Features",
            "standard holds many statistics of speech at 16 kHz, all clips at one level. notebook holds 180 averages "
            "at 48 kHz.",
        ),
        Setting("groups", (), Groups(), DATA, "Groups of features (none chosen: all)", "It learns from these alone."),
        Setting(
            "scale", True, Switch(), DATA,
            "Scale features", "Brings all features to one range: mean 0 and deviation 1 on the training clips.",
        ),
        Setting("emotions", LABELS, Emotions(LABELS), DATA, "Emotions", "Which to tell apart. Choose at least two."),
        Setting(
            "balanced", True, Switch(), DATA,
            "Balance emotions", "Clips of a rare emotion count for more. Neutral has half as many as the others.",
        ),
        Setting(
            "copies", AUGMENTED_SET.augmented_copies, Number(0, AUGMENTED_SET.augmented_copies), DATA,
            "Changed copies of each clip",
            "It also learns from copies with another pitch, room, noise or tone. For the standard features.",
            Range(0, AUGMENTED_SET.augmented_copies), _AUGMENTED,
        ),
        Setting(
            "views", True, Switch(), DATA,
            "Average over three versions",
            "It learns from each clip, from a slower one as on the phone, and from a faster one in noise. It answers "
            "with the average of the three. For the standard features.",
            effect=_AUGMENTED,
        ),
        Setting(
            "mixup", 0.4, Number(0.0, 10.0), DATA,
            "Blend clips (mixup)",
            "How strongly clips are mixed with one another while it learns. lbfgs cannot use this.",
            Values((0.0, 0.1, 0.2, 0.4, 1.0, 2.0), zero="off"), _IN_STEPS,
        ),
        Setting(
            "smoothing", 0.1, Number(0.0, 0.9), DATA,
            "Label smoothing",
            "Spreads this share of each label over all emotions, so that it gets less sure of itself. lbfgs cannot "
            "use this.",
            Values((0.0, 0.05, 0.1, 0.2, 0.3), zero="off", unit="%"), _IN_STEPS,
        ),
        Setting(
            "limit", 5.0, Number(0.0, 100.0), DATA,
            "Cut off extreme values", "Scaled features are held within so many deviations of their mean.",
            Values((0.0, 3.0, 5.0, 10.0), zero="never", unit="deviations"), _SCALED,
        ),
        Setting(
            "emphasis", 1.5, Number(0.1, 10.0), DATA,
            "Weight of the voice",
            "How much more pitch and voice count than features that depend on the words. At 1 all count the same. For "
            "scaled standard features of more than one group.",
            Values((0.5, 0.7, 1.0, 1.2, 1.5, 1.75, 2.0, 3.0)), _WEIGHTED,
        ),
        Setting(
            "protocol", "emobox", Choice(tuple(PROTOCOLS)), JUDGING,
            "How it is tested", "Which clips the score comes from.",
        ),
        Setting(
            "test_actors", EMOBOX_FOLDS[0], Actors(), JUDGING,
            "Actors kept for the test", "They are never trained on. The other tests choose for themselves.",
            effect=_HELD_OUT,
        ),
        Setting(
            "calibration_folds", 3, Number(0, 12), JUDGING,
            "Trainings to learn how sure to be (calibration folds)",
            "They teach the model how far to trust itself. They change how sure it is, not what it learns. When they "
            "are off, the speakers to watch it by teach it.",
            # A single fold would leave nothing to learn from, and counts as none.
            Values((0, 2, 3, 4, 6, 8), zero="off"),
        ),
        Setting(
            "seed", 0, Number(0, 2**31 - 1), JUDGING,
            "Random seed", "Fixes the split, the first weights and the order of the clips.",
        ),
    )
}  # fmt: skip

DEFAULTS: dict[str, Any] = {name: setting.default for name, setting in SETTINGS.items()}


def settings_help() -> str:
    """All settings in plain text, for the help of the command line."""
    lines = ["Settings, as names in the JSON object, with what is allowed and the shipped model's value:"]
    for tab in TABS:
        lines += ["", f"{tab}:"]
        for setting in SETTINGS.values():
            if setting.tab == tab:
                condition = setting.effect.condition
                only = f" Has an effect only with {condition}." if condition else ""
                text = (
                    f"{setting.name} ({_brief(setting.default)}): {setting.allowed.description}. {setting.help}{only}"
                )
                lines += textwrap.wrap(text, 100, initial_indent="  ", subsequent_indent="      ")
    return "\n".join(lines)


def _brief(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return str(value).lower() if isinstance(value, bool) else f"{value:g}" if isinstance(value, float) else str(value)
