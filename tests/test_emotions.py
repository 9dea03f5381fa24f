"""How labels are shown: one colour each, wherever."""

import numpy as np
import pytest

from ser.emotions import EMOTIONS, colour, described
from ser.exploration.projection import Projection
from ser.figures import clip, dataset, maps, training

OWN = ["bored", "Müde", "気分", "a b", "x"]


def light(hexadecimal: str) -> float:
    """Relative luminance, as WCAG 2 defines it."""
    parts = np.array([int(hexadecimal[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return float(np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4) @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize("label", [*(emotion.name for emotion in EMOTIONS), *OWN, *map(str, range(300))])
def test_every_colour_is_seen_on_light_and_dark(label):
    found = light(colour(label))
    assert 1.05 / (found + 0.05) >= 3 and (found + 0.05) / (light("#0e1117") + 0.05) >= 3


def test_own_labels_have_colours_of_their_own():
    assert len({colour(label) for label in OWN}) == len(OWN)
    assert not {colour(label) for label in OWN} & {emotion.colour for emotion in EMOTIONS}


@pytest.mark.parametrize("beside", [["sad", "happy"], ["tired", "awake", "zz"]])
def test_a_label_has_one_colour_in_every_figure_whatever_stands_beside_it(beside):
    labels = sorted(["bored", *beside])
    at = labels.index("bored")
    kinds = np.repeat(labels, 3)
    one = {described("bored").colour, dataset.category_colours(labels)["bored"]}
    one.add(dataset.counts_figure(dict.fromkeys(labels, 3), "Emotion").data[0].marker.color[at])
    bars = clip.probability_figure({label: float(label == "bored") for label in labels}).data[0]
    one.add(bars.marker.color[-1])  # the most probable is drawn last
    probabilities = np.eye(len(labels))[np.repeat(np.arange(len(labels)), 3)]
    drawn = training.radviz_figure(probabilities, kinds, labels)
    one |= {trace.marker.color for trace in drawn.data if trace.name == "bored"}
    points = Projection("pca", np.zeros((kinds.size, 3)), ("a", "b", "c"), (), None)
    solid = maps.map_figure(points, kinds, labels, kinds, np.arange(kinds.size))
    one |= {trace.marker.color for trace in solid.data if trace.name == "bored"}
    assert one == {colour("bored")}


def test_what_is_no_label_is_drawn_apart():
    actors = [f"{i:02d}" for i in range(1, 25)]
    assert len(set(dataset.category_colours(actors, labels=False).values())) == 24
    bars = dataset.counts_figure(dict.fromkeys(actors, 1), "Actor", labels=False).data[0]
    assert bars.marker.color == dataset.ACCENT
