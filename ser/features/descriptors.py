"""Frame-level descriptors of a waveform, as contours on a 10 ms grid.

`standard` sums them up. Each descriptor has a name and one or more contours. Masks say which frames are speech, voiced,
unvoiced, or the nucleus of a syllable.
"""

from dataclasses import dataclass

import numpy as np

from ser.audio.activity import percentile, smoothed_level, speech_span
from ser.audio.framing import centred_frames
from ser.audio.waveform import Waveform
from ser.features import spectra
from ser.features.formants import formants, levels_at, peak_prominence
from ser.features.peaks import prominent_peaks
from ser.features.pitch import RATE as LONG_RATE
from ser.features.pitch import PitchTrack, long_frames, track_of

RATE = 16_000
HOP = 160  # 10 ms
F0_ZERO = 27.5  # Hz that count as 0 semitones
N_FFT = 512
WINDOW = 400  # 25 ms
N_MELS = 64
N_MFCC = 20
# Hz. Between this and half the sampling rate lies the recorder's or converter's own cut-off. With it, the same clip
# saved at 48 and at 16 kHz gave different features.
FMAX = 7000.0
VOICED_RANGE = 18.0  # dB below the loud frames within which periodic sound is the voice
BANDS = 16  # groups of mel bands whose change and coupling are looked at
_SYLLABLE = np.hanning(9)[1:-1] / np.hanning(9).sum()  # smooths the level over 70 ms
NUCLEUS_RISE = 3.0  # dB by which a syllable stands out of its neighbourhood
NUCLEUS_GAP = 8  # frames from one syllable to the next, at least
MARGIN = 8  # frames; a change is fitted to nine


@dataclass(frozen=True)
class Descriptors:
    """All descriptors of a clip's speech, from its first frame to its last.

    Attributes:
        rows: descriptor → float array of shape (n_contours, n_frames).
        voiced: which frames are voiced, shape (n_frames,).
        nuclei: frame numbers of syllable nuclei, ascending; may be empty.
        smooth: level in dB, smoothed over 70 ms, shape (n_frames,).
    """

    rows: dict[str, np.ndarray]
    voiced: np.ndarray
    nuclei: np.ndarray
    smooth: np.ndarray

    def on(self, name: str, frames: str) -> np.ndarray:
        """A descriptor on the frames that `columns` takes, shape (n_contours, k); k may be 0."""
        return self.rows[name][:, self.columns(frames)]

    def columns(self, frames: str) -> np.ndarray | slice:
        """Index of the frames that are "speech", "voiced", "unvoiced" or "nuclei" (each with its neighbours)."""
        if frames == "voiced":
            return self.voiced
        if frames == "unvoiced":
            return ~self.voiced
        if frames == "nuclei" and self.nuclei.size:
            return np.unique(np.clip(self.nuclei[:, None] + np.array([-1, 0, 1]), 0, self.voiced.size - 1))
        return slice(None)


def descriptors(waveform: Waveform) -> Descriptors:
    """All descriptors of a levelled clip at 16 kHz.

    Levels are in dB, frequencies in Hz, F0 in semitones above 27.5 Hz, changes per frame of 10 ms.
    """
    samples = waveform.samples
    energy = 10 * np.log10(spectra.frame_energy(samples, n_fft=N_FFT, hop=HOP, window=WINDOW) + spectra.AMIN)
    even = smoothed_level(energy)
    start, end = speech_span(energy, even)
    long = long_frames(waveform, speech=slice(start, end))
    pitch = track_of(long)
    voiced = pitch.voiced & (even >= percentile(even, 95) - VOICED_RANGE)
    voiced[:start] = voiced[end:] = False
    # A syllable is a bump of the smoothed level: 3 dB high, 80 ms from the next.
    ends = np.repeat(energy[[start, end - 1]], _SYLLABLE.size // 2).reshape(2, -1)
    smooth = np.convolve(np.concatenate([ends[0], energy[start:end], ends[1]]), _SYLLABLE, mode="valid")
    nuclei = prominent_peaks(smooth, prominence=NUCLEUS_RISE, distance=NUCLEUS_GAP)
    # Silence is left out, but changes need some frames of it on both sides of the speech.
    near = slice(max(0, start - MARGIN), end + MARGIN)
    power = spectra.power_spectrogram(samples, n_fft=N_FFT, hop=HOP, window=WINDOW, frames=near)
    rows = {
        **_pitch_rows(pitch, samples, energy, near),
        **_spectral_rows(samples, power, energy[near], near),
        **_voice_rows(power, pitch.f0[near], voiced[near]),
    }
    speech = slice(start - near.start, end - near.start)
    rows = {name: row.reshape(-1, row.shape[-1])[:, speech] for name, row in rows.items()}
    # Pitch classes need finer frequencies than the frames of 25 ms have.
    first, last = np.searchsorted(long.numbers, (start, end))
    rows["chroma"] = spectra.chroma_energy(long.power[:, first:last], LONG_RATE)
    return Descriptors(rows, voiced[start:end], nuclei, smooth)


def _pitch_rows(pitch: PitchTrack, samples: np.ndarray, energy: np.ndarray, near: slice) -> dict[str, np.ndarray]:
    # Semitones above 27.5 Hz, the lowest A of a piano; gaps are bridged so that derivatives exist at their edges.
    semitones = 12 * np.log2(_bridged(pitch.f0)[near] / F0_ZERO)
    peaks = _frame_peaks(samples)[near]
    energy, periodicity = energy[near], pitch.periodicity[near]
    return {
        "f0": semitones,
        "f0_change": spectra.delta(semitones),
        "energy": energy,
        "periodicity": periodicity,
        "hnr": 10 * np.log10((periodicity + 1e-3) / (1.001 - periodicity)),
        "jitter": 100 * np.log(2) / 12 * np.abs(np.diff(semitones, n=2, prepend=semitones[:1], append=semitones[-1:])),
        "shimmer": np.abs(np.diff(peaks, n=2, prepend=peaks[:1], append=peaks[-1:])),
    }


def _spectral_rows(samples: np.ndarray, power: np.ndarray, energy: np.ndarray, near: slice) -> dict[str, np.ndarray]:
    mel = spectra.mel_power(power, RATE, N_MELS, fmax=FMAX)
    mel_db = spectra.decibels(mel)
    mfcc = spectra.cepstrum(mel_db, N_MFCC)
    bands = mel_db.reshape(BANDS, -1, energy.size).mean(axis=1)
    # Stevens' power law on every band, summed: nearer to perceived loudness than energy is.
    loudness = (mel**0.3).sum(axis=0)
    change = spectra.delta(np.concatenate([mfcc, bands, loudness[None], energy[None]]))
    return {
        "mel": mel_db,
        "mfcc": mfcc,
        "mfcc_delta": change[:N_MFCC],
        "mfcc_delta2": spectra.delta(mfcc, order=2),
        "band": bands,
        "band_change": change[N_MFCC : N_MFCC + BANDS],
        "band_relative": bands - spectra.decibels(mel.mean(axis=0)),
        "loudness": loudness,
        "loudness_change": change[-2],
        "energy_change": change[-1],
        "zero_crossings": spectra.zero_crossing_rate(samples, window=WINDOW, hop=HOP)[near],
        **spectra.spectral_shape(power, RATE, fmax=FMAX),
        "spectral_contrast": spectra.spectral_contrast(np.sqrt(power), RATE, fmax=FMAX),
    }


def _voice_rows(power: np.ndarray, f0: np.ndarray, voiced: np.ndarray) -> dict[str, np.ndarray]:
    """Formants and harmonics of the voiced frames of speech; NaN elsewhere."""
    # The frame before each voiced one is there for the change from it.
    frames = np.flatnonzero(voiced | np.append(voiced[1:], False))
    power = power[:, frames]
    frequencies, levels = formants(power, RATE)
    decibels = spectra.decibels(power, spectra.AMIN)
    f0 = _where_known(f0[frames], 100.0)
    formant1, formant3 = _where_known(frequencies[0], 500.0), _where_known(frequencies[2], 2500.0)
    partials = np.stack([f0, 2 * f0, 3 * f0, 4 * f0, formant1, formant3])
    first, second, third, fourth, at_formant1, at_formant3 = levels_at(decibels, partials, RATE / N_FFT)
    rows = {
        **{f"formant{k + 1}": row for k, row in enumerate(frequencies)},
        **{f"formant{k + 1}_level": row for k, row in enumerate(levels)},
        "formant_gap12": frequencies[1] - frequencies[0],
        "formant_gap23": frequencies[2] - frequencies[1],
        "formant1_change": np.diff(frequencies[0], prepend=frequencies[0, :1]),
        "h1_h2": first - second,
        "h1_h3": first - third,
        "h2_h4": second - fourth,
        "h1_a1": first - at_formant1,
        "h1_a3": first - at_formant3,
        "cpp": peak_prominence(decibels, RATE),
    }
    everywhere = np.full((len(rows), voiced.size), np.nan)
    everywhere[:, frames] = list(rows.values())
    return dict(zip(rows, everywhere, strict=True))


def _where_known(values: np.ndarray, otherwise: float) -> np.ndarray:
    """Values, and another one where they are NaN."""
    return np.where(np.isnan(values), otherwise, values)


def _bridged(f0: np.ndarray) -> np.ndarray:
    """F0 with its gaps filled by straight lines; 100 Hz throughout where nothing is voiced."""
    known = np.flatnonzero(~np.isnan(f0))
    if known.size == 0:
        return np.full(f0.size, 100.0)
    return np.interp(np.arange(f0.size), known, f0[known])


def _frame_peaks(samples: np.ndarray) -> np.ndarray:
    """Largest amplitude of each 10 ms frame in dB, shape (n_frames,)."""
    frames = centred_frames(samples, HOP, HOP)
    return 20 * np.log10(np.maximum(frames.max(axis=1), -frames.min(axis=1)) + 1e-5)
