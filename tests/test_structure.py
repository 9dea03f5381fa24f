"""The package's shape: no Streamlit inside, imports one way, every public name explained."""

import ast
import inspect
import pkgutil
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import ser

ROOT = Path(__file__).parents[1]
MODULES = sorted(m.name for m in pkgutil.walk_packages(ser.__path__, "ser.") if m.name != "ser.__main__")


def test_ser_works_without_streamlit():
    code = (
        "import sys; sys.modules['streamlit'] = None; import importlib; "
        f"[importlib.import_module(name) for name in {MODULES!r}]; print('fine')"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.stdout.strip() == "fine", done.stderr


@pytest.mark.parametrize("name", MODULES)
def test_public_functions_say_what_goes_in_and_out(name):
    module = import_module(name)
    assert module.__doc__
    for label, thing in vars(module).items():
        if label.startswith("_") or getattr(thing, "__module__", None) != name or not callable(thing):
            continue
        assert thing.__doc__, f"{name}.{label}"
        if not inspect.isfunction(thing):
            continue
        told = re.search(r"Args:\n(.*?)(\n\n|\Z)", inspect.getdoc(thing), re.DOTALL)
        entries = re.findall(r"^    \*{0,2}(\w+(?:, \w+)*):", told.group(1), re.MULTILINE) if told else []
        explained = {parameter for entry in entries for parameter in entry.split(", ")}
        assert explained == set(inspect.signature(thing).parameters), f"{name}.{label} explains {explained}"
        assert any(word in thing.__doc__ for word in ("Returns:", "Yields:", "Raises:")), f"{name}.{label}"


def test_every_page_plays_sound_with_the_one_player():
    """`pages.common.player` sends what browsers play; a page that calls Streamlit itself would send any format."""
    calls = []
    for path in [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            # `audio` of `st`, of a column or of a container; OwnClips has one as well, which takes a name.
            if isinstance(node, ast.Attribute) and node.attr == "audio" and ast.unparse(node.value) != "own":
                calls.append(path.name)
            if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("streamlit"):
                assert "audio" not in [alias.name for alias in node.names], path
    assert calls == ["player.py"]


def test_one_module_decodes_audio():
    """Only `ser.audio.decoding.streams` decodes: a second reader would open formats that the table does not have."""
    readers = {"SoundFile", "read", "blocks", "info", "load", "open"}
    found = set()
    for path in [*sorted((ROOT / "ser").rglob("*.py")), *sorted((ROOT / "pages").rglob("*.py")), ROOT / "app.py"]:
        if path.name == "make_examples.py":  # made the examples once; the demo does not run it
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in ("soundfile", "av", "wave", "audioread", "librosa"):
                found |= {path.name} if readers & {alias.name for alias in node.names} else set()
            if not (isinstance(node, ast.Attribute) and node.attr in readers and isinstance(node.value, ast.Name)):
                continue
            if node.value.id in ("soundfile", "av", "wave", "audioread", "librosa", "scipy"):
                found.add(path.name)
    # `ser.audio.augmentation` has codecs write, with `av.open(…, "w")`.
    assert found == {"streams.py", "augmentation.py"}
    assert (ROOT / "ser" / "audio" / "augmentation.py").read_text("utf-8").count("av.open(") == 1
    assert 'av.open(file, "w"' in (ROOT / "ser" / "audio" / "augmentation.py").read_text("utf-8")
