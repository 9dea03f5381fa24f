"""`ser evaluate`: train and judge settings by a protocol, or judge a kept model on another data set."""

import argparse
import json
from dataclasses import asdict, replace
from statistics import fmean, pstdev
from typing import TYPE_CHECKING, Any

from ser.cli import evaluate_corpus, evaluate_robustness
from ser.cli.evaluation_text import print_adapted, print_breakdown, print_evaluation
from ser.cli.options import (
    Commands,
    add_command,
    add_models,
    add_scheduler,
    add_settings,
    names,
    positive,
    processors,
    read_settings,
    workers,
)
from ser.cli.progress import minutes, show_progress

if TYPE_CHECKING:
    from ser.data.table import FeatureTable
    from ser.evaluation.breakdown import Breakdown
    from ser.evaluation.crossvalidation import CrossValidation
    from ser.training.progress import FoldReport
    from ser.training.settings import TrainingSettings


def add(commands: Commands) -> None:
    """Add the command."""
    from ser.data.data_sets import SHIPPED_CORPORA
    from ser.data.labels.labelled import LABEL_SOURCES
    from ser.data.splits import PROTOCOLS
    from ser.model.store import DEFAULT_NAME

    parser = add_command(commands, "evaluate", run, "Train and judge settings by a protocol; keeps nothing.")
    add_settings(parser)
    parser.add_argument("--protocol", choices=PROTOCOLS, help="how clips to score are chosen (default: the settings')")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--robustness", action="store_true", help="count whose label stays when recordings change")
    parser.add_argument("--seeds", type=positive, metavar="N", help="judge so many seeds, and tell their mean")
    parser.add_argument("--clips", type=positive, metavar="N", help="clips to change, with --robustness (default 240)")
    parser.add_argument(
        "--held-out-corpus",
        choices=SHIPPED_CORPORA,
        metavar="NAME",
        help=f"train on the other data sets and judge on this one ({' or '.join(SHIPPED_CORPORA)})",
    )
    parser.add_argument(
        "--speakers-of", choices=SHIPPED_CORPORA, metavar="NAME", help="judge the speakers of this data set alone"
    )
    parser.add_argument("--data", metavar="DIR|ZIP|CSV", help="another corpus, to judge a kept model by")
    parser.add_argument("--corpus", choices=LABEL_SOURCES, help="what its labels are read from")
    parser.add_argument(
        "--emotions", type=names, metavar="angry,happy,…", help="score these alone, with --data (default: all)"
    )
    parser.add_argument(
        "--to-card", action="store_true", help="write the scores on the model's card, with --data or --robustness"
    )
    parser.add_argument(
        "--model", metavar="NAME", help=f"which model, with --data or --to-card (default: {DEFAULT_NAME})"
    )
    add_models(parser, "folder it is in")
    add_scheduler(parser)
    parser.set_defaults(misused=parser.error)


def run(options: argparse.Namespace) -> int:
    """Judge settings, or a kept model on another data set."""
    if bool(options.data) != bool(options.corpus):
        options.misused("--data and --corpus go together: where the clips are, and what they are")
    if options.data and (
        options.settings or options.corpora or options.protocol or options.robustness or options.seeds
    ):
        options.misused(
            "--data judges a kept model; --settings, --corpora, --protocol, --seeds and --robustness train models"
        )
    if not options.data and (options.emotions or (not options.to_card and (options.model or options.models))):
        options.misused("--model, --models and --emotions belong to --data; give --data and --corpus as well")
    if options.to_card and (options.emotions or not (options.data or options.robustness)):
        options.misused(
            "--to-card keeps the scores of --data, over all emotions, or of --robustness; give one of these"
        )
    if options.to_card and (options.settings or options.corpora):
        options.misused("--to-card takes the settings of the model; leave --settings and --corpora out")
    if options.robustness and (options.protocol or options.seeds):
        options.misused("--robustness has its own protocol, EmoBox's folds, and one seed; leave these out")
    if options.held_out_corpus and (options.data or options.robustness or options.protocol or options.seeds):
        options.misused(
            "--held-out-corpus is a protocol of its own; leave --data, --robustness, --protocol and --seeds out"
        )
    if options.speakers_of and (options.data or options.robustness or options.held_out_corpus or options.seeds):
        options.misused("--speakers-of goes with --protocol alone; leave --data, --robustness and --seeds out")
    if options.clips and not options.robustness:
        options.misused("--clips belongs to --robustness")
    with workers(options.scheduler):
        if options.data:
            return evaluate_corpus.run(options)
        if options.robustness:
            return evaluate_robustness.run(options)
        return _cross_validate(options)


def _cross_validate(options: argparse.Namespace) -> int:
    from ser.data.data_sets import DATA_SETS
    from ser.data.splits import PROTOCOLS, SPEAKER_INDEPENDENT
    from ser.data.table_file import load_tables
    from ser.evaluation.breakdown import Leakage, adapted_scores, break_down
    from ser.evaluation.crossvalidation import cross_validate

    settings = read_settings(options.settings, options.corpora)
    if options.held_out_corpus:
        return _held_out(settings, options)
    if options.protocol:
        settings = replace(settings, protocol=options.protocol)
    if options.speakers_of:
        return _speakers_of(settings, options)
    table = load_tables(settings.corpora)
    judged = show_progress(cross_validate(settings, table, jobs=processors()), describe_fold)
    breakdown = break_down(judged, table)
    seeds = {settings.seed: _brief(judged, breakdown)}
    for seed in range(settings.seed + 1, settings.seed + (options.seeds or 1)):
        steps = cross_validate(replace(settings, seed=seed), table, jobs=processors())
        again = show_progress(steps, describe_fold)
        seeds[seed] = _brief(again, break_down(again, table))
    leakage = None
    if settings.protocol in SPEAKER_INDEPENDENT:
        # The same settings with the same voices on both sides: what the split alone is worth.
        plain = replace(settings, protocol="random", calibration_folds=0, specialists=0)
        leaking = show_progress(cross_validate(plain, table), describe_fold)
        leakage = Leakage.between(judged, leaking)
    over_seeds = {name: _over_seeds([figures[name] for figures in seeds.values()]) for name in seeds[settings.seed]}
    if options.json:
        more = {"leakage": leakage and vars(leakage), "seed": settings.seed, "seeds": list(seeds)}
        more |= {"over_seeds": over_seeds, "settings": settings.to_json()}
        more |= {"corpora": {name: _other(part, table) for name, part in judged.others.items()}}
        print(json.dumps(judged.evaluation.to_json() | breakdown.to_json() | more))
    else:
        print_evaluation(judged.evaluation, PROTOCOLS[settings.protocol])
        print_breakdown(breakdown, leakage)
        for name, part in judged.others.items():
            print_evaluation(part.evaluation, f"{DATA_SETS[name].title}, {PROTOCOLS[settings.protocol]}")
            if (adapted := adapted_scores(part, table)) is not None:
                print_adapted(adapted)
        if len(seeds) > 1:
            for name, figures in over_seeds.items():
                spread = f"{figures['mean']:.4f} ± {figures['deviation']:.4f}"
                print(f"{name} over seeds {', '.join(map(str, seeds))}: {spread}")
    return 0


def _held_out(settings: "TrainingSettings", options: argparse.Namespace) -> int:
    """Train on all data sets but one, and judge the answers to that one."""
    from ser.data.data_sets import DATA_SETS, SHIPPED_CORPORA
    from ser.data.table_file import load_tables
    from ser.errors import TrainingError
    from ser.evaluation.crossvalidation import cross_validate

    name = options.held_out_corpus
    learnt = tuple(corpus for corpus in settings.corpora if corpus != name)
    if not learnt:
        raise TrainingError(f"No data set is left to learn from without {name}. Name another one with --corpora.")
    table = load_tables(tuple(corpus for corpus in SHIPPED_CORPORA if corpus in (*learnt, name)))
    settings = replace(settings, corpora=learnt)
    judged = show_progress(cross_validate(settings, table, held_out_corpus=name), describe_fold)
    _print_one(judged, table, settings, f"{DATA_SETS[name].title}, by a model of {', '.join(learnt)}", options.json)
    return 0


def _speakers_of(settings: "TrainingSettings", options: argparse.Namespace) -> int:
    """Judge the speakers of one data set by a protocol."""
    from ser.data.data_sets import DATA_SETS
    from ser.data.splits import PROTOCOLS
    from ser.data.table_file import load_tables
    from ser.errors import TrainingError
    from ser.evaluation.crossvalidation import cross_validate

    name = options.speakers_of
    if name not in settings.corpora:
        raise TrainingError(f"The model does not learn from {name}. Name it with --corpora, or use --held-out-corpus.")
    table = load_tables(settings.corpora)
    judged = show_progress(cross_validate(settings, table, jobs=processors(), speakers_of=name), describe_fold)
    title = f"{DATA_SETS[name].title}, {PROTOCOLS[settings.protocol]}"
    _print_one(judged, table, settings, title, options.json)
    return 0


def _print_one(
    judged: "CrossValidation", table: "FeatureTable", settings: "TrainingSettings", title: str, as_json: bool
) -> None:
    """Print figures on one data set that has no comparison with people."""
    from ser.evaluation.breakdown import adapted_scores

    if as_json:
        print(json.dumps(_other(judged, table) | {"settings": settings.to_json()}))
        return
    print_evaluation(judged.evaluation, title)
    if (adapted := adapted_scores(judged, table)) is not None:
        print_adapted(adapted)


def _other(judged: "CrossValidation", table: "FeatureTable") -> dict[str, Any]:
    """Figures on a data set that has no comparison with people."""
    from ser.evaluation.breakdown import adapted_scores

    adapted = adapted_scores(judged, table)
    return judged.evaluation.to_json() | (asdict(adapted) if adapted is not None else {})


def _brief(judged: "CrossValidation", breakdown: "Breakdown") -> dict[str, float]:
    """Figures of a cross-validation and of its breakdown that are compared over seeds."""
    figures = {"uar": judged.evaluation.uar, "accuracy": judged.evaluation.accuracy, "ece": judged.evaluation.ece}
    figures |= {f"{name}_uar": part.evaluation.uar for name, part in judged.others.items()}
    figures |= {"as_listeners": breakdown.as_listeners.accuracy, "coverage": breakdown.conformal.coverage}
    if (enrolled := breakdown.enrolled) is None:
        return figures
    return figures | {"enrolled_uar": enrolled.enrolled_uar, "transductive_uar": enrolled.transductive_uar}


def _over_seeds(values: list[float]) -> dict[str, Any]:
    return {"mean": fmean(values), "deviation": pstdev(values), "each": values}


def describe_fold(report: "FoldReport") -> str:
    """Which fold is under way, and how long the rest takes."""
    return f"fold {report.fold} of {report.folds} ({report.name}), {minutes(report.seconds_left)} left"
