"""The `standard` features against their definitions, one by one."""

import numpy as np
import pytest

from ser.features.descriptors import HOP, RATE, descriptors
from ser.features.functionals import functionals
from ser.features.standard import BLOCKS, FEATURES, block_values
from tests.helpers.vowel import NOISE, vowel, waveform


@pytest.mark.parametrize("samples", [vowel(), NOISE, vowel() + 0.1 * NOISE, np.zeros(RATE)])
def test_blocks_equal_the_functionals_of_each_contour(samples):
    rows = descriptors(waveform(samples))
    expected = []
    for block in BLOCKS:
        for i in range(max(block.count, 1)):
            contour = rows.on(block.source or block.name, block.frames)[block.first + i * block.step]
            contour = contour[~np.isnan(contour)]
            expected.append(functionals(contour[None], block.functionals, HOP / RATE).ravel())
    expected = np.concatenate(expected)
    values = block_values(rows)
    assert values.shape == expected.shape
    assert [f.name for block in BLOCKS for f in block.features()] == [f.name for f in FEATURES[: values.size]]
    np.testing.assert_allclose(values, expected, rtol=1e-9, atol=1e-9)
