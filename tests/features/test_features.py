"""Feature sets: librosa's own numbers where librosa defines them, known signals where it does not."""

import librosa
import numpy as np
import pytest
from scipy import stats

from ser.audio.activity import speech_span
from ser.audio.waveform import Waveform
from ser.errors import SerError
from ser.features import spectra, spectrograms
from ser.features.feature import GROUPS
from ser.features.functionals import FULL, functionals
from ser.features.pitch import pitch_track
from ser.features.sets import FEATURE_SETS, feature_set

RATE = 16_000


def waveform(samples: np.ndarray, rate: int = RATE) -> Waveform:
    return Waveform.of(samples, rate)


def seconds(duration: float, rate: int = RATE) -> np.ndarray:
    return np.arange(int(duration * rate)) / rate


def voice(f0: float = 150.0, duration: float = 2.0) -> np.ndarray:
    """Twenty harmonics that fall off, swelling four times a second: as near to a vowel as a formula gets."""
    t = seconds(duration)
    tone = sum(np.sin(2 * np.pi * f0 * k * t) / k for k in range(1, 21))
    return 0.05 * tone * (1.2 + np.sin(2 * np.pi * 4 * t))


NOISE = (0.1 * np.random.default_rng(0).standard_normal(2 * RATE)).astype(np.float32)


@pytest.fixture(scope="module")
def power() -> np.ndarray:
    return spectra.power_spectrogram(NOISE, n_fft=512, hop=160, window=400)


class TestAgainstLibrosa:
    def test_power_spectrogram(self, power):
        expected = np.abs(librosa.stft(NOISE, n_fft=512, hop_length=160, win_length=400)) ** 2
        np.testing.assert_allclose(power, expected, rtol=1e-3, atol=1e-4)

    def test_mel(self, power):
        expected = librosa.feature.melspectrogram(S=power, sr=RATE, n_fft=512, n_mels=64)
        np.testing.assert_allclose(spectra.mel_power(power, RATE, 64), expected, rtol=1e-4)

    def test_mfcc(self, power):
        mel = spectra.decibels(spectra.mel_power(power, RATE, 64))
        np.testing.assert_allclose(spectra.cepstrum(mel, 20), librosa.feature.mfcc(S=mel, n_mfcc=20), atol=1e-3)

    @pytest.mark.parametrize("order", [1, 2])
    def test_delta(self, power, order):
        contours = spectra.decibels(power[:5])
        np.testing.assert_allclose(
            spectra.delta(contours, order), librosa.feature.delta(contours, order=order), atol=1e-4
        )

    def test_chroma(self):
        slow = spectra.power_spectrogram(NOISE, n_fft=2048, hop=480)
        expected = librosa.feature.chroma_stft(S=slow, sr=RATE, tuning=0.0)
        np.testing.assert_allclose(spectra.chroma_energy(slow, RATE), expected, atol=1e-4)

    def test_contrast(self):
        magnitude = np.sqrt(spectra.power_spectrogram(NOISE, n_fft=2048, hop=480))
        expected = librosa.feature.spectral_contrast(S=magnitude, sr=RATE)
        np.testing.assert_allclose(spectra.spectral_contrast(magnitude, RATE), expected, atol=1e-3)

    def test_shape(self, power):
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

    def test_notebook(self):
        rate = 48_000
        y = np.interp(np.arange(rate) / rate, seconds(2), NOISE + voice()).astype(np.float32)
        vector = feature_set("notebook").extract(waveform(y, rate))
        expected = np.concatenate(
            [
                librosa.feature.mfcc(y=y, sr=rate, n_mfcc=40).mean(axis=1),
                librosa.feature.chroma_stft(S=np.abs(librosa.stft(y)), sr=rate).mean(axis=1),
                librosa.feature.melspectrogram(y=y, sr=rate).mean(axis=1),
            ]
        )
        np.testing.assert_allclose(vector, expected, rtol=1e-4, atol=1e-4)


class TestKnownSignals:
    @pytest.mark.parametrize("f0", [80.0, 150.0, 233.0, 440.0, 600.0])
    def test_f0_of_harmonics(self, f0):
        track = pitch_track(waveform(voice(f0)))
        inner = track.f0[10:-10]
        assert np.mean(~np.isnan(inner)) > 0.95
        np.testing.assert_allclose(inner[~np.isnan(inner)], f0, rtol=0.01)

    def test_f0_of_sine(self):
        track = pitch_track(waveform(0.1 * np.sin(2 * np.pi * 220 * seconds(1))))
        np.testing.assert_allclose(track.f0[10:-10], 220, rtol=0.005)

    def test_f0_follows_a_glide(self):
        t = seconds(2)
        f0 = 120 + 60 * t
        track = pitch_track(waveform(0.1 * sum(np.sin(2 * np.pi * k * np.cumsum(f0) / RATE) / k for k in range(1, 10))))
        np.testing.assert_allclose(track.f0[10:-10], np.interp(track.times, t, f0)[10:-10], rtol=0.02)

    def test_silence_and_noise_are_unvoiced(self):
        assert not pitch_track(waveform(np.zeros(RATE))).voiced.any()
        assert pitch_track(waveform(NOISE)).voiced.mean() < 0.1

    def test_noise_lowers_periodicity(self):
        clean = pitch_track(waveform(voice())).periodicity.mean()
        noisy = pitch_track(waveform(voice() + NOISE)).periodicity.mean()
        assert clean > 0.97 > noisy

    def test_zero_crossings_of_sine(self):
        rate = spectra.zero_crossing_rate(np.sin(2 * np.pi * 1000 * seconds(1) + 0.1), window=400, hop=160)
        np.testing.assert_allclose(rate[5:-5], 2 * 1000 / RATE, atol=1e-2)

    def test_speech_span_leaves_silence_out(self):
        energy = np.full(300, -80.0)
        energy[130:170] = -20.0
        start, end = speech_span(energy)
        assert (start, end) == (130, 170)

    def test_a_soft_onset_belongs_to_the_speech_but_not_for_longer_than_a_fade(self):
        energy = np.full(300, -80.0)
        energy[130:170] = -20.0
        energy[124:130] = -45.0
        energy[170:200] = -45.0
        start, end = speech_span(energy)
        assert start == 124 and 182 <= end <= 182 + 5

    def test_noise_20_db_under_the_voice_moves_the_speech_span_by_no_more_than_a_fade(self):
        energy = np.full(300, -80.0)
        energy[130:170] = -20.0
        start, end = speech_span(10 * np.log10(10 ** (energy / 10) + 10 ** (-40 / 10)))
        assert start >= 118 - 5 and end <= 182 + 5

    def test_tilt_of_filtered_noise(self):
        low = np.convolve(NOISE, np.hanning(33) / np.hanning(33).sum(), mode="same")
        names = feature_set("standard").names
        white, dull = (feature_set("standard").extract(waveform(x)) for x in (NOISE, low))
        for name, sign in {
            "centroid.mean": -1,
            "alpha_ratio.mean": -1,
            "hammarberg.mean": 1,
            "rolloff85.p50": -1,
        }.items():
            i = names.index(name)
            assert sign * (dull[i] - white[i]) > 0, name

    def test_swelling_shows_in_modulation(self):
        values = dict(
            zip(feature_set("standard").names, feature_set("standard").extract(waveform(voice())), strict=True)
        )
        assert values["modulation1.4-6Hz"] > values["modulation1.12-20Hz"] + 6
        assert values["rhythm.syllable_rate"] == pytest.approx(4, abs=0.6)

    def test_higher_voice_has_higher_f0_features(self):
        deep, high = (feature_set("standard").extract(waveform(voice(f0))) for f0 in (110.0, 220.0))
        names = feature_set("standard").names
        for name in ("f0.mean", "f0.p5", "f0.p95"):
            assert high[names.index(name)] - deep[names.index(name)] == pytest.approx(12, abs=0.3)  # an octave


class TestFunctionals:
    def test_against_numpy_and_scipy(self):
        x = np.random.default_rng(1).gamma(2.0, size=(4, 57))
        got = dict(zip(FULL, functionals(x, FULL, hop=0.01).T, strict=True))
        np.testing.assert_allclose(got["mean"], x.mean(axis=1))
        np.testing.assert_allclose(got["std"], x.std(axis=1))
        for name, part in (("p5", 5), ("p25", 25), ("p50", 50), ("p75", 75), ("p95", 95)):
            np.testing.assert_allclose(got[name], np.percentile(x, part, axis=1))
        np.testing.assert_allclose(got["skewness"], stats.skew(x, axis=1))
        np.testing.assert_allclose(got["kurtosis"], stats.kurtosis(x, axis=1))
        time = np.arange(57) * 0.01
        np.testing.assert_allclose(got["slope"], [np.polyfit(time, row, 1)[0] for row in x])

    def test_ramp(self):
        ramp = np.arange(11.0)[None]
        assert functionals(ramp, ("slope", "p50", "skewness"), hop=0.1).round(9).tolist() == [[10.0, 5.0, 0.0]]

    @pytest.mark.parametrize("contour", [np.zeros((1, 0)), np.zeros((1, 20)), np.full((1, 20), 3.7), np.ones((1, 1))])
    def test_nothing_to_measure_is_finite(self, contour):
        values = functionals(contour, FULL, hop=0.01)
        assert np.isfinite(values).all()
        assert values[0, FULL.index("std")] == pytest.approx(0, abs=1e-9)
        assert values[0, FULL.index("skewness")] == 0


class TestSets:
    @pytest.mark.parametrize("name", FEATURE_SETS)
    def test_names_are_unique_and_described(self, name):
        features = feature_set(name).features
        assert len({feature.name for feature in features}) == len(features)
        assert {feature.group for feature in features} <= set(GROUPS)

    def test_standard_holds_what_it_promises(self):
        names = " ".join(feature_set("standard").names)
        for part in (
            "mfcc0.",
            "mfcc_delta0.",
            "mfcc_delta20.",
            "mel1.",
            "chroma0.",
            "contrast0.",
            "f0.",
            "periodicity.",
            "energy.",
            "centroid.",
            "rhythm.",
            "jitter.",
            "shimmer.",
        ):
            assert part in names, part

    @pytest.mark.parametrize("name", FEATURE_SETS)
    @pytest.mark.parametrize("kind", ["voice", "noise", "silence", "shortest"])
    def test_any_waveform_gives_a_finite_vector(self, name, kind):
        rate = feature_set(name).rate
        samples = {
            "voice": voice(),
            "noise": NOISE,
            "silence": np.zeros(rate),
            "shortest": voice()[: rate // 2],
        }[kind]
        vector = feature_set(name).extract(waveform(samples, rate))
        assert vector.dtype == np.float32
        assert vector.shape == (len(feature_set(name).features),)
        assert np.isfinite(vector).all()

    def test_silence_around_speech_hardly_matters(self):
        """The part between is what is summed up, so features of level and pitch stay where they are."""
        names = feature_set("standard").names
        padded = np.concatenate([np.zeros(RATE), voice(), np.zeros(RATE)])
        bare, wrapped = (feature_set("standard").extract(waveform(x)) for x in (voice(), padded))
        for name in ("f0.p50", "mfcc1.mean", "centroid.p50", "energy.p50"):
            i = names.index(name)
            assert wrapped[i] == pytest.approx(bare[i], rel=0.02, abs=0.1), name

    def test_wrong_rate_and_unknown_set_are_refused(self):
        with pytest.raises(SerError, match="48000 Hz"):
            feature_set("notebook").extract(waveform(NOISE))
        with pytest.raises(SerError, match="no feature set"):
            feature_set("opensmile")


@pytest.mark.parametrize(
    "picture",
    [
        spectrograms.mel_spectrogram,
        spectrograms.mfcc_spectrogram,
        spectrograms.chroma_spectrogram,
        spectrograms.contrast_spectrogram,
    ],
)
def test_spectrograms_fit_their_axes(picture):
    shown = picture(waveform(voice()))
    assert shown.values.shape == (shown.rows.size, shown.times.size)
    assert shown.times[-1] == pytest.approx(2.0, abs=0.05)
    assert np.isfinite(shown.values).all()
    assert picture(waveform(np.tile(voice(), 60))).times.size <= 1300  # ten minutes must not be ten megabytes
