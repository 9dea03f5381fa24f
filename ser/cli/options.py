"""Options that several commands share, and how their values are read."""

import argparse
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ser.training.settings import TrainingSettings


class Commands(Protocol):
    """What `add_subparsers` returns, as far as commands need it."""

    def add_parser(self, name: str, *, help: str, description: str) -> argparse.ArgumentParser:
        """Add a command."""


def add_command(commands: Commands, name: str, run: Any, about: str) -> argparse.ArgumentParser:
    """Add a command that calls `run(options)`, which returns the exit status."""
    parser = commands.add_parser(name, help=about, description=about)
    parser.set_defaults(run=run)
    return parser


def add_models(parser: argparse.ArgumentParser, use: str) -> None:
    """Add --models."""
    parser.add_argument("--models", type=Path, metavar="DIR", help=f"{use} (default: SER_MODELS, or models/)")


def add_settings(parser: argparse.ArgumentParser) -> None:
    """Add --settings, and the list of all settings to the help."""
    from ser.training.setting_fields import settings_help

    parser.add_argument(
        "--settings", type=Path, metavar="FILE.json", help="what differs from the shipped model's settings"
    )
    parser.add_argument(
        "--corpora", type=names, metavar="ravdess,nemo", help="data sets to learn from (default: the settings')"
    )
    parser.epilog, parser.formatter_class = settings_help(), argparse.RawDescriptionHelpFormatter


def names(text: str) -> tuple[str, ...]:
    """Names with commas between."""
    return tuple(part.strip() for part in text.split(","))


def read_settings(path: Path | None, chosen: tuple[str, ...] | None = None) -> "TrainingSettings":
    """The settings in a JSON file, those of the shipped model without one; `chosen` data sets replace theirs."""
    settings = _settings_in(path)
    return replace(settings, corpora=chosen) if chosen else settings


def _settings_in(path: Path | None) -> "TrainingSettings":
    from ser.errors import TrainingError
    from ser.training.settings import TrainingSettings

    if path is None:
        return TrainingSettings()
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise TrainingError(f"The settings {path} cannot be read ({error}). Give the path of a JSON file.") from error
    return TrainingSettings.from_json(text)


def positive(text: str) -> int:
    """A whole number from 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is given; a whole number from 1 is needed")
    return value


def actors(text: str) -> tuple[int, ...]:
    """Numbers of actors with commas between."""
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is given; numbers with commas between, as 1,11, are needed"
        ) from error


def add_scheduler(parser: argparse.ArgumentParser) -> None:
    """Add --scheduler."""
    parser.add_argument(
        "--scheduler",
        metavar="ADDRESS",
        help="Dask scheduler to work on (default: this machine); needs the extra scale",
    )


def workers(scheduler: str | None) -> AbstractContextManager[object]:
    """Let parallel work run on the workers of a Dask scheduler, if one is given, while this context lasts."""
    from ser.workers.cluster import connected

    return nullcontext() if scheduler is None else connected(scheduler)


def processors() -> int:
    """How many processes work at once."""
    import joblib

    return joblib.cpu_count()
