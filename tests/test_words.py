"""The field's words: names and explanations do not fall back to the words that they replaced.

Sentences that visitors read, and the keys of JSON, are no concern of this test.
"""

import io
import re
import subprocess
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Parts of names, and what to say instead.
PARTS = {
    "hear": "extract",
    "heard": "extract, seen or held-out",
    "hears": "extract",
    "hearing": "extraction",
    "ears": "feature_key",
    "unheard": "held-out",
    "listen": "extract_batch",
    "reading": "view",
    "readings": "views",
    "altered": "augmented",
    "sitting": "session",
    "sittings": "session",
    "tempered": "temperature_scaled",
    "halved": "half_precision",
    "mixture": "ensemble_probabilities",
    "familiarity": "novelty",
    "strangeness": "novelty",
    "strange": "novelty",
    "examine": "breakdown",
    "examination": "breakdown",
    "inspection": "diagnostics",
    "effort": "cost",
    "laboratory": "workspace",
    "laboratories": "workspaces",
    "belongings": "session state",
    "brought": "upload",
    "explored": "selection",
}
# Whole names.
NAMES = {
    "place": "the thing itself: index, position, folder",
    "places": "the thing itself",
    "told": "the thing itself: message, figures",
    "said": "the thing itself: message",
    "kind": "the thing itself: file_format, group",
    "its": "the thing itself",
    "of": "the thing itself",
    "Place": "the thing itself",
    "track_record": "model card",
    "answer_map": "radviz",
    "bundle": "onnx_export",
    "front_door": "-",
    "hear_all": "extract_all",
    "HeardClip": "InputClip",
    "Readings": "ClipViews",
}
# Names that stay: a classmethod of `Waveform`, what numpy and others call their parameters, keys of files.
ALLOWED = {"of": "def of, Waveform.of", "kind": "dtype.kind"}
PROSE = re.compile(
    r"\b(track records?|front door|laborator(y|ies)|belongings|answer map|familiarity|strangeness|sittings?"
    r"|altered cop\w+|(un)?heard|hears?|who answers|whatever its|tempered|halved)\b",
    re.IGNORECASE,
)


def sources() -> list[Path]:
    """Every module of the package, the pages and the benchmarks."""
    names = subprocess.run(["git", "ls-files", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.split() if not name.startswith("tests/") and not name.endswith("texts.py")]


def parts_of(name: str) -> list[str]:
    """The words that a name is made of: `FeatureTable` and `feature_table` both hold feature and table."""
    return [part.lower() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]


def faults(path: Path) -> list[str]:
    """What a module says in replaced words."""
    found = []
    tokens = list(tokenize.generate_tokens(io.StringIO(path.read_text("utf-8")).readline))
    for before, token in zip([tokens[0], *tokens], tokens, strict=False):
        where = f"{path.relative_to(ROOT)}:{token.start[0]}"
        if token.type == tokenize.NAME:
            foreign = before.string in (".", "def") and token.string in ALLOWED
            if token.string in NAMES and not foreign:
                found.append(f"{where}: {token.string} → {NAMES[token.string]}")
            found += [f"{where}: {token.string} → {PARTS[part]}" for part in parts_of(token.string) if part in PARTS]
        elif token.type == tokenize.COMMENT or token.string.startswith('"""'):
            found += [f"{where}: “{match.group()}” in prose" for match in PROSE.finditer(token.string)]
    return found


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_replaced_words_do_not_come_back(path):
    assert not faults(path)


def test_the_experiments_are_told_in_the_fields_words():
    text = (ROOT / "models" / "EXPERIMENTS.md").read_text("utf-8")
    assert not [match.group() for match in PROSE.finditer(text)]


def test_replaced_words_are_found_where_they_stand():
    assert parts_of("HeardClip") == ["heard", "clip"] and parts_of("_hear_all") == ["hear", "all"]
    assert PROSE.search("an altered copy") and not PROSE.search("she rehearsed")
