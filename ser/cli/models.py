"""`ser models`: list the models at hand, or remove kept ones."""

import argparse
import sys
from typing import TYPE_CHECKING

from ser.cli.options import Commands, add_command, add_models
from ser.errors import SerError

if TYPE_CHECKING:
    from ser.model.card import ModelCard
    from ser.model.store import ModelStore


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "models", run, "List the models at hand, or remove kept ones.")
    parser.set_defaults(names=())
    parser.usage = "ser models [-h] [--models DIR] [rm NAME...]"
    add_models(parser, "folder of the models")
    actions = parser.add_subparsers(metavar="rm")
    about = "Remove kept models for good. Models that come with the package stay."
    remove = actions.add_parser("rm", help=about, description=about)
    remove.add_argument("names", nargs="+", metavar="NAME", help="name of a model in the list")


def run(options: argparse.Namespace) -> int:
    """List the models, or remove those that are named."""
    from ser.model.store import ModelStore

    store = ModelStore(options.models)
    names = options.names or store.names()
    failed = 0
    for name in names:
        try:
            print(_removed(store, name) if options.names else _line(store, name, max(map(len, names))))
        except SerError as error:
            print(error, file=sys.stderr)
            failed = 1
    return failed


def _removed(store: "ModelStore", name: str) -> str:
    store.remove(name)
    return f"Removed {name}."


def _line(store: "ModelStore", name: str, width: int) -> str:
    """The line of a model: its name, where it comes from, and its score."""
    origin = "shipped" if store.is_shipped(name) else "kept"
    return f"{name:{width}}  {origin:7}  {_score(store.card(name))}"


def _score(card: "ModelCard") -> str:
    score = card.held_out_score
    if score is None:
        return f"{len(card.labels)} labels, never judged on unseen speakers"
    return f"{len(score.labels)} emotions, UAR {score.uar:.3f} on unseen speakers of {score.data_set}"
