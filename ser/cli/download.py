"""`ser download`: fetch the RAVDESS audio."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ser.cli.options import Commands, add_command
from ser.cli.progress import minutes, show_progress

if TYPE_CHECKING:
    from ser.data.downloads.fetching import DownloadProgress


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "download", run, "Fetch RAVDESS speech (208 MB); goes on where it was interrupted.")
    parser.add_argument("--to", type=Path, metavar="DIR", help="folder to put the archive in")


def run(options: argparse.Namespace) -> int:
    """Fetch the archive and print its path."""
    from ser.data.downloads.archive import download

    print(show_progress(download(options.to), _line, lambda report: report.done / report.total))
    return 0


def _line(report: "DownloadProgress") -> str:
    left = "" if report.seconds_left is None else f", {minutes(report.seconds_left)} left"
    return f"{report.done / 1e6:.0f} of {report.total / 1e6:.0f} MB, {report.rate / 1e6:.1f} MB/s{left}"
