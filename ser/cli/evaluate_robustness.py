"""`ser evaluate --robustness`: count the answers that stay when recordings change."""

import argparse
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

from ser.cli.options import processors, read_settings
from ser.cli.progress import minutes, show_progress

if TYPE_CHECKING:
    from ser.evaluation.robustness import Robustness, RobustnessReport
    from ser.model.card import ModelCard, Score

_ON_CARD = ("n_clips", "uar", "confidence", "ece", "changes")


def run(options: argparse.Namespace) -> int:
    """Change recordings one way after the other and print how many answers stay."""
    from ser.data.ravdess import default_source, open_source
    from ser.data.table_file import load_tables
    from ser.errors import DatasetError
    from ser.evaluation.robustness import DEFAULT_CLIPS, measure_robustness
    from ser.model.store import DEFAULT_NAME, ModelStore
    from ser.training.settings import TrainingSettings

    audio = default_source()
    if audio is None:
        raise DatasetError(
            "No RAVDESS audio is at hand, and it is to be changed. Set SER_RAVDESS, or run `python -m ser download`."
        )

    def line(report: "RobustnessReport") -> str:
        left = f", {minutes(report.seconds_left)} left" if report.seconds_left is not None else ""
        doing = f"training {report.training:.0%}, " if report.training < 1 else ""
        return f"fold {report.fold} of {report.folds}, {doing}{report.done} of {report.total} clips{left}"

    settings, clips = read_settings(options.settings, options.corpora), options.clips or DEFAULT_CLIPS
    store, name = ModelStore(options.models), options.model or DEFAULT_NAME
    if options.to_card:
        card = store.card(name)
        settings, score = TrainingSettings.from_json(card.settings), _score(card)
    with open_source(audio) as source:
        steps = measure_robustness(settings, load_tables(settings.corpora), source, clips=clips, jobs=processors())
        found = show_progress(steps, line)
    if options.to_card:
        store.add_score(name, _with(score, found))
    for sentence in found.reported:
        print(sentence, file=sys.stderr)
    if options.json:
        print(json.dumps(found.to_json()))
    else:
        print(f"{found.n_clips} clips of unseen actors, UAR {found.uar:.3f} as recorded, ECE {found.ece:.3f}")
        print(f"mean confidence {found.confidence:.3f}; below also where the label stayed, and where it did not;")
        print("AUROC says how well the confidence tells these two apart")
        print(f"{'':18}{'same label':>10}{'UAR':>8}{'refused':>9}{'ECE':>8}{'confidence':>12}{'AUROC':>8}")
        for name, each in found.changes.items():
            sure = f"{_shown(each.confidence_if_same)} {_shown(each.confidence_if_other)}"
            figures = f"{each.same_label:10.1%}{each.uar:8.3f}{each.refused:9d}{each.ece:8.3f}{sure:>12}"
            print(f"{name:18}{figures}{_shown(each.auroc):>8}  {each.about}")
    return 1 if found.reported else 0


def _score(card: "ModelCard") -> "Score":
    """The score on RAVDESS, whose clips are changed."""
    from ser.data.data_sets import RAVDESS
    from ser.errors import DatasetError

    for score in card.scores:
        if score.data_set == RAVDESS.title:
            return score
    raise DatasetError(
        f"The card has no score on {RAVDESS.title} to keep this with. Train the model on {RAVDESS.title}."
    )


def _with(score: "Score", found: "Robustness") -> "Score":
    """The score on a card, with what was found about changed recordings of the same data set."""
    figures = found.to_json()
    return replace(score, details=score.details | {"robustness": {name: figures[name] for name in _ON_CARD}})


def _shown(figure: float | None) -> str:
    return "–" if figure is None else f"{figure:.2f}"
