"""Figures of runs: what is drawn is what was measured."""

from dataclasses import replace

import numpy as np
import pytest

from ser.evaluation.diagnostics import Importance, LearningPoint, Reliability, RiskCoverage
from ser.evaluation.significance import Significance
from ser.experiments.search import Candidate
from ser.figures import report, runs, training
from ser.metrics import score
from ser.training.epochs import EpochReport
from ser.training.settings import TrainingSettings

LABELS = ("calm", "sad", "bored")


@pytest.fixture(scope="module")
def evaluation():
    rng = np.random.default_rng(0)
    actual = np.array(LABELS)[rng.integers(3, size=60)]
    answers = rng.dirichlet(np.ones(3), 60)
    return score(actual, answers, LABELS, 1 + np.arange(60) % 5, "loso")


def epochs(count, watched=True):
    return [
        EpochReport(n, 9, 3.0 / n, n / 10, n / 20 if watched else None, 1.0, n, 1.0, 1.0) for n in range(1, count + 1)
    ]


def test_the_loss_has_a_curve_for_the_clips_it_learns_from_and_one_for_the_others():
    training_loss, validation_loss = training.loss_figure(epochs(4)).data
    assert list(training_loss.y) == [3.0, 1.5, 1.0, 0.75] and list(validation_loss.y) == [1.0] * 4
    unwatched = [replace(each, validation_loss=None) for each in epochs(4)]
    assert [curve.name for curve in training.loss_figure(unwatched).data] == ["training"]


def titled(figure):
    """Every axis that is seen says what it shows."""
    axes = [*figure.select_xaxes(), *figure.select_yaxes()]
    return axes and all(axis.visible is False or axis.title.text for axis in axes)


def written(figure):
    """The numbers in the cells, row by row."""
    return [int(note.text) for note in figure.layout.annotations]


def test_the_confusion_has_a_point_to_click_for_every_cell(evaluation):
    figure = training.confusion_figure(evaluation)
    heat, points = figure.data
    assert written(figure) == np.array(evaluation.confusion).ravel().tolist() and titled(figure)
    for x, y, (cell, count, share) in zip(points.x, points.y, points.customdata, strict=True):
        row, column = map(int, cell.split(","))
        assert (LABELS[row], LABELS[column]) == (y, x) and evaluation.confusion[row][column] == count
        assert share == pytest.approx(100 * count / sum(evaluation.confusion[row]))
    rows = np.reshape(written(training.confusion_figure(evaluation, per_cent=True)), heat.z.shape)
    assert np.abs(rows.sum(axis=1) - 100).max() <= 2


def test_the_map_has_a_trace_for_every_emotion_in_a_colour_of_its_own():
    probabilities = np.eye(3)[[0, 1, 2, 0]]
    figure = training.radviz_figure(probabilities, np.array(["calm", "sad", "bored", "sad"]), LABELS)
    traces = {trace.name: trace for trace in figure.data[1:]}
    assert list(traces) == list(LABELS) and len({trace.marker.color for trace in traces.values()}) == 3
    assert [len(traces[label].x) for label in LABELS] == [1, 2, 1]
    # A sad clip that is taken for calm lies where calm is.
    assert traces["sad"].y[1] == pytest.approx(traces["calm"].y[0])
    for label, note in zip(LABELS, figure.layout.annotations, strict=True):
        assert label in note.text and traces[label].marker.color in note.text


@pytest.mark.parametrize("n", [0, 1, 5])
def test_curves_have_a_point_for_every_epoch(n):
    for figure in (training.loss_figure(epochs(n)), training.uar_figure(epochs(n), 8)):
        assert titled(figure) and all(len(trace.x) == n for trace in figure.data)


def test_actors_are_ranked_worst_first(evaluation):
    figure = report.actors_figure(evaluation)
    assert list(figure.data[0].x) == sorted(100 * value for value in evaluation.per_actor_uar.values()) and titled(
        figure
    )


def test_trust(evaluation):
    found = Reliability(np.array([0.4, 0.9]), np.array([0.5, 0.7]), np.array([10, 90]))
    figure = report.reliability_figure({"RAVDESS": found, "nEMO": found})
    assert list(figure.data[1].y) == pytest.approx([50, 70]) and titled(figure)
    assert [each.name for each in figure.data[1:]] == ["RAVDESS", "nEMO"]
    assert figure.data[1].marker.symbol != figure.data[2].marker.symbol
    assert figure.data[1].marker.size[1] > figure.data[1].marker.size[0]
    figure = report.risk_coverage_figure(RiskCoverage(np.array([0.5, 1.0]), np.array([0.0, 0.5])))
    assert list(figure.data[0].y) == [0, 50] and titled(figure)


def test_importance_and_learning_curve_show_every_repeat():
    figure = report.importance_figure(
        [Importance("pitch", 20, np.array([0.1, 0.3])), Importance("rhythm", 9, np.zeros(2))]
    )
    assert list(figure.data[0].x) == pytest.approx([20, 0]) and len(figure.data[1].x) == 4
    figure = report.learning_curve_figure([LearningPoint(2, 120, (0.2, 0.4)), LearningPoint(20, 1200, (0.5,))], 8)
    assert len(figure.data[0].x) == 3 and list(figure.data[1].y) == pytest.approx([30, 50]) and titled(figure)


def test_runs_without_the_measure_are_left_out():
    both = [("one", epochs(4)), ("two", epochs(3, watched=False)), ("none", [])]
    assert [trace.name for trace in runs.overlay_figure(both, "validation_uar").data] == ["one"]
    figure = runs.overlay_figure(both, "loss")
    assert [len(trace.x) for trace in figure.data] == [4, 3] and titled(figure)
    assert len({trace.line.dash for trace in figure.data}) == 2


def test_differences_are_sorted_with_their_actors():
    found = Significance((3, 5, 8), np.array([0.2, -0.1, 0.0]), 0.033, (-0.1, 0.2), 0.5, 0.25)
    bars = runs.differences_figure(found).data[0]
    assert list(bars.x) == ["5", "8", "3"] and list(bars.y) == pytest.approx([-10, 0, 20])


def test_every_judged_candidate_is_a_line():
    settings = TrainingSettings()
    drawn = [
        Candidate(1, settings, {"alpha": 3.0, "hidden_layers": (64, 64)}, "done", 1.0, (0.4, 0.6), 20),
        Candidate(2, settings, {"alpha": 0.1, "hidden_layers": (128,)}, "done", 1.0, (0.2, 0.2), 20),
        Candidate(3, settings, {"alpha": 1.0, "hidden_layers": (8,)}),
    ]
    alpha, layers, inner = runs.parallel_figure(drawn).data[0].dimensions
    assert list(inner.values) == pytest.approx([50, 20])
    assert [alpha.ticktext[int(index)] for index in alpha.values] == ["3", "0.1"]
    assert [layers.ticktext[int(index)] for index in layers.values] == ["64×64", "128"]
