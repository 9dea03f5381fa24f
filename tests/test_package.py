"""The package as it is installed: the wheel, and pins that fit what pyproject.toml asks for."""

import json
import os
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
CLIP = ROOT / "pages" / "common" / "examples" / "plain_and_even.ogg"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
    subprocess.run([*command, str(folder), str(ROOT)], check=True, timeout=120)
    (built,) = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_the_wheel_answers_outside_of_the_checkout(wheel, tmp_path):
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    environment = os.environ | {"PYTHONPATH": str(tmp_path / "installed"), "XDG_DATA_HOME": str(tmp_path / "data")}

    def run(folder: Path, *words: str) -> dict:
        command = [sys.executable, "-m", "ser", "predict", "--json", str(CLIP), *words]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    assert run(tmp_path) == run(ROOT)
    assert run(tmp_path, "--model", "notebook")["label"] in ("calm", "happy", "fearful", "disgust")


@pytest.mark.slow
def test_the_wheel_holds_what_is_shipped_and_nothing_that_was_kept(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if not name.endswith(".py")}
    tracked = subprocess.run(["git", "ls-files", "models"], cwd=ROOT, capture_output=True, text=True, check=True)
    shipped = {name.replace("models/", "ser/shipped_models/") for name in tracked.stdout.split()}
    # The model for the demo's examples comes with the demo.
    left_out = {name for name in shipped if name.endswith("EXPERIMENTS.md") or "/examples/" in name}
    assert {name for name in names if "shipped_models" in name} == shipped - left_out
    assert "ser/py.typed" in names and "ser/data/ravdess.parquet" in names
    assert not any(name.startswith(("pages", "tests", "benchmarks")) for name in names)


def pins(file: str, python: str) -> dict[str, str]:
    """Package → version that a file of pins gives to a version of Python on Linux."""
    environment = {"python_version": python, "python_full_version": f"{python}.0", "sys_platform": "linux"}
    found = {}
    for line in (ROOT / file).read_text("utf-8").splitlines():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate(environment):
            found[requirement.name.lower()] = next(iter(requirement.specifier)).version
    return found


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
@pytest.mark.parametrize(
    ("file", "extras"),
    [
        ("requirements.txt", ("app", "onnx")),
        ("requirements-scale.txt", ("scale",)),
        ("requirements.lock", ("dev",)),
    ],
)
def test_pins_fit_what_the_project_asks_for(file, extras, python):
    pinned = pins(file, python)
    asked = [*PROJECT["dependencies"], *(each for extra in extras for each in PROJECT["optional-dependencies"][extra])]
    for requirement in map(Requirement, asked):
        if requirement.name != PROJECT["name"]:
            assert requirement.specifier.contains(pinned[requirement.name.lower()]), requirement


@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13"])
def test_the_demo_runs_on_the_versions_that_the_tests_run_on(python):
    assert pins("requirements.txt", python).items() <= pins("requirements.lock", python).items()
