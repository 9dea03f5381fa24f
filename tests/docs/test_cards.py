"""The card in the form of Hugging Face and the Croissant metadata agree with what they describe."""

import hashlib
import json

import pyarrow.parquet
import pytest
import yaml

from ser.data.table_file import load_table
from ser.model.card import ModelCard
from tests.helpers.markdown import ROOT
from tools import cards, model_card

CARD = json.loads((ROOT / "models" / "default.json").read_text("utf-8"))
CROISSANT = json.loads((ROOT / "ser" / "data" / "croissant.json").read_text("utf-8"))
TABLES = {each["@id"]: each for each in CROISSANT["distribution"] if each["@type"] == "cr:FileObject"}


def test_what_is_written_agrees_with_its_sources():
    """If this fails, run `python -m tools.cards`."""
    assert cards.main(["--check"]) == 0


def test_the_front_matter_has_the_scores_of_the_card():
    _, front, text = (ROOT / "docs" / "model-card.md").read_text("utf-8").split("---\n", 2)
    meta = yaml.safe_load(front)
    assert meta["license"] == CARD["licence"].lower().replace(" ", "-")
    (model,) = meta["model-index"]
    for result, score in zip(model["results"], CARD["scores"], strict=True):
        values = {metric["name"]: metric["value"] for metric in result["metrics"]}
        assert result["dataset"]["name"] == score["data_set"]
        assert values["Unweighted average recall (UAR)"] == pytest.approx(score["uar"], abs=5e-5)
        assert values["Accuracy"] == pytest.approx(score["accuracy"], abs=5e-5)
        assert values["Macro F1"] == pytest.approx(score["macro_f1"], abs=5e-5)
        assert values["Expected calibration error"] == pytest.approx(score["ece"], abs=5e-5)
    assert CARD["sha256"] in text and f"{CARD['n_parameters']:,}" in text


def test_the_readme_quotes_the_card():
    readme = (ROOT / "README.md").read_text("utf-8")
    first = CARD["scores"][0]
    assert f"| **{first['uar']:.3f}** | {first['uar_interval'][0]:.3f} to {first['uar_interval'][1]:.3f} |" in readme
    own = f"{CARD['n_parameters'] / 1e6:.1f} million parameters** | **{100 * first['uar']:.1f}** |"
    assert own in readme
    uars = [row[1] for row in model_card.EMOBOX]
    assert uars == sorted(uars, reverse=True)


def test_a_card_without_some_scores_says_how_to_get_them():
    """As when a model was trained anew."""
    first, *_ = CARD["scores"]
    fresh = ModelCard.from_json(CARD | {"scores": [{k: v for k, v in first.items() if k != "robustness"}]})
    for table in (model_card.stranger_table, model_card.survival_table, model_card.doubt_table):
        assert "--to-card` does it." in table(fresh)


@pytest.mark.parametrize("name", sorted(TABLES))
def test_croissant_describes_the_table(name):
    path = ROOT / "ser" / "data" / name
    data = path.read_bytes()
    assert TABLES[name]["sha256"] == hashlib.sha256(data).hexdigest()
    assert TABLES[name]["contentSize"] == f"{len(data)} B"
    schema = pyarrow.parquet.read_schema(path)
    (records,) = CROISSANT["recordSet"]
    fields = {field["source"]["extract"]["column"]: field for field in records["field"]}
    assert set(fields) == set(schema.names)
    assert fields["emotion"]["dataType"] == "sc:Text" and fields["actor"]["dataType"] == "sc:Integer"
    assert fields["standard/f0.mean"]["dataType"] == "sc:Float" and fields["contour/f0"]["repeated"]
    assert load_table(path).clips.columns.isin(fields).all()
