"""Figures of the data set and of a training: axes named with units, and the numbers where they belong."""

import numpy as np
import pytest

from ser.emotions import BY_NAME, LABELS
from ser.evaluation import score
from ser.features.feature import GROUPS, Feature
from ser.figures import dataset, training
from ser.statistics import correlate, project, separation
from ser.training import EpochReport

RNG = np.random.default_rng(0)
EMOTIONS = np.repeat(LABELS, 15)
ACTORS = np.tile(np.arange(1, 16), 8)
MATRIX = RNG.normal(size=(120, 7)).astype(np.float32)
FEATURES = tuple(Feature(f"f{i}", "Hz" if i else "", group) for i, group in enumerate(GROUPS))
NAMES = np.array([f"clip {i}" for i in range(120)])
REPORTS = tuple(EpochReport(i, 20, 2 / i, 0.1 * i, 0.05 * i, 1.0, i, i * 0.1, 1.0) for i in (1, 2, 3))
UNWATCHED = (EpochReport(10, 20, 1.0, 0.5, None, None, 10, 1.0, 1.0),)
JUDGED = score(EMOTIONS, np.eye(8)[np.tile(np.arange(8), 15)], LABELS, ACTORS, "heldout")

FIGURES = {
    "counts": (lambda: dataset.counts_figure({"sad": 3, "calm": 5}, "Emotion"), "Clips", "Emotion"),
    "durations": (lambda: dataset.durations_figure(RNG.uniform(3, 5, 40)), "Length of the clip (s)", "Clips"),
    "distribution": (
        lambda: dataset.distribution_figure(MATRIX[:, 1], EMOTIONS, FEATURES[1], NAMES),
        "f1 (Hz)",
        "Emotion",
    ),
    "few": (
        lambda: dataset.distribution_figure(MATRIX[:20, 0], EMOTIONS[:20], FEATURES[0], NAMES[:20]),
        "f0",
        "Emotion",
    ),
    "map": (
        lambda: dataset.map_figure(project(MATRIX, FEATURES), EMOTIONS, LABELS, NAMES),
        "Principal component 1 (",
        "Principal component 2 (",
    ),
    "correlations": (lambda: dataset.correlation_figure(correlate(MATRIX, FEATURES)), "Feature (number", "Feature"),
    "separation": (
        lambda: dataset.separation_figure(separation(MATRIX, FEATURES, EMOTIONS, ACTORS)),
        "Variance that the actor explains (eta², %)",
        "Variance that the emotion explains (eta², %)",
    ),
    "loss": (lambda: training.loss_figure(REPORTS), "Epoch", "Loss (cross-entropy, nats)"),
    "no loss yet": (lambda: training.loss_figure(()), "Epoch", "Loss (cross-entropy, nats)"),
    "uar": (lambda: training.uar_figure(REPORTS, 8), "Epoch", "UAR (%)"),
    "uar unwatched": (lambda: training.uar_figure(UNWATCHED, 8), "Epoch", "UAR (%)"),
    "no uar yet": (lambda: training.uar_figure((), 4), "Epoch", "UAR (%)"),
    "confusion": (lambda: training.confusion_figure(JUDGED), "Predicted emotion", "Actual emotion"),
    "per class": (lambda: training.per_class_figure(JUDGED), "Score (%)", "Emotion"),
}


@pytest.mark.parametrize("name", FIGURES)
def test_axes_are_titled_and_the_ground_is_transparent(name):
    make, x, y = FIGURES[name]
    figure = make()
    assert figure.layout.xaxis.title.text.startswith(x) and figure.layout.yaxis.title.text.startswith(y)
    assert "(0, 0, 0, 0)" in figure.layout.paper_bgcolor and "(0, 0, 0, 0)" in figure.layout.plot_bgcolor
    assert figure.to_json()  # what the browser gets


def test_counts_keep_their_order_and_emotions_their_colours():
    bars = dataset.counts_figure({"sad": 3, "calm": 5}, "Emotion").data[0]
    assert bars.y == ("sad", "calm") and bars.x == (3, 5)
    assert bars.marker.color == (BY_NAME["sad"].colour, BY_NAME["calm"].colour)


def test_few_clips_are_shown_one_by_one_and_many_as_violins():
    kinds = [
        trace.type for trace in dataset.distribution_figure(MATRIX[:20, 0], EMOTIONS[:20], FEATURES[0], NAMES[:20]).data
    ]
    assert kinds == ["violin", "box"]  # 15 neutral, 5 calm


def test_distribution_shows_every_clip_under_its_own_emotion():
    figure = dataset.distribution_figure(MATRIX[:, 1], EMOTIONS, FEATURES[1], NAMES)
    assert [trace.name for trace in figure.data] == list(LABELS)
    for trace in figure.data:
        assert np.array_equal(trace.x, MATRIX[trace.name == EMOTIONS, 1])


def test_two_dozen_actors_get_as_many_colours_and_no_legend():
    actors = np.array([str(1 + i % 24) for i in range(120)])
    figure = dataset.map_figure(project(MATRIX, FEATURES), actors, [str(i) for i in range(1, 25)], NAMES)
    assert len({trace.marker.color for trace in figure.data}) == 24 and not figure.layout.showlegend
    assert sum(len(trace.x) for trace in figure.data) == 120


def test_confusion_has_actual_rows_and_counts_in_the_cells():
    answers = np.array([[0.9, 0.1], [0.8, 0.2]])
    one_miss = score(np.array(["calm", "sad"]), answers, ("calm", "sad"), ACTORS[:2], "random")
    heat = training.confusion_figure(one_miss).data[0]
    assert heat.x == heat.y == ("calm", "sad")
    assert np.array_equal(heat.text, [[1, 0], [1, 0]])  # second row: actually sad, taken for calm
    assert np.array_equal(heat.z, [[100, 0], [100, 0]])
    heat = training.confusion_figure(JUDGED).data[0]
    assert np.array(heat.z).sum(axis=1) == pytest.approx(np.full(8, 100.0))


def test_curves_carry_every_report_and_mark_the_best_epoch():
    figure = training.uar_figure(REPORTS, 8)
    assert [trace.name for trace in figure.data] == ["training", "validation"]
    assert figure.data[0].x == (1, 2, 3) and figure.data[1].y == pytest.approx((5, 10, 15))
    assert [shape.x0 for shape in figure.layout.shapes] == [0, 3]
    assert training.uar_figure((), 4).layout.xaxis.range == (0, 10.5)
