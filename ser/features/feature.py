"""One feature: a named, measured number about a clip."""

from dataclasses import dataclass

# Aspects of the voice that features belong to; explanations and the Train page switch features on and off by these.
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
        """Whether it is a power, whose ratios say more than its differences."""
        return self.unit == "power"

    @property
    def is_correlation(self) -> bool:
        """Whether it says how two descriptors move together over a clip, as "mfcc0~mfcc3" does."""
        return "~" in self.name
