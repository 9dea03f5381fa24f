"""The rule that draws the example clips of actors, and the clips that ship."""

from pathlib import Path

import numpy as np
import pytest

from ser.config import EXAMPLES_MODEL
from ser.data.ravdess_names import parse_name
from ser.emotions import LABELS
from ser.evaluation import human_baseline
from ser.evaluation.example_clips import ACTORS, Rates, balance, draw, is_fair, most_off, overall, rates
from ser.inference.prediction import predict
from ser.model.store import DEFAULT_NAME, ModelStore

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "pages" / "common" / "examples" / "actors"
FILES = sorted(FOLDER.glob("*.ogg"))


def balanced(clips):
    """Whether clips are spread as the rule says."""
    found = balance(clips)
    voices = clips.groupby("emotion")["actor"].nunique()
    return (
        found["emotion"] == dict.fromkeys(LABELS, 3)
        and found["actor"] == dict.fromkeys(ACTORS, 6)
        and found["sex"] == {"female": 12, "male": 12}
        and found["intensity"] == {"strong": 11, "normal": 13}
        and set(found["statement"].values()) == {12}
        and (voices == 3).all()
    )


@pytest.fixture(scope="module")
def of_actors(table):
    return table.select(np.isin(table.actors, ACTORS)).clips.set_index("name", drop=False)


@pytest.fixture(scope="module")
def stored():
    return ModelStore(EXAMPLES_MODEL).load("examples")


class TestRule:
    @pytest.mark.parametrize("seed", range(5))
    def test_every_draw_is_balanced(self, of_actors, seed):
        names = draw(of_actors, seed)
        assert len(set(names)) == 24
        assert balanced(of_actors.loc[list(names)])

    def test_a_seed_always_draws_the_same(self, of_actors):
        assert draw(of_actors, 3) == draw(of_actors, 3) != draw(of_actors, 4)

    def test_rates_count_calm_and_neutral_as_people_were_counted(self):
        found = rates(["calm", "happy"], ["neutral", "happy"])
        assert (found.model, found.model_as_listeners) == (0.5, 1.0)
        assert found.people == pytest.approx((0.817 + 0.366) / 2)

    def test_a_draw_that_is_too_easy_for_the_model_or_for_people_is_not_fair(self):
        everything = overall(0.71, 0.73)
        assert everything.people == human_baseline.OVERALL
        assert is_fair(Rates(0.708, 0.75, 0.636), everything)
        assert not is_fair(Rates(0.75, 0.75, 0.636), everything)
        assert not is_fair(Rates(0.708, 0.75, 0.70), everything)


class TestShippedClips:
    def test_they_are_balanced_small_and_credited(self, of_actors):
        assert balanced(of_actors.loc[[path.stem for path in FILES]])
        assert sum(path.stat().st_size for path in FILES) < 1_000_000
        credit = (FOLDER / "ATTRIBUTION.md").read_text("utf-8")
        assert "CC BY-NC-SA 4.0" in credit and "10.5281/zenodo.1188976" in credit

    def test_their_model_never_heard_the_actors(self, stored):
        assert not set(ACTORS) & set(stored.card.trained_on.actors)
        assert {parse_name(path.name).actor for path in FILES} == set(ACTORS)

    def test_their_model_was_trained_as_the_shipped_one(self, stored):
        whole = ModelStore().card(DEFAULT_NAME).settings
        apart = {"protocol": stored.card.settings["protocol"], "test_actors": stored.card.settings["test_actors"]}
        assert whole | apart == stored.card.settings
        assert sorted(apart["test_actors"]) == sorted(ACTORS)

    @pytest.mark.slow
    def test_model_and_people_do_as_well_on_them_as_on_all_clips(self, stored):
        score = ModelStore().card(DEFAULT_NAME).held_out_score
        everything = overall(score.details["accuracy"], score.details["as_listeners"]["accuracy"])
        found = rates(
            [parse_name(path.name).emotion for path in FILES], [predict(path, stored.model).label for path in FILES]
        )
        assert most_off(found, everything) < 0.08
