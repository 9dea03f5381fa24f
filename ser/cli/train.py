"""`ser train`: train a model, judge it on held-out actors and keep it with its card."""

import argparse
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event

from ser.cli.evaluate import describe_fold
from ser.cli.options import Commands, actors, add_command, add_models, add_settings, processors, read_settings
from ser.cli.progress import show_progress
from ser.steps import Command, finish


def add(commands: Commands) -> None:
    """Add the command."""
    from ser.model.store import DEFAULT_NAME

    parser = add_command(commands, "train", run, "Train a model, judge it on unseen actors and keep it with its card.")
    add_settings(parser)
    parser.add_argument("--name", default=DEFAULT_NAME, metavar="NAME", help="what to call the model")
    parser.add_argument("--exclude-actors", type=actors, metavar="1,11,…", help="leave these out and score on them")
    add_models(parser, "folder to keep it in")


def run(options: argparse.Namespace) -> int:
    """Train on all chosen actors, cross-validate beside it, and keep the model with its card."""
    import numpy as np

    from ser.data.table_file import load_tables
    from ser.evaluation.crossvalidation import cross_validate
    from ser.evaluation.scores import out_of_fold_answers, scores_of
    from ser.model.card import card_of, trained_on
    from ser.model.store import ModelStore, checked_name
    from ser.threads import one_blas_thread
    from ser.training.fitting import fit
    from ser.training.selection import chosen_emotions

    checked_name(options.name)
    settings = read_settings(options.settings, options.corpora)
    table = load_tables(settings.corpora)
    rows = np.flatnonzero(chosen_emotions(settings, table.labels))
    if options.exclude_actors:
        settings = replace(settings, protocol="heldout", test_actors=options.exclude_actors)
        rows = rows[~np.isin(table.actors[rows], options.exclude_actors)]
    # The model that is kept was trained on all actors, so its scores come from models that were trained the same way
    # without the scored actors. With excluded actors both are the same model.
    # It is trained here while other processes cross-validate, which saves a minute on two cores.
    one_blas_thread()
    given_up = Event()
    with ThreadPoolExecutor(1) as beside:
        fitting = beside.submit(finish, fit(settings, table, rows), command=lambda: Command(stop=given_up.is_set()))
        try:
            judged = show_progress(cross_validate(settings, table, jobs=processors()), describe_fold)
            model = fitting.result()
        except BaseException:
            given_up.set()
            raise
    scores = scores_of(judged, table, options.exclude_actors or ())
    card = card_of(model, trained_on(table, rows), scores)
    store = ModelStore(options.models)
    kept = store.save(options.name, model, card, out_of_fold_answers(judged, table))
    for score in scores:
        print(f"{store.folder / kept.card.file}: UAR {score.uar:.3f} on {score.data_set} ({score.scored_on})")
    return 0
