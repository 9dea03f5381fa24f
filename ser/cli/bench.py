"""`ser bench`: measure how fast this package is on this machine, side by side with other ways to do the same."""

import argparse
import json
from typing import TYPE_CHECKING

from ser.cli.options import Commands, add_command, positive
from ser.cli.progress import show_progress

if TYPE_CHECKING:
    from ser.benchmark.comparison import ComparisonReport
    from ser.benchmark.lines import Comparison

_CLIPS, _ROUNDS = 16, 3
# Digits behind the point.
_DIGITS = {"ms": 1, "s": 2, "MB": 0}


def add(commands: Commands) -> None:
    """Add the command."""
    parser = add_command(commands, "bench", run, "Measure speed and memory side by side with other tools.")
    parser.add_argument(
        "--clips", type=positive, default=_CLIPS, metavar="N", help=f"clips for the workers (default: {_CLIPS})"
    )
    parser.add_argument(
        "--rounds", type=positive, default=_ROUNDS, metavar="N", help=f"repetitions of everything (default: {_ROUNDS})"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object")


def run(options: argparse.Namespace) -> int:
    """Measure everything and print a table or an object."""
    from ser.benchmark.comparison import compare

    def line(report: "ComparisonReport") -> str:
        return f"{report.part}, {report.share:.0%}"

    found = show_progress(compare(options.clips, options.rounds), line)
    print(json.dumps(found.to_json(), ensure_ascii=False) if options.json else table(found))
    return 0


def table(found: "Comparison") -> str:
    """What was measured, one line each, and the targets below."""
    names = {each.line.key: each.line.name.strip() for each in found.measurements}
    width = max(len(each.line.name) for each in found.measurements) + 2
    rows = [f"{'':{width}}{'median':>12}{'ratio':>8}  compared with"]
    for each in found.measurements:
        if each.median is None:
            rows.append(f"{each.line.name:{width}}{each.line.missing}")
            continue
        figure = f"{each.median:.{_DIGITS[each.line.unit]}f} {each.line.unit:2}"
        compared = "" if each.ratio is None else f"{each.ratio:8.2f}  {names[each.line.compared_with]}"
        rows.append(f"{each.line.name:{width}}{figure:>12}{compared}")
    rows += ["", "Targets"]
    for target, value in found.targets:
        bound = f"at {'most' if target.at_most else 'least'} {target.must:g}"
        bound += f", better {target.stretch:g}" if target.stretch else ""
        measured = "not measured" if value is None else f"{value:.2f}"
        rows.append(f"  {target.name}: {measured} ({bound})")
    rows += ["", f"Clips ({found.source}): {found.n_clips}, for the workers: {found.n_many}, rounds: {found.rounds}"]
    return "\n".join(rows)
