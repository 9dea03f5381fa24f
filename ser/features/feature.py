"""One feature: a named, measured number about a clip."""

from dataclasses import dataclass

# What a listener would call the aspect of the voice that a feature speaks of; explanations and the Train page
# switch features on and off by these.
GROUPS: tuple[str, ...] = ("pitch", "loudness", "voice quality", "spectral balance", "timbre", "rhythm", "chroma")


@dataclass(frozen=True)
class Feature:
    """Name, unit and group of one number in a feature vector.

    Attributes:
        name: descriptor and functional, such as "mfcc3.std".
        unit: such as "dB" or "Hz"; "" for a plain number.
        group: one of `GROUPS`.
    """

    name: str
    unit: str
    group: str

    @property
    def is_power(self) -> bool:
        """Whether it is a power, of which ratios tell more than differences do."""
        return self.unit == "power"

    @property
    def is_correlation(self) -> bool:
        """Whether it tells how two descriptors move together over a clip, as "mfcc0~mfcc3" does."""
        return "~" in self.name
