"""The package's shape: no Streamlit inside, imports one way, every public name explained."""

import ast
import inspect
import pkgutil
import re
import subprocess
import sys
from collections import Counter
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


PACKAGES = sorted({name for name in MODULES if hasattr(import_module(name), "__path__")})
EXPORTS = [(name, verb) for name in PACKAGES for verb in getattr(import_module(name), "__all__", ())]
PUBLIC = {thing for thing in (getattr(import_module(name), verb) for name, verb in EXPORTS) if callable(thing)}


def functions_of(name: str):
    """The functions that a module defines, those of its classes too, each with its qualified name."""
    module = import_module(name)
    for label, thing in vars(module).items():
        if getattr(thing, "__module__", None) != name:
            continue
        if inspect.isfunction(thing):
            yield label, thing
        elif inspect.isclass(thing):
            owner = thing in PUBLIC
            for part, method in vars(thing).items():
                if inspect.isfunction(method) and not owner:
                    yield f"{label}.{part}", method


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_names_its_main_verbs_and_explains_them(name):
    package = import_module(name)
    verbs = getattr(package, "__all__", ())
    # A package within a package is a part of it, and so is the command line, which is called by its own name.
    assert verbs or name.count(".") > 1 or name == "ser.cli"
    for verb in verbs:
        thing = getattr(package, verb)
        if not inspect.isfunction(thing):
            continue
        section = re.search(r"Args:\n(.*?)(\n\n|\Z)", inspect.getdoc(thing), re.DOTALL)
        entries = re.findall(r"^    \*{0,2}(\w+(?:, \w+)*):", section.group(1), re.MULTILINE) if section else []
        explained = {parameter for entry in entries for parameter in entry.split(", ")}
        assert explained == set(inspect.signature(thing).parameters), f"{name}.{verb} explains {explained}"
        assert any(word in thing.__doc__ for word in ("Returns:", "Yields:", "Raises:")), f"{name}.{verb}"


@pytest.mark.parametrize("name", MODULES)
def test_other_functions_say_in_a_line_what_they_do(name):
    assert import_module(name).__doc__
    ritual = [label for label, thing in functions_of(name) if thing not in PUBLIC and "Args:" in (thing.__doc__ or "")]
    assert not ritual, f"{name}: {ritual} have the sections that only functions in a package's `__all__` have"


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


def test_no_function_is_longer_than_a_screen():
    root = Path(__file__).parents[1]
    modules = [root / "app.py", *(root / "ser").rglob("*.py"), *(root / "pages").rglob("*.py")]
    functions = (
        (f"{module.name}:{node.name}", node.end_lineno - node.lineno + 1)
        for module in modules
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    assert [name for name, lines in functions if lines > 60] == []


@pytest.mark.parametrize("top", ["ser", "pages"])
def test_folders_and_modules_stay_small(top):
    """At most 14 modules in a folder and 400 lines in a module."""
    modules = [path for path in (ROOT / top).rglob("*.py") if "__pycache__" not in path.parts]
    assert modules
    assert [str(path) for path in modules if len(path.read_text("utf-8").splitlines()) > 400] == []
    counts = Counter(path.parent for path in modules if path.name != "__init__.py")
    assert {str(folder): count for folder, count in counts.items() if count > 14} == {}


def private_names(path: Path) -> set[str]:
    """The private names that a module defines: functions, classes, constants and attributes."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and ast.unparse(node.value) == "self":
            found.add(node.attr)
    return {name for name in found if re.match(r"_[^_]", name)}


# Private parts of scikit-learn that have the name of a private part of this project.
OF_OTHERS = {("test_perceptron.py", "_fit"), ("test_perceptron.py", "_optimizer")}


def test_tests_leave_private_members_alone():
    """What a test needs is public: a change behind the public names then breaks no test."""
    private = {name for top in ("ser", "pages") for path in (ROOT / top).rglob("*.py") for name in private_names(path)}
    assert len(private) > 500
    used = set()
    for path in (ROOT / "tests").rglob("*.py"):
        own = private_names(path)
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in ("ser", "pages"):
                used |= {(path.name, each.name) for each in node.names if each.name.startswith("_")}
            if isinstance(node, ast.Attribute) and node.attr in private - own:
                used.add((path.name, node.attr))
            # As in `monkeypatch.setattr(module, "_name", …)` and `monkeypatch.setattr("ser.module._name", …)`.
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and path != Path(__file__):
                name = node.value.rpartition(".")[2]
                used |= {(path.name, name)} if name in private - own else set()
    assert used - OF_OTHERS == set()
