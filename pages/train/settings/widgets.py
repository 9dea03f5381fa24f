"""The kinds of widgets that settings are chosen with, each with the way to set it and to read it.

A widget cannot be set to a value outside its range. Settings from a file may lie there: then the range grows.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from ser.data.table import FeatureTable
from ser.emotions import LABELS
from ser.text import percent
from ser.training.setting_fields import Setting
from ser.training.setting_values import Choice, Chosen, Number, Range, Values


@dataclass(frozen=True)
class FormData:
    """The clips to train on.

    Attributes:
        table: its clips.
        source: where they come from.
    """

    table: FeatureTable
    source: str = "published"

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
class FormState:
    """The form as it stands when a widget is drawn.

    Attributes:
        disabled: whether the setting has no effect, and its widget cannot be moved.
        chosen: the settings so far: those of the widgets above, and the values that the others started from.
        data: the clips.
    """

    disabled: bool
    chosen: Chosen
    data: FormData


def key(name: str) -> dict:
    """The widget's key, and that its value outlives a visit to another page."""
    return {"key": f"train_{name}", "persist_state": "session"}


def brief(value: object) -> str:
    """A setting's value in few characters."""
    if isinstance(value, (list, tuple)):
        return ", ".join(brief(each) for each in value) or ("none" if value == () else "all")
    return f"{value:g}".replace("e-0", "e-") if isinstance(value, float) else str(value)


class Widget(ABC):
    """A kind of widget, which sets a setting and reads it."""

    def fill(self, name: str, value: Any) -> None:
        """Set the widget to a setting's value."""
        st.session_state[f"train_{name}"] = value

    @abstractmethod
    def draw(self, setting: Setting, form: FormState) -> Any:
        """Show the widget and return the setting's value."""


@dataclass(frozen=True)
class Slider(Widget):
    """A number between two ends."""

    offered: Range

    def fill(self, name: str, value: float) -> None:
        st.session_state[f"train_{name}"] = type(self.offered.low)(value)

    def draw(self, setting: Setting, form: FormState) -> float:
        now, step = st.session_state[f"train_{setting.name}"], self.offered.step
        return st.slider(
            setting.label,
            min(self.offered.low, now),
            max(self.offered.high, now),
            step=step,
            format=None if isinstance(step, int) else f"%.{len(f'{step:g}') - 2}f",
            help=setting.help,
            disabled=form.disabled,
            **key(setting.name),
        )


@dataclass(frozen=True)
class ValueSlider(Widget):
    """One of some numbers that lie unevenly."""

    offered: Values

    def draw(self, setting: Setting, form: FormState) -> float:
        return st.select_slider(
            setting.label,
            sorted({*self.offered.values, st.session_state[f"train_{setting.name}"]}),
            format_func=self._written,
            help=setting.help,
            disabled=form.disabled,
            **key(setting.name),
        )

    def _written(self, value: float) -> str:
        """A value as the slider shows it."""
        if value == 0 and self.offered.zero:
            return self.offered.zero
        if self.offered.unit == "%":
            return percent(value)
        return f"{brief(value)} {self.offered.unit}".rstrip()


@dataclass(frozen=True)
class Segments(Widget):
    """One of some words. A word that is set but has no effect beside the other settings is marked."""

    allowed: Choice

    def draw(self, setting: Setting, form: FormState) -> str:
        options = self.allowed.effective(form.chosen) if self.allowed.effective else self.allowed.options
        now = st.session_state[f"train_{setting.name}"]
        idle = () if now in options else (now,)
        return st.segmented_control(
            setting.label,
            (*options, *idle),
            format_func=lambda option: f"{option} (no effect here)" if option in idle else option,
            required=True,
            help=setting.help,
            disabled=form.disabled,
            **key(setting.name),
        )


class Toggle(Widget):
    """True or false."""

    def draw(self, setting: Setting, form: FormState) -> bool:
        return st.toggle(setting.label, help=setting.help, disabled=form.disabled, **key(setting.name))


@dataclass(frozen=True)
class NumberField(Widget):
    """A whole number to be typed."""

    allowed: Number

    def draw(self, setting: Setting, form: FormState) -> int:
        low, high = int(self.allowed.low), int(self.allowed.high)
        return st.number_input(setting.label, low, high, help=setting.help, disabled=form.disabled, **key(setting.name))
