"""Every setting: its declaration, and that it has an effect exactly when its declaration says so."""

from dataclasses import fields, replace

import numpy as np
import pytest

from ser.data.splits import split
from ser.data.table_file import load_tables
from ser.emotions import NEUTRAL
from ser.errors import TrainingError
from ser.steps import finish
from ser.training.fitting import fit
from ser.training.setting_fields import SETTINGS, TABS, settings_help
from ser.training.setting_values import Choice, Number, Range, Switch, Values
from ser.training.settings import TrainingSettings

pytestmark = pytest.mark.slow

QUICK = TrainingSettings(
    hidden_layers=(4,), epochs=3, copies=1, batch_size=64, calibration_folds=2, protocol="heldout", test_actors=(1,)
)
# For every condition of an effect, settings that meet it and settings that do not.
SITUATIONS = [
    QUICK,
    replace(QUICK, solver="sgd"),
    replace(QUICK, solver="sgd", schedule="invscaling"),
    replace(QUICK, solver="sgd", momentum=0.0),
    replace(QUICK, solver="lbfgs", epochs=20),
    replace(QUICK, scale=False),
    replace(QUICK, feature_set="notebook"),
    replace(QUICK, emotions=("happy", "sad")),
    replace(QUICK, protocol="loso"),
    replace(QUICK, corpora=("ravdess",)),
    # Nothing improves by 1, so patience ends it.
    replace(QUICK, patience=1, epochs=6, tolerance=1.0),
]
# Values that differ enough to be seen after three epochs, where the rule below gives none.
OTHERS = {
    "hidden_layers": (6,),
    "groups": ("pitch", "timbre"),
    "emotions": ("neutral", "happy", "sad"),
    "learning_rate_changes": ((2, 0.1),),
    "test_actors": (2,),
    "limit": 0.5,
    "protocol": "random",
    "schedule": "constant",
    "tolerance": 0.0,
    "feature_set": "notebook",
    "corpora": ("ravdess",),
}


def other_value(name, settings):
    """A value that the settings do not have."""
    setting, now = SETTINGS[name], getattr(settings, name)
    values = {
        Range: lambda kind: (kind.low, kind.high),
        Values: lambda kind: kind.values[::-1],
        Choice: lambda kind: kind.options,
        Switch: lambda kind: (True, False),
        Number: lambda kind: (kind.low, 1),
    }
    if name in OTHERS:
        return OTHERS[name]
    kind = setting.offered or setting.allowed
    return next(value for value in values[type(kind)](kind) if value != now)


@pytest.fixture(scope="module")
def few():
    table = load_tables()
    some = (np.random.default_rng(0).random(len(table)) < 0.3) | (table.labels == NEUTRAL)
    return table.select(np.isin(table.actors, (1, 2, 3, 4, 5, 6, 201, 202, 204)) & some)


def outcome(settings, few):
    """Everything that comes of settings, as bytes: which clips are judged, and what the first fold's model is."""
    few = few.select(np.isin(few.corpora, settings.corpora))
    kept = np.flatnonzero(np.isin(few.labels, settings.emotions))
    labels, actors = few.labels[kept], few.actors[kept]
    folds = split(settings.protocol, labels, actors, seed=settings.seed, test_actors=settings.test_actors)
    model = finish(fit(settings, few, kept[folds[0].train], answers=False))
    arrays = [kept[fold.test] for fold in folds] + [model.mean, model.scale]
    for network in (*model.networks, *model.specialists):
        arrays += [*network.weights, *network.biases]
    return (
        b"".join(np.ascontiguousarray(array).tobytes() for array in arrays)
        + repr((model.labels, model.views, model.clip_at, model.trust, model.adapted_trust)).encode()
    )


def situation(name, effect):
    """Settings with which a setting has an effect, or has none; None if there are none."""
    settings = [QUICK, *SITUATIONS] if name not in ("tolerance", "patience") else SITUATIONS[::-1]
    return next((each for each in settings if SETTINGS[name].effect.holds(each.to_json()) == effect), None)


@pytest.mark.parametrize("name", SETTINGS)
def test_it_has_an_effect_where_its_declaration_says_so(few, name):
    settings = situation(name, effect=True)
    if name == "patience":
        settings = replace(settings, patience=0)
    changed = replace(settings, **{name: 1 if name == "patience" else other_value(name, settings)})
    assert outcome(changed, few) != outcome(settings, few)


@pytest.mark.parametrize("name", [name for name, setting in SETTINGS.items() if setting.effect.condition])
def test_it_has_none_elsewhere(few, name):
    settings = situation(name, effect=False)
    changed = replace(settings, **{name: other_value(name, settings)})
    assert outcome(changed, few) == outcome(settings, few)


def test_every_field_is_declared():
    assert sorted(each.name for each in fields(TrainingSettings)) == sorted(SETTINGS)
    assert all(setting.help and setting.label and setting.tab in TABS for setting in SETTINGS.values())


@pytest.mark.parametrize("name", SETTINGS)
def test_its_default_and_all_that_a_form_offers_are_allowed(name):
    setting = SETTINGS[name]
    assert getattr(TrainingSettings(), name) == setting.default
    offered = setting.offered
    values = {
        Range: lambda: (offered.low, offered.high),
        Values: lambda: offered.values,
    }
    for value in values[type(offered)]() if offered else ():
        assert getattr(TrainingSettings(**{name: value}), name) == value


@pytest.mark.parametrize("name", [name for name, each in SETTINGS.items() if isinstance(each.allowed, Number)])
def test_what_lies_beside_the_range_is_refused_with_the_range(name):
    allowed = SETTINGS[name].allowed
    for value in (allowed.low - 1, allowed.high + 1, "1", None, True):
        with pytest.raises(TrainingError, match=f"^{name} is .*; a (whole )?number from .* is needed"):
            TrainingSettings(**{name: value})


def test_the_help_names_every_setting_with_its_default():
    text = settings_help()
    assert all(f"\n  {name} (" in text for name in SETTINGS)
    assert "alpha (10): a number from 0 to 100." in text
