"""The Train page without a browser: what reaches the training, what is shown of it, and what becomes of the model."""

import gc
import io
import json
import re
import time
import weakref
import zipfile
from dataclasses import fields, replace

import numpy as np
import pytest
import streamlit as st

from pages.common import panel, progress, resources, session
from pages.common.models import ModelState
from pages.train import run_view, runs_view, search_view, start_view, workspace
from pages.train.guide import first_run
from pages.train.settings import form
from pages.train.settings.field_widgets import WIDGETS
from pages.train.state import TrainState
from ser.evaluation.crossvalidation import CrossValidation
from ser.experiments import run as running
from ser.experiments.cost import n_parameters
from ser.experiments.run import RunSnapshot, TrainingRun
from ser.experiments.search import Candidate, SearchReport
from ser.jobs import Job
from ser.metrics import score
from ser.model.card import TrainedOn, card_of
from ser.model.store import ModelStore
from ser.text import percent
from ser.training.epochs import EpochReport
from ser.training.presets import PRESETS
from ser.training.progress import FoldReport
from ser.training.setting_fields import SCHEDULES
from ser.training.settings import TrainingSettings
from tests.helpers.pages import app_test, keys, press, remember, remembered, run, says, text, until
from tests.helpers.sounds import file as sounds_file
from tests.helpers.sounds import voice

pytestmark = pytest.mark.slow

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
    "corpora": (
        replace(FAST, protocol="emobox"),
        lambda at: at.button_group(key="train_corpora").set_value(["nemo", "ravdess"]),
        ("ravdess", "nemo"),
    ),
    "specialists": (
        replace(FAST, corpora=("ravdess", "nemo")),
        lambda at: at.slider(key="train_specialists").set_value(1),
        1,
    ),
    "copies": (FAST, lambda at: at.slider(key="train_copies").set_value(3), 3),
    "views": (FAST, lambda at: at.toggle(key="train_views").set_value(True), True),
    "mixup": (FAST, lambda at: at.select_slider(key="train_mixup").set_value(1.0), 1.0),
    "smoothing": (FAST, lambda at: at.select_slider(key="train_smoothing").set_value(0.2), 0.2),
    "limit": (FAST, lambda at: at.select_slider(key="train_limit").set_value(3.0), 3.0),
    "emphasis": (FAST, lambda at: at.select_slider(key="train_emphasis").set_value(2.0), 2.0),
    "solver": (FAST, lambda at: at.button_group(key="train_solver").select("sgd"), "sgd"),
    "alpha": (FAST, lambda at: at.select_slider(key="train_alpha").set_value(0.1), 0.1),
    "learning_rate": (FAST, lambda at: at.select_slider(key="train_learning_rate").set_value(0.01), 0.01),
    "batch_size": (FAST, lambda at: at.select_slider(key="train_batch_size").set_value(256), 256),
    "epochs": (FAST, lambda at: at.slider(key="train_epochs").set_value(7), 7),
    "patience": (FAST, lambda at: at.select_slider(key="train_patience").set_value(5), 5),
    "validation": (FAST, lambda at: at.select_slider(key="train_validation").set_value(0.35), 0.35),
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
    "test_actors": (FAST, lambda at: at.button_group(key="train_test_actors").set_value([2, 3]), (2, 3)),
    "calibration_folds": (FAST, lambda at: at.select_slider(key="train_calibration_folds").set_value(3), 3),
    "seed": (FAST, lambda at: at.number_input(key="train_seed").set_value(11), 11),
}


class Recorded:
    """A run that trains nothing, remembers what it was asked for and stands as it is told to."""

    asked: tuple[TrainingSettings, ...] = ()
    standing = RunSnapshot("failed", FAST, error="Nothing was trained.")

    def __init__(self, settings, table, *, owner=None):
        type(self).asked += (settings,)
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

    for module in (run_view, panel, start_view, first_run):
        monkeypatch.setattr(module, "chart", draw)
    monkeypatch.setattr(st, "page_link", lambda *_, **__: None)
    return figures


@pytest.fixture
def recorded(monkeypatch):
    """The class that takes the place of `TrainingRun`."""
    fake = type("Recorded", (Recorded,), {})
    monkeypatch.setattr(running, "TrainingRun", fake)
    monkeypatch.setattr(workspace, "TrainingRun", fake)
    monkeypatch.setattr(start_view, "TrainingRun", fake)
    return fake


def page(settings=None):
    changed = {} if settings is None else {k: v for k, v in settings.to_json().items() if v != FAST.to_json()[k]}
    return run(app_test("train", **({"set": json.dumps(changed)} if changed else {})))


def run_of(at):
    """The run on the screen."""
    return remembered(at, TrainState).workspace.entry.run


def finished(at, seconds=180):
    """The page once the run is over."""
    until(at, lambda: run_of(at).snapshot().over, seconds)
    return run(at)


def look_into(at, part):
    at.button_group(key="train_part").select(part).run()
    assert not at.exception
    return at


@pytest.fixture(scope="module")
def quick_run():
    """A real run of the first preset, which tests look at and none changes."""
    run = TrainingRun(FAST, resources.table())
    run.start()
    run.join(180)
    return run


@pytest.fixture
def after(quick_run):
    """The page of a visitor whose first run is over."""
    entries = {1: workspace.NamedRun(1, "Run 1", quick_run)}
    state = TrainState(workspace=workspace.Workspace("token", entries, shown=1, _count=1))
    return run(remember(app_test("train"), state))


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
    assert sorted(WIDGETS) == sorted(names) and sorted(CONTROLS) == sorted(names)


@pytest.mark.parametrize("preset", PRESETS)
def test_a_preset_sets_every_slider(recorded, preset):
    at = page()
    at.slider(key="train_epochs").set_value(3).run()
    at.selectbox(key="train_preset").set_value("shipped" if preset == "fast" else "fast").run()
    at.selectbox(key="train_preset").set_value(preset).run()
    assert not at.exception and not says(at, "Changed: ")
    press(at, "train_start")
    assert recorded.asked == (PRESETS[preset],)


@pytest.mark.parametrize("preset", PRESETS)
def test_the_time_beside_the_curves_is_that_of_the_preset(recorded, preset):
    at = page()
    at.selectbox(key="train_preset").set_value("few").run()
    at.selectbox(key="train_preset").set_value(preset).run()
    [beside] = [info.value for info in at.info if "The curves grow here" in info.value]
    [above] = [shown.value for shown in at.markdown if "parameters" in shown.value]
    assert re.search(r"roughly \*\*.+\*\*", above)[0] in beside and "quick try" not in beside


def test_every_preset_has_a_name():
    assert set(form.PRESET_NAMES) == set(PRESETS)
    assert form.PRESET_NAMES["notebook"] == "As the notebook did it"


def test_what_has_no_effect_cannot_be_moved(recorded):
    at = page()

    def disabled():
        kinds = (
            at.slider,
            at.select_slider,
            at.button_group,
            at.toggle,
            at.number_input,
            at.text_input,
        )
        widgets = [widget for kind in kinds for widget in kind]
        return {widget.key.removeprefix("train_") for widget in widgets if widget.proto.disabled}

    of_sgd, of_adam = {"power_t", "momentum", "nesterov"}, {"beta_1", "beta_2", "epsilon"}
    assert disabled() == of_sgd | {"tolerance", "specialists"}
    assert at.button_group(key="train_schedule").options == ["constant", "cosine"]
    at.button_group(key="train_solver").select("sgd").run()
    assert disabled() == of_adam | {"power_t", "tolerance", "specialists"}
    assert at.button_group(key="train_schedule").options == list(SCHEDULES)
    at.button_group(key="train_schedule").select("invscaling").run()
    at.slider(key="train_momentum").set_value(0.0).run()
    assert disabled() == of_adam | {"nesterov", "tolerance", "specialists"}
    at.button_group(key="train_solver").select("lbfgs").run()
    at.radio(key="train_protocol").set_value("emobox").run()
    stepwise = {"learning_rate", "batch_size", "learning_rate_changes", "schedule", "mixup", "smoothing"}
    assert disabled() == of_sgd | of_adam | stepwise | {"test_actors", "specialists"}
    assert at.button_group(key="train_schedule").options == ["constant", "cosine", "invscaling (no effect here)"]
    at.button_group(key="train_emotions").set_value(["happy", "sad"])
    at.button_group(key="train_feature_set").select("notebook")
    at.toggle(key="train_scale").set_value(False).run()
    assert disabled() == of_sgd | of_adam | stepwise | {
        "test_actors", "specialists", "copies", "views", "limit", "emphasis"
    }  # fmt: skip


def test_emphasis_is_offered_where_some_features_can_count_for_more_than_others(recorded):
    at = page()
    for groups, of_one_kind in ((["pitch"], True), (["loudness", "chroma"], True), (["pitch", "loudness"], False)):
        at.button_group(key="train_groups_standard").set_value(groups).run()
        assert at.select_slider(key="train_emphasis").disabled == of_one_kind, groups


def test_the_random_split_is_said_to_leak_voices(recorded):
    radio = page().radio(key="train_protocol")
    captions = dict(zip(radio.options, radio.proto.captions, strict=True))
    assert "A leaky test" in captions["Random split"]


def test_the_number_of_parameters_follows_the_sliders(recorded):
    at = page()

    def told():
        return next(shown.value for shown in at.markdown if "parameters" in shown.value)

    before = told()
    assert f"**{n_parameters(FAST):,}** parameters" in before and "**1,440** clips" in before
    assert re.search(r"roughly \*\*\d+ s\*\*", before)
    at.slider(key="train_units_1").set_value(128).run()
    assert f"**{n_parameters(replace(FAST, hidden_layers=(128,))):,}** parameters" in told()
    at.radio(key="train_protocol").set_value("loso").run()
    at.slider(key="train_epochs").set_value(500).run()
    assert "min**" in told()


def test_settings_too_large_for_a_small_host_are_told_of_before_the_start(recorded):
    at = page()
    assert not says(at, "of memory")
    at.slider(key="train_layers").set_value(4).run()
    for layer in range(1, 5):
        at.slider(key=f"train_units_{layer}").set_value(1024)
    at.slider(key="train_members").set_value(8).run()
    assert [error.value for error in at.error] == [
        "These settings have 39,141,440 parameters; at most 10,000,000 can be trained here. Choose fewer units, "
        "layers, features or members."
    ]
    at.slider(key="train_members").set_value(2)
    at.slider(key="train_copies").set_value(1).run()
    assert says(at, "This takes about 370 MB of memory") and not at.button(key="train_start").proto.disabled


def test_settings_that_do_not_fit_are_one_sentence_and_cannot_be_started(recorded):
    at = page()
    at.button_group(key="train_emotions").set_value(["sad"]).run()
    assert not at.exception
    assert [error.value for error in at.error] == [
        "Emotions given: sad; at least two are needed to tell apart. Choose another."
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
    evaluation = snapshot.evaluation
    assert shown == {"Accuracy": percent(evaluation.accuracy, 1), "UAR": percent(evaluation.uar, 1)}
    assert says(at, "(95\xa0% interval)")
    assert says(look_into(at, "Emotions"), "precision **") and "train_per_class" in charts
    assert not at.button(key="train_start").proto.disabled

    at.text_input(key="train_name").set_value("mine").run()
    press(at, "train_use")
    models = remembered(at, ModelState)
    assert models.in_use == "own:mine" and models.own["mine"].model is snapshot.model
    card = models.own["mine"].card
    assert card.scores[0].uar == snapshot.evaluation.uar and 1 not in card.trained_on.actors
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
    # Charts to which nothing is added are not drawn again and again; the buttons still are.
    for still in ({"paused": True, "halted": True}, {"state": "judging"}):
        polls.clear()
        standing = recorded.standing
        recorded.standing = replace(standing, **still)
        at.run()
        assert len(polls) == 2 and polls.count(None) == 1
        recorded.standing = standing
    polls.clear()
    recorded.standing = RunSnapshot("failed", FAST, error="No clip of 'sad' is left.")
    at.run()
    assert not polls
    assert [error.value for error in at.error] == ["No clip of 'sad' is left."]


@pytest.mark.parametrize("looks", range(1, 7))
def test_a_run_that_ends_while_the_page_is_drawn_leaves_no_button_dead(recorded, looks):
    under_way, over = RunSnapshot("training", FAST), RunSnapshot("failed", FAST, error="It broke off.")
    recorded.standing = under_way
    at = press(page(), "train_start")
    states = iter([under_way] * looks)
    recorded.snapshot = lambda _: next(states, over)
    at.run()
    assert not at.button(key="train_start").proto.disabled
    assert [error.value for error in at.error] == ["It broke off."]


def test_a_search_that_ends_elsewhere_gives_the_button_of_a_training_back(monkeypatch):
    polls = []
    monkeypatch.setattr(st, "fragment", lambda function, *, run_every: polls.append(function) or (lambda *_: None))
    at = view(page(), "Search")
    press(at, "train_search")
    job = remembered(at, TrainState).workspace.search
    polls.clear()
    view(at, "Train")
    assert at.button(key="train_start").proto.disabled and len(polls) == 1
    job.stop()
    job.join(60)
    assert not run(at).button(key="train_start").proto.disabled
    assert len(polls) == 1


def test_a_run_stopped_before_its_first_epoch_says_so(recorded):
    recorded.standing = RunSnapshot("stopped", FAST)
    at = press(page(), "train_start")
    assert says(at, "You stopped before the first epoch was over") and "train_use" not in {b.key for b in at.button}


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
                "training",
                FAST,
                paused=True,
                halted=True,
                reports=(EpochReport(5, 20, 1.0, 0.5, None, None, 5, 2.0, 6.0),),
            ),
            0.25,
            "Paused after epoch 5 of 20",
        ),
        (
            RunSnapshot("training", FAST, reports=(EpochReport(1, 500, 1.0, 0.5, None, None, 1, 1.0, 499.0),)),
            0.002,
            "Epoch 1 of 500 · about 8 min left",
        ),
        (RunSnapshot("judging", FAST), 0.0, "Learning how sure it may be"),
        (
            RunSnapshot("judging", FAST, model=object(), fold=FoldReport(2, 6, "", 0.25, 4.0, 8.0)),
            0.25,
            "Testing it on clips that it never heard: round 2 of 6 · about 8 s left",
        ),
    ],
)
def test_progress_in_words(snapshot, share, words):
    done, line = progress.bar(snapshot, run_view.progress)
    assert done == pytest.approx(share) and line.startswith(words)


def with_model(protocol, evaluation, unseen, state="done"):
    reports = (EpochReport(1, 20, 2.0, 0.2, None, None, 1, 0.1, 1.9),)
    return RunSnapshot(
        state,
        replace(FAST, protocol=protocol, emotions=("calm", "sad")),
        reports=reports,
        model=object(),
        judged=evaluation,
        counterpart=unseen,
        trained_on=TrainedOn((1,), 1),
        seconds=3.0,
    )


def test_a_random_split_stands_beside_unseen_actors_with_the_reason_for_the_gap(recorded):
    recorded.standing = with_model("random", judged("random", 0.9), judged("emobox", 0.6))
    at = press(page(), "train_start")
    assert [metric.value for metric in at.metric] == ["90.0\xa0%", "90.0\xa0%", "60.0\xa0%", "60.0\xa0%"]
    assert says(at, "**Leaky test: known voices**") and says(at, "it learnt from these voices")
    assert says(at, "**Fair test: new voices**") and says(at, "40 clips of 4 actors that it never heard")
    assert says(at, "lose 30 points of accuracy on new voices")


def test_where_there_is_no_gap_none_is_claimed(recorded):
    recorded.standing = with_model("random", judged("random", 0.6), judged("emobox", 0.6))
    assert says(press(page(), "train_start"), "Here the leaky test is no better")


def test_a_random_split_stopped_before_the_unseen_actors_says_so(recorded):
    recorded.standing = with_model("random", judged("random"), None, state="stopped")
    at = press(page(), "train_start")
    assert says(at, "There is no score, because the run was stopped before.") and len(at.metric) == 2


def test_held_out_actors_need_no_second_score(recorded):
    recorded.standing = with_model("heldout", judged("heldout"), None)
    at = press(page(), "train_start")
    assert len(at.metric) == 2 and says(at, "40 clips of 4 actors")


# What becomes of the model


@pytest.fixture
def shelf(monkeypatch, tmp_path):
    """A folder of models of its own, in which visitors may keep theirs."""
    monkeypatch.setenv("SER_KEEP", "1")
    store = ModelStore(tmp_path)
    monkeypatch.setattr(resources, "store", lambda: store)
    return store


def test_keep_writes_the_model_once_and_never_over_another(shelf, after):
    after.text_input(key="train_name").set_value("kept").run()
    press(after, "train_keep")
    assert says(after, "kept is kept on this server")
    snapshot, stored = run_of(after).snapshot(), shelf.load("kept")
    probe = resources.table().matrix("standard")[:5]
    assert np.array_equal(stored.model.probabilities(probe), snapshot.model.probabilities(probe))
    assert stored.card.scores[0].scored_on and len(stored.card.trained_on.actors) == 20
    press(after, "train_keep")
    assert says(after, "There is a model called kept already. Choose another name.")


def test_a_kept_model_is_removed_in_the_same_visit_and_nobody_elses(shelf, after):
    after.text_input(key="train_name").set_value("kept").run()
    press(after, "train_keep")
    press(after, "train_remove_kept")
    assert says(after, "kept is removed.") and not shelf.names()
    after.run()
    assert "train_remove_kept" not in keys(after)
    press(after, "train_keep")
    # The operator removes it, and somebody else keeps another model under the name.
    run_2 = run_of(after).snapshot()
    shelf.remove("kept")
    other = replace(run_2.model, mean=run_2.model.mean + 1)
    shelf.save("kept", other, card_of(other, run_2.trained_on))
    after.run()
    assert "train_remove_kept" not in keys(after) and shelf.names() == ("kept",)


def test_a_name_that_cannot_be_is_one_sentence(shelf, after):
    for name in ("../escape", "Ünïcode", "a b", ""):
        after.text_input(key="train_name").set_value(name).run()
        for button in ("train_use", "train_keep"):
            press(after, button)
            assert len(after.error) == 1 and "cannot be a model's name" in after.error[0].value
    assert not shelf.names() and not remembered(after, ModelState).own


def test_a_training_that_a_visitor_has_no_room_for_is_refused_in_a_sentence(monkeypatch):
    at = page()
    needed = 4 * n_parameters(FAST)
    monkeypatch.setattr(session, "DEMO", replace(session.DEMO, memory_bytes=needed - 1))
    press(at, "train_start")
    assert [error.value for error in at.error] == [
        "Your clips and runs hold 0 MB and this needs 1 MB more, but a visitor has 0 MB here. Remove clips or runs, or "
        "give less."
    ]
    assert not remembered(at, TrainState).workspace.entries


def test_two_visitors_do_not_see_each_others_runs():
    one, other = page(), page()
    finished(press(one, "train_start"))
    press(one, "train_use")
    other.run()
    theirs = remembered(other, TrainState).workspace
    assert not theirs.entries and "ModelState" not in other.session_state
    assert theirs.token != remembered(one, TrainState).workspace.token
    assert says(other, "The curves grow here")


def test_the_result_is_there_when_the_page_is_opened_again(charts):
    at = finished(press(page(), "train_start"))
    charts.clear()
    again = run(remember(app_test("train"), remembered(at, TrainState)))
    assert says(again, "Done after 20 epochs") and "train_confusion" in charts


def test_the_notebooks_way_comes_out_near_its_score_with_unseen_actors_beside_it():
    at = page()
    at.selectbox(key="train_preset").set_value("notebook").run()
    finished(press(at, "train_start"))
    assert run_of(at).snapshot().evaluation.n_clips == 154
    accuracy, _, unseen, _ = (float(metric.value.rstrip("%")) for metric in at.metric)
    assert 65 <= accuracy <= 79
    assert unseen < accuracy - 5


# The guided first run


def test_the_guide_trains_compares_and_hands_the_model_over(monkeypatch):
    went = []
    monkeypatch.setattr(st, "switch_page", went.append)
    at = run(app_test("train", preset=""))
    assert {"train_guide_start", "train_guide_leave"} <= keys(at) and "train_start" not in keys(at)
    assert at.button(key="train_guide_leaky").disabled and at.button(key="train_guide_use").disabled
    press(at, "train_guide_start")
    finished(at)
    evaluation = run_of(at).snapshot().evaluation
    assert says(at, f"the right emotion for **{percent(evaluation.accuracy)}** of 240 clips")
    press(at, "train_job_leaky")
    remembered(at, TrainState).workspace.jobs[(1, "leaky")].join(120)
    at.run()
    fair, leaky = (int(metric.value.rstrip("\xa0%")) for metric in at.metric)
    assert leaky > fair + 5 and fair == round(100 * evaluation.accuracy)
    press(at, "train_guide_use")
    assert went == ["pages/recognise/page.py"]
    mine = remembered(at, ModelState)
    assert mine.in_use == "own:my-first-model"
    assert mine.own["my-first-model"].card.scores[0].uar == evaluation.uar
    press(at, "train_guide_end")
    assert [title.value for title in at.header] == ["Run 1"] and says(at, "UAR **")


def test_the_guide_can_be_left_at_once_and_does_not_come_back():
    at = run(app_test("train", preset=""))
    press(at, "train_guide_leave")
    assert "train_start" in keys(at) and says(at, "The curves grow here")
    assert "train_start" in keys(at.run())


def test_a_link_with_settings_needs_no_guide():
    at = run(app_test("train", preset="", set="{}"))
    assert "train_start" in keys(at)


# Steering


def under_way(**changes):
    report = EpochReport(3, 20, 2.0, 0.2, None, None, 3, 0.1, 1.9, 0.001)
    return RunSnapshot("training", FAST, reports=(report,), **changes)


def test_the_wheel_reaches_the_run(recorded):
    recorded.standing = under_way()
    at = press(page(), "train_start")
    run = run_of(at)
    assert at.button(key="train_step").proto.disabled
    press(at, "train_pause")
    recorded.standing = under_way(paused=True)
    at.run()
    for key in ("train_step", "train_resume"):
        press(at, key)
    rate = next(slider for slider in at.select_slider if slider.key.startswith("train_rate"))
    assert "(last epoch: 0.001)" in rate.label
    rate.set_value(0.01).run()
    press(at, "train_stop")
    assert run.calls == [("start",), ("pause",), ("step",), ("resume",), ("change_learning_rate", 0.01), ("stop",)]


def test_without_clips_to_watch_there_is_no_map_and_it_says_so(recorded, charts):
    recorded.standing = under_way()
    at = press(page(), "train_start")
    assert "train_map" not in charts and says(at, "No clips are kept out to watch it by")


def test_the_leaky_test_of_a_run_shows_both_scores_and_the_reason():
    at = finished(press(page(), "train_start"))
    assert len(at.metric) == 2
    press(at, "train_job_leaky")
    remembered(at, TrainState).workspace.jobs[(1, "leaky")].join(120)
    at.run()
    assert "train_job_leaky" not in keys(at)
    leaking, _, unseen, _ = (float(metric.value.rstrip("%")) for metric in at.metric)
    assert leaking > unseen + 5
    assert says(at, "A new person gets the fair score") and says(at, "4 actors that it never heard")


# Settings passed on


def test_the_address_carries_the_settings_there_and_back(recorded):
    at = page()
    at.selectbox(key="train_preset").set_value("wide").run()
    at.slider(key="train_epochs").set_value(7).run()
    at.button_group(key="train_emotions").set_value(["sad", "happy"]).run()
    assert at.query_params["preset"] == "wide"
    press(run(app_test("train", preset="wide", set=at.query_params["set"])), "train_start")
    assert recorded.asked == (replace(PRESETS["wide"], epochs=7, emotions=("happy", "sad")),)


@pytest.mark.parametrize(
    ("preset", "changed"),
    [("fast", "{"), ("fast", "[]"), ("fast", '{"epochs": 0}'), ("fast", '{"dropout": 1}'), ("nonsense", "{}")],
)
def test_an_address_that_makes_no_sense_is_one_sentence(recorded, preset, changed):
    at = run(app_test("train", preset=preset, set=changed))
    assert len(at.warning) == 1 and "Quick try" in at.warning[0].value
    press(at, "train_start")
    assert recorded.asked == (FAST,)


@pytest.mark.parametrize("settings", [*PRESETS.values(), replace(FAST, epochs=1999, alpha=0.0123, batch_size=48)])
def test_a_file_sets_every_slider_also_beyond_its_range(recorded, settings):
    at = page()
    at.file_uploader(key="train_settings_upload").upload(
        "settings.json", json.dumps(settings.to_json()).encode(), "application/json"
    ).run()
    press(at, "train_start")
    assert recorded.asked == (settings,)


@pytest.mark.parametrize("content", [b"\xff\xfe", b"{", b"[1]", b'{"epochs": "many"}', b'"fast"'])
def test_a_file_that_makes_no_sense_is_one_sentence_and_nothing_is_lost(recorded, content):
    at = page()
    at.slider(key="train_epochs").set_value(9).run()
    at.file_uploader(key="train_settings_upload").upload("wrong.json", content, "application/json").run()
    assert not at.exception and len(at.error) == 1 and "wrong.json" in at.error[0].value
    press(at, "train_start")
    assert recorded.asked == (replace(FAST, epochs=9),)


# A second tab


def test_a_second_tab_with_the_address_finds_the_run_and_steers_it():
    at = page()
    assert "lab" not in at.query_params
    at.slider(key="train_epochs").set_value(500).run()
    press(at, "train_start")
    token = at.query_params["lab"]
    assert len(token) > 20
    other = run(app_test("train", lab=token))
    assert run_of(other) is run_of(at)
    press(other, "train_stop")
    finished(at)
    assert run_of(at).snapshot().state == "stopped"
    assert "ModelState" not in other.session_state


def test_an_address_that_names_nothing_opens_a_laboratory_of_its_own():
    at = run(app_test("train", lab="guessed"))
    assert says(at, "The curves grow here") and "lab" not in at.query_params


# The report


def test_every_part_of_the_report_is_drawn(charts, after):
    drawn = {
        "How it learnt": {"train_loss", "train_uar", "train_map"},
        "Confusion": {"train_confusion"},
        "Emotions": {"train_per_class"},
        "Actors": {"train_actors"},
        "Trust": {"train_reliability", "train_risk"},
        "Biggest mistakes": set(),
    }
    for part, charts_of_part in drawn.items():
        charts.clear()
        look_into(after, part)
        assert set(charts) == charts_of_part
    assert len(after.dataframe[0].value) == 20
    assert says(look_into(after, "Downloads"), "python -m ser evaluate --settings run-1.json")


def test_without_recordings_no_clip_is_said_to_be_heard(after, monkeypatch):
    monkeypatch.setattr(resources, "dataset", lambda: None)
    look_into(after, "Biggest mistakes")
    assert says(after, "These are the first 6 of the 20 clips.") and says(after, "cannot be played")
    assert not after.get("audio") and not says(after, "can be heard")


def test_a_cell_of_the_confusion_lists_its_clips(after):
    confusion = np.array(run_of(after).snapshot().evaluation.confusion)
    after.selectbox(key="train_cell_actual").set_value("angry").run()
    after.selectbox(key="train_cell_answered").set_value("disgust").run()
    assert not after.exception and says(after, f"{confusion[4, 6]} clips of *angry* were answered *disgust*.")


@pytest.mark.parametrize(
    ("part", "kind", "key"),
    [("What it listens to", "importance", "train_importance"), ("More actors", "curve", "train_learning_curve")],
)
def test_an_inspection_runs_beside_the_page(charts, after, part, kind, key):
    at = look_into(after, part)
    press(at, f"train_job_{kind}")
    remembered(at, TrainState).workspace.jobs[(1, kind)].join(120)
    at.run()
    assert not at.exception and key in charts


def test_the_command_line_gives_the_same_score(tmp_path, capsys):
    from ser.cli.main import main

    at = page(replace(FAST, epochs=4, calibration_folds=2))
    snapshot = run_of(finished(press(at, "train_start"))).snapshot()
    shown = {metric.label: metric.value for metric in at.metric}
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(snapshot.replay.to_json()), "utf-8")
    assert main(["evaluate", "--settings", str(path), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert shown == {"Accuracy": percent(said["accuracy"], 1), "UAR": percent(said["uar"], 1)}
    assert said["ece"] == snapshot.evaluation.ece and said["settings"] == snapshot.replay.to_json()


def test_the_report_shows_the_score_of_each_data_set_that_was_learnt_from(charts):
    both = replace(FAST, corpora=("ravdess", "nemo"), epochs=5, test_actors=(1, 2, 201, 205))
    at = page(both)
    assert says(at, "**1,970** clips")
    finished(press(at, "train_start"))
    evaluation, other = run_of(at).snapshot().evaluation, run_of(at).snapshot().judged.others["nemo"].evaluation
    scores = at.dataframe[0].value
    assert scores["data set"].tolist() == ["RAVDESS", "nEMO"] and scores["speakers"].tolist() == [2, 2]
    assert scores["UAR (%)"].tolist() == [100 * evaluation.uar, 100 * other.uar]
    assert says(at, f"From {evaluation.n_clips} clips")
    at.button_group(key="train_report_data_set").select("nEMO").run()
    assert not at.exception and says(at, f"From {other.n_clips} clips")
    look_into(at, "Biggest mistakes")
    assert {201, 205} >= set(at.dataframe[1].value["actor"])
    press(at, "train_use")
    table = view(at, "Runs").dataframe[0].value
    assert table["UAR, new voices of nEMO (%)"].tolist() == [100 * other.uar]
    scores = remembered(at, ModelState).own["my-model"].card.scores
    assert [(each.data_set, each.uar) for each in scores] == [("RAVDESS", evaluation.uar), ("nEMO", other.uar)]


def test_a_data_set_that_was_not_learnt_from_judges(after):
    at = look_into(after, "Another data set")
    at.button_group(key="train_held_out_corpus").select("nemo").run()
    press(at, "train_job_by_nemo")
    job = remembered(at, TrainState).workspace.jobs[(1, "by_nemo")]
    job.join(120)
    at.run()
    evaluation = job.snapshot().result.evaluation
    assert evaluation.n_clips == 530 and len(evaluation.labels) == 6
    assert percent(evaluation.uar, 1) in {metric.value for metric in at.metric}
    assert says(at, "530 clips. It learnt from RAVDESS only.")


def test_data_sets_bring_their_emotions_and_speakers_and_lose_no_choice(recorded):
    at = page()
    at.button_group(key="train_corpora").set_value(["nemo"]).run()
    assert not at.error and says(at, "**530** clips")
    press(at, "train_start")
    assert recorded.asked[0].test_actors == (201, 202) and len(recorded.asked[0].emotions) == 6
    at.button_group(key="train_corpora").set_value([]).run()
    assert at.error[0].value == "No data set is chosen; at least one is needed. Choose one under Data."
    at.button_group(key="train_corpora").set_value(["ravdess"]).run()
    press(at, "train_start")
    assert recorded.asked[1] == FAST


def test_visitors_keep_models_only_if_the_operator_allows_it(monkeypatch, after):
    monkeypatch.delenv("SER_KEEP", raising=False)
    after.run()
    assert "train_use" in keys(after) and "train_keep" not in keys(after)


# Runs beside each other


def view(at, name):
    at.button_group(key="train_view").select(name).run()
    assert not at.exception
    return at


@pytest.fixture
def two_runs(charts, after, monkeypatch):
    monkeypatch.setattr(runs_view, "chart", lambda figure, *, key, alt: charts.__setitem__(key, figure))
    after.slider(key="train_units_1").set_value(8).run()
    return finished(press(after, "train_start"))


def test_two_runs_are_compared(two_runs, charts):
    at = view(two_runs, "Runs")
    table = at.dataframe[0].value
    assert table["run"].tolist() == ["Run 2", "Run 1"] and table["hidden layers"].tolist() == ["8", "64"]
    assert "alpha" not in table and (table["UAR, new voices (%)"] > 20).all()
    assert len(charts["train_runs_overlay"].data) == 2
    assert re.search(r"Over 4 actors, \*\*Run [12]\*\* differs from \*\*Run [12]\*\* by", text(at))
    assert says(at, "4 actors are too few to show any difference") and says(at, "0.125")
    assert len(charts["train_runs_differences"].data[0].x) == 4


@pytest.mark.parametrize(
    ("shares", "expected"),
    [
        ({1: 0.5, 2: 0.9, 3: 0.7}, (2, 3)),
        ({1: 0.5, 2: 0.9, 3: 0.9}, (2, 1)),  # the third answers just as the second does
        ({1: 0.9, 2: 0.9}, (1, 2)),
    ],
)
def test_the_comparison_starts_with_the_two_best_runs_that_differ(shares, expected):
    evaluations = {number: judged("heldout", share).evaluation for number, share in shares.items()}
    assert runs_view.best_two(evaluations) == expected


def test_the_comparison_starts_with_runs_that_tell_the_same_emotions_apart():
    evaluations = {
        1: judged("heldout", 0.9).evaluation,
        2: judged("heldout", 0.8, ("happy", "sad")).evaluation,
        3: judged("heldout", 0.6).evaluation,
    }
    assert runs_view.best_two(evaluations) == (1, 3)


def test_a_run_is_renamed_pinned_deleted_and_its_settings_used_again(two_runs):
    at = view(two_runs, "Runs")
    at.selectbox(key="train_runs_chosen").set_value(1).run()
    at.text_input(key="train_runs_name_1").set_value("first of all").run()
    press(at, "train_runs_pin")
    assert at.dataframe[0].value["run"].tolist() == ["📌 first of all", "Run 2"]
    press(at, "train_runs_fill")
    assert at.button_group(key="train_view").value == "Train" and at.slider(key="train_units_1").value == 64
    press(view(at, "Runs"), "train_runs_show")
    assert [title.value for title in at.header] == ["first of all"]
    at = view(at, "Runs")
    at.selectbox(key="train_runs_chosen").set_value(2).run()
    press(at, "train_runs_delete")
    assert at.dataframe[0].value["run"].tolist() == ["📌 first of all"]
    press(at, "train_runs_delete")
    assert says(at, "There are no runs yet")


def test_more_runs_than_fit_make_room_but_for_pinned_ones(recorded):
    lab = workspace.Workspace("token")
    for _ in range(3):
        lab.begin(recorded(FAST, None))
    lab.pin(1, True)
    for _ in range(workspace.MOST_RUNS):
        lab.begin(recorded(FAST, None))
    assert len(lab.entries) == workspace.MOST_RUNS and 1 in lab.entries and 2 not in lab.entries


def test_a_deleted_run_is_let_go_of_while_its_visitor_stays(recorded):
    recorded.standing = RunSnapshot("training", FAST)
    at = press(page(), "train_start")
    lab = remembered(at, TrainState).workspace
    lab.entry.run.standing = RunSnapshot("failed", FAST, error="It broke off.")
    gone = weakref.ref(lab.entry.run)
    press(run(at), "train_start")
    assert lab.shown == 2 and at.select_slider(key=f"train_rate_{id(lab.entry.run)}")
    lab.delete(1)
    run(at)
    deadline = time.monotonic() + 10
    while gone() is not None:
        assert time.monotonic() < deadline
        time.sleep(0.1)
        gc.collect()


# The search


def test_a_search_is_followed_stopped_and_its_best_used(charts, monkeypatch):
    monkeypatch.setattr(search_view, "chart", lambda figure, *, key, alt: charts.__setitem__(key, figure))
    at = view(page(), "Search")
    press(at, "train_search")
    job = remembered(at, TrainState).workspace.search
    view(at, "Train")
    assert says(at, "A search is under way") and at.button(key="train_start").proto.disabled
    view(at, "Search")
    deadline = time.monotonic() + 180
    while not (job.snapshot().report and sum(bool(each.uar) for each in job.snapshot().report.candidates) >= 2):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    at.run()
    assert len(at.dataframe[0].value) == 8 and at.button(key="train_search").proto.disabled
    press(at, "train_search_stop")
    job.join(30)
    at.run()
    report = job.snapshot().result
    best = report.candidates[report.best - 1]
    assert job.snapshot().state == "stopped" and says(at, f"The best is candidate {best.number}")
    assert sum(each.state == "stopped" for each in report.candidates) >= 1
    assert "train_parallel" in charts and says(at, "nested validation")
    press(at, "train_search_fill")
    assert at.button_group(key="train_view").value == "Train"
    press(at, "train_start")
    assert run_of(at).settings == best.settings


def test_a_search_without_anything_to_vary_is_one_sentence():
    at = view(page(), "Search")
    at.button_group(key="train_search_names").set_value([]).run()
    press(at, "train_search")
    assert len(at.error) == 1 and "nothing to search" in at.error[0].value


@pytest.mark.parametrize("best", [1, 2])
def test_a_search_whose_best_is_the_start_says_so(monkeypatch, best):
    monkeypatch.setattr(search_view, "chart", lambda figure, *, key, alt: None)
    candidates = tuple(
        Candidate(number, FAST, {"alpha": number}, "done", uar=(0.6 if number == best else 0.4,), epochs=20)
        for number in (1, 2)
    )

    def search():
        yield SearchReport(candidates)
        return SearchReport(candidates, best=best)

    job = Job(search()).start()
    job.join(10)
    state = TrainState(workspace=workspace.Workspace("token", search=job))
    at = view(run(remember(app_test("train"), state)), "Search")
    assert says(at, f"The best is candidate {best}.")
    assert says(at, "No other candidate did better") == (best == 1)


# Own clips


@pytest.fixture(scope="module")
def own_zip():
    """Three labels of five recordings each, in folders."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for label, pace in {"slow": 0.8, "middling": 1.0, "quick": 1.25}.items():
            for take in range(5):
                samples = voice(2.0, 16_000)
                samples = np.interp(
                    np.arange(0, len(samples) - 1, pace * (0.96 + 0.02 * take)), np.arange(len(samples)), samples
                )
                archive.writestr(f"{label}/{label}-{take}.wav", sounds_file(samples.astype(np.float32), 16_000))
    return stream.getvalue()


def with_own_clips(own_zip, name="clips.zip"):
    at = view(page(), "My clips")
    at.file_uploader(key="train_own_files_0").upload(name, own_zip, "application/zip").run()
    return extracted(added(at))


def added(at):
    """The page once what was found in an upload is accepted; a saved session needs no asking."""
    if any(button.key == "train_upload_add" for button in at.button):
        at.button(key="train_upload_add").click().run()
    return at


def extracted(at):
    """The page once the features of the clips that were given are extracted."""
    return until(at, lambda: not remembered(at, TrainState).extraction_jobs, 180)


def test_own_clips_are_advised_on_learnt_from_and_answered_with(own_zip, monkeypatch):
    monkeypatch.setenv("SER_KEEP", "1")
    at = with_own_clips(own_zip)
    assert len(at.dataframe[0].value) == 15 and says(at, "**slow** 5") and says(at, "one voice")
    press(at, "train_own_train")
    assert says(at, "**15** clips")
    press(at, "train_start")
    finished(at)
    snapshot = run_of(at).snapshot()
    assert snapshot.evaluation.n_clips == 15 and snapshot.evaluation.labels == ("slow", "middling", "quick")
    assert says(at, "15 clips of one voice, each tested once")
    press(at, "train_use")
    assert remembered(at, ModelState).own["my-model"].model.labels == ("slow", "middling", "quick")
    assert "train_keep" not in keys(at)  # what is kept is open to all visitors


def test_own_clips_together_with_ravdess(own_zip, recorded):
    at = view(with_own_clips(own_zip), "Train")
    at.button_group(key="train_source").select("both").run()
    press(at, "train_start")
    assert len(recorded.asked[0].emotions) == 11 and len(run_of(at).table) == 1455
    at.button_group(key="train_source").select("published").run()
    press(at, "train_start")
    assert recorded.asked[1] == FAST


def test_own_clips_are_removed_saved_and_not_seen_by_others(own_zip):
    at = with_own_clips(own_zip)
    at.multiselect(key="train_own_chosen").set_value(["slow-0.wav", "quick-1.wav"]).run()
    press(at, "train_own_remove")
    assert len(remembered(at, TrainState).own_clips) == 13
    assert not remembered(page(), TrainState).own_clips
    again = with_own_clips(remembered(at, TrainState).own_clips.to_zip(), "my-clips.zip")
    assert len(remembered(again, TrainState).own_clips) == 13


def test_files_given_while_others_are_listened_to_join_them(own_zip):
    at = view(page(), "My clips")
    added(at.file_uploader(key="train_own_files_0").upload("clips.zip", own_zip, "application/zip").run())
    at.selectbox(key="train_own_label").set_value("sad").run()
    at.file_uploader(key="train_own_files_1").upload("text.wav", b"not audio at all", "audio/wav").run()
    extracted(at)
    assert len(at.dataframe[0].value) == 15 and len(at.warning) == 1


def test_a_file_that_is_no_audio_is_one_sentence():
    at = view(page(), "My clips")
    at.selectbox(key="train_own_label").set_value("sad").run()
    at.file_uploader(key="train_own_files_0").upload("text.wav", b"not audio at all", "audio/wav").run()
    extracted(at)
    assert len(at.warning) == 1 and "text.wav" in at.warning[0].value.replace("\\", "")
