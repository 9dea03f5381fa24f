"""Short-time spectra and the descriptors that are read off them.

Conventions are librosa's (frames centred on multiples of the hop, zero-padded ends, periodic Hann window), so that
every part that librosa also defines can be compared with it. This is own code because all descriptors share one
short-time Fourier transform and filter banks that are made once: librosa takes 20 ms a clip, this takes 2.

Sources: librosa (McFee et al. 2015); spectral contrast: Jiang et al. 2002; alpha ratio and Hammarberg index:
Eyben et al. 2016 (eGeMAPS), doi:10.1109/TAFFC.2015.2457417.
"""

import itertools
import math
from functools import lru_cache
from pathlib import Path

import numpy as np
from scipy import fft

from ser.audio.framing import centred_frames

# Power below which a spectrum is silence, in one bin and in one mel band (whose filters have unit area, not unit
# height): both some 55 dB under the mean of a levelled clip's speech. With a lower floor the noise of the room and the
# recorder would show in the logarithm.
AMIN = 1e-6
MEL_AMIN = 2e-8
_BLOCK = 1 << 16  # samples that are transformed at a time, so that they stay in the processor's cache


@lru_cache(maxsize=8)
def _window(length: int, n_fft: int) -> np.ndarray:
    """Periodic Hann window of `length`, centred in `n_fft` samples, as librosa pads it."""
    left = (n_fft - length) // 2
    return np.pad(hann(length), (left, n_fft - length - left)).astype(np.float32)


def hann(length: int) -> np.ndarray:
    """Periodic Hann window, shape (length,)."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)


def power_spectrogram(
    samples: np.ndarray, *, n_fft: int, hop: int, window: int | None = None, frames: slice | np.ndarray = slice(None)
) -> np.ndarray:
    """Power of the short-time Fourier transform, float32, shape (1 + n_fft // 2, 1 + n // hop).

    Equals `abs(librosa.stft(...)) ** 2`. `window` is the length of the Hann window in samples, `n_fft` if left out;
    `frames` are those that are computed.
    """
    framed = centred_frames(samples.astype(np.float32, copy=False), n_fft, hop)
    numbers = np.arange(len(framed))[frames]
    power = np.empty((numbers.size, 1 + n_fft // 2), np.float32)
    block = max(1, _BLOCK // n_fft)
    for first in range(0, numbers.size, block):
        windowed = framed[numbers[first : first + block]]  # a copy, as these are single numbers
        windowed *= _window(window or n_fft, n_fft)
        spectrum = fft.rfft(windowed, axis=1, overwrite_x=True)
        np.add(spectrum.real**2, spectrum.imag**2, out=power[first : first + block])
    return power.T


def frame_energy(samples: np.ndarray, *, n_fft: int, hop: int, window: int) -> np.ndarray:
    """Sum of each frame's power over the bins of `power_spectrogram`, without a transform (Parseval), (n_frames,).

    Bins at 0 Hz and at half the rate count by half.
    """
    squares = centred_frames(samples * samples, window, hop)
    return np.ascontiguousarray(squares) @ (_window(window, window) ** 2 * np.float32(n_fft / 2))


@lru_cache(maxsize=1)
def _kept_banks() -> dict[str, np.ndarray]:
    """Librosa's filter banks that answers need: `tools/filter_banks` keeps them in a file."""
    with np.load(Path(__file__).with_name("filter_banks.npz")) as banks:
        return dict(banks)


@lru_cache(maxsize=8)
def mel_bank(rate: int, n_fft: int, n_mels: int, fmax: float | None) -> np.ndarray:
    """Mel filters (Slaney's), float32, shape (n_mels, 1 + n_fft // 2)."""
    kept = _kept_banks().get(f"mel {rate} {n_fft} {n_mels} {fmax}")
    if kept is not None:
        return kept
    import librosa  # here, because its import takes seconds

    return librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=n_mels, fmax=fmax)


@lru_cache(maxsize=8)
def mel_centres(rate: int, n_mels: int) -> np.ndarray:
    """Centre frequencies of mel bands up to half the rate in Hz, shape (n_mels,)."""
    kept = _kept_banks().get(f"mel centres {rate} {n_mels}")
    if kept is not None:
        return kept
    import librosa

    return librosa.mel_frequencies(n_mels=n_mels + 2, fmax=rate / 2)[1:-1]


@lru_cache(maxsize=8)
def chroma_bank(rate: int, n_fft: int) -> np.ndarray:
    """Filters of the twelve pitch classes, float32, shape (12, 1 + n_fft // 2)."""
    kept = _kept_banks().get(f"chroma {rate} {n_fft}")
    if kept is not None:
        return kept
    import librosa

    # Concert pitch: speech has no tuning to estimate, and a guess per clip would make clips incomparable.
    return librosa.filters.chroma(sr=rate, n_fft=n_fft, tuning=0.0)


@lru_cache(maxsize=8)
def _dct(n_in: int, n_out: int) -> np.ndarray:
    """Orthonormal type-II DCT matrix, shape (n_out, n_in)."""
    return fft.dct(np.eye(n_in), type=2, norm="ortho", axis=0)[:n_out].astype(np.float32)


def frequencies(rate: int, n_fft: int) -> np.ndarray:
    """Centre frequencies of the transform's bins in Hz, shape (1 + n_fft // 2,)."""
    return np.arange(1 + n_fft // 2, dtype=np.float32) * (rate / n_fft)


def decibels(power: np.ndarray, floor: float = MEL_AMIN) -> np.ndarray:
    """Power in dB, 10·log10, never below that of `floor`."""
    return 10 * np.log10(np.maximum(power, floor))


def mel_power(power: np.ndarray, rate: int, n_mels: int, *, fmax: float | None = None) -> np.ndarray:
    """Power in mel bands up to `fmax` (Slaney's scale and norm), as `librosa.feature.melspectrogram`, shape (n_mels,
    n_frames).
    """
    return mel_bank(rate, 2 * (power.shape[0] - 1), n_mels, fmax) @ power


def cepstrum(mel_decibels: np.ndarray, n_mfcc: int) -> np.ndarray:
    """MFCC in dB: orthonormal DCT-II of log-mel bands, as `librosa.feature.mfcc(S=...)`, shape (n_mfcc, n_frames)."""
    return _dct(mel_decibels.shape[0], n_mfcc) @ mel_decibels


def delta(contours: np.ndarray, order: int = 1, width: int = 9) -> np.ndarray:
    """Derivative per frame (of order 2: per frame²) by a local polynomial fit over `width` frames, as
    `librosa.feature.delta`.
    """
    n_inner = contours.shape[-1] - width + 1
    inner = sum(weight * contours[..., i : i + n_inner] for i, weight in enumerate(_derivative(order, width)))
    # The derivative of this order of a polynomial of this order is the same in the whole window, its ends included.
    nearest = np.clip(np.arange(contours.shape[-1]) - width // 2, 0, n_inner - 1)
    return inner[..., nearest].astype(contours.dtype, copy=False)


@lru_cache(maxsize=8)
def _derivative(order: int, width: int) -> np.ndarray:
    """Weights of a window's frames in the derivative of the fitted polynomial (Savitzky and Golay 1964)."""
    time = np.arange(width) - width // 2
    return np.linalg.pinv(np.vander(time, order + 1, increasing=True))[order] * math.factorial(order)


def chroma_energy(power: np.ndarray, rate: int) -> np.ndarray:
    """Energy in twelve pitch classes from C upwards, loudest class 1, shape (12, n_frames); silent frames are zeros.

    Equals `librosa.feature.chroma_stft(S=..., tuning=0)`.
    """
    raw = chroma_bank(rate, 2 * (power.shape[0] - 1)) @ power
    largest = raw.max(axis=0, keepdims=True)
    # librosa leaves a frame alone whose norm is below the smallest normal float
    return raw / np.where(largest < np.finfo(np.float32).tiny, 1.0, largest)


def spectral_contrast(
    magnitude: np.ndarray, rate: int, *, fmin: float = 200.0, n_bands: int = 6, fmax: float | None = None
) -> np.ndarray:
    """Peak over valley in octave bands in dB, shape (n_bands + 1, n_frames), as `librosa.feature.spectral_contrast`.

    `fmin` is the upper edge of the lowest band in Hz, `n_bands` the number of octaves above it, and `fmax` the upper
    end of the highest band, half the rate if left out.
    """
    octaves = _octaves(rate, 2 * (magnitude.shape[0] - 1), fmin, n_bands, fmax or rate / 2)
    levels = np.empty((2, len(octaves), magnitude.shape[1]), magnitude.dtype)
    for peak, valley, (first, last, count) in zip(*levels, octaves, strict=True):
        ordered = np.sort(magnitude[first:last].T, axis=1)
        peak[:] = ordered[:, -count:].sum(axis=1) / count
        valley[:] = ordered[:, :count].sum(axis=1) / count
    peaks, valleys = np.log10(np.maximum(levels, np.sqrt(AMIN)))
    return 10 * (peaks - valleys)


@lru_cache(maxsize=8)
def _octaves(rate: int, n_fft: int, fmin: float, n_bands: int, fmax: float) -> tuple[tuple[int, int, int], ...]:
    """First bin of each band of `spectral_contrast`, one past the last, and how many bins are a peak or a valley."""
    bins = frequencies(rate, n_fft)
    edges = np.concatenate([[0.0], fmin * 2.0 ** np.arange(n_bands + 1)])
    octaves = []
    for k, (low, high) in enumerate(itertools.pairwise(edges)):
        # As librosa has it: a band takes one bin of the band below, and the last band takes all that is left.
        first = int(np.searchsorted(bins, low)) - (k > 0)
        end = int(np.searchsorted(bins, fmax if k == n_bands else high, side="right"))
        count = max(int(np.rint(0.02 * (end - first))), 1)
        octaves.append((first, end if k == n_bands else end - 1, count))
    return tuple(octaves)


def spectral_shape(power: np.ndarray, rate: int, *, fmax: float | None = None) -> dict[str, np.ndarray]:
    """How energy is spread over frequency up to `fmax`: name → contour of shape (n_frames,).

    Centroid, bandwidth, flatness and roll-offs are librosa's. Flux is the 2-norm of the change of the unit-sum
    magnitude. Alpha ratio and Hammarberg index are those of eGeMAPS. Slopes are least-squares lines through the dB
    spectrum of a band.
    """
    n_fft = 2 * (power.shape[0] - 1)
    bins = frequencies(rate, n_fft)
    bins = bins[bins <= (fmax or rate / 2)]
    power = power[: bins.size]
    magnitude = np.sqrt(power)
    share = magnitude / np.maximum(magnitude.sum(axis=0, keepdims=True), 1e-10)
    centroid = bins @ share
    bandwidth = np.sqrt(np.maximum((bins**2) @ share - centroid**2, 0.0))
    cumulated = np.cumsum(share, axis=0)
    cumulated[-1] = 1.0  # in a silent frame the sum of the shares is 0
    floored = np.maximum(power, AMIN)
    level = np.log(floored)
    steps = np.diff(share, axis=1)
    contours = {
        "centroid": centroid,
        "bandwidth": bandwidth,
        "flatness": 10 / np.log(10) * (level.mean(axis=0) - np.log(floored.mean(axis=0))),
        "flux": np.concatenate([[0.0], np.sqrt((steps * steps).sum(axis=0))]),
    }
    for part in (25, 50, 85, 95):
        contours[f"rolloff{part}"] = bins[(cumulated >= part / 100).argmax(axis=0)]

    def band(low: float, high: float) -> slice:
        return slice(*np.searchsorted(bins, (low, high)))

    def power_between(low: float, high: float) -> np.ndarray:
        return floored[band(low, high)].sum(axis=0)

    def loudest_between(low: float, high: float) -> np.ndarray:
        return floored[band(low, high)].max(axis=0)

    contours["alpha_ratio"] = 10 * np.log10(power_between(1000, 5000) / power_between(50, 1000))
    contours["hammarberg"] = 10 * np.log10(loudest_between(50, 2000) / loudest_between(2000, 5000))
    contours["high_share"] = 10 * np.log10(power_between(4000, 8000) / floored.sum(axis=0))
    for name, (first, weights) in _slopes(rate, n_fft, bins.size).items():
        contours[name] = weights @ level[first : first + weights.size]
    return contours


@lru_cache(maxsize=8)
def _slopes(rate: int, n_fft: int, n_bins: int) -> dict[str, tuple[int, np.ndarray]]:
    """Name of a slope → the first bin of its band, and the weights of the band's log power in it (dB per kHz)."""
    bins, slopes = frequencies(rate, n_fft)[:n_bins], {}
    for name, low, high in (("slope_low", 50, 500), ("slope_mid", 500, 1500), ("slope_high", 1500, 6000)):
        first, end = np.searchsorted(bins, (low, high))
        axis = (bins[first:end] - bins[first:end].mean()) / 1000
        slopes[name] = int(first), axis * (10 / np.log(10) / (axis @ axis))
    return slopes


def zero_crossing_rate(samples: np.ndarray, *, window: int, hop: int) -> np.ndarray:
    """Share of neighbouring samples that differ in sign, per frame of `window` samples, shape (1 + n // hop,)."""
    negative = np.signbit(samples)
    summed = np.zeros(samples.size + 2 * (window // 2) + 1, np.int32)
    np.cumsum(negative[1:] != negative[:-1], out=summed[window // 2 + 2 : window // 2 + samples.size + 1])
    summed[window // 2 + samples.size + 1 :] = summed[window // 2 + samples.size]
    starts = np.arange(0, samples.size + 1, hop)
    ends = np.minimum(starts + window, summed.size - 1)
    return (summed[ends] - summed[starts]) / window
