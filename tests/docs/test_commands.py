"""The blocks of README and docs: commands and Python run as they stand, or at least are parsed; options are explained.

A block of output is marked as `text`. Commands of `ser` that would take minutes get quick settings here.
"""

import argparse
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from ser.cli import main as command_line
from tests.helpers.markdown import ROOT, Block, blocks, documents
from tests.helpers.voices import ALL as VOICES

DATA = {"text", "csv", "json", "yaml", "toml", "ini", "nginx", "dockerfile", "caddyfile", "html"}
QUICK = {"feature_set": "notebook", "hidden_layers": [8], "epochs": 2, "members": 1, "calibration_folds": 0,
         "specialists": 0, "copies": 0, "views": False}  # fmt: skip
BLOCKS = [block for path in documents() for block in blocks(path)]
# What docs ask to start that is run elsewhere: by other tests, by CI, or on the machine of an operator only.
ELSEWHERE = {
    "pip": "the fresh environment of .ci/run",
    "streamlit": "tests/helpers/server.py",
    "mkdocs": "test_site.py",
    "pytest": ".ci/checks",
    ".ci/checks": ".ci/run",
    "pre-commit": "the hooks are the commands of .ci/checks",
    "docker": "no container daemon runs in tests",
    "systemctl": "a machine of the operator",
    "dask": "tests/workers/test_cluster.py",
    "sha256sum": "a machine of the operator",
}


def commands(block: Block) -> list[str]:
    """The commands of a block, one an item; lines that end in a backslash go on."""
    lines = block.text.replace("\\\n", " ").splitlines()
    lines = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return [part.strip() for line in lines for part in line.split("&&")]


COMMANDS = [(str(block), command) for block in BLOCKS if block.language == "bash" for command in commands(block)]
OF_SER = sorted({c.removeprefix("python -m ") for _, c in COMMANDS if re.match(r"(python -m )?ser\b", c)})


def parsers() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command of `ser`."""
    whole = command_line.parser_for([])
    (choices,) = (action.choices for action in whole._actions if isinstance(action, argparse._SubParsersAction))
    return choices


def test_every_block_says_what_it_is():
    assert len(BLOCKS) > 20
    odd = {str(block): block.language for block in BLOCKS if block.language not in DATA | {"bash", "python", "console"}}
    assert odd == {}


@pytest.mark.parametrize("command", OF_SER)
def test_a_command_of_ser_is_parsed(command):
    words = shlex.split(command)[1:]
    command_line.parser_for(words).parse_args(words)


@pytest.mark.parametrize(("where", "command"), [each for each in COMMANDS if each[1] not in OF_SER])
def test_another_command_names_what_is_there(where, command):
    words = [word for word in shlex.split(command) if not re.fullmatch(r"[A-Z_]+=\S*", word)]
    if not words or words[0] in ("ser", ".") or words[:3] == ["python", "-m", "ser"]:
        return
    if words[:2] == ["python", "-m"]:
        module = words[2].replace(".", "/")
        assert words[2] == "venv" or (ROOT / f"{module}.py").is_file() or (ROOT / module / "__main__.py").is_file()
        return
    path = ROOT / words[0]
    assert words[0] in ELSEWHERE or path.is_file() or "deploy" in where or "operating" in where, f"{where}: {command}"
    for word in words[1:]:
        # A file of the repository that is named has to be there.
        if re.fullmatch(r"[\w./-]+\.(txt|py|yml|toml)", word):
            assert (ROOT / word).is_file(), f"{where}: {word}"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A folder with the files that the documentation names, as small as they can be."""
    for name in ("clip.wav", "other.wav", "neutral-1.wav", "neutral-2.wav"):
        (tmp_path / name).write_bytes(VOICES[0].read_bytes())
    for label, clip in zip(("happy", "sad", "angry"), VOICES, strict=False):
        for speaker in ("anna", "ben"):
            (tmp_path / "mine" / label / speaker).mkdir(parents=True)
            (tmp_path / "mine" / label / speaker / "1.ogg").write_bytes(clip.read_bytes())
    (tmp_path / "settings.json").write_text(json.dumps(QUICK))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def in_process(*words: str) -> subprocess.CompletedProcess:
    """Python in a process of its own, in the folder at hand."""
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, timeout=400)


def runs_here(words: list[str]) -> list[str] | None:
    """The words of a command as they are run here, or None where the data are too large for a test."""
    if "--scheduler" in words or "rm" in words:
        return None
    if words[0] in ("predict", "models") or ("mine" in words[1:] and words[0] != "train"):
        return words
    if words[0] in ("train", "evaluate", "search") and "--data" not in words and "--robustness" not in words:
        quick = ["--settings", "settings.json"]
        quick += ["--models", "models", "--corpora", "ravdess"] if words[0] == "train" else []
        quick += ["--candidates", "2", "--corpora", "ravdess"] if words[0] == "search" else []
        quick += ["--protocol", "heldout"] if words == ["evaluate"] else []
        return [*words, *quick]
    return None


@pytest.mark.slow
@pytest.mark.timeout(480)
@pytest.mark.parametrize("command", [each for each in OF_SER if runs_here(shlex.split(each)[1:])])
def test_a_command_of_ser_runs(command, folder):
    done = in_process("-m", "ser", *runs_here(shlex.split(command)[1:]))
    assert done.returncode == 0 and (done.stdout or "--out" in command), done.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    "path", [p for p in documents() if any(b.language == "python" for b in blocks(p))], ids=lambda p: p.name
)
def test_python_runs_as_it_stands(path, folder):
    if "mine.parquet" in path.read_text("utf-8"):
        made = in_process("-m", "ser", "extract", "--corpus", "folder", "--data", "mine", "--out", "mine.parquet")
        assert made.returncode == 0, made.stderr
    code = "\n".join(block.text for block in blocks(path) if block.language == "python")
    done = in_process("-c", code)
    assert done.returncode == 0 and done.stdout, done.stderr


PAGE = (ROOT / "docs" / "command-line.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^## `ser (\w+)`\n(.*?)(?=^## |\Z)", PAGE, re.M | re.S))


def test_the_page_has_a_section_for_each_command():
    assert set(SECTIONS) == set(parsers())


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_every_option_is_explained_and_no_other(name):
    explained = set(re.findall(r"^\| `(-[\w-]+)", SECTIONS[name], re.M))
    known = {option for action in parsers()[name]._actions for option in action.option_strings} - {"-h", "--help"}
    assert explained == known
    assert all(word in PAGE for word in ("`--help`", "`-h`"))


def test_every_variable_is_explained_and_no_other():
    """The variables that the package reads are those in docs/settings.md."""
    sources = [*(ROOT / "ser").rglob("*.py"), *(ROOT / "pages").rglob("*.py"), ROOT / "app.py"]
    known = {name for path in sources for name in re.findall(r"\"(SER_[A-Z_]+)\"", path.read_text("utf-8"))}
    docs = sorted((ROOT / "docs").glob("*.md"))
    rows = {name for path in docs for name in re.findall(r"^\| `(SER_[A-Z_]+)`", path.read_text("utf-8"), re.M)}
    assert known == rows
