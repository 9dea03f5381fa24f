"""The headline: what is no speech or unlike it comes first, a long clip is told as a course."""

import numpy as np
import pytest

from ser.audio.quality import QualityWarning
from ser.emotions import LABELS
from ser.inference.headline import COURSE, EMOTION, NO_SPEECH, UNLIKE, UNSURE, course_of, headline
from ser.inference.prediction import Prediction, WindowPrediction, all_unsure


def windows(*leading: tuple[str, float], hop: float = 2.0, length: float = 4.0):
    """Overlapping windows, each with a leading emotion of a probability."""
    made = []
    for number, (label, share) in enumerate(leading):
        rest = (1 - share) / (len(LABELS) - 1)
        probabilities = {each: share if each == label else rest for each in LABELS}
        made.append(WindowPrediction(number * hop, number * hop + length, probabilities))
    return tuple(made)


def prediction(parts, *codes, abstain_below=0.4):
    mean = {label: float(np.mean([part.probabilities[label] for part in parts])) for label in LABELS}
    label = max(mean, key=mean.__getitem__)
    warnings = tuple(QualityWarning(code, "A sentence.", 0.0) for code in codes)
    return Prediction(
        "clip",
        label,
        mean[label],
        mean,
        (label,),
        all_unsure(parts, abstain_below),
        warnings,
        parts[-1].end,
        parts,
        abstain_below=abstain_below,
    )


@pytest.mark.parametrize(
    ("codes", "topic"),
    [
        ((), EMOTION),
        (("noisy",), EMOTION),
        (("no_voice",), NO_SPEECH),
        (("unlike", "noisy"), UNLIKE),
        (("unlike", "no_voice"), NO_SPEECH),
    ],
)
def test_what_is_no_speech_or_unlike_it_comes_first(codes, topic):
    found = headline(prediction(windows(("happy", 0.9)), *codes))
    assert found.topic == topic
    assert found.is_guess == (topic in (NO_SPEECH, UNLIKE))


def test_a_short_clip_is_unsure_where_the_model_abstains():
    assert headline(prediction(windows(("sad", 0.3)))).topic == UNSURE


def test_a_long_clip_is_told_as_its_course():
    parts = windows(*[("happy", 0.7)] * 14, *[("sad", 0.7)] * 15, *[("angry", 0.7)] * 15)
    found = headline(prediction(parts))
    assert found.topic == COURSE
    assert found.sentence() == "happy until 0:29, sad until 0:59, then angry"


def test_a_single_deviating_window_is_no_change_and_many_changes_are_counted():
    parts = windows(*[("happy", 0.6)] * 5, ("sad", 0.5), *[("happy", 0.6)] * 5)
    assert [each.label for each in course_of(parts)] == ["happy"]
    assert headline(prediction(parts)).topic == EMOTION
    parts = windows(*([("happy", 0.9)] * 4 + [("sad", 0.9)] * 3) * 4)
    assert headline(prediction(parts)).sentence() == "mostly happy, with 7 changes"


def test_a_long_clip_is_unsure_only_if_every_window_is():
    unsure = [("sad", 0.3)] * 10
    assert headline(prediction(windows(*unsure))).topic == UNSURE
    assert headline(prediction(windows(*unsure, ("sad", 0.5)))).topic == EMOTION


def test_the_course_covers_the_clip_without_overlaps():
    rng = np.random.default_rng(0)
    parts = windows(*[(str(rng.choice(LABELS)), 0.95) for _ in range(40)])
    course = course_of(parts)
    assert (course[0].start, course[-1].end) == (parts[0].start, parts[-1].end)
    assert [each.end for each in course[:-1]] == [each.start for each in course[1:]]
