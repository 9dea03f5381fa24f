"""Spectrograms of a clip to look at: mel, MFCC, chroma and spectral contrast over time."""

from dataclasses import dataclass

import numpy as np

from ser.audio.waveform import Waveform
from ser.features.spectra import (
    cepstrum,
    chroma_energy,
    decibels,
    mel_centres,
    mel_power,
    power_spectrogram,
    spectral_contrast,
)


@dataclass(frozen=True)
class Spectrogram:
    """A picture of a clip over time.

    Attributes:
        name: what is shown, such as "Mel spectrogram".
        times: seconds of each frame's centre, shape (n_frames,).
        rows: what each row stands for (Hz, or a number or name), shape (n_rows,).
        row_title: title and unit of the rows' axis.
        values: shape (n_rows, n_frames).
        value_title: title and unit of the values.
    """

    name: str
    times: np.ndarray
    rows: np.ndarray
    row_title: str
    values: np.ndarray
    value_title: str


#: Bands of the mel spectrogram.
N_MELS = 80


def mel_spectrogram(waveform: Waveform, n_mels: int = N_MELS) -> Spectrogram:
    """Mel spectrogram of a clip.

    Args:
        waveform: at any rate; 16 kHz shows the band that the `standard` features use.
        n_mels: number of bands from 0 Hz to half the rate.

    Returns:
        `Spectrogram`: rows are band centres in Hz, values dB below the loudest point, at least -80.
    """
    n_fft, hop = transform_size(waveform.rate), _hop(waveform)
    mel = mel_power(power_spectrogram(waveform.samples, n_fft=n_fft, hop=hop), waveform.rate, n_mels)
    values = 10 * np.log10(np.maximum(mel, 1e-12))
    values = np.maximum(values - values.max(), -80.0)
    rows = mel_centres(waveform.rate, n_mels)
    return _picture("Mel spectrogram", waveform, hop, rows, "Frequency (Hz)", values, "Level (dB below loudest)")


def mfcc_spectrogram(waveform: Waveform, n_mfcc: int = 20) -> Spectrogram:
    """MFCC of a clip; coefficient 0, the level, is left out because it would drown the others."""
    n_fft, hop = transform_size(waveform.rate), _hop(waveform)
    mel = mel_power(power_spectrogram(waveform.samples, n_fft=n_fft, hop=hop), waveform.rate, 64)
    values = cepstrum(decibels(mel), n_mfcc)[1:]
    return _picture("MFCC", waveform, hop, np.arange(1, n_mfcc), "Coefficient", values, "Value (dB)")


def chroma_spectrogram(waveform: Waveform) -> Spectrogram:
    """Chroma of a clip: twelve rows named C to B, values 0 to 1."""
    hop = _hop(waveform)
    power = power_spectrogram(waveform.samples, n_fft=2048, hop=hop)
    names = np.array(["C", "C♯", "D", "D♯", "E", "F", "F♯", "G", "G♯", "A", "A♯", "B"])
    values = chroma_energy(power, waveform.rate)
    return _picture("Chroma", waveform, hop, names, "Pitch class", values, "Share of loudest class")


def contrast_spectrogram(waveform: Waveform) -> Spectrogram:
    """Spectral contrast of a clip at 13 kHz or more: seven rows named by their band in Hz, values in dB."""
    hop = _hop(waveform)
    power = power_spectrogram(waveform.samples, n_fft=2048, hop=hop)
    top = waveform.rate // 2
    names = np.array(["0–200", "200–400", "400–800", "800–1.6k", "1.6–3.2k", "3.2–6.4k", f"6.4–{top / 1000:g}k"])
    values = spectral_contrast(np.sqrt(power), waveform.rate)
    return _picture("Spectral contrast", waveform, hop, names, "Band (Hz)", values, "Peak over valley (dB)")


def transform_size(rate: int) -> int:
    """Transform size in samples: about 32 ms."""
    return 1 << int(np.ceil(np.log2(0.032 * rate)))


def _hop(waveform: Waveform) -> int:
    """Hop in samples: 10 ms, or more, so that there are no more frames than a screen has columns."""
    return max(int(0.01 * waveform.rate), waveform.samples.size // 1200)


def _picture(
    name: str, waveform: Waveform, hop: int, rows: np.ndarray, row_title: str, values: np.ndarray, value_title: str
) -> Spectrogram:
    times = np.arange(values.shape[1]) * hop / waveform.rate
    return Spectrogram(name, times, rows, row_title, values, value_title)
