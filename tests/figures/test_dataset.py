"""Figures of the data set and of a training: axes named with units, and the numbers where they belong."""

import numpy as np
import pytest

from ser.emotions import BY_NAME, LABELS
from ser.exploration.effect_sizes import correlate, group_differences, interaction, separation
from ser.exploration.projection import Projection
from ser.features.contours import POINTS, average
from ser.features.feature import GROUPS, Feature
from ser.figures import dataset, maps, training
from ser.figures import features as feature_figures
from ser.metrics import score
from ser.training.epochs import EpochReport

RNG = np.random.default_rng(0)
EMOTIONS = np.repeat(LABELS, 15)
ACTORS = np.tile(np.arange(1, 16), 8)
MATRIX = RNG.normal(size=(120, 7)).astype(np.float32)
FEATURES = tuple(Feature(f"f{i}", "Hz" if i else "", group) for i, group in enumerate(GROUPS))
STRENGTHS = np.where(np.arange(120) % 2, "normal", "strong")
LINES = RNG.normal(size=(120, POINTS))
FLAT = Projection("tsne", RNG.normal(size=(120, 2)), ("One", "Two"))
NAMES = np.array([f"clip {i}" for i in range(120)])
REPORTS = tuple(EpochReport(i, 20, 2 / i, 0.1 * i, 0.05 * i, 1.0, i, i * 0.1, 1.0) for i in (1, 2, 3))
UNWATCHED = (EpochReport(10, 20, 1.0, 0.5, None, None, 10, 1.0, 1.0),)
JUDGED = score(EMOTIONS, np.eye(8)[np.tile(np.arange(8), 15)], LABELS, ACTORS, "heldout")

FIGURES = {
    "counts": (lambda: dataset.counts_figure({"sad": 3, "calm": 5}, "Emotion"), "Clips", "Emotion"),
    "histogram": (
        lambda: dataset.histogram_figure(RNG.uniform(3, 5, 40), "Length (s)", size=0.1),
        "Length (s)",
        "Clips",
    ),
    "recall": (
        lambda: dataset.recall_figure({"people": {"sad": 0.5}, "model": {"sad": 0.4}}, "Emotion"),
        "Recognised rightly (%)",
        "Emotion",
    ),
    "distribution": (
        lambda: feature_figures.distribution_figure(MATRIX[:, 1], EMOTIONS, LABELS, FEATURES[1], NAMES),
        "f1 (Hz)",
        "Emotion",
    ),
    "few": (
        lambda: feature_figures.distribution_figure(MATRIX[:20, 0], EMOTIONS[:20], LABELS, FEATURES[0], NAMES[:20]),
        "f0",
        "Emotion",
    ),
    "interaction": (
        lambda: feature_figures.interaction_figure(
            interaction(MATRIX[:, 1], EMOTIONS, STRENGTHS, (LABELS, ("normal", "strong"))), FEATURES[1]
        ),
        "f1 (Hz)",
        "Emotion",
    ),
    "contours": (
        lambda: feature_figures.contour_figure(average(LINES, EMOTIONS, LABELS), "F0 (semitones over 100 Hz)"),
        "Place in the sentence (%",
        "F0 (semitones over 100 Hz)",
    ),
    "comparison": (
        lambda: feature_figures.group_differences_figure(
            group_differences(MATRIX, FEATURES, EMOTIONS == "sad", EMOTIONS == "calm"), ("drawn", "others")
        ),
        "Cohen’s d",
        "Feature",
    ),
    "pitch": (
        lambda: feature_figures.pitch_figure(np.arange(9) / 9, np.array([np.nan] * 4 + [100.0] * 5), 1.0),
        "Time (s)",
        "Pitch (F0, Hz)",
    ),
    "agreement": (
        lambda: feature_figures.agreement_figure({"pitch": 0.6, "rhythm": -0.1}, "Group"),
        "Agreement of the effects (cosine)",
        "Group",
    ),
    "map": (lambda: maps.map_figure(FLAT, EMOTIONS, LABELS, NAMES, NAMES), "One", "Two"),
    "correlations": (
        lambda: feature_figures.correlation_figure(correlate(MATRIX, FEATURES)),
        "Feature (row)",
        "Feature",
    ),
    "separation": (
        lambda: feature_figures.separation_figure(separation(MATRIX, FEATURES, EMOTIONS, ACTORS)),
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


@pytest.mark.parametrize(("clips", "step"), [(1, 1), (4, 1), (5000, None)])
def test_few_clips_are_counted_in_whole_ones(clips, step):
    assert dataset.counts_figure({"bored": clips}, "Emotion").layout.xaxis.dtick == step
    assert dataset.histogram_figure(RNG.uniform(3, 5, clips), "Length (s)").layout.yaxis.dtick == step
    assert dataset.histogram_figure(RNG.uniform(3, 5, clips), "Length (s)", size=0.1).layout.yaxis.dtick == step


def spread(rows, **options):
    return feature_figures.distribution_figure(
        MATRIX[rows, 1], EMOTIONS[rows], LABELS, FEATURES[1], NAMES[rows], **options
    )


def test_few_clips_are_shown_one_by_one_and_many_as_asked():
    # 15 neutral, 5 calm
    assert [trace.type for trace in spread(slice(20)).data] == ["violin", "box"]
    assert [trace.type for trace in spread(slice(20), shape="box").data] == ["box", "box"]
    ridge = spread(slice(None), shape="ridge").data
    assert {trace.type for trace in ridge} == {"violin"} and {trace.side for trace in ridge} == {"negative"}


def test_distribution_shows_every_clip_under_its_own_kind_in_the_order_given():
    figure = spread(slice(None))
    assert [trace.name for trace in figure.data] == list(LABELS)
    for trace in figure.data:
        assert np.array_equal(trace.x, MATRIX[trace.name == EMOTIONS, 1])


def test_labels_that_ravdess_lacks_are_drawn_too():
    kinds = np.repeat(["bored", "angry"], 20)
    figure = feature_figures.distribution_figure(MATRIX[:40, 0], kinds, ["angry", "bored"], FEATURES[0], NAMES[:40])
    assert [trace.name for trace in figure.data] == ["angry", "bored"]
    assert len({trace.line.color for trace in figure.data}) == 2


def test_two_dozen_actors_get_as_many_colours_and_no_legend():
    actors = np.array([str(1 + i % 24) for i in range(120)])
    figure = maps.map_figure(FLAT, actors, [str(i) for i in range(1, 25)], NAMES, NAMES)
    assert len({trace.marker.color for trace in figure.data}) == 24 and not figure.layout.showlegend
    assert sum(len(trace.x) for trace in figure.data) == 120


def test_a_point_knows_its_clip_and_dragging_does_what_is_asked():
    figure = maps.map_figure(FLAT, EMOTIONS, LABELS, NAMES, np.arange(120))
    for trace in figure.data:
        assert np.array_equal(trace.customdata, np.flatnonzero(trace.name == EMOTIONS))
        assert np.array_equal(trace.x, FLAT.points[trace.name == EMOTIONS, 0])
    assert figure.layout.dragmode is False
    assert maps.map_figure(FLAT, EMOTIONS, LABELS, NAMES, NAMES, drag="lasso").layout.dragmode == "lasso"


def test_clips_that_lda_was_fitted_on_are_pale():
    fitted = np.arange(120) % 3 > 0
    drawn = maps.map_figure(Projection("lda", FLAT.points, ("a", "b"), (), fitted), EMOTIONS, LABELS, NAMES, NAMES)
    for trace in drawn.data:
        pale = np.array([colour.endswith(" 0.15)") for colour in trace.marker.color])
        assert pale.sum() == fitted[trace.name == EMOTIONS].sum() and not pale[0]
        assert np.array_equal(np.isin(trace.customdata, NAMES[fitted]), pale)
    everyone = Projection("lda", FLAT.points, ("a", "b"), (), np.ones(120, bool))
    assert maps.map_figure(everyone, EMOTIONS, LABELS, NAMES, NAMES).data[0].marker.color.endswith(" 0.75)")


def test_a_solid_map_has_three_titled_axes():
    figure = maps.map_figure(
        Projection("pca", RNG.normal(size=(120, 3)), ("x", "y", "z")), EMOTIONS, LABELS, NAMES, NAMES
    )
    assert {trace.type for trace in figure.data} == {"scatter3d"}
    assert figure.layout.scene.zaxis.title.text == "Axis 3"


def test_people_and_models_stand_side_by_side():
    figure = dataset.recall_figure({"people": {"sad": 0.5, "calm": 0.8}, "model": {"sad": 0.4, "calm": 0.9}}, "Emotion")
    assert [(trace.name, trace.x) for trace in figure.data] == [("people", (50, 80)), ("model", (40, 90))]


@pytest.mark.parametrize(("band", "traces"), [("interval", 16), ("spread", 16), ("none", 8)])
def test_contours_have_a_band_each_unless_none_is_asked_for(band, traces):
    found = average(LINES, EMOTIONS, LABELS)
    figure = feature_figures.contour_figure(found, "F0", band=band)
    assert len(figure.data) == traces
    lines = [trace for trace in figure.data if trace.mode == "lines"]
    assert np.allclose(lines[3].y, found[3].mean)


def test_confusion_has_actual_rows_and_counts_in_the_cells():
    answers = np.array([[0.9, 0.1], [0.8, 0.2]])
    one_miss = score(np.array(["calm", "sad"]), answers, ("calm", "sad"), ACTORS[:2], "random")
    figure = training.confusion_figure(one_miss)
    heat = figure.data[0]
    assert heat.x == heat.y == ("calm", "sad")
    # Second row: actually sad, taken for calm.
    assert [int(note.text) for note in figure.layout.annotations] == [1, 0, 1, 0]
    assert np.array_equal(heat.z, [[100, 0], [100, 0]])
    heat = training.confusion_figure(JUDGED).data[0]
    assert np.array(heat.z).sum(axis=1) == pytest.approx(np.full(8, 100.0))


def test_curves_carry_every_report_and_mark_the_best_epoch():
    figure = training.uar_figure(REPORTS, 8)
    assert [trace.name for trace in figure.data] == ["training", "validation"]
    assert figure.data[0].x == (1, 2, 3) and figure.data[1].y == pytest.approx((5, 10, 15))
    assert [shape.x0 for shape in figure.layout.shapes] == [0, 3]
    assert training.uar_figure((), 4).layout.xaxis.range == (0, 10.5)


def test_the_agreement_of_two_data_sets_stands_beside_that_within_each():
    bars = {"pitch": 0.6, "rhythm": -0.5}
    within = {"one": {"pitch": 0.9, "rhythm": 0.2}, "two": {"pitch": 0.8, "rhythm": 0.1}}
    figure = feature_figures.agreement_figure(bars, "Group", within)
    assert [trace.name for trace in figure.data] == ["between them", "within one", "within two"]
    assert list(figure.data[2].x) == [0.8, 0.1] and figure.layout.showlegend
    assert figure.data[1].marker.symbol != figure.data[2].marker.symbol  # not told apart by colour alone
    assert figure.layout.xaxis.range[0] < -0.5
    assert not feature_figures.agreement_figure(bars, "Group").layout.showlegend


@pytest.mark.parametrize("dimensions", [2, 3])
def test_clips_on_a_map_may_have_symbols_of_their_own(dimensions):
    symbols = np.where(np.arange(120) % 3, "circle", "diamond")
    points = Projection("pca", RNG.normal(size=(120, dimensions)), ("One", "Two", "Three")[:dimensions])
    figure = maps.map_figure(points, EMOTIONS, LABELS, NAMES, np.arange(120), symbols=symbols)
    for trace in figure.data:
        assert list(trace.marker.symbol) == symbols[list(trace.customdata)].tolist()
