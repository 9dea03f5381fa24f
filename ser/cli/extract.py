"""`ser extract`: compute the feature table from the audio."""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ser.cli.options import Commands, add_command, add_scheduler, positive, workers
from ser.cli.progress import say, show_progress

if TYPE_CHECKING:
    from ser.data.extraction import ExtractReport


def add(commands: Commands) -> None:
    """Add the command."""
    from ser.data.table_file import SHIPPED

    parser = add_command(commands, "extract", run, "Compute the feature table from the audio.")
    parser.add_argument("--data", type=Path, metavar="ZIP|DIR", help="the audio (default: SER_RAVDESS or the download)")
    parser.add_argument("--out", type=Path, metavar="TABLE", default=SHIPPED, help="parquet file to write")
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N", help="processes")
    add_scheduler(parser)


def run(options: argparse.Namespace) -> int:
    """Write the feature table; the status is 1 if a clip could not be used."""
    from ser.data.extraction import extract
    from ser.data.ravdess import default_source, open_source
    from ser.data.table_file import SHIPPED, load_table, save_table
    from ser.errors import DatasetError
    from ser.model.training_clips import keep_shipped_clips

    audio = options.data or default_source()
    if audio is None:
        raise DatasetError(
            "No RAVDESS audio is at hand. Give --data ZIP|DIR, set SER_RAVDESS, or run `python -m ser download`."
        )
    failed = 0
    with open_source(audio) as source, workers(options.scheduler):
        # What is left out on purpose, such as copies, is no failure.
        for sentence in source.report.sentences():
            print(sentence, file=sys.stderr)
        failed += len(source.report.failures())

        def line(report: "ExtractReport") -> str:
            nonlocal failed
            if report.error:
                failed += 1
                say(f"{report.name}: {report.error}")
            return f"{report.done} of {report.total} clips"

        table = show_progress(extract(source, options.jobs), line, lambda report: report.done / report.total)
    save_table(table, options.out)
    if options.out == SHIPPED:
        keep_shipped_clips(load_table())
    print(f"{options.out}: {len(table)} clips, " + ", ".join(f"{m.shape[1]} {n}" for n, m in table.matrices.items()))
    return 1 if failed else 0
