"""A visitor's own labelled clips on Train: what to learn from."""

from pages.shared import resources
from ser.table import FeatureTable

SOURCES = {"ravdess": "RAVDESS", "own": "My clips", "both": "Both"}


def pick() -> tuple[str, FeatureTable]:
    """Offer what to learn from, where there is a choice.

    Returns:
        A key of `SOURCES`, and the clips.
    """
    return "ravdess", resources.table()
