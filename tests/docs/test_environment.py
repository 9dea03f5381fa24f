"""The packages that the web demo installs: each is used, and the page on their sizes names them."""

import re
import tomllib

from packaging.requirements import Requirement

from tests.helpers.markdown import ROOT
from tools import sizes

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
# Packages whose module has another name.
MODULES = {"scikit-learn": "sklearn", "umap-learn": "umap"}
# Not imported here, but asked for all the same: why.
FOR_OTHERS = {
    "altair": "Streamlit needs a version that the recorder does not ask for",
    "numba": "librosa and umap-learn need a version for Python 3.13",
}


def test_every_package_that_is_asked_for_is_used():
    asked = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["app"]]
    names = {Requirement(each).name for each in asked} - {PROJECT["name"]}
    sources = [path for folder in ("ser", "pages") for path in (ROOT / folder).rglob("*.py")]
    text = "\n".join(path.read_text("utf-8") for path in [*sources, ROOT / "app.py"])
    imported = set(re.findall(r"^\s*(?:import|from) (\w+)", text, re.M))
    unused = {name for name in names if MODULES.get(name, name.replace("-", "_")) not in imported}
    assert unused == set(FOR_OTHERS)


def test_the_page_names_packages_of_the_demo():
    pinned = {
        Requirement(line).name for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines() if line.strip()
    }
    page = sizes.PAGE.read_text("utf-8")
    listed = set(re.findall(r"^\| `([\w.-]+)` \|", page, re.M))
    assert listed and listed <= pinned
    # Run `python -m tools.sizes` in an environment of requirements.txt when the packages change.
    assert len(listed) > 10 and "llvmlite" in listed


def test_sizes_are_measured_and_written_as_a_table():
    found = sizes.sizes()
    assert found["numpy"] > 10_000_000 and list(found.values()) == sorted(found.values(), reverse=True)
    table = sizes.table({"numpy": 50_000_000, "tiny": 1000})
    assert "| `numpy` | 50 | arrays |" in table and "| 1 smaller packages | 0 |" in table
