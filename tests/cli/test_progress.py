"""Progress on standard error: a bar on a terminal, lines in a log."""

import io
import time

import pytest

from ser.cli.progress import minutes, say, show_progress


class Terminal(io.StringIO):
    """A terminal that remembers what was written."""

    def isatty(self):
        return True


def work(n, seconds=0.0):
    for number in range(1, n + 1):
        time.sleep(seconds)
        yield number
    return n


@pytest.mark.parametrize("share", [None, lambda number: number / 4])
def test_a_terminal_gets_one_line_that_is_rewritten(monkeypatch, share):
    terminal = Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    # The line is drawn ten times a second at most.
    assert show_progress(work(4, 0.12), lambda number: f"{number} of 4 clips", share) == 4
    shown = terminal.getvalue()
    assert "4 of 4 clips" in shown and "\n" not in shown
    assert ("100%" in shown) == (share is not None)


def test_a_log_gets_a_line_and_not_every_report(capsys):
    assert show_progress(work(50), lambda number: f"{number} of 50 clips") == 50
    assert capsys.readouterr().err.splitlines() == ["1 of 50 clips"]


def test_a_line_that_stays(capsys):
    say("one.wav: no voice")
    assert capsys.readouterr().err == "one.wav: no voice\n"


def test_minutes():
    assert (minutes(0), minutes(67.9), minutes(600)) == ("0:00", "1:07", "10:00")
