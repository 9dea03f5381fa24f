"""The Train page without a browser: what reaches the training, what is shown of it, and what becomes of the model."""

import json
import re
import time
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import laboratory, report_view, resources, run_view, settings_form, start_view
from ser import run as running
from ser.crossvalidation import CrossValidation, FoldReport
from ser.effort import n_parameters
from ser.evaluation import score
from ser.run import RunSnapshot
from ser.store import ModelStore
from ser.training import PRESETS, EpochReport, TrainingSettings

PAGE = Path(__file__).parents[1] / "pages" / "train.py"
FAST, NOTEBOOK = PRESETS["fast"], PRESETS["notebook"]

SGD = replace(FAST, solver="sgd")

# What a visitor does, and what it changes in the settings it starts from. One line for every setting.
CONTROLS = {
    "hidden_layers": (
        FAST,
        lambda at: (at.slider(key="train_layers").set_value(2).run(), at.slider(key="train_units_2").set_value(32)),
        (64, 32),
    ),
    "activation": (FAST, lambda at: at.button_group(key="train_activation").select("tanh"), "tanh"),
    "members": (FAST, lambda at: at.slider(key="train_members").set_value(2), 2),
    "solver": (FAST, lambda at: at.button_group(key="train_solver").select("sgd"), "sgd"),
    "alpha": (FAST, lambda at: at.select_slider(key="train_alpha").set_value(0.1), 0.1),
    "learning_rate": (FAST, lambda at: at.select_slider(key="train_learning_rate").set_value(0.01), 0.01),
    "batch_size": (FAST, lambda at: at.select_slider(key="train_batch_size").set_value(256), 256),
    "epochs": (FAST, lambda at: at.slider(key="train_epochs").set_value(7), 7),
    "patience": (FAST, lambda at: at.slider(key="train_patience").set_value(5), 5),
    "validation": (FAST, lambda at: at.slider(key="train_validation").set_value(35), 0.35),
    "schedule": (SGD, lambda at: at.button_group(key="train_schedule").select("adaptive"), "adaptive"),
    "power_t": (
        replace(SGD, schedule="invscaling"),
        lambda at: at.slider(key="train_power_t").set_value(0.25),
        0.25,
    ),
    "momentum": (SGD, lambda at: at.slider(key="train_momentum").set_value(0.5), 0.5),
    "nesterov": (SGD, lambda at: at.toggle(key="train_nesterov").set_value(False), False),
    "beta_1": (FAST, lambda at: at.slider(key="train_beta_1").set_value(0.5), 0.5),
    "beta_2": (FAST, lambda at: at.slider(key="train_beta_2").set_value(0.99), 0.99),
    "epsilon": (FAST, lambda at: at.select_slider(key="train_epsilon").set_value(1e-4), 1e-4),
    "tolerance": (
        replace(FAST, solver="lbfgs"),
        lambda at: at.select_slider(key="train_tolerance").set_value(1e-2),
        1e-2,
    ),
    "learning_rate_changes": (
        FAST,
        lambda at: at.text_input(key="train_learning_rate_changes").set_value("9: 0.0001, 5: 3e-4"),
        ((5, 3e-4), (9, 1e-4)),
    ),
    "feature_set": (FAST, lambda at: at.button_group(key="train_feature_set").select("notebook"), "notebook"),
    "groups": (
        FAST,
        lambda at: at.button_group(key="train_groups_standard").set_value(["pitch", "rhythm"]),
        ("pitch", "rhythm"),
    ),
    "scale": (FAST, lambda at: at.toggle(key="train_scale").set_value(False), False),
    "emotions": (
        FAST,
        lambda at: at.button_group(key="train_emotions").set_value(["sad", "happy"]),
        ("happy", "sad"),
    ),
    "balanced": (FAST, lambda at: at.toggle(key="train_balanced").set_value(False), False),
    "protocol": (FAST, lambda at: at.radio(key="train_protocol").set_value("random"), "random"),
    "test_actors": (FAST, lambda at: at.multiselect(key="train_test_actors").set_value([2, 3]), (2, 3)),
    "calibration_folds": (FAST, lambda at: at.slider(key="train_calibration_folds").set_value(3), 3),
    "seed": (FAST, lambda at: at.number_input(key="train_seed").set_value(11), 11),
}


class Recorded:
    """A run that trains nothing, remembers what it was asked for and stands as it is told to."""

    asked: tuple[TrainingSettings, ...] = ()
    standing = RunSnapshot("failed", FAST, error="Nothing was trained.")

    def __init__(self, settings, table, *, both=None):
        type(self).asked += (settings,)
        type(self).both = both
        self.table, self.calls = table, []

    def __getattr__(self, name):
        return lambda *given: self.calls.append((name, *given))

    def snapshot(self):
        return self.standing


@pytest.fixture(autouse=True)
def charts(monkeypatch):
    """The figures that the page drew, by key; links to other pages need the whole app and are left out."""
    figures = {}

    def draw(figure, *, key, alt, select=False):
        figures[key] = figure
        return []

    for module in (run_view, report_view):
        monkeypatch.setattr(module, "chart", draw)
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)
    return figures


@pytest.fixture
def recorded(monkeypatch):
    """The class that takes the place of `TrainingRun`."""
    fake = type("Recorded", (Recorded,), {})
    monkeypatch.setattr(running, "TrainingRun", fake)
    monkeypatch.setattr(laboratory, "TrainingRun", fake)
    monkeypatch.setattr(start_view, "TrainingRun", fake)
    return fake


def page(settings=None):
    at = AppTest.from_file(str(PAGE), default_timeout=60)
    if settings is not None:
        changed = {name: value for name, value in settings.to_json().items() if value != FAST.to_json()[name]}
        at.query_params["set"] = json.dumps(changed)
    at.run()
    assert not at.exception
    return at


def run_of(at):
    """The run on the screen."""
    return at.session_state["visitor"].laboratory.entry.run


def look_into(at, part):
    at.button_group(key="train_part").select(part).run()
    assert not at.exception
    return at


def press(at, key):
    at.button(key=key).click().run()
    assert not at.exception
    return at


def says(at, part):
    return any(part in element.value for element in (*at.markdown, *at.info, *at.caption, *at.success, *at.error))


def finished(at, seconds=60):
    """The page once the run is over."""
    deadline = time.monotonic() + seconds
    while not run_of(at).snapshot().over:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    at.run()
    assert not at.exception
    return at


def judged(protocol, right=0.7, emotions=("calm", "sad"), clips=40):
    """A cross-validation in which a share of the answers is right."""
    actual = np.tile(emotions, clips // 2)
    hits = np.arange(clips) < right * clips
    answers = np.where((actual == emotions[0]) == hits, 0, 1)
    found = score(actual, np.eye(2)[answers], emotions, 1 + np.arange(clips) % 4, protocol)
    table = resources.table()
    rows = np.concatenate([np.flatnonzero(table.labels == emotion)[: clips // 2] for emotion in emotions])
    return CrossValidation(found, rows.reshape(2, -1).T.ravel(), np.eye(2)[answers])


# What reaches the training


@pytest.mark.parametrize("name", CONTROLS)
def test_every_control_changes_what_is_trained_and_nothing_else(recorded, name):
    settings, change, expected = CONTROLS[name]
    at = page(settings)
    change(at)
    press(at.run(), "train_start")
    assert recorded.asked == (replace(settings, **{name: expected}),)
    assert settings != recorded.asked[0] and says(at, "Changed: ")


def test_every_setting_has_a_control_and_a_line_in_the_table():
    names = [each.name for each in fields(TrainingSettings)]
    assert sorted(control.name for control in settings_form.CONTROLS) == sorted(names)
    assert sorted(CONTROLS) == sorted(names)
    assert all(control.help and control.tab in settings_form.TABS for control in settings_form.CONTROLS)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_sets_every_slider(recorded, preset):
    at = page()
    at.slider(key="train_epochs").set_value(3).run()
    at.selectbox(key="train_preset").set_value("shipped" if preset == "fast" else "fast").run()
    at.selectbox(key="train_preset").set_value(preset).run()
    assert not at.exception and not says(at, "Changed: ")
    press(at, "train_start")
    assert recorded.asked == (PRESETS[preset],)


def test_every_preset_has_a_name():
    assert set(settings_form.PRESET_NAMES) == set(PRESETS)
    assert settings_form.PRESET_NAMES["notebook"] == "As the notebook did it"


def test_what_has_no_effect_cannot_be_moved(recorded):
    at = page()

    def disabled():
        kinds = (
            at.slider,
            at.select_slider,
            at.button_group,
            at.multiselect,
            at.toggle,
            at.number_input,
            at.text_input,
        )
        widgets = [widget for kind in kinds for widget in kind]
        return {widget.key.removeprefix("train_") for widget in widgets if widget.proto.disabled}

    of_sgd, of_adam = {"schedule", "power_t", "momentum", "nesterov"}, {"beta_1", "beta_2", "epsilon"}
    assert disabled() == of_sgd | {"tolerance"}
    at.button_group(key="train_solver").select("sgd").run()
    assert disabled() == of_adam | {"power_t", "tolerance"}
    at.button_group(key="train_schedule").select("invscaling").run()
    at.slider(key="train_momentum").set_value(0.0).run()
    assert disabled() == of_adam | {"nesterov", "tolerance"}
    at.button_group(key="train_solver").select("lbfgs").run()
    at.radio(key="train_protocol").set_value("emobox").run()
    stepwise = {"learning_rate", "batch_size", "learning_rate_changes"}
    assert disabled() == of_sgd | of_adam | stepwise | {"test_actors"}


def test_the_random_split_is_said_to_leak_voices(recorded):
    radio = page().radio(key="train_protocol")
    captions = dict(zip(radio.options, radio.proto.captions, strict=True))
    assert "Leaks voices" in captions["Random split"]


def test_the_number_of_parameters_follows_the_sliders(recorded):
    at = page()

    def told():
        return next(text.value for text in at.markdown if "parameters" in text.value)

    before = told()
    assert f"**{n_parameters(FAST):,}** parameters" in before and "**1,440** clips" in before
    assert re.search(r"about \*\*\d+ s\*\*", before)
    at.slider(key="train_units_1").set_value(128).run()
    assert f"**{n_parameters(replace(FAST, hidden_layers=(128,))):,}** parameters" in told()
    at.radio(key="train_protocol").set_value("loso").run()
    at.slider(key="train_epochs").set_value(500).run()
    assert "min**" in told()


def test_settings_that_do_not_fit_are_one_sentence_and_cannot_be_started(recorded):
    at = page()
    at.button_group(key="train_emotions").set_value(["sad"]).run()
    assert not at.exception
    assert [error.value for error in at.error] == [
        "1 emotion(s) given; at least two are needed to tell apart. Choose another."
    ]
    assert "train_start" not in {button.key for button in at.button}


# A run, from its start to its end


def test_a_real_run_is_watched_stopped_judged_and_used(charts):
    at = page()
    at.slider(key="train_epochs").set_value(500).run()
    press(at, "train_start")
    assert at.button(key="train_start").proto.disabled
    run = run_of(at)
    while not run.snapshot().reports:
        time.sleep(0.01)
    at.run()
    assert {"train_loss", "train_uar"} <= set(charts) and "train_confusion" not in charts
    press(at, "train_stop")
    finished(at)
    snapshot = run.snapshot()
    assert snapshot.state == "stopped" and len(snapshot.reports) < 500
    assert says(at, f"Stopped after {snapshot.reports[-1].epoch} epochs")
    assert "train_confusion" in charts
    look_into(at, "How it learnt")
    assert len(charts["train_loss"].data[0].x) == len(snapshot.reports)
    shown = {metric.label: metric.value for metric in at.metric}
    assert shown == {"Accuracy": f"{snapshot.evaluation.accuracy:.1%}", "UAR": f"{snapshot.evaluation.uar:.1%}"}
    assert says(at, "95 % interval of the UAR over speakers")
    assert says(look_into(at, "Emotions"), "precision **") and "train_per_class" in charts
    assert not at.button(key="train_start").proto.disabled

    at.text_input(key="train_name").set_value("mine").run()
    press(at, "train_use")
    me = at.session_state["visitor"]
    assert me.model == "own:mine" and me.models["mine"].model is snapshot.model
    card = me.models["mine"].card
    assert card["scores"][0]["uar"] == snapshot.evaluation.uar and 1 not in card["trained_on"]["actors"]
    assert says(at, "mine now answers on Recognise")


def test_the_page_polls_while_a_run_is_under_way_and_no_longer(recorded, monkeypatch):
    polls = []
    whole = st.fragment

    def fragment(function, *, run_every):
        polls.append(run_every)
        return whole(function)

    monkeypatch.setattr(st, "fragment", fragment)
    recorded.standing = RunSnapshot("training", FAST, reports=(EpochReport(1, 20, 2.0, 0.2, 0.1, 2.0, 1, 0.1, 1.9),))
    at = press(page(), "train_start")
    assert polls and all(0.2 < seconds < 2 for seconds in polls)
    polls.clear()
    recorded.standing = RunSnapshot("failed", FAST, error="No clip of 'sad' is left.")
    at.run()
    assert not polls
    assert [error.value for error in at.error] == ["No clip of 'sad' is left."]


def test_a_run_stopped_before_its_first_epoch_says_so(recorded):
    recorded.standing = RunSnapshot("stopped", FAST)
    at = press(page(), "train_start")
    assert says(at, "Stopped before the first epoch was over") and "train_use" not in {b.key for b in at.button}


@pytest.mark.parametrize(
    ("snapshot", "share", "words"),
    [
        (RunSnapshot("waiting", FAST), 0.0, "Starting"),
        (RunSnapshot("waiting", FAST, position=1), 0.0, "Waiting for a free place: you are the next in line."),
        (RunSnapshot("waiting", FAST, position=3), 0.0, "Waiting for a free place: you are number 3 in line."),
        (RunSnapshot("training", FAST), 0.0, "Starting"),
        (
            RunSnapshot("training", FAST, reports=(EpochReport(5, 20, 1.0, 0.5, None, None, 5, 2.0, 6.0),)),
            0.25,
            "Epoch 5 of 20 · about 6 s left",
        ),
        (
            RunSnapshot(
                "training", FAST, paused=True, reports=(EpochReport(5, 20, 1.0, 0.5, None, None, 5, 2.0, 6.0),)
            ),
            0.25,
            "Paused after epoch 5 of 20",
        ),
        (
            RunSnapshot("training", FAST, reports=(EpochReport(1, 500, 1.0, 0.5, None, None, 1, 1.0, 499.0),)),
            0.002,
            "Epoch 1 of 500 · about 8 min left",
        ),
        (RunSnapshot("judging", FAST), 0.0, "Learning how far to trust itself"),
        (
            RunSnapshot("judging", FAST, model=object(), fold=FoldReport(2, 6, "", 0.25, 4.0, 8.0)),
            0.25,
            "Judging on clips it never heard: round 2 of 6 · about 8 s left",
        ),
    ],
)
def test_progress_in_words(snapshot, share, words):
    shown, said = run_view.progress(snapshot)
    assert shown == pytest.approx(share) and said.startswith(words)


def with_model(protocol, evaluation, unseen, state="done"):
    reports = (EpochReport(1, 20, 2.0, 0.2, None, None, 1, 0.1, 1.9),)
    return RunSnapshot(
        state,
        replace(FAST, protocol=protocol, emotions=("calm", "sad")),
        reports=reports,
        model=object(),
        judged=evaluation,
        counterpart=unseen,
        trained_on={"actors": [1], "n_clips": 1},
        seconds=3.0,
    )


def test_a_random_split_stands_beside_unseen_actors_with_the_reason_for_the_gap(recorded):
    recorded.standing = with_model("random", judged("random", 0.9), judged("emobox", 0.6))
    at = press(page(), "train_start")
    assert [metric.value for metric in at.metric] == ["90.0%", "90.0%", "60.0%", "60.0%"]
    assert says(at, "**Random split**: the same actors on both sides")
    assert says(at, "**Unseen actors**: every actor unheard once")
    assert says(at, "lose 30 points of accuracy on unseen actors")


def test_where_there_is_no_gap_none_is_claimed(recorded):
    recorded.standing = with_model("random", judged("random", 0.6), judged("emobox", 0.6))
    assert says(press(page(), "train_start"), "Here both scores agree")


def test_a_random_split_stopped_before_the_unseen_actors_says_so(recorded):
    recorded.standing = with_model("random", judged("random"), None, state="stopped")
    at = press(page(), "train_start")
    assert says(at, "Not judged, as the run was stopped before.") and len(at.metric) == 2


def test_held_out_actors_need_no_second_score(recorded):
    recorded.standing = with_model("heldout", judged("heldout"), None)
    at = press(page(), "train_start")
    assert len(at.metric) == 2 and says(at, "**Unseen actors**: 40 clips of 4 actors")


# What becomes of the model


@pytest.fixture
def shelf(monkeypatch, tmp_path):
    """A folder of models of its own."""
    store = ModelStore(tmp_path)
    monkeypatch.setattr(resources, "store", lambda: store)
    return store


def test_keep_writes_the_model_once_and_never_over_another(shelf):
    at = finished(press(page(), "train_start"))
    at.text_input(key="train_name").set_value("kept").run()
    press(at, "train_keep")
    assert says(at, "Kept as kept in models/")
    snapshot, stored = run_of(at).snapshot(), shelf.load("kept")
    probe = resources.table().matrix("standard")[:5]
    assert np.array_equal(stored.model.probabilities(probe), snapshot.model.probabilities(probe))
    assert stored.card["scores"][0]["scored_on"] and len(stored.card["trained_on"]["actors"]) == 20
    press(at, "train_keep")
    assert says(at, "There is a model 'kept' in models/ already. Choose another name.")


@pytest.mark.parametrize("button", ["train_use", "train_keep"])
@pytest.mark.parametrize("name", ["../escape", "Ünïcode", "a b", ""])
def test_a_name_that_cannot_be_is_one_sentence(shelf, button, name):
    at = finished(press(page(), "train_start"))
    at.text_input(key="train_name").set_value(name).run()
    press(at, button)
    assert len(at.error) == 1 and "cannot be a model's name" in at.error[0].value
    assert not shelf.names() and not at.session_state["visitor"].models


def test_two_visitors_do_not_see_each_others_runs():
    one, other = page(), page()
    finished(press(one, "train_start"))
    press(one, "train_use")
    other.run()
    theirs = other.session_state["visitor"]
    assert not theirs.laboratory.entries and not theirs.models
    assert theirs.laboratory.token != one.session_state["visitor"].laboratory.token
    assert says(other, "The curves grow here")


def test_the_result_is_there_when_the_page_is_opened_again(charts):
    at = finished(press(page(), "train_start"))
    charts.clear()
    again = AppTest.from_file(str(PAGE), default_timeout=60)
    again.session_state["visitor"] = at.session_state["visitor"]
    again.run()
    assert not again.exception and says(again, "Done after 20 epochs") and "train_confusion" in charts


def test_the_notebooks_way_comes_out_near_its_score_with_unseen_actors_beside_it():
    at = page()
    at.selectbox(key="train_preset").set_value("notebook").run()
    finished(press(at, "train_start"), 120)
    accuracy, _, unseen, _ = (float(metric.value.rstrip("%")) for metric in at.metric)
    assert 65 <= accuracy <= 79
    assert unseen < accuracy - 5
