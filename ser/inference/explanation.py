"""Why a clip got its answer: occlusion by groups of features, and the nearest clips of the data set.

Occlusion: one group of features at a time is put back to what is ordinary (the mean of the training clips) in every
window of the clip, and the model answers again. What that takes from the answer's probability is what the group gave
to it. Nothing is estimated beside the model: it is the model's own answer to a voice that is ordinary in one respect.
Groups interact, so their effects need not add up.

Measured values say what about the voice was out of the ordinary, as percentiles among the data set's clips.
"""

from dataclasses import dataclass, replace

import numpy as np

from ser.data.table import FeatureTable
from ser.features.sets import feature_set
from ser.inference.clip_features import ClipFeatures
from ser.inference.prediction import answer
from ser.model.emotion_model import EmotionModel
from ser.model.training_clips import index_clips, same_recording
from ser.model.voice_profile import VoiceProfile
from ser.text import listed

# A change of probability under this is not worth a word.
SLIGHT = 0.02
# Percentiles outside these are out of the ordinary: a third of the data set's clips each.
LOW, HIGH = 33.0, 67.0

# What of each group a layman can picture: feature, how it is called, what is said of a low and of a high value, and
# of what that is said.
_SPOKEN: dict[str, tuple[tuple[str, str, str, str, str], ...]] = {
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
# What a group is called where nothing of it is out of the ordinary, or nothing can be pictured.
_SUBJECTS = {
    "pitch": "pitch",
    "loudness": "loudness",
    "voice quality": "voice quality",
    "spectral balance": "balance of highs and lows",
    "timbre": "timbre, the fine colour of the sound",
    "rhythm": "pace and pauses",
    "chroma": "chroma, which notes the voice is near",
}


@dataclass(frozen=True)
class Measurement:
    """One measured value that a layman can picture.

    Attributes:
        name: what it is called.
        value: in `unit`, averaged over the clip's windows.
        unit: "Hz", "semitones", "dB", …; "" for a plain number.
        percentile: share of the data set's clips with a lower value, 0 to 100.
        word: "higher", "more even", … where the value is out of the ordinary; "" where it is ordinary.
        of: what the word is said of, such as "pitch".
    """

    name: str
    value: float
    unit: str
    percentile: float
    word: str
    of: str

    @property
    def text(self) -> str:
        """Value and unit as they are read, such as "1,650 Hz"."""
        number = f"{self.value:,.0f}" if abs(self.value) >= 100 else f"{self.value:.3g}"
        return f"{number} {self.unit.replace('1/', 'per ')}".strip()


@dataclass(frozen=True)
class GroupEffect:
    """What one group of features gave to an answer.

    Attributes:
        group: one of `ser.features.feature.GROUPS`.
        effect: probability of the answer with the group less that without it, -1 to 1; above 0 it spoke for it.
        effects: the same for every emotion; they sum to 0.
        n_features: how many features the model uses of this group; with none the effect is exactly 0.
        measurements: what was measured.
    """

    group: str
    effect: float
    effects: dict[str, float]
    n_features: int
    measurements: tuple[Measurement, ...]

    @property
    def towards(self) -> str | None:
        """The emotion that gained most from the group; None where none gained enough to speak of."""
        best = max(self.effects, key=self.effects.__getitem__)
        return best if self.effects[best] >= SLIGHT else None

    @property
    def away(self) -> str | None:
        """The emotion that lost most by the group; None where none lost enough to speak of."""
        worst = min(self.effects, key=self.effects.__getitem__)
        return worst if self.effects[worst] <= -SLIGHT else None

    def sentence(self) -> str:
        """The effect in words, as in "Higher and more varied pitch than usual: towards happy."."""
        ending = f"towards {self.towards}" if self.towards else "hardly matters here"
        if self.away and not self.towards:
            ending = f"away from {self.away}"
        if not self.n_features:
            ending = "this model does not listen to it"
        return f"{self._subject()}: {ending}."

    def _subject(self) -> str:
        words: dict[str, list[str]] = {}
        for each in self.measurements:
            if each.word:
                words.setdefault(each.of, []).append(each.word)
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
    """

    label: str
    probability: float
    groups: tuple[GroupEffect, ...]


@dataclass(frozen=True)
class Neighbour:
    """A clip of the data set that has features like those of the clip.

    Attributes:
        name: of the clip in RAVDESS.
        emotion: what its actor meant.
        actor: 1 to 24.
        distance: root mean square difference of the standardised features; clips of one actor and emotion that
            differ in nothing but the take are about 0.7 apart.
    """

    name: str
    emotion: str
    actor: int
    distance: float


def explain(
    clip_features: ClipFeatures, model: EmotionModel, table: FeatureTable, *, profile: VoiceProfile | None = None
) -> Explanation:
    """Occlude each group of features in turn.

    Args:
        clip_features: the clip.
        model: who answered.
        table: whose clips the measured values are compared with.
        profile: of the speaker, whose neutral voice is then what groups are put back to.

    Returns:
        The `Explanation`, with an effect for every group of the model's feature set.
    """
    wanted = feature_set(model.feature_set)
    usual = None if profile is None else profile.vectors

    def probabilities(clip: ClipFeatures) -> np.ndarray:
        return np.array(list(answer(clip, model, profile=profile).probabilities.values()))

    full = probabilities(clip_features)
    best = int(np.argmax(full))
    used = np.array([wanted.features[column].group for column in model.columns])
    groups = []
    for group in wanted.groups:
        change = full - probabilities(
            replace(clip_features, vectors=without(clip_features.vectors, model, group, usual))
        )
        groups.append(
            GroupEffect(
                group=group,
                effect=float(change[best]),
                effects={label: float(each) for label, each in zip(model.labels, change, strict=True)},
                n_features=int((used == group).sum()),
                measurements=_measurements(clip_features, model, table, group),
            )
        )
    groups.sort(key=lambda each: -abs(each.effect))
    return Explanation(model.labels[best], float(full[best]), tuple(groups))


def without(vectors: np.ndarray, model: EmotionModel, group: str, usual: np.ndarray | None = None) -> np.ndarray:
    """The features of a voice that is ordinary in one respect.

    Args:
        vectors: whole feature vectors, shape (..., n_features), or (..., n_views, n_features) with `usual`.
        model: whose training clips' mean is the ordinary.
        group: which features to put back to it.
        usual: instead of that mean, the speaker's neutral vector in each reading, shape (n_views, n_features).

    Returns:
        A copy, the same shape.
    """
    wanted = feature_set(model.feature_set)
    places = np.array([wanted.features[column].group == group for column in model.columns])
    changed = vectors.astype(np.float64)
    columns = model.columns[places]
    changed[..., columns] = model.mean[places] if usual is None else usual[: vectors.shape[-2], columns]
    return changed


def swapped(vector: np.ndarray, donors: np.ndarray, model: EmotionModel, group: str) -> float:
    """How much an answer changes when a group is taken from other clips: another removal than that of `explain`.

    Explanations are judged by it, so that a group cannot come out first merely for how it was measured.

    Args:
        vector: of the clip, the whole set's, shape (n_features,).
        donors: vectors of other clips, shape (n_donors, n_features).
        model: who answers.
        group: which features to take from each of the others in turn.

    Returns:
        The mean over the others of the sum of the probabilities' absolute changes, 0 to 2.
    """
    wanted = feature_set(model.feature_set)
    places = np.array([feature.group == group for feature in wanted.features])
    changed = np.repeat(vector[None], len(donors), axis=0)
    changed[:, places] = donors[:, places]
    return float(np.abs(model.probabilities(changed) - model.probabilities(vector[None])).sum(axis=1).mean())


def nearest(
    clip_features: ClipFeatures, model: EmotionModel, table: FeatureTable, count: int = 3
) -> tuple[Neighbour, ...]:
    """The clips of the data set whose features are most like a clip's.

    Args:
        clip_features: the clip; a long one counts as the mean of its windows.
        model: whose features and scaling count.
        table: the data set.
        count: how many.

    Returns:
        The nearest first. A clip of the data set, whatever it was converted to, is not its own neighbour.
    """
    own = model.inputs(clip_features.vectors[:, 0].mean(axis=0))
    others = model.inputs(table.matrix(model.feature_set))
    distances = np.sqrt(((others - own) ** 2).mean(axis=1))
    if clip_features.recording is not None:
        itself = index_clips(table.matrix(model.feature_set), model.feature_set)
        distances[same_recording(itself, clip_features.recording, model.feature_set)] = np.inf
    clips = table.clips
    return tuple(
        Neighbour(clips["name"].iloc[i], clips["emotion"].iloc[i], int(clips["actor"].iloc[i]), float(distances[i]))
        for i in np.argsort(distances, kind="stable")[:count]
        if np.isfinite(distances[i])
    )


def _measurements(
    clip_features: ClipFeatures, model: EmotionModel, table: FeatureTable, group: str
) -> tuple[Measurement, ...]:
    wanted = feature_set(model.feature_set)
    place = {name: i for i, name in enumerate(wanted.names)}
    found = []
    for name, called, low, high, of in _SPOKEN.get(group, ()):
        if name not in place:
            continue
        values = table.matrix(model.feature_set)[:, place[name]]
        # The first view is the recording as it is.
        value = float(clip_features.vectors[:, 0, place[name]].mean())
        percentile = float(100 * (values < value).mean())
        word = low if percentile < LOW else high if percentile > HIGH else ""
        unit = wanted.features[place[name]].unit
        if name == "f0.mean":
            value, unit = 27.5 * 2 ** (value / 12), "Hz"  # semitones are above 27.5 Hz
        found.append(Measurement(called, value, unit, percentile, word, of))
    return tuple(found)
