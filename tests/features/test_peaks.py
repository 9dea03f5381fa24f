"""Peaks are those of scipy."""

import numpy as np
import pytest
from scipy.signal import find_peaks

from ser.features.peaks import prominent_peaks


@pytest.mark.parametrize("distance", [1, 3, 8])
@pytest.mark.parametrize("steps", [None, 3])
def test_peaks_are_those_of_scipy(distance, steps):
    """Plateaus too: rounded to whole steps, a contour is full of them (and of equal peaks if they may be near)."""
    rng = np.random.default_rng(0)
    for size in (1, 2, 3, 10, 60, 300):
        for _ in range(20):
            contour = np.cumsum(rng.normal(0, 1, size))
            if steps is not None:
                contour = np.rint(contour * steps) + (1e-6 * rng.random(size) if distance > 1 else 0)
            expected, _ = find_peaks(contour, prominence=3.0, distance=distance)
            assert np.array_equal(prominent_peaks(contour, prominence=3.0, distance=distance), expected)


def test_two_bumps():
    contour = np.array([0.0, 5, 0, 4, 3.5, 4.5, 0])
    assert prominent_peaks(contour, prominence=3.0, distance=1).tolist() == [1, 5]
    assert prominent_peaks(contour, prominence=0.4, distance=1).tolist() == [1, 3, 5]
