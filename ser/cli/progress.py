"""How far work on the command line is, on standard error."""

import sys
import time
from collections.abc import Callable

from ser.steps import Command, ReportT, ResultT, Steps, finish

# A log gets a line of progress a second.
_LOG_SECONDS = 1.0


def show_progress(
    steps: Steps[ReportT, ResultT | None],
    describe: Callable[[ReportT], str],
    share: Callable[[ReportT], float] | None = None,
    command: Callable[[], Command | None] | None = None,
) -> ResultT:
    """Run work to its end and return its result.

    `describe(report)` is shown in one line that is rewritten on a terminal, with a bar where `share(report)` says which
    part is done, 0 to 1; a log gets a line now and then. `command()` may stop it after a report.
    """
    if not sys.stderr.isatty():
        return _result(finish(steps, _logger(describe), command))
    from tqdm import tqdm  # here, because commands without progress need not wait for it

    form = "{desc} {percentage:3.0f}%|{bar}|" if share else "{desc}"
    with tqdm(total=1.0, file=sys.stderr, bar_format=form, leave=False, miniters=0) as bar:

        def show(report: ReportT) -> None:
            bar.set_description_str(describe(report), refresh=False)
            bar.update(share(report) - bar.n if share else 0)

        return _result(finish(steps, show, command))


def say(text: str) -> None:
    """Print a line that stays, above a bar that is being drawn."""
    from tqdm import tqdm

    tqdm.write(text, file=sys.stderr)


def minutes(seconds: float) -> str:
    """A duration as minutes and seconds, such as 3:07."""
    return f"{int(seconds // 60)}:{int(seconds % 60):02d}"


def _result(result: ResultT | None) -> ResultT:
    assert result is not None, "only work that was asked to stop has no result"
    return result


def _logger(describe: Callable[[ReportT], str]) -> Callable[[ReportT], None]:
    last = 0.0

    def show(report: ReportT) -> None:
        nonlocal last
        text = describe(report)
        if time.monotonic() - last >= _LOG_SECONDS:
            last = time.monotonic()
            print(text, file=sys.stderr)

    return show
