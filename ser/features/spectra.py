"""Short-time spectra and the descriptors read off them.

Conventions are librosa's (frames centred on multiples of the hop, zero-padded ends, periodic Hann window), so that
every part that librosa also defines can be held against it. One short-time Fourier transform is shared by all
descriptors, and filter banks are made once: librosa computes a clip's worth in 20 ms, this in 2.

Sources: librosa (McFee et al. 2015); spectral contrast: Jiang et al. 2002; alpha ratio and Hammarberg index:
Eyben et al. 2016 (eGeMAPS), doi:10.1109/TAFFC.2015.2457417.
"""

import itertools
from functools import lru_cache

import numpy as np
from scipy import fft
from scipy.signal import savgol_filter

# Power below which a spectrum is silence, in one bin and in one mel band (whose filters have unit area, not unit
# height): both some 55 dB under the mean of a levelled clip's speech. A quieter floor would let the room's and the
# recorder's own noise speak in the logarithm.
AMIN = 1e-6
MEL_AMIN = 2e-8


@lru_cache(maxsize=8)
def _window(length: int, n_fft: int) -> np.ndarray:
    """Periodic Hann window of `length`, centred in `n_fft` samples, as librosa pads it."""
    window = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)
    left = (n_fft - length) // 2
    return np.pad(window, (left, n_fft - length - left)).astype(np.float32)


def power_spectrogram(samples: np.ndarray, *, n_fft: int, hop: int, window: int | None = None) -> np.ndarray:
    """Power of the short-time Fourier transform, |STFT|².

    Args:
        samples: mono, shape (n,).
        n_fft: samples of the transform.
        hop: samples from one frame to the next.
        window: samples of the Hann window, at most `n_fft`; `n_fft` if left out.

    Returns:
        float32, shape (1 + n_fft // 2, 1 + n // hop); equals `abs(librosa.stft(...)) ** 2`.
    """
    padded = np.pad(samples.astype(np.float32, copy=False), n_fft // 2)
    frames = np.lib.stride_tricks.sliding_window_view(padded, n_fft)[::hop]
    spectrum = fft.rfft(frames * _window(window or n_fft, n_fft), axis=1)
    return (spectrum.real**2 + spectrum.imag**2).T


@lru_cache(maxsize=8)
def _mel_bank(rate: int, n_fft: int, n_mels: int, fmax: float | None) -> np.ndarray:
    import librosa  # its import takes seconds, so only who computes features pays for it

    return librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=n_mels, fmax=fmax)


@lru_cache(maxsize=8)
def _chroma_bank(rate: int, n_fft: int) -> np.ndarray:
    import librosa

    # Concert pitch: speech has no tuning to estimate, and a guess per clip would make clips incomparable.
    return librosa.filters.chroma(sr=rate, n_fft=n_fft, tuning=0.0)


@lru_cache(maxsize=8)
def _dct(n_in: int, n_out: int) -> np.ndarray:
    """Orthonormal type-II DCT matrix, shape (n_out, n_in)."""
    return fft.dct(np.eye(n_in), type=2, norm="ortho", axis=0)[:n_out].astype(np.float32)


def frequencies(rate: int, n_fft: int) -> np.ndarray:
    """Centre frequencies of the transform's bins.

    Args:
        rate: sampling rate in Hz.
        n_fft: samples of the transform.

    Returns:
        Hz, shape (1 + n_fft // 2,).
    """
    return np.arange(1 + n_fft // 2, dtype=np.float32) * (rate / n_fft)


def decibels(power: np.ndarray, floor: float = MEL_AMIN) -> np.ndarray:
    """Power in dB, 10·log10.

    Args:
        power: any shape.
        floor: what counts as silence; that of mel bands if left out.

    Returns:
        dB, never below the floor's; same shape.
    """
    return 10 * np.log10(np.maximum(power, floor))


def mel_power(power: np.ndarray, rate: int, n_mels: int, *, fmax: float | None = None) -> np.ndarray:
    """Power in mel bands (Slaney's scale and norm), as `librosa.feature.melspectrogram`.

    Args:
        power: power spectrogram, shape (1 + n_fft // 2, n_frames).
        rate: sampling rate in Hz.
        n_mels: number of bands from 0 Hz.
        fmax: upper end of the highest band in Hz; half the rate if left out.

    Returns:
        shape (n_mels, n_frames).
    """
    return _mel_bank(rate, 2 * (power.shape[0] - 1), n_mels, fmax) @ power


def cepstrum(mel_decibels: np.ndarray, n_mfcc: int) -> np.ndarray:
    """MFCC: orthonormal DCT-II of log-mel bands, as `librosa.feature.mfcc(S=...)`.

    Args:
        mel_decibels: shape (n_mels, n_frames), dB.
        n_mfcc: how many coefficients, from 0.

    Returns:
        shape (n_mfcc, n_frames), dB.
    """
    return _dct(mel_decibels.shape[0], n_mfcc) @ mel_decibels


def delta(contours: np.ndarray, order: int = 1, width: int = 9) -> np.ndarray:
    """Derivative over frames by a local polynomial fit, as `librosa.feature.delta`.

    Args:
        contours: shape (n_contours, n_frames); at least `width` frames.
        order: 1 for the slope, 2 for its change.
        width: frames of the fit, odd.

    Returns:
        Same shape, in the contour's unit per frame (per frame² for order 2).
    """
    return savgol_filter(contours, width, polyorder=order, deriv=order, axis=-1, mode="interp")


def chroma_energy(power: np.ndarray, rate: int) -> np.ndarray:
    """Share of twelve pitch classes, loudest class 1, as `librosa.feature.chroma_stft(S=..., tuning=0)`.

    Args:
        power: power spectrogram, shape (1 + n_fft // 2, n_frames).
        rate: sampling rate in Hz.

    Returns:
        shape (12, n_frames), 0 to 1, from C upwards; silent frames are zeros.
    """
    raw = _chroma_bank(rate, 2 * (power.shape[0] - 1)) @ power
    largest = raw.max(axis=0, keepdims=True)
    # librosa leaves a frame alone whose norm is below the smallest normal float
    return raw / np.where(largest < np.finfo(np.float32).tiny, 1.0, largest)


def spectral_contrast(
    magnitude: np.ndarray, rate: int, *, fmin: float = 200.0, n_bands: int = 6, fmax: float | None = None
) -> np.ndarray:
    """Peak over valley in octave bands, as `librosa.feature.spectral_contrast`.

    Args:
        magnitude: magnitude spectrogram, shape (1 + n_fft // 2, n_frames).
        rate: sampling rate in Hz.
        fmin: upper edge of the lowest band in Hz.
        n_bands: octaves above it.
        fmax: upper end of the highest band in Hz; half the rate if left out, as librosa has it.

    Returns:
        shape (n_bands + 1, n_frames), dB.
    """
    bins = frequencies(rate, 2 * (magnitude.shape[0] - 1))
    edges = np.concatenate([[0.0], fmin * 2.0 ** np.arange(n_bands + 1)])
    rows = []
    for k, (low, high) in enumerate(itertools.pairwise(edges)):
        inside = (bins >= low) & (bins <= high)
        # librosa's reading of the paper: a band takes one bin of the band below, the last takes all that is left
        first = int(np.flatnonzero(inside)[0])
        if k > 0:
            inside[first - 1] = True
        if k == n_bands:
            inside |= bins > high
            inside &= bins <= (fmax or rate / 2)
        band = magnitude[inside]
        if k < n_bands:
            band = band[:-1]
        count = max(int(np.rint(0.02 * np.count_nonzero(inside))), 1)
        ordered = np.sort(band, axis=0)
        peak, valley = ordered[-count:].mean(axis=0), ordered[:count].mean(axis=0)
        rows.append(10 * (np.log10(np.maximum(peak, np.sqrt(AMIN))) - np.log10(np.maximum(valley, np.sqrt(AMIN)))))
    return np.stack(rows)


def spectral_shape(power: np.ndarray, rate: int, *, fmax: float | None = None) -> dict[str, np.ndarray]:
    """How energy lies over frequency, frame by frame.

    Args:
        power: power spectrogram, shape (1 + n_fft // 2, n_frames).
        rate: sampling rate in Hz.
        fmax: bins above it, in Hz, are left out; none if left out itself.

    Returns:
        Name to contour, each of shape (n_frames,). Centroid, bandwidth, flatness and roll-offs as librosa's;
        flux is the 2-norm of the change of the unit-sum magnitude; alpha ratio and Hammarberg index as in
        eGeMAPS; slopes are least-squares lines through the dB spectrum of a band.
    """
    bins = frequencies(rate, 2 * (power.shape[0] - 1))
    bins = bins[bins <= (fmax or rate / 2)]
    power = power[: bins.size]
    magnitude = np.sqrt(power)
    share = magnitude / np.maximum(magnitude.sum(axis=0, keepdims=True), 1e-10)
    centroid = bins @ share
    bandwidth = np.sqrt(np.maximum((bins**2) @ share - centroid**2, 0.0))
    cumulated = np.cumsum(share, axis=0)
    floored = np.maximum(power, AMIN)
    level = np.log(floored)
    db = level * (10 / np.log(10))
    contours = {
        "centroid": centroid,
        "bandwidth": bandwidth,
        "flatness": 10 / np.log(10) * (level.mean(axis=0) - np.log(floored.mean(axis=0))),
        "flux": np.concatenate([[0.0], np.sqrt((np.diff(share, axis=1) ** 2).sum(axis=0))]),
    }
    for part in (25, 50, 85, 95):
        contours[f"rolloff{part}"] = bins[(cumulated < part / 100).sum(axis=0).clip(max=bins.size - 1)]

    def band(low: float, high: float) -> np.ndarray:
        return floored[(bins >= low) & (bins < high)]

    contours["alpha_ratio"] = 10 * np.log10(band(1000, 5000).sum(axis=0) / band(50, 1000).sum(axis=0))
    contours["hammarberg"] = 10 * np.log10(band(50, 2000).max(axis=0) / band(2000, 5000).max(axis=0))
    contours["high_share"] = 10 * np.log10(band(4000, 8000).sum(axis=0) / floored.sum(axis=0))
    for name, low, high in (("slope_low", 50, 500), ("slope_mid", 500, 1500), ("slope_high", 1500, 6000)):
        inside = (bins >= low) & (bins < high)
        axis = (bins[inside] - bins[inside].mean()) / 1000
        contours[name] = axis @ db[inside] / (axis @ axis)
    return contours


def zero_crossing_rate(samples: np.ndarray, *, window: int, hop: int) -> np.ndarray:
    """Share of neighbouring samples that differ in sign, frame by frame.

    Args:
        samples: mono, shape (n,).
        window: samples of a frame.
        hop: samples from one frame to the next.

    Returns:
        shape (1 + n // hop,), 0 to 1; frames centred, ends zero-padded. A sine of f Hz gives 2·f / rate.
    """
    crossings = np.concatenate([[False], np.diff(np.signbit(samples))])
    summed = np.concatenate([[0], np.cumsum(np.pad(crossings, window // 2))])
    starts = np.arange(0, samples.size + 1, hop)
    ends = np.minimum(starts + window, summed.size - 1)
    return (summed[ends] - summed[starts]) / window
