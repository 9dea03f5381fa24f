"""The profile of a speaker's voice: mean features that can be saved and loaded, and no audio.

A deep voice sounds calm, and a bright one excited, to a listener who does not know it. The mean of a few clips of a
speaker, less what their emotions explain, says how far the voice lies from other voices. Its answers are then those for
clips moved by so much. The emotions of the clips are either known, such as for neutral clips that were recorded on
purpose, or the model's own estimate.
"""

import json
from dataclasses import dataclass, field

import numpy as np

from ser.emotions import NEUTRAL
from ser.errors import SerError
from ser.features.sets import feature_set
from ser.model.emotion_model import EmotionModel

MOST_CLIPS = 5

# What a mean over clips is off by, in units of the differences between speakers: by how a speaker expresses a single
# emotion, where it is known and where it is estimated, and by a single clip. Measured on held-out speakers of RAVDESS
# and nEMO; see models/EXPERIMENTS.md.
_OFF_BY_KNOWN, _OFF_BY_ESTIMATED, _OFF_BY_CLIP = 1.0, 2.0, 1.0
_ROUNDS = 3


def speaker_offset(
    model: EmotionModel, mean_inputs: np.ndarray, n_clips: int, shares: np.ndarray, *, known: bool = False
) -> np.ndarray:
    """How far a speaker's inputs lie from those of other speakers, shape (n_views, 1, n_used).

    `mean_inputs` are the means over the speaker's clips, shape (n_views, n_used), and `shares` says how much of them
    each emotion is, shape (n_labels,); `known` says that nobody had to estimate that. The result is shrunk, the more
    the fewer clips and emotions there are. Other speakers are those of the first data set as far as the clips resemble
    it.
    """
    assert model.emotion_offsets is not None, "only a model that adapts has emotion offsets"
    n_emotions = min(shares.sum() ** 2 / (shares**2).sum(), n_clips)
    off_by_emotion = _OFF_BY_KNOWN if known else _OFF_BY_ESTIMATED
    kept = 1 / (1 + off_by_emotion / n_emotions + _OFF_BY_CLIP / n_clips)
    usual = shares @ model.emotion_offsets
    if model.gate is not None:
        usual = usual + model.gate.shares(mean_inputs[:1]) * model.gate.centre
    return kept * (mean_inputs - usual)[:, None]


def estimated_shares(model: EmotionModel, inputs: np.ndarray) -> np.ndarray:
    """How much of a speaker's clips each emotion is, shape (n_labels,), by the model's own answers.

    `inputs` have shape (n_views, n, n_used). The answers and the speaker's offset are estimated in turn.
    """
    mean_inputs, known = inputs.mean(axis=1), model.shares(inputs)
    shares = model.probabilities_from(inputs, known).mean(axis=0)
    for _ in range(_ROUNDS - 1):
        offset = speaker_offset(model, mean_inputs, inputs.shape[1], shares)
        shares = model.probabilities_from(inputs, known, offset).mean(axis=0)
    return shares


@dataclass(frozen=True)
class VoiceProfile:
    """The profile of a speaker's voice.

    Attributes:
        feature_set: name of the feature set.
        vectors: mean vector of the clips, followed by the mean vectors of their views, float32, shape
            (1 + n_views, n_features).
        n_clips: number of clips.
        doubts: sentences that say why these clips may not be one speaker's neutral speech.
        emotions: emotion → its share in the clips, 0 to 1.
    """

    feature_set: str
    vectors: np.ndarray
    n_clips: int
    doubts: tuple[str, ...] = ()
    emotions: dict[str, float] = field(default_factory=lambda: {NEUTRAL: 1.0})

    def to_json(self) -> dict:
        """The profile as a JSON object that `from_json` reads."""
        return {
            "kind": "ser voice profile",
            "feature_set": self.feature_set,
            "names": list(feature_set(self.feature_set).names),
            "readings": [[float(value) for value in vector] for vector in self.vectors],
            "n_clips": self.n_clips,
            "doubts": list(self.doubts),
            "emotions": self.emotions,
        }

    @property
    def neutral(self) -> bool:
        """Whether it was made of neutral clips."""
        return set(self.emotions) == {NEUTRAL}

    def offset(self, model: EmotionModel) -> np.ndarray:
        """The offset for `EmotionModel.ensemble_probabilities`, shape (1 + len(model.views), 1, n_used).

        Raises:
            SerError: the model uses another feature set than the profile holds.
        """
        if self.feature_set != model.feature_set:
            raise SerError(
                f"The voice profile holds the feature set {self.feature_set!r}, the model uses {model.feature_set!r}. "
                "Choose another model, or record the neutral sentences again."
            )
        shares = np.array([self.emotions.get(label, 0.0) for label in model.labels])
        known = self.neutral and bool(shares.any())
        if not shares.any():
            # The model does not know these emotions, so they say nothing about what the clips should be like.
            shares = np.full(len(model.labels), 1 / len(model.labels))
        mean_inputs = model.inputs(self.vectors[: 1 + len(model.views)])
        return speaker_offset(model, mean_inputs, self.n_clips, shares, known=known)

    @classmethod
    def from_json(cls, record: dict | str | bytes) -> "VoiceProfile":
        """The profile that `to_json` gave, from the object or its text.

        Raises:
            SerError: it is not a profile, or this version does not compute its features.
        """
        try:
            record = json.loads(record) if isinstance(record, (str, bytes)) else record
            fits = record["kind"] == "ser voice profile"
            vectors = np.array(record.get("readings", ()), dtype=np.float32)
            names, set_name, count = tuple(record["names"]), record["feature_set"], record["n_clips"]
            doubts = tuple(str(doubt) for doubt in record["doubts"])
            # Files of older versions were made of neutral clips.
            emotions = {str(label): float(share) for label, share in record.get("emotions", {NEUTRAL: 1.0}).items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SerError("This is not a voice profile. Choose a file that was saved as one.") from error
        if not fits or type(count) is not int or count < 1 or not _are_shares(emotions):
            raise SerError("This is not a voice profile. Choose a file that was saved as one.")
        known = feature_set(set_name)
        fits = names == known.names and vectors.shape == (known.n_views, len(names))
        if not fits or not np.isfinite(vectors).all():
            raise SerError(
                f"The voice profile was made by another version: its features are not those of {set_name!r} here. "
                "Record the neutral sentences again."
            )
        return cls(set_name, vectors, count, doubts, emotions)


def _are_shares(emotions: dict[str, float]) -> bool:
    """Whether these are shares of one whole."""
    values = np.array(list(emotions.values()))
    return bool(values.size and (values >= 0).all() and abs(values.sum() - 1) < 1e-3)
