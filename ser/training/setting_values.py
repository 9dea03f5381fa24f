"""What a setting may be, and which values a form offers for it.

Each kind of allowed value checks a value in one sentence that names the setting, the value and what is needed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from ser.errors import SerError, TrainingError
from ser.features.sets import feature_set

#: Names of settings → values, as in the JSON object of the settings.
Chosen = Mapping[str, Any]

#: Characters in the name of an emotion at most, so that it fits beside a bar.
MAX_LABEL = 40
MAX_LAYERS = 4
MAX_UNITS = 2048


class Allowed(Protocol):
    """A kind of allowed value."""

    @property
    def description(self) -> str:
        """What is needed, in words."""

    def checked(self, name: str, value: Any, chosen: Chosen) -> Any:
        """The value as the settings keep it, given those checked before; `TrainingError` if it is not allowed."""


@dataclass(frozen=True)
class Number:
    """A number from `low` to `high`; a whole number if these are whole."""

    low: float
    high: float

    @property
    def whole(self) -> bool:
        """Whether it must be a whole number."""
        return isinstance(self.low, int)

    @property
    def description(self) -> str:
        """What is needed, in words."""
        return f"a {'whole ' if self.whole else ''}number from {self.low:g} to {self.high:g}"

    def checked(self, name: str, value: Any, chosen: Chosen) -> Any:
        """The value itself."""
        types = int if self.whole else (int, float)
        if isinstance(value, bool) or not isinstance(value, types) or not self.low <= value <= self.high:
            raise _refused(name, value, self)
        return value


@dataclass(frozen=True)
class Choice:
    """One of some words; `effective` says which of them have an effect beside the other settings."""

    options: tuple[str, ...]
    effective: Callable[[Chosen], tuple[str, ...]] | None = None

    @property
    def description(self) -> str:
        """What is needed, in words."""
        return f"one of {', '.join(self.options)}"

    def checked(self, name: str, value: Any, chosen: Chosen) -> Any:
        """The value itself."""
        if value not in self.options:
            raise TrainingError(f"{name} is {value!r}; choose one of {', '.join(self.options)}.")
        return value


class FeatureSetName(Choice):
    """The name of a feature set."""

    def checked(self, name: str, value: Any, chosen: Chosen) -> Any:
        """The value itself."""
        try:
            return feature_set(str(value)).name
        except SerError as error:
            raise TrainingError(str(error)) from error


@dataclass(frozen=True)
class Switch:
    """True or false."""

    description: str = "true or false"

    def checked(self, name: str, value: Any, chosen: Chosen) -> Any:
        """The value itself."""
        if not isinstance(value, bool):
            raise _refused(name, value, self)
        return value


@dataclass(frozen=True)
class Groups:
    """Groups of the chosen feature set."""

    description: str = "a list of groups of the feature set; empty for all"

    def checked(self, name: str, value: Any, chosen: Chosen) -> Any:
        """The value as a tuple."""
        available = feature_set(chosen["feature_set"]).groups
        for group in _listed(name, value):
            if group not in available:
                raise TrainingError(f"{name} has {group!r}; choose out of {', '.join(available)}.")
        return tuple(value)


@dataclass(frozen=True)
class Emotions:
    """At least two emotions: `known` ones in their order, then free names in the order in which they were given."""

    known: tuple[str, ...]
    description: str = "a list of at least two emotions"

    def checked(self, name: str, value: Any, chosen: Chosen) -> Any:
        """The emotions in order, as a tuple."""
        for label in _listed(name, value):
            if not isinstance(label, str) or not 1 <= len(label.strip()) <= MAX_LABEL:
                raise TrainingError(f"{name} has {label!r}; names of 1 to {MAX_LABEL} characters are needed.")
        if len(set(value)) < 2:
            given = ", ".join(value) or "none"
            raise TrainingError(f"Emotions given: {given}; at least two are needed to tell apart. Choose another.")
        own = [label for label in dict.fromkeys(value) if label not in self.known]
        return (*[label for label in self.known if label in value], *own)


@dataclass(frozen=True)
class Corpora:
    """At least one of the `known` data sets, in their order."""

    known: tuple[str, ...]

    @property
    def description(self) -> str:
        """The known names."""
        return f"a list out of {', '.join(self.known)}"

    def checked(self, name: str, value: Any, chosen: Chosen) -> Any:
        """The names in order, as a tuple."""
        unknown = [corpus for corpus in _listed(name, value) if corpus not in self.known]
        if unknown or not value:
            raise TrainingError(
                f"{name} has {unknown[0]!r}; choose out of {', '.join(self.known)}."
                if unknown
                else f"{name} is empty; at least one of {', '.join(self.known)} is needed."
            )
        return tuple(corpus for corpus in self.known if corpus in value)


@dataclass(frozen=True)
class Layers:
    """Units of each hidden layer."""

    description: str = f"a list of 1 to {MAX_LAYERS} layers of 1 to {MAX_UNITS} units"

    def checked(self, name: str, value: Any, chosen: Chosen) -> Any:
        """The value as a tuple."""
        layers = _listed(name, value)
        if not 1 <= len(layers) <= MAX_LAYERS or not all(type(n) is int and 1 <= n <= MAX_UNITS for n in layers):
            raise TrainingError(
                f"{name} is {list(layers)}; 1 to {MAX_LAYERS} layers of 1 to {MAX_UNITS} units are needed."
            )
        return tuple(layers)


@dataclass(frozen=True)
class Actors:
    """Numbers of actors."""

    description: str = "a list of actors' numbers"

    def checked(self, name: str, value: Any, chosen: Chosen) -> Any:
        """The value as a tuple."""
        if not all(type(actor) is int and actor >= 1 for actor in _listed(name, value)):
            raise TrainingError(f"{name} is {list(value)}; whole numbers from 1 are needed.")
        return tuple(value)


@dataclass(frozen=True)
class Changes:
    """Pairs (epoch, learning rate): from that epoch on, the rate holds."""

    rates: Number

    @property
    def description(self) -> str:
        """What is needed, in words."""
        return f"pairs [epoch from 1, learning rate from {self.rates.low:g} to {self.rates.high:g}]"

    def checked(self, name: str, value: Any, chosen: Chosen) -> Any:
        """The pairs by epoch, as tuples."""
        changes = []
        for pair in _listed(name, value):
            fits = isinstance(pair, (list, tuple)) and len(pair) == 2 and type(pair[0]) is int and pair[0] >= 1
            if not fits or type(pair[1]) not in (int, float) or not self.rates.low <= pair[1] <= self.rates.high:
                raise TrainingError(f"{name} has {pair!r}; {self.description} are needed.")
            changes.append((pair[0], float(pair[1])))
        return tuple(sorted(changes, key=lambda pair: pair[0]))


def _listed(name: str, value: Any) -> Sequence[Any]:
    if not isinstance(value, (list, tuple)):
        raise TrainingError(f"{name} is {value!r}; a list is needed. Put it in brackets.")
    return value


def _refused(name: str, value: Any, allowed: Allowed) -> TrainingError:
    return TrainingError(f"{name} is {value!r}; {allowed.description} is needed.")


@dataclass(frozen=True)
class Range:
    """A form offers the numbers from `low` to `high` in equal steps."""

    low: float
    high: float
    step: float = 1


@dataclass(frozen=True)
class Values:
    """A form offers these numbers, and writes them in a way that a visitor reads.

    Attributes:
        values: the numbers.
        zero: the word for 0, such as "off"; "" writes the number.
        unit: what follows any other number; "%" writes a share in per cent.
    """

    values: tuple[float, ...]
    zero: str = ""
    unit: str = ""
