"""`ser evaluate --robustness`: count the answers that stay when recordings change."""

import argparse
import json
import sys
from typing import TYPE_CHECKING

from ser.cli.options import processors, read_settings
from ser.cli.progress import minutes, show_progress

if TYPE_CHECKING:
    from ser.evaluation.robustness import RobustnessReport


def run(options: argparse.Namespace) -> int:
    """Change recordings one way after the other and print how many answers stay."""
    from ser.data.ravdess import default_source, open_source
    from ser.data.table_file import load_tables
    from ser.errors import DatasetError
    from ser.evaluation.robustness import DEFAULT_CLIPS, measure_robustness

    audio = default_source()
    if audio is None:
        raise DatasetError(
            "No RAVDESS audio is at hand, and it is to be changed. Set SER_RAVDESS, or run `python -m ser download`."
        )

    def line(report: "RobustnessReport") -> str:
        left = f", {minutes(report.seconds_left)} left" if report.seconds_left is not None else ""
        doing = f"training {report.training:.0%}, " if report.training < 1 else ""
        return f"fold {report.fold} of {report.folds}, {doing}{report.done} of {report.total} clips{left}"

    with open_source(audio) as source:
        settings, clips = read_settings(options.settings, options.corpora), options.clips or DEFAULT_CLIPS
        steps = measure_robustness(settings, load_tables(settings.corpora), source, clips=clips, jobs=processors())
        found = show_progress(steps, line)
    for sentence in found.reported:
        print(sentence, file=sys.stderr)
    if options.json:
        print(json.dumps(found.to_json()))
    else:
        print(f"{found.n_clips} clips of unseen actors, UAR {found.uar:.3f} as recorded")
        print(f"{'':18}{'same label':>10}{'UAR':>8}{'refused':>9}")
        for name, each in found.changes.items():
            print(f"{name:18}{each.same_label:10.1%}{each.uar:8.3f}{each.refused:9d}  {each.about}")
    return 1 if found.reported else 0
