"""Files that are whole or not there, and folders with one writer at a time."""

import errno
import os
import subprocess
import sys
import time

import pytest

from ser import files
from ser.files import only_writer, reason, remove_left_parts, whole


def test_a_file_has_its_name_only_once_it_is_whole(tmp_path):
    path = tmp_path / "kept.txt"
    with whole(path) as part:
        part.write_text("new")
        assert not path.exists()
    assert path.read_text() == "new" and [each.name for each in tmp_path.iterdir()] == ["kept.txt"]


def test_a_failure_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "kept.txt"
    path.write_text("old")
    with pytest.raises(ValueError), whole(path) as part:
        part.write_text("half")
        raise ValueError
    assert path.read_text() == "old" and [each.name for each in tmp_path.iterdir()] == ["kept.txt"]


def test_what_a_killed_writer_left_long_ago_is_removed(tmp_path):
    old, fresh = tmp_path / ".a.1234.part", tmp_path / ".b.1234.part"
    for part in (old, fresh):
        part.touch()
    os.utime(old, (time.time() - 2 * files.SECONDS_UNTIL_LEFT,) * 2)
    remove_left_parts(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == [fresh.name]


def test_two_processes_never_write_at_once(tmp_path):
    """Each of them adds to a number in a file, read and written apart; without the lock additions would be lost."""
    number = tmp_path / "number"
    number.write_text("0")
    program = (
        "import sys, time\n"
        "from pathlib import Path\n"
        "from ser.files import only_writer\n"
        "number = Path(sys.argv[1]) / 'number'\n"
        "for _ in range(50):\n"
        "    with only_writer(number.parent):\n"
        "        value = int(number.read_text())\n"
        "        time.sleep(0.001)\n"
        "        number.write_text(str(value + 1))\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", program, str(tmp_path)]) for _ in range(2)]
    assert [writer.wait(60) for writer in writers] == [0, 0]
    assert number.read_text() == "100"


def test_a_killed_writer_holds_nobody_up(tmp_path):
    program = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from ser.files import only_writer\n"
        "with only_writer(Path(sys.argv[1])):\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], check=False).returncode == -9
    with only_writer(tmp_path):
        pass


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EROFS, "the folder is read-only"),
        (errno.EACCES, "the folder is read-only"),
        (errno.EIO, os.strerror(errno.EIO)),
    ],
)
def test_the_reason_names_no_path(number, words):
    assert reason(OSError(number, os.strerror(number), "/srv/secret/place")) == words
