"""The profile of a speaker's neutral voice: mean features that can be saved and loaded, and no audio."""

import json
from dataclasses import dataclass

import numpy as np

from ser.errors import SerError
from ser.features.sets import feature_set
from ser.model.emotion_model import EmotionModel

MOST_CLIPS = 5


@dataclass(frozen=True)
class VoiceProfile:
    """The profile of a speaker's neutral voice.

    Attributes:
        feature_set: name of the feature set.
        vectors: mean vector of the neutral clips, followed by the mean vectors of their views, float32, shape
            (1 + n_views, n_features).
        n_clips: number of clips.
        doubts: sentences that say why these clips may not be one speaker's neutral speech.
    """

    feature_set: str
    vectors: np.ndarray
    n_clips: int
    doubts: tuple[str, ...] = ()

    def to_json(self) -> dict:
        """The profile as a JSON object that `from_json` reads."""
        return {
            "kind": "ser voice profile",
            "feature_set": self.feature_set,
            "names": list(feature_set(self.feature_set).names),
            "readings": [[float(value) for value in vector] for vector in self.vectors],
            "n_clips": self.n_clips,
            "doubts": list(self.doubts),
        }

    def inputs(self, model: EmotionModel) -> np.ndarray:
        """The reference for `EmotionModel.ensemble_probabilities`, shape (1 + len(model.views), 1, n_used).

        Raises:
            SerError: the model uses another feature set than the profile holds.
        """
        if self.feature_set != model.feature_set:
            raise SerError(
                f"The voice profile holds the feature set {self.feature_set!r}, the model uses {model.feature_set!r}. "
                "Choose another model, or record the neutral sentences again."
            )
        return model.inputs(self.vectors[: 1 + len(model.views)])[:, None]

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
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SerError("This is not a voice profile. Choose a file that was saved as one.") from error
        if not fits or type(count) is not int or not 1 <= count <= MOST_CLIPS:
            raise SerError("This is not a voice profile. Choose a file that was saved as one.")
        known = feature_set(set_name)
        fits = names == known.names and vectors.shape == (known.n_views, len(names))
        if not fits or not np.isfinite(vectors).all():
            raise SerError(
                f"The voice profile was made by another version: its features are not those of {set_name!r} here. "
                "Record the neutral sentences again."
            )
        return cls(set_name, vectors, count, doubts)
