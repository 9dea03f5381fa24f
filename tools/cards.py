"""Writes what is made of the shipped model's card and of the feature tables.

    python -m tools.cards            write the files
    python -m tools.cards --check    change nothing; fail where a file does not agree

The files are docs/model-card.md (the card in the form of Hugging Face), ser/data/croissant.json (Croissant metadata of
the tables), and the tables of scores in README.md and docs/scores.md. Run it when the model or a table changes.
"""

import argparse
import sys
from pathlib import Path

from ser.model.store import DEFAULT_NAME, ModelStore
from tools import croissant, model_card
from tools.project import ROOT, VERSION

_TEXT = ROOT / "tools" / "model_card.md"


def main(words: list[str] | None = None) -> int:
    """Write or check the files, and return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tools.cards", description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="change nothing; fail where a file does not agree")
    options = parser.parse_args(words)
    different = [path for path, text in generated().items() if not path.exists() or path.read_text("utf-8") != text]
    for path in different:
        if options.check:
            print(f"{path.relative_to(ROOT)} does not agree: run python -m tools.cards.", file=sys.stderr)
        else:
            path.write_text(generated()[path], "utf-8")
            print(f"{path.relative_to(ROOT)} is written.")
    return 1 if different and options.check else 0


def generated() -> dict[Path, str]:
    """Each file, with the text that it should hold."""
    card = ModelStore().card(DEFAULT_NAME)
    readme, scores = ROOT / "README.md", ROOT / "docs" / "scores.md"
    scores_table, listeners = model_card.scores_table(card), model_card.listeners_table(card)
    tables = {
        readme: {"scores": f"{scores_table}\n\n{listeners}", "standing": model_card.standing_table(card)},
        scores: {
            "scores": scores_table,
            "listeners": listeners,
            "trust": model_card.trust_table(card),
            "recall": model_card.recall_table(card),
            "standing": model_card.standing_table(card),
            "stranger": model_card.stranger_table(card),
            "survival": model_card.survival_table(card),
            "doubt": model_card.doubt_table(card),
        },
    }
    found = {}
    for path, blocks in tables.items():
        text = path.read_text("utf-8")
        for name, table in blocks.items():
            text = model_card.between(text, name, table, path)
        found[path] = text
    found[ROOT / "docs" / "model-card.md"] = model_card.model_card(card, _TEXT.read_text("utf-8"))
    folder = ROOT / "ser" / "data"
    found[folder / "croissant.json"] = croissant.as_text(croissant.croissant(folder, VERSION))
    return found


if __name__ == "__main__":
    sys.exit(main())
