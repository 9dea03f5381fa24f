"""The card of a model: what it is, what it learnt from, and how it was judged. It is kept as JSON beside the model."""

import platform
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import numpy as np

from ser.data.data_sets import RAVDESS, corpora_of, credits
from ser.data.splits import PROTOCOLS, SPEAKER_INDEPENDENT
from ser.errors import ModelStoreError
from ser.model.emotion_model import EmotionModel

if TYPE_CHECKING:
    from ser.data.table import FeatureTable

SCHEMA_VERSION = 1
# Clips of which the specialists give this share of the answer or more resemble the first data set, unless they are
# more unusual than this share of held-out clips. (A clip at the edge of what is known is nobody's kind.)
_MOSTLY, _UNUSUAL = 0.5, 0.1
# Other data sets that were learnt from are told from strangers by how usual a clip is: of EMO-DB's clips one in ten has
# this p-value or more, of held-out clips one in two.
_USUAL = 0.5

_LIBRARIES = ("numpy", "scipy", "scikit-learn", "librosa", "soundfile", "soxr", "joblib")


@dataclass(frozen=True)
class TrainedOn:
    """The clips that a model learnt from.

    Attributes:
        actors: their numbers.
        n_clips: how many clips.
        left_out: names of clips of these actors, with emotions that the model tells apart, that it did not learn from.
    """

    actors: tuple[int, ...] = ()
    n_clips: int = 0
    left_out: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "TrainedOn":
        """The record that `to_json` gave."""
        actors, left_out = record.get("actors", ()), record.get("left_out", ())
        return cls(tuple(actors), record.get("n_clips", 0), tuple(left_out))

    def to_json(self) -> dict[str, Any]:
        """As the card holds it."""
        found: dict[str, Any] = {"actors": list(self.actors), "n_clips": self.n_clips}
        return found | ({"left_out": list(self.left_out)} if self.left_out else {})


@dataclass(frozen=True)
class Score:
    """How well models with these settings answered clips of one data set.

    Attributes:
        protocol: how the scored clips were chosen, a name out of `ser.data.splits.PROTOCOLS`.
        labels: emotions in the order of `confusion`.
        uar: unweighted average recall, 0 to 1.
        uar_interval: its 95 % interval over speakers.
        ece: expected calibration error, 0 to 1.
        n_clips: clips scored.
        confusion: counts, rows actual, columns answered.
        scored_on: a sentence that says on whose voices.
        data_set: name of the data set that the clips belong to.
        details: the other figures of the evaluation, under the keys of `ser evaluate --json`.
    """

    protocol: str
    labels: tuple[str, ...]
    uar: float
    uar_interval: tuple[float, float]
    ece: float = 1.0
    n_clips: int = 0
    confusion: tuple[tuple[int, ...], ...] = ()
    scored_on: str = ""
    data_set: str = "RAVDESS"
    details: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, record: dict[str, Any]) -> "Score":
        """A score from the figures of an evaluation, or from a card."""
        own = {each.name for each in fields(cls)} - {"details"}
        known = {name: value for name, value in record.items() if name in own}
        known["labels"] = tuple(record["labels"])
        low, high = record["uar_interval"]
        known["uar_interval"] = (low, high)
        known["confusion"] = tuple(map(tuple, record.get("confusion", ())))
        return cls(**known, details={name: value for name, value in record.items() if name not in own})

    def to_json(self) -> dict[str, Any]:
        """As the card holds it: one flat object."""
        record = asdict(self)
        return record.pop("details") | record


@dataclass(frozen=True)
class OutOfFold:
    """The file with out-of-fold answers that lies beside the model.

    Attributes:
        file: its name.
        sha256: of its bytes.
    """

    file: str
    sha256: str


@dataclass(frozen=True)
class ModelCard:
    """What is known of a model.

    Attributes:
        labels: emotions, in the order of the probabilities.
        feature_set: name of its feature set.
        feature_names: the features used.
        settings: the training settings as a JSON object.
        calibration: temperature and thresholds.
        n_parameters: trained weights and biases.
        trained_on: the clips that it learnt from.
        scores: evaluations, one a data set and protocol.
        data: attribution, citation and licence of the training data.
        licence: of the model.
        made: date and time in ISO 8601.
        versions: of Python and the libraries.
        file: name of the model's file; empty while it is not kept.
        sha256: of the file's bytes.
        out_of_fold: file of the out-of-fold answers, if there is one.
        schema_version: of this record's form.
    """

    labels: tuple[str, ...]
    feature_set: str
    feature_names: tuple[str, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    calibration: dict[str, Any] = field(default_factory=dict)
    n_parameters: int = 0
    trained_on: TrainedOn = field(default_factory=TrainedOn)
    scores: tuple[Score, ...] = ()
    data: dict[str, str] = field(default_factory=dict)
    licence: str = ""
    made: str = ""
    versions: dict[str, str] = field(default_factory=dict)
    file: str = ""
    sha256: str = ""
    out_of_fold: OutOfFold | None = None
    schema_version: int = SCHEMA_VERSION

    @property
    def held_out_score(self) -> Score | None:
        """The first score on held-out speakers; None where every score has the same voices on both sides."""
        return next((score for score in self.scores if score.protocol in SPEAKER_INDEPENDENT), None)

    def score_for(self, specialists_share: float | None, p_value: float | None = None) -> Score | None:
        """The score of clips like a clip of which the specialists gave so much of the answer.

        They answer clips that resemble the first data set. Its score on held-out speakers is that of such clips, and of
        all clips if there is no other score. `p_value` says how usual the clip is (`ser.model.novelty`). A clip that
        resembles no data set that was learnt from has the score on one that was not learnt from, if there is one.
        """
        first = self.held_out_score
        if first is None or specialists_share is None:
            return first
        usual = 1.0 if p_value is None else p_value
        if specialists_share >= _MOSTLY and usual >= _UNUSUAL:
            return first
        others = [each for each in self.scores if each.protocol == first.protocol and each.data_set != first.data_set]
        strangers = [each for each in self.scores if each.protocol not in PROTOCOLS]
        if specialists_share == 0 and usual >= _USUAL:
            return next(iter([*others, *strangers]), first)
        return next(iter([*strangers, *others]), first)

    def with_score(self, score: Score) -> "ModelCard":
        """The card with a score more, in place of an earlier one for the same data set by the same protocol."""
        scores = {(each.data_set, each.protocol): each for each in self.scores}
        return replace(self, scores=tuple((scores | {(score.data_set, score.protocol): score}).values()))

    @classmethod
    def from_json(cls, record: object) -> "ModelCard":
        """The card that `to_json` gave.

        Raises:
            ModelStoreError: it is no such record, or a newer version of this package wrote it.
        """
        if not isinstance(record, dict):
            raise ModelStoreError("The card is no JSON object.")
        if record.get("schema_version", SCHEMA_VERSION) > SCHEMA_VERSION:
            raise ModelStoreError("The card was written by a newer version of this package. Update the package.")
        known = {each.name: record[each.name] for each in fields(cls) if each.name in record}
        try:
            for name in ("labels", "feature_names"):
                known[name] = tuple(known.get(name, ()))
            known["trained_on"] = TrainedOn.from_json(known.get("trained_on", {}))
            known["scores"] = tuple(Score.from_json(score) for score in known.get("scores", ()))
            known["out_of_fold"] = OutOfFold(**known["out_of_fold"]) if known.get("out_of_fold") else None
            return cls(**known)
        except (KeyError, TypeError, ValueError) as error:
            raise ModelStoreError(f"The card lacks parts or has them in another form ({error}).") from error

    def to_json(self) -> dict[str, Any]:
        """The card as a JSON object."""
        record = {each.name: getattr(self, each.name) for each in fields(self)}
        record |= {"labels": list(self.labels), "feature_names": list(self.feature_names)}
        record |= {"trained_on": self.trained_on.to_json(), "scores": [score.to_json() for score in self.scores]}
        record["out_of_fold"] = asdict(self.out_of_fold) if self.out_of_fold else None
        return record

    def kept_as(self, file: str, sha256: str, out_of_fold: OutOfFold | None) -> "ModelCard":
        """The card of a model that has been written to a file."""
        return replace(self, file=file, sha256=sha256, out_of_fold=out_of_fold)


def card_of(model: EmotionModel, trained_on: TrainedOn, scores: tuple[Score, ...] = ()) -> ModelCard:
    """The card of a model that has just been trained.

    Args:
        model: the model.
        trained_on: from `trained_on`.
        scores: its evaluations.

    Returns:
        The card, without the names of files; `ModelStore.save` adds them.
    """
    # A model of own clips alone still judges by RAVDESS how usual a clip is.
    data_credits = credits(corpora_of(trained_on.actors) or (RAVDESS.key,))
    return ModelCard(
        labels=model.labels,
        feature_set=model.feature_set,
        feature_names=model.feature_names,
        settings=model.settings,
        calibration=asdict(model.trust),
        n_parameters=model.n_parameters,
        trained_on=trained_on,
        scores=scores,
        data=data_credits,
        licence=data_credits["licence"],
        made=datetime.now(UTC).isoformat(timespec="seconds"),
        versions={"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
    )


def trained_on(table: "FeatureTable", rows: np.ndarray) -> TrainedOn:
    """What a card says of the clips in some rows of a table, shape (n,)."""
    actors = np.unique(table.actors[rows])
    others = np.isin(table.actors, actors) & np.isin(table.labels, table.labels[rows])
    others[rows] = False
    left_out = table.clips["name"].to_numpy(dtype=str)[others].tolist()
    return TrainedOn(tuple(int(actor) for actor in actors), len(rows), tuple(left_out))
