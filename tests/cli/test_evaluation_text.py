"""Evaluations as the command line prints them."""

from dataclasses import replace

import numpy as np

from ser.cli.evaluation_text import print_breakdown, print_evaluation
from ser.evaluation.breakdown import Leakage, break_down
from ser.evaluation.crossvalidation import CrossValidation, fold_answers
from ser.metrics import score
from tests.helpers import shipped


def judged() -> CrossValidation:
    """The shipped model's answers to two actors, as if they were held out."""
    table, model = shipped.table(), shipped.model()
    rows = np.flatnonzero(np.isin(table.actors, (1, 2)))
    answers = fold_answers(model, table, rows)
    evaluation = score(table.labels[rows], answers.probabilities, model.labels, table.actors[rows], "heldout")
    return CrossValidation(evaluation, rows, answers.probabilities, (answers,), model.labels)


def test_scores_then_those_of_each_emotion(capsys):
    evaluation = judged().evaluation
    print_evaluation(evaluation, "Held-out actors")
    first, second, *_, sad, _, _, _, _, weighted = capsys.readouterr().out.splitlines()
    assert first == "Held-out actors: 120 clips, 2 actors"
    assert second.startswith(f"UAR {evaluation.uar:.3f} (95 % interval over actors")
    assert sad.split()[0] == "sad" and sad.split()[-1] == "16"
    assert weighted.split()[0] == "weighted" and weighted.split()[-1] == "120"


def test_a_breakdown_says_what_people_sets_profiles_and_leaking_voices_are_worth(capsys):
    whole = judged()
    breakdown = break_down(whole, shipped.table())
    print_breakdown(breakdown, Leakage(random_uar=0.9, gap=0.2))
    text = capsys.readouterr().out
    assert "people: 0.624" in text and "target 0.90" in text and "UAR by sex: female" in text and "actor" in text
    assert f"(transductive): {breakdown.enrolled.transductive_uar:.3f}" in text
    assert "the same on a random split: UAR 0.900, +0.200 by leaking voices" in text
    print_breakdown(replace(breakdown, enrolled=None), None)
    assert "transductive" not in (text := capsys.readouterr().out) and "leaking" not in text
