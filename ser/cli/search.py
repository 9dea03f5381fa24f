"""`ser search`: look for better settings, judged by nested validation."""

import argparse
import json
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ser.cli.options import Commands, add_command, add_scheduler, add_settings, positive, read_settings, workers
from ser.cli.progress import minutes, say, show_progress

if TYPE_CHECKING:
    from ser.experiments.search import SearchReport
    from ser.training.settings import TrainingSettings


def add(commands: Commands) -> None:
    """Add the command."""
    from ser.experiments.search import SEARCH_METHODS, SEARCHED_FIRST, SEARCHED_VALUES

    parser = add_command(
        commands, "search", run, "Look for better settings on training speakers; judge the best on others, once."
    )
    add_settings(parser)
    parser.add_argument(
        "--vary",
        action="append",
        metavar="NAME[=VALUES]",
        help=f"a setting to vary, and a JSON list of values to draw from; may be given several times. Without values, "
        f"one of {', '.join(SEARCHED_VALUES)} (default: {', '.join(SEARCHED_FIRST)})",
    )
    parser.add_argument("--candidates", type=positive, default=8, metavar="N", help="settings to try (default: 8)")
    parser.add_argument(
        "--method",
        choices=SEARCH_METHODS,
        default=SEARCH_METHODS[0],
        help="halving gives all candidates few epochs, then the better half more (default: random)",
    )
    parser.add_argument("--jobs", type=positive, metavar="N", help="trainings at once (default: one a processor)")
    parser.add_argument("--out", type=Path, metavar="FILE.json", help="write the best settings, for `ser train`")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    add_scheduler(parser)
    parser.set_defaults(misused=parser.error)


def run(options: argparse.Namespace) -> int:
    """Search, print the best settings and keep them; the status is 1 if the search was stopped."""
    from ser import workers as processes
    from ser.data.table_file import load_tables
    from ser.errors import TrainingError
    from ser.experiments.search import draw_candidates, run_search
    from ser.steps import STOP

    if options.out is not None and not options.out.expanduser().parent.is_dir():
        options.misused(f"there is no folder {options.out.parent} to write the settings to; make it first")
    settings = read_settings(options.settings, options.corpora)
    drawn = draw_candidates(settings, searched_values(settings, options.vary), options.candidates, seed=settings.seed)
    table = load_tables(settings.corpora)
    with workers(options.scheduler) as cluster, _interruptible() as interrupted:
        if cluster is None:
            # Trainings in threads of one process would wait for each other.
            processes.start("ser.experiments.search")
        report = show_progress(
            run_search(drawn, table, method=options.method, jobs=options.jobs),
            _describe,
            lambda report: report.share,
            lambda: STOP if interrupted.is_set() else None,
        )
    if report.best is None:
        raise TrainingError("The search was stopped before one candidate was judged. Let it run longer.")
    best = report.candidates[report.best - 1]
    if options.out is not None:
        options.out.expanduser().write_text(json.dumps(best.settings.to_json(), indent=2) + "\n", "utf-8")
    print(json.dumps(_as_json(report)) if options.json else _as_text(report))
    return 0 if report.judged is not None else 1


def searched_values(settings: "TrainingSettings", varied: list[str] | None) -> dict[str, tuple]:
    """The values to draw from, by the name of the setting."""
    from ser.errors import TrainingError
    from ser.experiments.search import SEARCHED_FIRST, SEARCHED_VALUES, search_space
    from ser.training.setting_fields import SETTINGS
    from ser.training.settings import TrainingSettings

    space: dict[str, tuple] = {}
    for word in varied or SEARCHED_FIRST:
        name, given, text = word.partition("=")
        if name not in SETTINGS:
            raise TrainingError(f"There is no setting {name!r} to vary; choose one of {', '.join(SETTINGS)}.")
        if not given and name not in SEARCHED_VALUES:
            raise TrainingError(f"{name} needs values to draw from, as a JSON list: --vary '{name}=[…, …]'.")
        if not given:
            space |= search_space(settings, [name])
            continue
        values: Any = None
        with suppress(ValueError):
            values = json.loads(text)
        if not isinstance(values, list) or not values:
            raise TrainingError(f"{text!r} is given for {name}; a JSON list of values is needed, as [1, 2].")
        whole = settings.to_json()
        space[name] = tuple(getattr(TrainingSettings.from_json(whole | {name: value}), name) for value in values)
    return space


@contextmanager
def _interruptible() -> Iterator[threading.Event]:
    """An event that Ctrl-C sets; a second Ctrl-C ends the command at once."""
    interrupted = threading.Event()

    def interrupt(*_: object) -> None:
        say("Stopping. Press Ctrl-C again to end at once.")
        interrupted.set()
        signal.signal(signal.SIGINT, before)

    before = signal.signal(signal.SIGINT, interrupt)
    try:
        yield interrupted
    finally:
        signal.signal(signal.SIGINT, before)


def _describe(report: "SearchReport") -> str:
    if report.judging:
        return f"judging the best on the speakers set aside, {minutes(report.seconds)}"
    judged = sum(bool(each.uar) for each in report.candidates)
    best = "" if report.best is None else f", best inner UAR {report.candidates[report.best - 1].mean_uar:.3f}"
    return f"{judged} of {len(report.candidates)} candidates judged{best}, {minutes(report.seconds)}"


def _as_text(report: "SearchReport") -> str:
    assert report.best is not None
    best = report.candidates[report.best - 1]
    lines = []
    for each in report.candidates:
        score = each.error or each.state if each.mean_uar is None else f"inner UAR {each.mean_uar:.3f}"
        lines.append(f"{each.number}: {score} with {_values(each.values)}")
    lines.append(f"Best: candidate {best.number} with {_values(best.values)}")
    if report.judged is None:
        lines.append("The search was stopped, so the best was not judged on the speakers set aside.")
    else:
        low, high = report.judged.evaluation.uar_interval
        lines.append(f"UAR on speakers set aside: {report.judged.evaluation.uar:.3f} ({low:.3f} to {high:.3f})")
    return "\n".join(lines)


def _values(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {json.dumps(value)}" for name, value in values.items())


def _as_json(report: "SearchReport") -> dict[str, Any]:
    assert report.best is not None
    candidates = [
        {**asdict(each), "settings": each.settings.to_json(), "mean_uar": each.mean_uar} for each in report.candidates
    ]
    return {
        "best": candidates[report.best - 1],
        "candidates": candidates,
        "stopped": report.judged is None,
        "judged": report.judged and report.judged.evaluation.to_json(),
        "seconds": report.seconds,
    }
