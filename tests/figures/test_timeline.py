"""Figures of a clip over time: the numbers they hold, their axes, and that they stay light."""

import numpy as np
import pytest

from ser.emotions import BY_NAME
from ser.figures.timeline import LEADING, MOST_COLUMNS, emotions_figure, voice_figure
from ser.inference.prediction import WindowPrediction
from ser.inference.timeline import Timeline, Tracks


def tracks(seconds):
    times = np.arange(round(100 * seconds) + 1) / 100
    speech = (times % 4) < 3
    return Tracks(times, np.where(speech, 200 + 50 * np.sin(times), np.nan), np.where(speech, -20.0, -70.0), speech)


def timeline(*starts, seconds=20.0, labels=("calm", "sad")):
    windows = tuple(
        WindowPrediction(s, s + 4.0, {labels[0]: 0.25 + 0.5 * (i % 2), labels[1]: 0.75 - 0.5 * (i % 2)})
        for i, s in enumerate(starts)
    )
    return Timeline(seconds, windows, tracks(seconds))


def test_each_window_has_a_mark_at_its_middle_on_its_leading_emotion():
    figure = emotions_figure(timeline(0, 2, 4, 6))
    marks = next(trace for trace in figure.data if trace.name == LEADING)
    assert list(marks.x) == [2, 4, 6, 8]
    assert [name.split()[-1] for name in marks.y] == ["sad", "calm", "sad", "calm"]
    assert [tuple(each) for each in marks.customdata] == [(0, 4), (2, 6), (4, 8), (6, 10)]
    assert list(marks.marker.color)[:2] == [BY_NAME["sad"].colour, BY_NAME["calm"].colour]


def test_cells_hold_the_probabilities_in_percent_and_stay_empty_where_nobody_speaks():
    figure = emotions_figure(timeline(0, 2, 4, 10, 12))
    cells = figure.data[0]
    edges = np.asarray(cells.x)
    columns = {second: np.asarray(cells.z)[:, np.searchsorted(edges, second) - 1] for second in (2, 4, 8, 10, 12)}
    assert len(edges) == np.asarray(cells.z).shape[1] + 1
    assert (edges[0], edges[-1]) == (0, 16)
    rows = [name.split()[-1] for name in cells.y]
    assert columns[2][rows.index("calm")] == pytest.approx(25)
    assert columns[4][rows.index("sad")] == pytest.approx(25)
    assert np.isnan(columns[8]).all()
    assert np.isnan(columns[10]).all()
    assert not np.isnan(columns[12]).any()


def test_a_single_window_and_a_last_one_out_of_step_are_drawn():
    assert np.asarray(emotions_figure(timeline(0, seconds=5)).data[0].z).shape == (2, 1)
    cells = emotions_figure(timeline(0, 2, 4, 4.5, seconds=8.5)).data[0]
    assert not np.isnan(np.asarray(cells.z)).all(axis=0).any()


def test_labels_that_a_visitor_made_up_are_drawn_too():
    assert "bored" in emotions_figure(timeline(0, 2, labels=("bored", "sad"))).data[0].y[1]


def test_axes_have_titles_with_units_and_both_figures_share_their_time_axis():
    emotions, voice = emotions_figure(timeline(0, 2)), voice_figure(timeline(0, 2))
    assert emotions.layout.xaxis.title.text == voice.layout.xaxis2.title.text == "Time (s)"
    assert emotions.layout.yaxis.title.text == "Emotion"
    assert "(dBFS)" in voice.layout.yaxis.title.text
    assert "(Hz)" in voice.layout.yaxis2.title.text
    assert emotions.layout.xaxis.range == voice.layout.xaxis2.range == (0, 20)
    assert (emotions.layout.margin.l, emotions.layout.margin.r) == (voice.layout.margin.l, voice.layout.margin.r)


def test_what_can_be_chosen_is_what_the_page_says():
    assert "select" in emotions_figure(timeline(0, 2)).layout.clickmode
    assert voice_figure(timeline(0, 2)).layout.dragmode == "select"


def test_speech_is_shaded_where_it_is():
    shapes = voice_figure(timeline(0, 2, seconds=12.0)).layout.shapes
    assert [(shape.x0, shape.x1) for shape in shapes] == [
        pytest.approx(stretch, abs=0.02) for stretch in ((0, 3), (4, 7), (8, 11), (12, 12.01))
    ]


def test_ten_minutes_are_thinned_without_losing_the_loudest_moment():
    long = timeline(*range(0, 596, 2), seconds=600.0)
    long.tracks.level[31_234] = -3.0
    figure = voice_figure(long)
    assert all(len(trace.x) <= MOST_COLUMNS for trace in figure.data)
    assert max(figure.data[0].y) == -3.0
    assert len(figure.to_json()) < 200_000
