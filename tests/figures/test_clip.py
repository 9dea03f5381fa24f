"""What the figures of one clip say, and how little they send."""

from dataclasses import dataclass

import numpy as np
import pytest

from ser.emotions import LABELS, colour
from ser.features.spectrograms import Spectrogram
from ser.figures import clip


@dataclass
class Sound:
    samples: np.ndarray
    rate: int = 16_000

    @property
    def seconds(self):
        return len(self.samples) / self.rate


def levels(frames, bands=64):
    rng = np.random.default_rng(0)
    values = rng.normal(-40, 10, (bands, frames))
    rows = np.geomspace(60, 7600, bands)
    return Spectrogram("Mel", np.arange(frames) * 0.01, rows, "Frequency (Hz)", values, "Level (dB)")


def axes(figure):
    return figure.layout.xaxis.title.text, figure.layout.yaxis.title.text


def test_every_axis_is_titled_with_its_unit():
    assert axes(clip.waveform_figure(Sound(np.zeros(8000, np.float32)))) == ("Time (s)", "Amplitude<br>(full scale 1)")
    assert axes(clip.mel_figure(levels(100))) == ("Time (s)", "Frequency (Hz)")
    assert axes(clip.probability_figure({"happy": 1.0})) == ("Probability (%)", "Emotion")


@pytest.mark.parametrize("length", [1, 999, 1000, 1001, 16_000, 16_000 * 600])
def test_a_waveform_keeps_its_peaks_however_long_it_is(length):
    samples = np.zeros(length, np.float32)
    samples[length // 3], samples[length // 2] = -0.5, 0.8
    low, high = clip.waveform_figure(Sound(samples)).data
    assert len(high.x) <= clip.MOST_COLUMNS
    assert max(high.y) == np.float32(0.8)
    if length > 1:
        assert min(low.y) == np.float32(-0.5)


def test_silence_is_not_zoomed_into_speech():
    noise = np.random.default_rng(0).normal(0, 1e-4, 16_000).astype(np.float32)
    assert clip.waveform_figure(Sound(noise)).layout.yaxis.range[1] >= 0.02


@pytest.mark.parametrize("frames", [1, 400])
def test_a_spectrogram_shows_a_fixed_depth_below_its_loudest_point(frames):
    given = levels(frames)
    heatmap = clip.mel_figure(given).data[0]
    assert heatmap.z.shape == (64, frames)
    assert heatmap.zmax == pytest.approx(given.values.max())
    assert heatmap.zmax - heatmap.zmin == pytest.approx(clip.DEPTH)


def test_mel_bands_read_in_hertz():
    figure = clip.mel_figure(levels(50))
    assert len(set(figure.data[0].y)) == 64
    for value, text in zip(figure.layout.yaxis.tickvals, figure.layout.yaxis.ticktext, strict=True):
        assert value in figure.data[0].y
        assert float(value.removesuffix(" Hz")) == pytest.approx(float(text.replace(",", "")), rel=0.06)


def test_bars_sum_to_a_hundred_and_rank_the_emotions():
    weights = np.random.default_rng(1).dirichlet(np.ones(8))
    probabilities = dict(zip(LABELS, weights, strict=True))
    bars = clip.probability_figure(probabilities).data[0]
    assert sum(bars.x) == pytest.approx(100)
    assert list(bars.x) == sorted(bars.x)
    assert bars.y[-1].endswith(max(probabilities, key=probabilities.get))


def test_bars_name_each_emotion_beside_its_colour():
    bars = clip.probability_figure({"sad": 0.9, "calm": 0.097, "angry": 0.003}, likely=("sad",)).data[0]
    assert [label.split()[-1] for label in bars.y] == ["angry", "calm", "sad"]
    assert bars.marker.color[-1] == colour("sad")
    assert bars.marker.color[0].startswith("rgba")
    assert list(bars.text) == ["< 1 %", "10 %", "90 %"]


def test_descriptors_share_the_time_axis_of_the_waveform():
    given = Spectrogram("Chroma", np.arange(9) / 10, np.array(["C", "D"]), "Pitch class", np.ones((2, 9)), "Share")
    figure = clip.frames_figure(given)
    assert figure.data[0].y == ("C", "D") and figure.layout.yaxis.title.text == "Pitch class"
    assert figure.layout.margin.l == clip.waveform_figure(Sound(np.ones(100, np.float32))).layout.margin.l


def test_a_signed_descriptor_has_zero_in_the_middle():
    given = Spectrogram("MFCC", np.arange(2.0), np.array([1]), "Coefficient", np.array([[-2.0, 2.0]]), "Value (dB)")
    heatmap = clip.frames_figure(given, signed=True).data[0]
    assert (heatmap.zmin, heatmap.zmax) == (-2, 2) and heatmap.y == ("1",)
