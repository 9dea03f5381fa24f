"""Short-time spectra: librosa's own numbers where librosa defines them."""

import librosa
import numpy as np
import pytest
from scipy.signal import savgol_filter

from ser.features import spectra
from tests.helpers.vowel import NOISE, RATE, seconds


@pytest.fixture(scope="module")
def power() -> np.ndarray:
    return spectra.power_spectrogram(NOISE, n_fft=512, hop=160, window=400)


def test_power_spectrogram(power):
    expected = np.abs(librosa.stft(NOISE, n_fft=512, hop_length=160, win_length=400)) ** 2
    np.testing.assert_allclose(power, expected, rtol=1e-3, atol=1e-4)


def test_frame_energy_is_the_sum_of_the_power(power):
    halved = power.sum(axis=0) - 0.5 * (power[0] + power[-1])
    energy = spectra.frame_energy(NOISE, n_fft=512, hop=160, window=400)
    np.testing.assert_allclose(energy, halved, rtol=1e-4)


def test_mel(power):
    expected = librosa.feature.melspectrogram(S=power, sr=RATE, n_fft=512, n_mels=64)
    np.testing.assert_allclose(spectra.mel_power(power, RATE, 64), expected, rtol=1e-4)


def test_mfcc(power):
    mel = spectra.decibels(spectra.mel_power(power, RATE, 64))
    np.testing.assert_allclose(spectra.cepstrum(mel, 20), librosa.feature.mfcc(S=mel, n_mfcc=20), atol=1e-3)


@pytest.mark.parametrize("order", [1, 2])
def test_delta(power, order):
    contours = spectra.decibels(power[:5])
    np.testing.assert_allclose(spectra.delta(contours, order), librosa.feature.delta(contours, order=order), atol=1e-4)


@pytest.mark.parametrize("shape", [(9,), (40,), (3, 25)])
@pytest.mark.parametrize("order", [1, 2])
def test_delta_is_the_filter_of_savitzky_and_golay(shape, order):
    contours = np.random.default_rng(0).normal(0, 20, shape)
    expected = savgol_filter(contours, 9, polyorder=order, deriv=order, mode="interp")
    np.testing.assert_allclose(spectra.delta(contours, order), expected, atol=1e-9)


def test_frames_are_those_of_the_whole_clip(power):
    part = spectra.power_spectrogram(NOISE, n_fft=512, hop=160, window=400, frames=slice(7, 30))
    assert np.array_equal(part, power[:, 7:30])
    few = spectra.power_spectrogram(NOISE, n_fft=512, hop=160, window=400, frames=np.array([3, 8, 30]))
    assert np.array_equal(few, power[:, [3, 8, 30]])


def test_silence_has_finite_shapes():
    for name, contour in spectra.spectral_shape(np.zeros((257, 4), np.float32), RATE).items():
        assert np.isfinite(contour).all(), name


def test_chroma():
    slow = spectra.power_spectrogram(NOISE, n_fft=2048, hop=480)
    expected = librosa.feature.chroma_stft(S=slow, sr=RATE, tuning=0.0)
    np.testing.assert_allclose(spectra.chroma_energy(slow, RATE), expected, atol=1e-4)


def test_contrast():
    magnitude = np.sqrt(spectra.power_spectrogram(NOISE, n_fft=2048, hop=480))
    expected = librosa.feature.spectral_contrast(S=magnitude, sr=RATE)
    np.testing.assert_allclose(spectra.spectral_contrast(magnitude, RATE), expected, atol=1e-3)


def test_shape(power):
    shape, magnitude = spectra.spectral_shape(power, RATE), np.sqrt(power)
    centroid = librosa.feature.spectral_centroid(S=magnitude, sr=RATE)[0]
    np.testing.assert_allclose(shape["centroid"], centroid, rtol=1e-4)
    bandwidth = librosa.feature.spectral_bandwidth(S=magnitude, sr=RATE)[0]
    np.testing.assert_allclose(shape["bandwidth"], bandwidth, rtol=1e-3)
    flatness = librosa.feature.spectral_flatness(S=magnitude, amin=spectra.AMIN)[0]
    np.testing.assert_allclose(shape["flatness"], 10 * np.log10(flatness), atol=1e-2)
    for part in (25, 50, 85, 95):
        rolloff = librosa.feature.spectral_rolloff(S=magnitude, sr=RATE, roll_percent=part / 100)[0]
        # One bin apart where the cumulated sum hits the share to the last digit of a float.
        assert np.abs(shape[f"rolloff{part}"] - rolloff).max() <= RATE / 512
        assert np.mean(shape[f"rolloff{part}"] == rolloff) > 0.98


def test_zero_crossings_of_sine():
    rate = spectra.zero_crossing_rate(np.sin(2 * np.pi * 1000 * seconds(1) + 0.1), window=400, hop=160)
    np.testing.assert_allclose(rate[5:-5], 2 * 1000 / RATE, atol=1e-2)


def test_kept_filter_banks_are_those_of_librosa():
    mel, chroma = spectra.mel_bank(RATE, 512, 64, 7000.0), spectra.chroma_bank(RATE, 2048)
    assert np.array_equal(mel, librosa.filters.mel(sr=RATE, n_fft=512, n_mels=64, fmax=7000.0))
    assert np.array_equal(chroma, librosa.filters.chroma(sr=RATE, n_fft=2048, tuning=0.0))
    picture = spectra.mel_bank(RATE, 512, 80, None)
    assert np.array_equal(picture, librosa.filters.mel(sr=RATE, n_fft=512, n_mels=80))
    centres = librosa.mel_frequencies(n_mels=82, fmax=RATE / 2)[1:-1]
    assert np.array_equal(spectra.mel_centres(RATE, 80), centres)
