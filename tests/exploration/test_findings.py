"""Findings: every number comes from the data, and a finding that does not hold is replaced by another."""

import re
from dataclasses import replace

import numpy as np
import pytest

from ser.data.data_sets import SHIPPED_CORPORA
from ser.data.table_file import load_tables
from ser.evaluation import human_baseline
from ser.exploration.effect_sizes import eta_squared
from ser.exploration.findings import POOL, findings
from ser.exploration.leakage import leakage
from ser.model.store import ModelStore
from tests.helpers import shipped

NUMBER = re.compile(r"[\d,.]*\d(?:\xa0%)?")


@pytest.fixture(scope="module")
def table():
    return shipped.table()


@pytest.fixture(scope="module")
def answers():
    return ModelStore().out_of_fold("default")


def by_name(found):
    return {each.name: each for each in found}


def with_right(table, answers, shares):
    """Answers of which a given share is right in each emotion; the others are wrong, never calm for neutral."""
    probabilities = np.zeros_like(answers.probabilities)
    emotions = table.clips.set_index("name").loc[answers.names, "emotion"].to_numpy(str)
    for label, share in shares.items():
        rows = np.flatnonzero(emotions == label)
        right = rows[: round(share * len(rows))]
        wrong = "sad" if label != "sad" else "angry"
        probabilities[rows, answers.labels.index(wrong)] = 1
        probabilities[right] = 0
        probabilities[right, answers.labels.index(label)] = 1
    return replace(answers, probabilities=probabilities)


def test_five_findings_hold_for_the_shipped_data(table, answers):
    found = findings(table, answers)
    assert len(found) == 5 and len({each.name for each in found}) == 5
    for each in found:
        # No number stands in a sentence that is not among the numbers that were computed, and none is left over.
        assert sorted(NUMBER.findall(each.sentence)) == sorted(each.numbers), each.sentence
        for written, value in each.numbers.items():
            digits = float(written.replace(",", "").removesuffix("\xa0%"))
            exact = 100 * value if written.endswith("%") else value
            assert digits == pytest.approx(exact, abs=1.0 if each.name == "worth_of_a_leak" else 0.51), each.sentence
        assert all(np.isfinite(values).any() for values in each.chart.series.values())


def test_people_and_model_have_the_figures_of_the_study_and_of_the_card(table, answers):
    finding = by_name(findings(table, answers))["model_beats_people"]
    score = ModelStore().card("default").scores[0]
    model = human_baseline.as_listeners(np.array(score.confusion), score.labels)
    best = max((label for label in model if label != "calm"), key=lambda x: model[x] - human_baseline.BY_EMOTION[x])
    assert f"**{best}**" in finding.sentence
    assert sorted(finding.numbers.values()) == pytest.approx(sorted([model[best], human_baseline.BY_EMOTION[best]]))
    # Neutral and calm count as one, and have one bar.
    assert finding.chart.labels[0] == "neutral, calm" and len(finding.chart.labels) == len(model) - 1
    assert finding.chart.series["model"] == pytest.approx([100 * model[x.split(", ")[0]] for x in finding.chart.labels])


def test_the_features_that_tell_the_speaker_are_counted(table, answers):
    finding = by_name(findings(table, answers))["depends_on_the_speaker"]
    matrix = table.matrix("standard")
    more = (eta_squared(matrix, table.actors) > eta_squared(matrix, table.labels)).sum()
    assert list(finding.numbers.values()) == [more, matrix.shape[1]]


def voices_whose_pitch(table, ends):
    """The table with other contours: the pitch moves by a given number of semitones in the last fifth, by emotion."""
    f0 = np.zeros_like(table.contours["f0"], dtype=np.float32)
    f0[:, -10:] = np.array([ends[label] for label in table.labels])[:, None]
    return replace(table, contours=table.contours | {"f0": f0})


def test_the_one_emotion_that_ends_the_other_way_is_named(table, answers):
    finding = by_name(findings(table, answers))["ends_of_sentences"]
    moves = dict(zip(finding.chart.labels, finding.chart.series[""], strict=True))
    (alone,) = (label for label, move in moves.items() if f"**{label}**" in finding.sentence)
    assert all((move > 0) != (moves[alone] > 0) for label, move in moves.items() if label != alone)
    assert list(finding.numbers.values()) == [abs(moves[alone])]

    falling = dict.fromkeys(human_baseline.BY_EMOTION, -2.0)
    known = voices_whose_pitch(table, falling | {"sad": 3.0})
    (finding,) = findings(known, pool=["ends_of_sentences"])
    assert "Only **sad** voices end higher" in finding.sentence and "by 3.0 semitones" in finding.sentence
    assert dict(zip(finding.chart.labels, finding.chart.series[""], strict=True))["angry"] == pytest.approx(-2.0)
    rising = dict.fromkeys(falling, 2.0)
    (finding,) = findings(voices_whose_pitch(table, rising | {"sad": -3.0}), pool=["ends_of_sentences"])
    assert "Only **sad** voices end lower" in finding.sentence
    # Two that rise, or one whose pitch hardly moves, give no finding.
    assert not findings(voices_whose_pitch(table, falling | {"sad": 3.0, "happy": 2.0}), pool=["ends_of_sentences"])
    assert not findings(voices_whose_pitch(table, falling | {"sad": 0.5}), pool=["ends_of_sentences"])


def test_a_leak_is_worth_the_difference_of_its_bars(table, answers):
    finding = by_name(findings(table, answers))["worth_of_a_leak"]
    found = leakage(table.matrix("notebook"), table.labels, table.actors.astype(str))
    assert finding.chart.series[""] == pytest.approx((100 * found.leaking, 100 * found.held_out))
    assert f" {round(100 * found.leaking) - round(100 * found.held_out)} points" in finding.sentence
    # Where nothing tells the emotion and a speaker's clips are not alike, a leak is worth nothing.
    noise = np.random.default_rng(0).normal(size=(1440, 20)).astype(np.float32)
    none = leakage(noise, table.labels, table.actors.astype(str))
    assert abs(none.leaking - none.held_out) < 0.05


def test_a_finding_that_no_longer_holds_is_replaced(table, answers):
    before = [each.name for each in findings(table, answers)]
    people = human_baseline.BY_EMOTION
    # A model that is behind people everywhere: the finding goes, and another one comes.
    behind = with_right(table, answers, {label: max(0, people[label] - 0.2) for label in people})
    found = findings(table, behind)
    names = [each.name for each in found]
    assert len(found) == 5 and "model_beats_people" in before and "model_beats_people" not in names
    assert "people_beat_the_model" in names and "people_beat_the_model" not in before
    # A model that errs elsewhere than people do no longer shares their hard emotions.
    other = dict.fromkeys(people, 0.9) | {"angry": 0.2, "surprised": 0.3}
    assert "hard_for_both" not in [each.name for each in findings(table, with_right(table, answers, other))]


def test_level_pitch_and_features_without_effect_give_no_finding(table, answers):
    flat = {name: np.zeros_like(lines) for name, lines in table.contours.items()}
    rng = np.random.default_rng(0)
    emotion = np.searchsorted(np.unique(table.labels), table.labels).astype(np.float32)[:, None]
    # Every feature now tells the emotion, and none the speaker.
    matrix = emotion + rng.normal(0, 0.1, table.matrix("standard").shape).astype(np.float32)
    changed = replace(table, contours=flat, matrices=table.matrices | {"standard": matrix})
    names = [each.name for each in findings(changed, answers)]
    assert len(names) == 5
    assert not {"ends_of_sentences", "depends_on_the_speaker"} & set(names)


def test_people_are_compared_only_where_all_their_clips_are_there(table, answers):
    some = table.select(table.clips["sex"].to_numpy() == "female")
    names = {each.name for each in findings(some, answers, most=len(POOL))}
    assert not {"model_beats_people", "hard_for_both", "easier_if_strong"} & names
    assert "depends_on_the_speaker" in names


def test_two_data_sets_say_what_they_share():
    both = load_tables(SHIPPED_CORPORA)
    found = findings(both)
    assert found[0].name == "alike_in_both" and len(found) == 5
    best = max(found[0].chart.series[""])
    assert list(found[0].numbers) == [f"{best:.2f}"]
    assert "alike_in_both" not in [each.name for each in findings(both.select(both.corpora == "nemo"))]


def test_few_clips_give_few_findings_and_no_error(table):
    one = table.select(np.arange(1))
    assert findings(one) == ()
    sad = table.select(table.labels == "sad")
    assert len(findings(sad)) < 5
