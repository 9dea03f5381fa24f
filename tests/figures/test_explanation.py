"""Figures of why, and of answers beside each other."""

import pytest

from ser.figures.explanation import answers_figure, effects_figure
from ser.inference.explanation import Explanation, GroupEffect


def effect(group, value):
    return GroupEffect(group, value, {"sad": value, "calm": -value}, 5, ())


def test_bars_are_the_effects_in_points_the_strongest_on_top():
    figure = effects_figure(
        Explanation("sad", 0.8, (effect("pitch", -0.4), effect("rhythm", 0.1), effect("timbre", 0)))
    )
    bars = figure.data[0]
    assert list(bars.y)[::-1] == ["pitch", "rhythm", "timbre"]
    assert list(bars.x)[::-1] == pytest.approx([-40, 10, 0])
    assert list(bars.text)[::-1] == ["−40", "+10", "0"]
    assert "sad" in figure.layout.xaxis.title.text
    assert "(percentage points)" in figure.layout.xaxis.title.text
    low, high = figure.layout.xaxis.range
    assert low < -40 < 40 < high


def test_answers_stand_beside_each_other_told_apart_by_pattern_too():
    figure = answers_figure({"before": {"sad": 0.7, "calm": 0.3}, "after": {"sad": 0.1, "calm": 0.9}}, ["sad", "calm"])
    values = {bar.name: dict(zip([y.split()[-1] for y in bar.y], bar.x, strict=True)) for bar in figure.data}
    assert values == {
        "before": pytest.approx({"sad": 70, "calm": 30}),
        "after": pytest.approx({"sad": 10, "calm": 90}),
    }
    assert len({bar.marker.pattern.shape for bar in figure.data}) == 2
    assert figure.layout.showlegend


def test_an_emotion_that_a_model_does_not_know_is_left_empty():
    figure = answers_figure({"eight": {"sad": 1.0, "angry": 0.0}, "one": {"sad": 1.0}}, ["sad", "angry"])
    one = next(bar for bar in figure.data if bar.name == "one")
    assert dict(zip([y.split()[-1] for y in one.y], one.x, strict=True))["angry"] is None
