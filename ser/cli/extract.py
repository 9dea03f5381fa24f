"""`ser extract`: compute a feature table from the audio of a data set."""

import argparse
import os
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from ser.cli.options import Commands, add_command, add_scheduler, positive, workers
from ser.cli.progress import say, show_progress

if TYPE_CHECKING:
    from ser.data.corpus import CorpusSource
    from ser.data.extraction import ExtractReport
    from ser.data.ravdess import Source


def add(commands: Commands) -> None:
    """Add the command."""
    from ser.data.archives.addresses import located
    from ser.data.data_sets import DATA_SETS, RAVDESS
    from ser.data.labels.sources import CSV, FOLDER

    parser = add_command(commands, "extract", run, "Compute the feature table of a data set from its audio.")
    parser.add_argument(
        "--corpus",
        choices=(*DATA_SETS, FOLDER, CSV),
        default=RAVDESS.key,
        help="which data set (default: ravdess); folder and csv are clips of your own",
    )
    parser.add_argument(
        "--data",
        type=located,
        metavar="ZIP|DIR|CSV",
        help="the audio, or its address such as s3://bucket/clips (default: SER_RAVDESS or the download)",
    )
    parser.add_argument("--out", type=Path, metavar="TABLE", help="parquet file to write (default: the shipped table)")
    parser.add_argument(
        "--per-emotion",
        type=positive,
        metavar="N",
        help="take so many clips of each speaker and emotion (default: 10 of nemo, all of others)",
    )
    parser.add_argument("--jobs", type=positive, default=os.cpu_count() or 1, metavar="N", help="processes")
    add_scheduler(parser)
    parser.set_defaults(misused=parser.error)


def run(options: argparse.Namespace) -> int:
    """Write the feature table; the status is 1 if a clip could not be used."""
    from ser.data.changed_recordings import extract_changed
    from ser.data.data_sets import RAVDESS, SHIPPED_CORPORA
    from ser.data.extraction import extract
    from ser.data.table_file import load_tables, save_table, shipped_path
    from ser.model.training_clips import keep_shipped_clips

    if options.out is None and options.corpus not in SHIPPED_CORPORA:
        options.misused(f"no table of {options.corpus} is shipped; say with --out where to write it")
    out = options.out or shipped_path(options.corpus)
    failed = 0
    with opened(options) as source, workers(options.scheduler):
        # What is left out on purpose, such as copies, is no failure.
        for sentence in source.report.sentences():
            say(sentence)
        failed += len(source.report.failures())

        def line(report: "ExtractReport") -> str:
            nonlocal failed
            if report.error:
                failed += 1
                say(f"{report.name}: {report.error}")
            return f"{report.done} of {report.total} clips"

        table = show_progress(extract(source, options.jobs), line, lambda report: report.done / report.total)
        save_table(table, out)
        if out == shipped_path(RAVDESS.key):
            changed = extract_changed(source, table, options.jobs)
            show_progress(changed, line, lambda report: report.done / report.total)
    if options.out is None:
        keep_shipped_clips(load_tables())
    print(f"{out}: {len(table)} clips, " + ", ".join(f"{m.shape[1]} {n}" for n, m in table.matrices.items()))
    return 1 if failed else 0


def opened(options: argparse.Namespace) -> "AbstractContextManager[Source | CorpusSource]":
    """The audio of the data set, opened."""
    from ser.data.corpus import chosen_clips, open_corpus_source
    from ser.data.data_sets import DATA_SETS, RAVDESS
    from ser.data.downloads.repository import repository_folder
    from ser.data.ravdess import default_source, open_source
    from ser.errors import DatasetError

    if options.corpus == RAVDESS.key:
        audio = options.data or default_source()
        if audio is None:
            raise DatasetError(
                "No RAVDESS audio is at hand. Give --data ZIP|DIR, set SER_RAVDESS, or run `python -m ser download`."
            )
        source = open_source(audio)
        if options.per_emotion:
            source.clips = tuple(sorted(chosen_clips(source.clips, options.per_emotion), key=lambda clip: clip.name))
        return source
    known, audio = DATA_SETS.get(options.corpus), options.data
    repository = known.repository if known else None
    if audio is None and repository and repository_folder(repository).exists():
        audio = repository_folder(repository)
    if audio is None:
        what = known.title if known else "your own"
        fetch = f", or run `python -m ser download {options.corpus}`" if repository else ""
        raise DatasetError(f"No audio of {what} is at hand. Give --data ZIP|DIR{fetch}.")
    return open_corpus_source(audio, options.corpus, options.per_emotion or (known.per_emotion if known else None))
