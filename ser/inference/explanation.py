"""Explains why a clip got its answer: occlusion by groups of features, and the nearest clips of the data set.

Occlusion: one group of features at a time is set to ordinary values in every window of the clip, and the model answers
again. Ordinary is the mean of the training clips, or of those of the first data set as far as the clip resembles it.
The change in the answer's probability is what the group contributed to it. No second model is involved: it is the
model's own answer to a voice that is ordinary in one respect. Groups interact, so their effects need not add up.

Measured values say what was unusual about the voice, as percentiles among the clips of the data set that it resembles.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from ser.data.data_sets import DATA_SETS, RAVDESS, SHIPPED_CORPORA
from ser.data.table import FeatureTable
from ser.features.descriptors import F0_ZERO
from ser.features.sets import feature_set
from ser.inference.clip_features import ClipFeatures
from ser.inference.prediction import recording_temperature, specialists_shares, window_probabilities
from ser.model.degradation import at_temperatures
from ser.model.emotion_model import EmotionModel
from ser.model.training_clips import index_clips, same_recording
from ser.model.voice_profile import VoiceProfile
from ser.text import listed

# Clips of which the specialists give this share of the answer or more resemble the first data set.
_MOSTLY = 0.5
# A smaller change in probability is not worth mentioning.
SLIGHT = 0.02
# Percentiles outside these are unusual: a third of the data set's clips each.
LOW, HIGH = 33.0, 67.0
# Windows of a clip, each without one group, that are answered together: ten minutes would need too much memory.
_WINDOWS_AT_ONCE = 64

# The features of each group that a layman can picture: feature, title, words for a low and a high value, and the noun
# that these describe.
_PICTURED: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
    "pitch": (
        ("f0.mean", "Mean pitch", "lower", "higher", "pitch"),
        ("f0.std", "Variation of pitch", "more even", "more varied", "pitch"),
    ),
    "loudness": (
        ("energy.std", "Variation of loudness", "steadier", "more varied", "loudness"),
        ("energy_change.p95", "Swiftness of onsets", "softer", "harder", "onsets"),
    ),
    "voice quality": (
        ("hnr.mean", "Clearness (harmonics to noise)", "less clear", "clearer", "voice"),
        ("jitter.mean", "Tremble of pitch (jitter)", "steadier", "shakier", "voice"),
        ("voiced.share", "Voiced share of the speech", "fewer", "more", "voiced sounds"),
    ),
    "spectral balance": (
        ("alpha_ratio.mean", "Highs against lows (alpha ratio)", "darker", "brighter", "sound"),
        ("centroid.mean", "Centre of the sound (centroid)", "deeper", "sharper", "sound"),
    ),
    "rhythm": (
        ("rhythm.syllable_rate", "Syllables", "slower", "faster", "speech"),
        ("rhythm.pauses", "Share of pauses", "fewer", "more", "pauses"),
    ),
}
# Names for groups in which nothing is unusual, or nothing can be pictured.
_SUBJECTS = {
    "pitch": "pitch",
    "loudness": "loudness",
    "voice quality": "voice quality",
    "spectral balance": "balance of highs and lows",
    "timbre": "fine colour of the sound",
    "rhythm": "pace and pauses",
    "chroma": "notes that the voice is near",
}


@dataclass(frozen=True)
class Measurement:
    """One measured value that a layman can picture.

    Attributes:
        name: what it is called.
        value: in `unit`, averaged over the clip's windows.
        unit: "Hz", "semitones", "dB", …; "" for a plain number.
        percentile: share of the data set's clips with a lower value, 0 to 100.
        word: "higher", "more even", … where the value is unusual; "" where it is ordinary.
        noun: what the word describes, such as "pitch".
    """

    name: str
    value: float
    unit: str
    percentile: float
    word: str
    noun: str

    @property
    def text(self) -> str:
        """Value and unit as they are read, such as "1,650 Hz"."""
        number = f"{self.value:,.0f}" if abs(self.value) >= 100 else f"{self.value:.3g}"
        return f"{number} {self.unit.replace('1/', 'per ')}".strip()


@dataclass(frozen=True)
class GroupEffect:
    """What one group of features contributed to an answer.

    Attributes:
        group: one of `ser.features.feature.GROUPS`.
        effect: probability of the answer with the group less that without it, -1 to 1; above 0 it spoke for the answer.
        effects: the same for every emotion; they sum to 0.
        n_features: how many features of this group the model uses; with none the effect is exactly 0.
        measurements: measured values of this group.
    """

    group: str
    effect: float
    effects: dict[str, float]
    n_features: int
    measurements: tuple[Measurement, ...]

    @property
    def towards(self) -> str | None:
        """The emotion that gained most from the group; None where none gained enough to mention."""
        best = max(self.effects, key=self.effects.__getitem__)
        return best if self.effects[best] >= SLIGHT else None

    @property
    def away(self) -> str | None:
        """The emotion that lost most by the group; None where none lost enough to mention."""
        worst = min(self.effects, key=self.effects.__getitem__)
        return worst if self.effects[worst] <= -SLIGHT else None

    def sentence(self) -> str:
        """The effect in words, as in "Higher and more varied pitch than usual: towards happy."."""
        ending = f"towards {self.towards}" if self.towards else "hardly matters here"
        if self.away and not self.towards:
            ending = f"away from {self.away}"
        if not self.n_features:
            ending = "this model does not use it"
        return f"{self._subject()}: {ending}."

    def _subject(self) -> str:
        words: dict[str, list[str]] = {}
        for each in self.measurements:
            if each.word:
                words.setdefault(each.noun, []).append(each.word)
        if words:
            text = listed([f"{listed(adjectives)} {noun}" for noun, adjectives in words.items()]) + " than usual"
        else:
            text = f"{'ordinary' if self.measurements else 'the'} {_SUBJECTS[self.group]}"
        return text[0].upper() + text[1:]


@dataclass(frozen=True)
class Explanation:
    """Why a clip got its answer.

    Attributes:
        label: the answer that is explained.
        probability: of the answer, 0 to 1.
        groups: the effects, the strongest on the answer first.
        data_set: title of the data set that the measured values are compared with.
    """

    label: str
    probability: float
    groups: tuple[GroupEffect, ...]
    data_set: str = RAVDESS.title


@dataclass(frozen=True)
class Neighbour:
    """A clip of the data set with features like those of the clip.

    Attributes:
        name: of the clip in its data set.
        emotion: the one that its actor expressed.
        speaker: "actor 7", or the speaker's name in data sets that have names.
        distance: root mean square difference of the standardised features; clips of one actor and emotion that differ
            only in the take are about 0.7 apart.
    """

    name: str
    emotion: str
    speaker: str
    distance: float


def resembled_data_set(clip_features: ClipFeatures, model: EmotionModel) -> str:
    """The key of that data set a model learnt from which a clip resembles; RAVDESS for a model of other clips.

    Example: a model of RAVDESS and nEMO compares a clip with RAVDESS if its specialists give most of the answer.
    """
    learnt = [key for key in model.settings.get("corpora", ()) if key in SHIPPED_CORPORA] or [RAVDESS.key]
    if model.gate is None or specialists_shares(clip_features.vectors, model).mean() >= _MOSTLY:
        return learnt[0]
    return learnt[-1]


def explain(
    clip_features: ClipFeatures, model: EmotionModel, table: FeatureTable, *, profile: VoiceProfile | None = None
) -> Explanation:
    """Occlude each group of features in turn.

    Args:
        clip_features: the clip.
        model: the model that answered.
        table: the clips that the measured values are compared with, of `resembled_data_set`.
        profile: of the speaker, whose neutral voice then counts as ordinary.

    Returns:
        The `Explanation`, with an effect for every group of the model's feature set.
    """
    features = feature_set(model.feature_set)
    offset = None if profile is None else profile.offset(model)
    # A group is left out of the answer, not of the recording.
    temperature = recording_temperature(clip_features.vectors, model)
    full = at_temperatures(window_probabilities(clip_features.vectors, model, offset).mean(axis=0), temperature)
    best = int(np.argmax(full))
    without = at_temperatures(_occluded_probabilities(clip_features.vectors, model, profile), temperature)
    used = _used_groups(model.feature_set, model.feature_names)
    # Rounding is no effect: it depends on how many answers are computed at once.
    without[~np.isin(features.groups, used)] = full
    measurements = _measurements(clip_features, model, table)
    groups = [
        GroupEffect(
            group=group,
            effect=float(change[best]),
            effects={label: float(each) for label, each in zip(model.labels, change, strict=True)},
            n_features=int((used == group).sum()),
            measurements=measurements.get(group, ()),
        )
        for group, change in zip(features.groups, full - without, strict=True)
    ]
    groups.sort(key=lambda each: -abs(each.effect))
    return Explanation(model.labels[best], float(full[best]), tuple(groups), _title(table))


def _occluded_probabilities(vectors: np.ndarray, model: EmotionModel, profile: VoiceProfile | None) -> np.ndarray:
    """The model's answers to a clip without each group in turn, shape (n_groups, n_labels).

    Several groups are answered at once, which costs little more than one.
    """
    groups = feature_set(model.feature_set).groups
    # A group is left out of the answer, not of the choice of networks that give it.
    shares = specialists_shares(vectors, model)
    usual, offset = _ordinary(model, shares, vectors.shape[1:]), None
    if profile is not None:
        usual, offset = profile.vectors, profile.offset(model)
    at_once = max(1, _WINDOWS_AT_ONCE // len(vectors))
    answers = []
    for first in range(0, len(groups), at_once):
        some = groups[first : first + at_once]
        changed = np.concatenate([occluded(vectors, model, group, usual) for group in some])
        windows = window_probabilities(changed, model, offset, np.tile(shares, len(some)))
        answers.append(windows.reshape(len(some), len(vectors), -1).mean(axis=1))
    return np.concatenate(answers)


def _ordinary(model: EmotionModel, shares: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """The mean vector in each view of clips like those that the specialists learnt from, as far as they answer.

    It has the `shape` (n_views, n_features), and only the features that the model uses are set. None where the model
    has no specialists.
    """
    if model.gate is None:
        return None
    usual = np.zeros(shape)
    usual[:, model.columns] = model.mean + shares.mean() * model.gate.centre * model.scale
    return usual


def occluded(vectors: np.ndarray, model: EmotionModel, group: str, usual: np.ndarray | None = None) -> np.ndarray:
    """Feature vectors in which a group is ordinary, a copy of the same shape.

    `vectors` are those of the whole set, shape (..., n_features), or (..., n_views, n_features) with `usual`. Ordinary
    is the mean of the model's training clips, or `usual`: the speaker's neutral vector in each view.
    """
    chosen = _used_groups(model.feature_set, model.feature_names) == group
    changed = vectors.astype(np.float64)
    columns = model.columns[chosen]
    changed[..., columns] = model.mean[chosen] if usual is None else usual[: vectors.shape[-2], columns]
    return changed


def swap_effect(vector: np.ndarray, donors: np.ndarray, model: EmotionModel, group: str) -> float:
    """How much an answer changes when a group is taken from other clips: another way to remove it than that of
    `explain`.

    Explanations are tested with it, so that no group comes out first only because of how its effect was measured.
    `vector` and `donors` are those of the whole set. The result is the mean over the donors of the sum of the absolute
    changes in probability, 0 to 2.
    """
    features = feature_set(model.feature_set)
    columns = np.array([feature.group == group for feature in features.features])
    changed = np.repeat(vector[None], len(donors), axis=0)
    changed[:, columns] = donors[:, columns]
    return float(np.abs(model.probabilities(changed) - model.probabilities(vector[None])).sum(axis=1).mean())


def nearest(
    clip_features: ClipFeatures, model: EmotionModel, table: FeatureTable, count: int = 3
) -> tuple[Neighbour, ...]:
    """The clips of the data set whose features are most similar to a clip's.

    Args:
        clip_features: the clip; a long one counts as the mean of its windows.
        model: the model whose features and scaling are used.
        table: the data set, that of `resembled_data_set`.
        count: how many.

    Returns:
        The nearest first. A clip of the data set is not its own neighbour, in any format.
    """
    inputs = model.inputs(clip_features.vectors[:, 0].mean(axis=0))
    others = model.inputs(table.matrix(model.feature_set))
    distances = np.sqrt(((others - inputs) ** 2).mean(axis=1))
    if clip_features.recording is not None:
        itself = index_clips(table.matrix(model.feature_set), model.feature_set)
        distances[same_recording(itself, clip_features.recording, model.feature_set)] = np.inf
    clips = table.clips
    return tuple(
        Neighbour(clips["name"].iloc[i], clips["emotion"].iloc[i], _speaker(clips.iloc[i]), float(distances[i]))
        for i in np.argsort(distances, stable=True)[:count]
        if np.isfinite(distances[i])
    )


def _title(table: FeatureTable) -> str:
    """The title of the data set in a table."""
    key = str(table.corpora[0])
    return DATA_SETS[key].title if key in DATA_SETS else "the data set"


def _speaker(clip: pd.Series) -> str:
    numbered = clip.get("corpus", RAVDESS.key) == RAVDESS.key
    return f"actor {clip['actor']}" if numbered else f"speaker {clip['speaker']}"


@lru_cache(maxsize=8)
def _used_groups(set_name: str, feature_names: tuple[str, ...]) -> np.ndarray:
    """The group of each feature that a model uses, strings, shape (n_used,)."""
    groups = {feature.name: feature.group for feature in feature_set(set_name).features}
    return np.array([groups[name] for name in feature_names])


def main_features(set_name: str) -> dict[str, str]:
    """The features of a set that a layman can picture: name → title; empty where a set has none of them."""
    known = _pictured(set_name)
    return {name: title for rows in _PICTURED.values() for name, title, *_ in rows if name in known}


@lru_cache(maxsize=8)
def _pictured(set_name: str) -> dict[str, int]:
    """The features of a set that a layman can picture, with their columns."""
    columns = {name: i for i, name in enumerate(feature_set(set_name).names)}
    return {name: columns[name] for rows in _PICTURED.values() for name, *_ in rows if name in columns}


def _measurements(
    clip_features: ClipFeatures, model: EmotionModel, table: FeatureTable
) -> dict[str, tuple[Measurement, ...]]:
    """The measured values of each group."""
    columns = _pictured(model.feature_set)
    if not columns:
        return {}
    chosen = list(columns.values())
    # The first view is the recording as it is.
    values = clip_features.vectors[:, 0, chosen].mean(axis=0)
    percentiles = 100 * (table.matrix(model.feature_set)[:, chosen] < values).mean(axis=0)
    measured = {
        name: (column, float(value), float(percentile))
        for (name, column), value, percentile in zip(columns.items(), values, percentiles, strict=True)
    }
    return {
        group: tuple(_measurement(model.feature_set, row, *measured[row[0]]) for row in rows if row[0] in measured)
        for group, rows in _PICTURED.items()
    }


def _measurement(
    set_name: str, row: tuple[str, str, str, str, str], column: int, value: float, percentile: float
) -> Measurement:
    """A measured value in words, from a row of `_PICTURED`."""
    name, title, low, high, noun = row
    word = low if percentile < LOW else high if percentile > HIGH else ""
    unit = feature_set(set_name).features[column].unit
    if name == "f0.mean":
        value, unit = F0_ZERO * 2 ** (value / 12), "Hz"
    return Measurement(title, value, unit, percentile, word, noun)
