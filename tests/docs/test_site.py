"""The site is built without a warning, and the links of all documents lead somewhere."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.helpers.markdown import ROOT, documents, links
from tools import notebook
from tools.site import as_markdown


@pytest.mark.slow
def test_the_site_is_built_without_warnings(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT, capture_output=True, text=True, timeout=200, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip
    assert done.returncode == 0 and "WARNING" not in done.stderr, done.stderr
    reference = (tmp_path / "site" / "python" / "index.html").read_text("utf-8")
    assert "ser.inference.prediction.predict" in reference
    # Nothing is loaded from other servers.
    assert not re.search(r"<(script|link|img)[^>]+(src|href)=\"https?://", reference)


def anchors(path: Path) -> set[str]:
    """The anchors of the headings of a file, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", path.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w -]", "", title.lower()).strip().replace(" ", "-") for title in titles}


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_to_files_and_headings_that_are_there(path):
    for link in links(path):
        if link.startswith(("http://", "https://", "mailto:")):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        assert target.exists(), f"{path.name}: {link}"
        assert not anchor or anchor in anchors(target), f"{path.name}: {link}"


@pytest.mark.slow
def test_the_notebook_runs_and_shows_what_it_gives():
    kept = as_markdown(json.loads(notebook.NOTEBOOK.read_text("utf-8")))
    fresh = as_markdown(notebook.executed())
    # Numbers may differ in their last digit between machines; `python -m tools.notebook` writes them anew.
    assert re.sub(r"\d+", "0", fresh) == re.sub(r"\d+", "0", kept)


def test_pictures_are_there_and_small():
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    assert {path.stem for path in pictures} >= {"recognise", "explore", "train"}
    assert all(path.stat().st_size <= 300_000 for path in pictures)


def test_the_version_is_the_same_everywhere():
    version = re.search(r'^version = "(.+)"$', (ROOT / "pyproject.toml").read_text("utf-8"), re.M).group(1)
    assert f"\nversion: {version}\n" in (ROOT / "CITATION.cff").read_text("utf-8")
    assert re.search(rf"^## {re.escape(version)} ", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.M)
    assert f'"version": "{version}"' in (ROOT / "ser" / "data" / "croissant.json").read_text("utf-8")
