"""Each file that cannot be used has a plain sentence, and docs/bad-files.md has them all."""

import re
from pathlib import Path

import pytest

from tests.fuzzing.bad_files import TABLE, sentences, table


@pytest.fixture(scope="module")
def read():
    return sentences()


def test_every_bad_file_has_a_sentence(read):
    assert len(read) >= 60
    for what, sentence in read.items():
        # What is wrong, and what to do: two or three sentences on one line, without a path of this machine.
        assert re.fullmatch(r"[^\n]{20,330}\.", sentence), what
        assert sentence.count(". ") in (0, 1, 2, 3), what
        assert not re.search(r"Traceback|Error\b|0x[0-9a-f]|/tmp|/usr|None", sentence), what
        assert str(Path.cwd()) not in sentence


def test_the_table_is_up_to_date(read):
    """If it is not: `python -m tests.fuzzing.bad_files`."""
    assert TABLE.read_text("utf-8") == table(read)
