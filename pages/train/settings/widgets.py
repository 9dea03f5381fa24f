"""The kinds of widgets that settings are chosen with, each with the way to set it and to read it.

A widget cannot be set to a value outside its range, yet settings from a file may lie there: then the range grows.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from ser.data.table import FeatureTable
from ser.emotions import LABELS, described
from ser.errors import TrainingError
from ser.features.sets import FEATURE_SETS

MAX_LAYERS = 4

PROTOCOLS = {
    "heldout": ("Held-out actors", "Judged on voices that the model never heard."),
    "random": ("Random split", "Leaks voices: the same actors are on both sides, so the score flatters."),
    "emobox": ("EmoBox, six folds", "Every actor is unseen once, as in the literature; six trainings."),
    "loso": ("Leave one speaker out", "Every actor is left out once; as many trainings as actors."),
    "clips": ("Folds of clips", "Every clip is scored once, with its speaker on both sides: for few recordings."),
}


@dataclass(frozen=True)
class Data:
    """What there is to train on.

    Attributes:
        table: its clips.
        source: where they come from.
    """

    table: FeatureTable
    source: str = "ravdess"

    @property
    def emotions(self) -> list[str]:
        """Labels that occur, the known ones first."""
        present = list(dict.fromkeys(self.table.labels.tolist()))
        return [label for label in LABELS if label in present] + [label for label in present if label not in LABELS]

    @property
    def actors(self) -> list[int]:
        """Speakers that occur."""
        return [int(actor) for actor in np.unique(self.table.actors)]


@dataclass(frozen=True)
class Place:
    """Where a widget stands: whether it can be moved, what was chosen above it, and the data."""

    disabled: bool
    chosen: dict
    data: Data


@dataclass(frozen=True)
class Control:
    """One setting on the page.

    Attributes:
        name: of the field of `TrainingSettings`.
        tab: of the form, which it is under.
        label: what it is called.
        help: one line.
        draw: shows the widget and returns its value: a `Kind`.
        matters: whether the setting has an effect, given those above it; if not, it cannot be moved.
    """

    name: str
    tab: str
    label: str
    help: str
    draw: Callable
    matters: Callable[[dict], bool] = lambda chosen: True


def key(name: str) -> dict:
    """The widget's key, and that its value outlives a visit to another page."""
    return {"key": f"train_{name}", "persist_state": "session"}


def plain(value: object) -> str:
    """A setting's value in few characters."""
    if isinstance(value, (list, tuple)):
        return ", ".join(plain(each) for each in value) or ("none" if value == () else "all")
    return f"{value:g}".replace("e-0", "e-") if isinstance(value, float) else str(value)


class Kind:
    """A kind of widget: called with a control and its place, it draws and returns the setting's value."""

    def fill(self, name: str, value: Any) -> None:
        """Set the widget to a setting's value."""
        st.session_state[f"train_{name}"] = value


@dataclass(frozen=True)
class slider(Kind):  # noqa: N801 - reads as a word in the table of controls
    """A number between two ends."""

    low: float
    high: float
    step: float = 1

    def fill(self, name: str, value: float) -> None:
        st.session_state[f"train_{name}"] = type(self.low)(value)

    def __call__(self, control: Control, place: Place) -> float:
        now = st.session_state[f"train_{control.name}"]
        return st.slider(
            control.label,
            min(self.low, now),
            max(self.high, now),
            step=self.step,
            format=None if isinstance(self.step, int) else f"%.{len(f'{self.step:g}') - 2}f",
            help=control.help,
            disabled=place.disabled,
            **key(control.name),
        )


@dataclass(frozen=True)
class percent(Kind):  # noqa: N801
    """A share, shown in per cent."""

    low: int
    high: int
    step: int

    def fill(self, name: str, value: float) -> None:
        st.session_state[f"train_{name}"] = round(100 * value)

    def __call__(self, control: Control, place: Place) -> float:
        high = max(self.high, st.session_state[f"train_{control.name}"])
        return (
            st.slider(
                control.label,
                self.low,
                high,
                step=self.step,
                help=control.help,
                disabled=place.disabled,
                **key(control.name),
            )
            / 100
        )


@dataclass(frozen=True)
class steps(Kind):  # noqa: N801
    """One of some numbers that lie unevenly."""

    values: tuple

    def __call__(self, control: Control, place: Place) -> float:
        return st.select_slider(
            control.label,
            sorted({*self.values, st.session_state[f"train_{control.name}"]}),
            format_func=plain,
            help=control.help,
            disabled=place.disabled,
            **key(control.name),
        )


@dataclass(frozen=True)
class choice(Kind):  # noqa: N801
    """One of some words; if what was chosen above leaves only some of them an effect, one of these."""

    options: tuple[str, ...]
    offered: Callable[[dict], tuple[str, ...]] | None = None

    def __call__(self, control: Control, place: Place) -> str:
        options = self.offered(place.chosen) if self.offered else self.options
        now = st.session_state[f"train_{control.name}"]
        idle = () if now in options else (now,)
        return st.segmented_control(
            control.label,
            (*options, *idle),
            format_func=lambda option: f"{option} (no effect here)" if option in idle else option,
            required=True,
            help=control.help,
            disabled=place.disabled,
            **key(control.name),
        )


class toggle(Kind):  # noqa: N801
    """Yes or no."""

    def __call__(self, control: Control, place: Place) -> bool:
        return st.toggle(control.label, help=control.help, disabled=place.disabled, **key(control.name))


@dataclass(frozen=True)
class number(Kind):  # noqa: N801
    """A whole number to be typed."""

    low: int
    high: int

    def __call__(self, control: Control, place: Place) -> int:
        return st.number_input(
            control.label, self.low, self.high, help=control.help, disabled=place.disabled, **key(control.name)
        )


class layers(Kind):  # noqa: N801
    """How many layers, and how wide each is."""

    def fill(self, name: str, value: tuple[int, ...]) -> None:
        st.session_state["train_layers"] = len(value)
        # A layer that is added later starts as wide as the last.
        for layer in range(MAX_LAYERS):
            st.session_state[f"train_units_{layer + 1}"] = value[min(layer, len(value) - 1)]

    def __call__(self, control: Control, place: Place) -> tuple[int, ...]:
        count = st.slider(control.label, 1, MAX_LAYERS, help=control.help, **key("layers"))
        units = []
        for layer in range(1, count + 1):
            now = st.session_state[f"train_units_{layer}"]
            about = "How many neurons the layer has." if layer == 1 else None
            units.append(
                st.slider(
                    f"Units in layer {layer}", min(4, now), max(1024, now), step=4, help=about, **key(f"units_{layer}")
                )
            )
        return tuple(units)


class changes(Kind):  # noqa: N801
    """Epochs from which on another learning rate holds."""

    def fill(self, name: str, value: tuple[tuple[int, float], ...]) -> None:
        st.session_state[f"train_{name}"] = ", ".join(f"{epoch}: {rate:g}" for epoch, rate in value)

    def __call__(self, control: Control, place: Place) -> list[list[float]]:
        text = st.text_input(
            control.label, help=control.help, disabled=place.disabled, placeholder="none", **key(control.name)
        )
        try:
            pairs = [part.split(":") for part in text.split(",") if part.strip()]
            return [[int(epoch), float(rate)] for epoch, rate in pairs]
        except ValueError as error:
            raise TrainingError(
                f"The changes of the learning rate are “{text}”; an epoch and a rate, as in “20: 0.0003”, are needed."
            ) from error


class groups(Kind):  # noqa: N801
    """Groups of the features of the chosen set."""

    def fill(self, name: str, value: tuple[str, ...]) -> None:
        for each, features in FEATURE_SETS.items():
            st.session_state[f"train_groups_{each}"] = [group for group in value if group in features.groups]

    def __call__(self, control: Control, place: Place) -> tuple[str, ...]:
        chosen = place.chosen["feature_set"]
        return tuple(
            st.pills(
                control.label,
                FEATURE_SETS[chosen].groups,
                selection_mode="multi",
                wrap=True,
                help=control.help,
                **key(f"groups_{chosen}"),
            )
        )


class emotions(Kind):  # noqa: N801
    """Which labels to tell apart, out of those that the data have."""

    def fill(self, name: str, value: tuple[str, ...]) -> None:
        st.session_state["train_emotions"] = list(value)
        if set(value) - set(LABELS):
            for source in ("own", "both"):
                st.session_state[f"train_emotions_{source}"] = list(value)

    def __call__(self, control: Control, place: Place) -> tuple[str, ...]:
        options, own = place.data.emotions, place.data.source != "ravdess"
        name = f"emotions_{place.data.source}" if own else "emotions"
        chosen = st.session_state.get(f"train_{name}")
        # Own labels come and go with the clips; those of a file may not be here at all.
        kept = [label for label in options if chosen is None or label in chosen]
        if own and chosen is not None:
            known = st.session_state.get(f"{name}_known", options)
            kept = [label for label in options if label in chosen or label not in known]
        st.session_state[f"{name}_known"] = options
        if kept != chosen:
            st.session_state[f"train_{name}"] = kept
        return tuple(
            st.pills(
                control.label,
                options,
                selection_mode="multi",
                wrap=True,
                format_func=lambda label: f"{described(label).emoji} {label}",
                help=control.help,
                **key(name),
            )
        )


class protocol(Kind):  # noqa: N801
    """How the score comes about, out of what the data allow."""

    def fill(self, name: str, value: str) -> None:
        for source in ("", "_own", "_both"):
            st.session_state[f"train_{name}{source}"] = value

    def __call__(self, control: Control, place: Place) -> str:
        source, actors = place.data.source, len(place.data.actors)
        speakers = ["heldout", "emobox", "loso", "random", "clips"]
        options = {"ravdess": speakers, "both": speakers[1:]}
        names = options.get(source, ["clips", "loso", "random"] if actors > 1 else ["clips", "random"])
        name = control.name if source == "ravdess" else f"{control.name}_{source}"
        if st.session_state.get(f"train_{name}") not in names:
            st.session_state[f"train_{name}"] = names[0]
        return st.radio(
            control.label,
            names,
            format_func=lambda each: PROTOCOLS[each][0],
            captions=[PROTOCOLS[each][1] for each in names],
            **key(name),
        )


class actors(Kind):  # noqa: N801
    """Speakers, out of those that the data have."""

    def fill(self, name: str, value: tuple[int, ...]) -> None:
        st.session_state[f"train_{name}"] = list(value)

    def __call__(self, control: Control, place: Place) -> tuple[int, ...]:
        held_out = st.session_state[f"train_{control.name}"]
        if place.data.source != "ravdess":
            # Of no effect with one's own clips, among whose speakers these actors are not.
            return tuple(held_out)
        options = sorted({*place.data.actors, *held_out})
        return tuple(
            st.pills(
                control.label,
                options,
                selection_mode="multi",
                wrap=True,
                help=control.help,
                disabled=place.disabled,
                **key(control.name),
            )
        )
