"""Frames of samples."""

import librosa
import numpy as np
import pytest

from ser.audio.framing import centred_frames


@pytest.mark.parametrize("length", [10, 11, 400])
@pytest.mark.parametrize("n", [1, 39, 40, 41])
def test_frames_are_those_of_librosa_on_a_signal_with_zeros_at_both_ends(n, length):
    samples = np.arange(1, n + 1, dtype=np.float32)
    frames = centred_frames(samples, length, hop=8)
    padded = np.pad(samples, (length // 2, length))
    assert frames.dtype == np.float32
    np.testing.assert_array_equal(frames, librosa.util.frame(padded, frame_length=length, hop_length=8).T[: 1 + n // 8])
