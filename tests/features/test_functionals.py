"""Functionals: numpy's and scipy's numbers, and contours with known answers."""

import numpy as np
import pytest
from scipy import stats

from ser.features.functionals import ALL_FUNCTIONALS, functionals


def test_against_numpy_and_scipy():
    x = np.random.default_rng(1).gamma(2.0, size=(4, 57))
    got = dict(zip(ALL_FUNCTIONALS, functionals(x, ALL_FUNCTIONALS, hop=0.01).T, strict=True))
    np.testing.assert_allclose(got["mean"], x.mean(axis=1))
    np.testing.assert_allclose(got["std"], x.std(axis=1))
    for name, part in (("p5", 5), ("p25", 25), ("p50", 50), ("p75", 75), ("p95", 95)):
        np.testing.assert_allclose(got[name], np.percentile(x, part, axis=1))
    np.testing.assert_allclose(got["skewness"], stats.skew(x, axis=1))
    np.testing.assert_allclose(got["kurtosis"], stats.kurtosis(x, axis=1))
    time = np.arange(57) * 0.01
    np.testing.assert_allclose(got["slope"], [np.polyfit(time, row, 1)[0] for row in x])


def test_ramp():
    ramp = np.arange(11.0)[None]
    assert functionals(ramp, ("slope", "p50", "skewness"), hop=0.1).round(9).tolist() == [[10.0, 5.0, 0.0]]


@pytest.mark.parametrize("contour", [np.zeros((1, 0)), np.zeros((1, 20)), np.full((1, 20), 3.7), np.ones((1, 1))])
def test_nothing_to_measure_is_finite(contour):
    values = functionals(contour, ALL_FUNCTIONALS, hop=0.01)
    assert np.isfinite(values).all()
    assert values[0, ALL_FUNCTIONALS.index("std")] == pytest.approx(0, abs=1e-9)
    assert values[0, ALL_FUNCTIONALS.index("skewness")] == 0
