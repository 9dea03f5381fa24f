"""What a cross-validation leaves beside a model: the score on its card and the out-of-fold answers."""

from dataclasses import asdict, replace

import numpy as np

from ser.data.data_sets import DATA_SETS, RAVDESS
from ser.data.splits import scored_on
from ser.data.table import FeatureTable
from ser.evaluation.breakdown import adapted_scores, break_down, trust_figures
from ser.evaluation.cross_corpus import CrossCorpus
from ser.evaluation.crossvalidation import CrossValidation
from ser.model.card import Score
from ser.model.out_of_fold import OutOfFoldAnswers


def score_of(judged: CrossValidation, table: FeatureTable, test_actors: tuple[int, ...] = ()) -> Score:
    """The score on a model's card.

    It is the evaluation with its prediction sets, reliability and adapted scores, and for RAVDESS the whole breakdown.
    """
    figures = judged.evaluation.to_json() | {"scored_on": scored_on(judged.evaluation.protocol, test_actors)}
    if judged.answers and (table.corpora[judged.rows] == RAVDESS.key).all():
        figures |= break_down(judged, table).to_json()
    elif judged.answers:
        figures |= trust_figures(judged, table)
        if (adapted := adapted_scores(judged, table)) is not None:
            figures |= asdict(adapted)
    return Score.from_json(figures)


def scores_of(judged: CrossValidation, table: FeatureTable, test_actors: tuple[int, ...] = ()) -> tuple[Score, ...]:
    """The scores on a model's card, one a data set."""
    parts = by_data_set(judged, table)
    return tuple(replace(score_of(part, table, test_actors), data_set=title) for title, part in parts.items())


def score_on(found: CrossCorpus, corpus: str) -> Score:
    """The score on a model's card for a data set of which the model learnt nothing; `corpus` is its key, if it has one.

    The settings are those on the card, and what could not be scored is of no use there.
    """
    entry = DATA_SETS.get(corpus)
    figures = {name: value for name, value in found.to_json().items() if name not in ("settings", "reported")}
    whom = "all clips with emotions that both know; the model learnt from none of them"
    if entry and entry.development:
        whom += ", but they chose between ways to train, so this is no test"
    return Score.from_json(figures | {"scored_on": whom, "data_set": entry.title if entry else f"{corpus} clips"})


def by_data_set(judged: CrossValidation, table: FeatureTable) -> dict[str, CrossValidation]:
    """The outcome for each data set that was judged, by the data set's title."""
    parts = (judged, *judged.others.values())
    corpora = [str(table.corpora[part.rows[0]]) for part in parts]
    titles = [DATA_SETS[corpus].title if corpus in DATA_SETS else f"{corpus} clips" for corpus in corpora]
    return dict(zip(titles, parts, strict=True))


def out_of_fold_answers(judged: CrossValidation, table: FeatureTable) -> OutOfFoldAnswers:
    """The answers of a cross-validation by the names of the clips."""
    names = table.clips["name"].to_numpy(dtype=str)[judged.rows]
    return OutOfFoldAnswers(names, judged.evaluation.labels, judged.probabilities.astype(np.float32))
