"""Frame-level descriptors of a waveform, as contours on a 10 ms grid.

`standard` sums them up. Each descriptor has a name and one or more contours. Masks say which frames are speech, voiced,
unvoiced, or the nucleus of a syllable.
"""

from dataclasses import dataclass

import numpy as np
from scipy.signal import find_peaks

from ser.audio.activity import smoothed_level, speech_span
from ser.audio.waveform import Waveform
from ser.features import spectra
from ser.features.formants import formants, levels_at, peak_prominence
from ser.features.pitch import PitchTrack, pitch_track

RATE = 16_000
HOP = 160  # 10 ms
N_FFT = 512
WINDOW = 400  # 25 ms
N_MELS = 64
N_MFCC = 20
CHROMA_N_FFT = 2048
CHROMA_STEP = 3  # chroma and contrast look at 128 ms, so a third of the frames is enough
# Hz. Between this and half the sampling rate lies the recorder's or converter's own cut-off. With it, the same clip
# saved at 48 and at 16 kHz gave different features.
FMAX = 7000.0
VOICED_RANGE = 18.0  # dB below the loud frames within which periodic sound is the voice
BANDS = 16  # groups of mel bands whose change and coupling are looked at
NUCLEUS_RISE = 3.0  # dB by which a syllable stands out of its neighbourhood
NUCLEUS_GAP = 8  # frames from one syllable to the next, at least


@dataclass(frozen=True)
class Descriptors:
    """All descriptors of a clip.

    Attributes:
        rows: descriptor → float array of shape (n_contours, n_frames); chroma and contrast have a third of the frames.
        start, end: first frame of speech, and one past the last.
        voiced: which frames of speech are voiced, shape (n_frames,).
        nuclei: frame numbers of syllable nuclei, ascending; may be empty.
        smooth: level in dB from `start` to `end`, smoothed over 70 ms.
    """

    rows: dict[str, np.ndarray]
    start: int
    end: int
    voiced: np.ndarray
    nuclei: np.ndarray
    smooth: np.ndarray

    def on(self, name: str, frames: str) -> np.ndarray:
        """A descriptor on some of the frames, shape (n_contours, k); k may be 0.

        `frames` is "speech", "voiced", "unvoiced", "nuclei" (each with its neighbours) or "chroma" (speech, every third
        frame).
        """
        rows = self.rows[name]
        if frames == "chroma":
            first = -(-self.start // CHROMA_STEP)
            return rows[:, first : max(self.end // CHROMA_STEP, first + 1)]
        if frames == "speech":
            return rows[:, self.start : self.end]
        if frames == "voiced":
            return rows[:, self.voiced]
        if frames == "unvoiced":
            mask = ~self.voiced
            mask[: self.start] = mask[self.end :] = False
            return rows[:, mask]
        if self.nuclei.size == 0:
            return rows[:, self.start : self.end]
        near = np.unique(np.clip(self.nuclei[:, None] + np.array([-1, 0, 1]), self.start, self.end - 1))
        return rows[:, near]


def descriptors(waveform: Waveform) -> Descriptors:
    """All descriptors of a levelled clip at 16 kHz.

    Levels are in dB, frequencies in Hz, F0 in semitones above 27.5 Hz, changes per frame of 10 ms.
    """
    power = spectra.power_spectrogram(waveform.samples, n_fft=N_FFT, hop=HOP, window=WINDOW)
    energy = 10 * np.log10(power.sum(axis=0) + spectra.AMIN)
    start, end = speech_span(energy)
    pitch = pitch_track(waveform, hop=HOP)
    even = smoothed_level(energy)
    voiced = pitch.voiced & (even >= np.percentile(even, 95) - VOICED_RANGE)
    voiced[:start] = voiced[end:] = False
    # A syllable is a bump of the smoothed level: 3 dB high, 80 ms from the next.
    kernel = np.hanning(9)[1:-1]
    smooth = np.convolve(np.pad(energy[start:end], 3, mode="edge"), kernel / kernel.sum(), mode="valid")
    nuclei, _ = find_peaks(smooth, prominence=NUCLEUS_RISE, distance=NUCLEUS_GAP)
    rows = {
        **_pitch_rows(pitch, waveform.samples, energy),
        **_spectral_rows(waveform.samples, power, energy),
        **_voice_rows(waveform.samples, power, pitch),
    }
    return Descriptors({n: np.atleast_2d(r) for n, r in rows.items()}, start, end, voiced, nuclei + start, smooth)


def _pitch_rows(pitch: PitchTrack, samples: np.ndarray, energy: np.ndarray) -> dict[str, np.ndarray]:
    # Semitones above 27.5 Hz, the lowest A of a piano; gaps are bridged so that derivatives exist at their edges.
    semitones = 12 * np.log2(_bridged(pitch.f0) / 27.5)
    peaks = _frame_peaks(samples, energy.size)
    return {
        "f0": semitones,
        "f0_change": spectra.delta(semitones),
        "energy": energy,
        "energy_change": spectra.delta(energy),
        "periodicity": pitch.periodicity,
        "hnr": 10 * np.log10((pitch.periodicity + 1e-3) / (1.001 - pitch.periodicity)),
        "jitter": 100 * np.log(2) / 12 * np.abs(np.diff(semitones, n=2, prepend=semitones[:1], append=semitones[-1:])),
        "shimmer": np.abs(np.diff(peaks, n=2, prepend=peaks[:1], append=peaks[-1:])),
    }


def _spectral_rows(samples: np.ndarray, power: np.ndarray, energy: np.ndarray) -> dict[str, np.ndarray]:
    mel = spectra.mel_power(power, RATE, N_MELS, fmax=FMAX)
    mel_db = spectra.decibels(mel)
    mfcc = spectra.cepstrum(mel_db, N_MFCC)
    slow = spectra.power_spectrogram(samples, n_fft=CHROMA_N_FFT, hop=CHROMA_STEP * HOP)
    bands = mel_db.reshape(BANDS, -1, energy.size).mean(axis=1)
    # Stevens' power law on every band, summed: nearer to perceived loudness than energy is.
    loudness = (mel**0.3).sum(axis=0)
    return {
        "mel": mel_db,
        "mfcc": mfcc,
        "mfcc_delta": spectra.delta(mfcc),
        "mfcc_delta2": spectra.delta(mfcc, order=2),
        "band": bands,
        "band_change": spectra.delta(bands),
        "band_relative": bands - spectra.decibels(mel.mean(axis=0)),
        "loudness": loudness,
        "loudness_change": spectra.delta(loudness),
        "zero_crossings": spectra.zero_crossing_rate(samples, window=WINDOW, hop=HOP),
        **spectra.spectral_shape(power, RATE, fmax=FMAX),
        "contrast": spectra.spectral_contrast(np.sqrt(slow), RATE, fmax=FMAX),
        "chroma": spectra.chroma_energy(slow, RATE),
    }


def _voice_rows(samples: np.ndarray, power: np.ndarray, pitch: PitchTrack) -> dict[str, np.ndarray]:
    """Formants and harmonics; meaningful where voiced."""
    frequencies, levels = formants(samples, RATE, window=WINDOW, hop=HOP)
    decibels = spectra.decibels(power, spectra.AMIN)
    f0 = np.where(np.isnan(pitch.f0), 100.0, pitch.f0)
    spacing = RATE / N_FFT
    first, second, third, fourth = (levels_at(decibels, f0 * k, spacing) for k in (1, 2, 3, 4))
    return {
        **{f"formant{k + 1}": row for k, row in enumerate(frequencies)},
        **{f"formant{k + 1}_level": row for k, row in enumerate(levels)},
        "formant_gap12": frequencies[1] - frequencies[0],
        "formant_gap23": frequencies[2] - frequencies[1],
        "formant1_change": np.diff(frequencies[0], prepend=frequencies[0, :1]),
        "h1_h2": first - second,
        "h1_h3": first - third,
        "h2_h4": second - fourth,
        "h1_a1": first - levels_at(decibels, np.nan_to_num(frequencies[0], nan=500.0), spacing),
        "h1_a3": first - levels_at(decibels, np.nan_to_num(frequencies[2], nan=2500.0), spacing),
        "cpp": peak_prominence(decibels, RATE),
    }


def _bridged(f0: np.ndarray) -> np.ndarray:
    """F0 with its gaps filled by straight lines; 100 Hz throughout where nothing is voiced."""
    known = np.flatnonzero(~np.isnan(f0))
    if known.size == 0:
        return np.full(f0.size, 100.0)
    return np.interp(np.arange(f0.size), known, f0[known])


def _frame_peaks(samples: np.ndarray, n_frames: int) -> np.ndarray:
    """Largest amplitude of each 10 ms frame in dB, shape (n_frames,)."""
    padded = np.abs(np.pad(samples, HOP // 2))
    padded = np.pad(padded, (0, max(0, n_frames * HOP - padded.size)))
    return 20 * np.log10(padded[: n_frames * HOP].reshape(n_frames, HOP).max(axis=1) + 1e-5)
