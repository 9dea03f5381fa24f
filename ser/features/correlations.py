"""Correlations between contours: how a clip's descriptors move together, and how its spectrum moves on."""

import itertools
import math
from functools import lru_cache

import numpy as np

from ser.features.descriptors import Descriptors
from ser.features.feature import Feature

MIN_FRAMES = 5
"""Fewer frames have no correlation."""
_N_MFCC = 13

# A voice that gets brighter as it gets louder is not one that gets breathier.
_VOICE = (
    "f0",
    "f0_change",
    "energy",
    "energy_change",
    "centroid",
    "hnr",
    "flux",
    "flatness",
    "slope_low",
    "alpha_ratio",
    "h1_h2",
    "cpp",
)
# (name, descriptors, group)
_COUPLINGS: tuple[tuple[str, tuple[str, ...], str], ...] = (
    ("mfcc", ("mfcc",), "timbre"),
    ("mfcc_delta", ("mfcc_delta",), "timbre"),
    ("voiced_mfcc", ("mfcc",), "timbre"),
    ("voice", _VOICE, "voice quality"),
)
# Frames after which each MFCC is correlated with itself, and with every other one.
_LAGS = (5, 40)
_CROSS_LAGS = (8, 20)


def _contour_names(names: tuple[str, ...]) -> list[str]:
    """Names of the contours of some descriptors, MFCC by number."""
    return [
        name
        for descriptor in names
        for name in ([f"{descriptor}{i}" for i in range(_N_MFCC)] if descriptor.startswith("mfcc") else [descriptor])
    ]


_MFCC = _contour_names(("mfcc",))

FEATURES: tuple[Feature, ...] = (
    *(
        Feature(f"coupling_{name}.{a}~{b}", "", group)
        for name, descriptors, group in _COUPLINGS
        for a, b in itertools.combinations(_contour_names(descriptors), 2)
    ),
    *(Feature(f"coupling_cross.{a}~{b}", "", "voice quality") for a in _VOICE for b in _MFCC),
    *(Feature(f"{a}.lag{lag}", "", "rhythm") for lag in _LAGS for a in _MFCC),
    *(Feature(f"{a}~{b}.lag{lag}", "", "rhythm") for lag in _CROSS_LAGS for a in _MFCC for b in _MFCC),
)


def compute(descriptors: Descriptors) -> np.ndarray:
    """The correlations of a clip, shape (len(FEATURES),), in the order of `FEATURES`."""
    mfcc = descriptors.rows["mfcc"][:_N_MFCC]
    changes = descriptors.rows["mfcc_delta"][:_N_MFCC]
    voice = np.concatenate([descriptors.rows[name] for name in _VOICE])
    voiced = np.concatenate([voice, mfcc])[:, descriptors.voiced]
    # The correlations of all contours over the voiced frames hold those of two descriptors, and across the two.
    of_voiced = _correlations(voiced, voiced).reshape(len(voiced), len(voiced))
    return np.concatenate(
        [
            _pairs(_correlations(mfcc, mfcc)),
            _pairs(_correlations(changes, changes)),
            _pairs(of_voiced[len(_VOICE) :, len(_VOICE) :]),
            _pairs(of_voiced[: len(_VOICE), : len(_VOICE)]),
            of_voiced[: len(_VOICE), len(_VOICE) :].ravel(),
            *(_correlations(mfcc[:, :-lag], mfcc[:, lag:], paired=True) for lag in _LAGS),
            *(_correlations(mfcc[:, :-lag], mfcc[:, lag:]) for lag in _CROSS_LAGS),
        ]
    )


@lru_cache(maxsize=4)
def _every_two(size: int) -> np.ndarray:
    """Positions of every two contours in the flattened matrix of all with all."""
    return np.ravel_multi_index(np.triu_indices(size, 1), (size, size))


def _pairs(correlations: np.ndarray) -> np.ndarray:
    """Of the correlations of all contours with all, those of every two, shape (rows · (rows - 1) / 2,)."""
    return correlations.ravel()[_every_two(math.isqrt(correlations.size))]


def _correlations(first: np.ndarray, second: np.ndarray, *, paired: bool = False) -> np.ndarray:
    """Correlations of `a` contours with `b` others over the same frames, shape (a · b,), or (a,) if row by row.

    They are zeros where nothing moves and where there are fewer than `MIN_FRAMES` frames.
    """
    n_frames = first.shape[1]
    if n_frames < MIN_FRAMES:
        return np.zeros(first.shape[0] if paired else first.shape[0] * second.shape[0])
    same = second is first
    first = _standardised(first)
    second = first if same else _standardised(second)
    return (np.vecdot(first, second) if paired else (first @ second.T).ravel()) / n_frames


def _standardised(rows: np.ndarray) -> np.ndarray:
    # Sums, as `mean` takes longer than all the rest here.
    centred = rows - rows.sum(axis=1, keepdims=True) / rows.shape[1]
    return centred / (np.sqrt(np.vecdot(centred, centred) / rows.shape[1]) + 1e-6)[:, None]
