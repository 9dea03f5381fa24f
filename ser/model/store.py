"""Models on disk: a file of arrays (`ser.model.model_file`) and beside it a JSON card that says what the model is.

The card holds the SHA-256 of the model's file, and a file with another SHA-256 is not opened. The card also names the
file, so an interrupted save leaves the old card and the old file in force.
"""

import hashlib
import json
import os
import platform
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np

from ser.data import ravdess
from ser.data.table import FeatureTable
from ser.errors import ModelStoreError
from ser.features import feature_set
from ser.model import model_file
from ser.model.emotion_model import EmotionModel
from ser.model.training_clips import index_shipped

DEFAULT_MODELS = Path(__file__).parents[2] / "models"
DEFAULT_NAME = "default"

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_REMEDY = "Train the model again, or choose another."
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "librosa", "soundfile", "soxr", "joblib")


@dataclass(frozen=True)
class StoredModel:
    """A model with its name and card.

    Attributes:
        name: in the store, or as its maker calls it.
        model: the model.
        card: what is known of it; see `card_of`.
    """

    name: str
    model: EmotionModel
    card: dict


def card_of(model: EmotionModel, learnt_from: dict, scores: list[dict]) -> dict:
    """The card of a model, but for its file and hash, which `ModelStore.save` adds.

    Args:
        model: the model.
        learnt_from: from `trained_on`.
        scores: evaluations as `Evaluation.to_json` gives them, each with `scored_on`, a sentence that says on whom.

    Returns:
        A JSON object.
    """
    return {
        "labels": list(model.labels),
        "feature_set": model.feature_set,
        "feature_names": list(model.feature_names),
        "settings": model.settings,
        "calibration": vars(model.calibration).copy(),
        "n_parameters": model.n_parameters,
        "trained_on": learnt_from,
        "scores": scores,
        "data": {"attribution": ravdess.ATTRIBUTION, "citation": ravdess.CITATION, "doi": ravdess.DOI},
        "licence": ravdess.LICENCE,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "versions": {"python": platform.python_version(), **{name: version(name) for name in _LIBRARIES}},
    }


def trained_on(table: FeatureTable, rows: np.ndarray) -> dict:
    """What a card says of the clips that a model learnt from.

    Args:
        table: clips and features.
        rows: row numbers that were learnt from.

    Returns:
        `actors` (list of numbers) and `n_clips`; where it did not learn from all clips of these actors with these
        emotions, also `left_out`, the names of the others.
    """
    actors = np.unique(table.actors[rows])
    of_these = np.isin(table.actors, actors) & np.isin(table.labels, table.labels[rows])
    of_these[rows] = False
    names = table.clips["name"].to_numpy(dtype=str)[of_these].tolist()
    found = {"actors": [int(actor) for actor in actors], "n_clips": len(rows)}
    return found | ({"left_out": names} if names else {})


class ModelStore:
    """A folder of models."""

    def __init__(self, folder: Path | str = DEFAULT_MODELS) -> None:
        """Look into a folder; it need not exist before the first save.

        Args:
            folder: where the models are.
        """
        self.folder = Path(folder)

    def names(self) -> tuple[str, ...]:
        """Names of the models that have a card, sorted."""
        return tuple(sorted(card.stem for card in self.folder.glob("*.json") if _NAME.fullmatch(card.stem)))

    def card(self, name: str) -> dict:
        """The card of a model, without loading the model.

        Args:
            name: of the model.

        Returns:
            The JSON object.

        Raises:
            ModelStoreError: there is no such model, or its card cannot be read.
        """
        path = self.folder / f"{checked_name(name)}.json"
        try:
            card = json.loads(path.read_text("utf-8"))
        except FileNotFoundError as error:
            there = ", ".join(self.names()) or "none yet"
            raise ModelStoreError(
                f"There is no model {name!r} in {self.folder} (there: {there}). "
                "Choose one of these or train it with `python -m ser train`."
            ) from error
        except (OSError, ValueError) as error:
            raise ModelStoreError(f"The card {path.name} cannot be read ({_reason(error)}). {_REMEDY}") from error
        if not isinstance(card, dict) or not isinstance(card.get("file"), str) or "sha256" not in card:
            raise ModelStoreError(f"The card {path.name} names no file and SHA-256. {_REMEDY}")
        return card

    def load(self, name: str) -> StoredModel:
        """A model whose bytes are those its card vouches for.

        Args:
            name: of the model.

        Returns:
            The `StoredModel`.

        Raises:
            ModelStoreError: there is no such model; its file is missing or is not the one the card was written for;
                or it was made for features that this version does not compute.
        """
        card = self.card(name)
        path = self.folder / Path(card["file"]).name
        if path.suffix != model_file.SUFFIX:
            raise ModelStoreError(
                f"The model {name!r} was kept by an older version in a file format that can run code "
                f"({path.suffix or path.name}), so it is not opened. {_rebuild(name, card)}"
            )
        try:
            data = path.read_bytes()
        except OSError as error:
            raise ModelStoreError(f"The model file {path.name} cannot be read ({_reason(error)}). {_REMEDY}") from error
        digest = hashlib.sha256(data).hexdigest()
        if digest != card["sha256"]:
            raise ModelStoreError(
                f"The model file {path.name} has SHA-256 {digest[:12]}…, but its card vouches for "
                f"{str(card['sha256'])[:12]}…, so it is not opened. {_REMEDY}"
            )
        model = model_file.from_bytes(data)
        return StoredModel(name, _knowing_its_clips(model, card), card)

    def save(self, name: str, model: EmotionModel, card: dict) -> StoredModel:
        """Keep a model: write it under a new file name, read it back, compare an answer, then put its card in place.

        Args:
            name: small letters, digits, - and _, at most 40.
            model: what to keep.
            card: from `card_of`.

        Returns:
            The model as read back, with its card in full.

        Raises:
            ModelStoreError: the name does not fit, the folder cannot be written to, or what was read back answers
                otherwise.
        """
        checked_name(name)
        data = model_file.to_bytes(model)
        digest = hashlib.sha256(data).hexdigest()
        card = card | {"file": f"{name}-{digest[:8]}{model_file.SUFFIX}", "sha256": digest}
        path, part = self.folder / card["file"], self.folder / f".{name}.{os.getpid()}.part"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(data)
            kept = model_file.from_bytes(part.read_bytes())
            probe = np.random.default_rng(0).normal(size=(1, len(feature_set(model.feature_set).features)))
            if not np.array_equal(kept.probabilities(probe), model.half_precision().probabilities(probe)):
                raise ModelStoreError(f"The model {name!r} answers otherwise when read back, so it was not kept.")
            part.replace(path)
            part.write_text(json.dumps(card, indent=1, ensure_ascii=False) + "\n", "utf-8")
            part.replace(self.folder / f"{name}.json")
            for suffix in (model_file.SUFFIX, ".joblib"):  # joblib: as older versions kept models
                for stale in self.folder.glob(f"{name}-????????{suffix}"):
                    if stale != path:
                        stale.unlink()
        except OSError as error:
            raise ModelStoreError(
                f"The model {name!r} cannot be written to {self.folder} ({error}). Choose another folder."
            ) from error
        finally:
            part.unlink(missing_ok=True)
        return StoredModel(name, replace(kept, training_clips=model.training_clips), card)


def _rebuild(name: str, card: dict) -> str:
    """What makes a model anew: the command, where the model learnt from clips of the shipped table."""
    learnt = card.get("trained_on") or {}
    if not learnt.get("actors") or max(learnt["actors"]) > 24 or "left_out" in learnt:
        return "Train it again on the Train page."
    others = [str(actor) for actor in range(1, 25) if actor not in learnt["actors"]]
    without = f" --exclude-actors {','.join(others)}" if others else ""
    return f"Make it anew with: python -m ser train --settings {name}.json --name {name}{without}"


def _knowing_its_clips(model: EmotionModel, card: dict) -> EmotionModel:
    """The model with the clips of the shipped table that its card names; as it is where it learnt from others."""
    learnt = card.get("trained_on", {})
    clips = index_shipped(learnt.get("actors", []), model.labels, learnt.get("n_clips", 0), model.feature_set,
                          learnt.get("left_out", ()))  # fmt: skip
    return replace(model, training_clips=clips)


def checked_name(name: str) -> str:
    """The name, if a model may have it.

    Args:
        name: to check.

    Returns:
        It.

    Raises:
        ModelStoreError: it is not 1 to 40 small letters, digits, - and _, beginning with a letter or digit.

    Example:
        >>> checked_name("my-voice_2")
        'my-voice_2'
    """
    if not _NAME.fullmatch(name):
        raise ModelStoreError(
            f"{name!r} cannot be a model's name; 1 to 40 small letters, digits, - and _ are needed. Choose another."
        )
    return name


def _reason(error: Exception) -> str:
    """Why a file cannot be read, without the server's path, which a visitor has no business to see."""
    return getattr(error, "strerror", None) or str(error)
