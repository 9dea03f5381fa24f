"""`ser download`: fetch the audio of a data set."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ser.cli.options import Commands, add_command
from ser.cli.progress import minutes, show_progress

if TYPE_CHECKING:
    from ser.data.downloads.fetching import DownloadProgress
    from ser.data.downloads.repository import FolderProgress


def add(commands: Commands) -> None:
    """Add the command."""
    from ser.data.data_sets import DATA_SETS, RAVDESS

    sizes = {RAVDESS.key: 208} | {key: each.repository.megabytes for key, each in DATA_SETS.items() if each.repository}
    parser = add_command(
        commands, "download", run, "Fetch the recordings of a data set; goes on where it was interrupted."
    )
    parser.add_argument(
        "corpus",
        nargs="?",
        choices=sizes,
        default=RAVDESS.key,
        help="which data set (default: ravdess): " + ", ".join(f"{key} ({size} MB)" for key, size in sizes.items()),
    )
    parser.add_argument("--to", type=Path, metavar="DIR", help="where to put the archive, or the data set's folder")


def run(options: argparse.Namespace) -> int:
    """Fetch the recordings and print where they are."""
    from ser.data.data_sets import data_set
    from ser.data.downloads.archive import download
    from ser.data.downloads.repository import download_repository

    repository = data_set(options.corpus).repository
    if repository is None:
        print(show_progress(download(options.to), _bytes, lambda report: report.done / report.total))
    else:
        steps = download_repository(repository, options.to)
        print(show_progress(steps, _files, lambda report: report.done / report.total))
    return 0


def _bytes(report: "DownloadProgress") -> str:
    if report.trouble:
        return f"{report.done / 1e6:.0f} of {report.total / 1e6:.0f} MB, {report.trouble}: trying again"
    return f"{report.done / 1e6:.0f} of {report.total / 1e6:.0f} MB, {_pace(report)}"


def _files(report: "FolderProgress") -> str:
    return f"{report.done:,} of {report.total:,} files, {_pace(report)}"


def _pace(report: "DownloadProgress | FolderProgress") -> str:
    left = "" if report.seconds_left is None else f", {minutes(report.seconds_left)} left"
    return f"{report.rate / 1e6:.1f} MB/s{left}"
