"""How easy README, docs and the texts of the pages are to read, by Flesch's reading ease."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from statistics import fmean

import pytest

from tests.helpers.markdown import ROOT, documents, paragraphs
from tests.helpers.reading import FEWEST_WORDS, ease, words

HARDEST, MEAN = 55, 65
# Lists what changed, version by version.
LATER = {"CHANGELOG.md"}


def measured(texts: Iterator[str]) -> dict[str, float]:
    """The ease of each text that is long enough."""
    return {text: ease(text) for text in texts if len(words(text)) >= FEWEST_WORDS}


def texts_of_module(path: Path) -> Iterator[str]:
    """What a module of the pages may say to a visitor: its strings without the docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    owners = [node for node in ast.walk(tree) if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)]
    skipped = {id(node.body[0].value) for node in owners if node.body and isinstance(node.body[0], ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in node.values}
            # What is filled in counts as a short word.
            yield from "".join(part.value if isinstance(part, ast.Constant) else "7" for part in node.values).split(
                "\n\n"
            )
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            yield from node.value.split("\n\n")


@pytest.mark.parametrize(
    "path", [*documents(), ROOT / "models" / "EXPERIMENTS.md"], ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_documentation_is_easy_to_read(path):
    if str(path.relative_to(ROOT)) in LATER:
        return
    found = measured(paragraphs(path.read_text("utf-8")))
    assert {text: round(value) for text, value in found.items() if value < HARDEST} == {}
    assert not found or fmean(found.values()) >= MEAN


def test_the_texts_of_the_pages_are_easy_to_read():
    listed = subprocess.run(["git", "ls-files", "pages/*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = measured(text for name in listed.stdout.split() for text in texts_of_module(ROOT / name))
    prose = {text: value for text, value in found.items() if not re.search(r"[{};]\s*$|=>|</", text, re.M)}
    assert len(prose) > 50
    assert {text: round(value) for text, value in prose.items() if value < HARDEST} == {}
    assert fmean(prose.values()) >= MEAN


def test_a_hard_text_is_told_from_an_easy_one():
    assert ease("The cat sat on the mat. It was glad.") > 90
    assert ease("Contemporary methodologies necessitate comprehensive interdisciplinary reconsideration.") < 0
