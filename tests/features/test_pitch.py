"""F0 against `librosa.pyin`, on speech."""

import librosa
import numpy as np
import pytest

from ser.audio.decoding.decoder import decode
from ser.features.pitch import CEILING, FLOOR, pitch_track

RATE = 16_000


@pytest.mark.ravdess
def test_f0_agrees_with_pyin_where_both_find_a_voice(ravdess):
    """Librosa's F0 is slower by far, so it judges and is not used."""
    ratios, voiced = [], []
    for clip in ravdess.clips[17::180]:
        waveform = decode(ravdess.read(clip), rate=RATE)
        track = pitch_track(waveform)
        # Frames of 48 ms, about as long as ours: longer ones smear F0 where it glides.
        f0, _, _ = librosa.pyin(waveform.samples, fmin=FLOOR, fmax=CEILING, sr=RATE, hop_length=160, frame_length=768)
        theirs = np.interp(track.times, np.arange(f0.size) * 160 / RATE, f0)
        both = ~np.isnan(theirs) & ~np.isnan(track.f0)
        ratios.append(track.f0[both] / theirs[both])
        voiced.append(both.sum() / (~np.isnan(theirs)).sum())
    ratio = np.concatenate(ratios)
    assert np.median(np.abs(ratio - 1)) < 0.01
    assert np.mean(np.abs(ratio - 1) < 0.05) > 0.9
    assert np.mean(voiced) > 0.85
