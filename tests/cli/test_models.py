"""`ser models`: the list, and what may be removed."""

import shutil

import pytest

from ser.cli.main import main
from ser.config import SHIPPED_MODELS
from ser.model.store import ModelStore


@pytest.fixture
def folder(tmp_path):
    """A folder with a model called mine, a copy of the notebook's."""
    for path in SHIPPED_MODELS.glob("notebook*"):
        shutil.copy(path, tmp_path / path.name.replace("notebook", "mine"))
    card = tmp_path / "mine.json"
    card.write_text(card.read_text("utf-8").replace('"notebook-', '"mine-'), "utf-8")
    return tmp_path


def test_the_list_names_each_model_with_its_origin_and_score(folder, capsys):
    assert main(["models", "--models", str(folder)]) == 0
    [line] = capsys.readouterr().out.splitlines()
    score = ModelStore(folder).card("mine").held_out_score
    assert line.split()[:2] == ["mine", "kept"] and f"UAR {score.uar:.3f}" in line
    assert main(["models", "--models", str(SHIPPED_MODELS)]) == 0
    assert {"default", "notebook"} <= {line.split()[0] for line in capsys.readouterr().out.splitlines()}


def test_a_model_is_removed_and_a_shipped_one_is_not(folder, capsys):
    assert main(["models", "--models", str(folder), "rm", "nobody", "mine"]) == 1
    shown = capsys.readouterr()
    assert shown.out == "Removed mine.\n" and "no model 'nobody'" in shown.err
    assert not list(folder.glob("mine*"))
    assert main(["models", "rm", "default"]) == 1
    assert "comes with the package" in capsys.readouterr().err
    assert main(["models", "--models", str(folder)]) == 0 and not capsys.readouterr().out


def test_a_card_that_cannot_be_read_does_not_end_the_list(folder, capsys):
    (folder / "broken.json").write_text("{")
    assert main(["models", "--models", str(folder)]) == 1
    shown = capsys.readouterr()
    assert shown.out.startswith("mine") and "broken.json" in shown.err
