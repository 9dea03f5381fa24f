"""Models on disk: a file of arrays (`ser.model.model_file`) and beside it a JSON card that says what the model is.

The card holds the SHA-256 of the model's file, and a file with another SHA-256 is not opened. The card also names the
file, so an interrupted save leaves the old card and the old file in force.
"""

import hashlib
import json
import re
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from ser.config import SHIPPED_MODELS, models_folder
from ser.data.data_sets import RAVDESS
from ser.errors import ModelStoreError
from ser.features.sets import feature_set
from ser.files import only_writer, reason, whole
from ser.model import model_file
from ser.model.card import ModelCard, OutOfFold, Score, TrainedOn
from ser.model.emotion_model import EmotionModel
from ser.model.out_of_fold import OutOfFoldAnswers
from ser.model.training_clips import index_shipped

DEFAULT_NAME = "default"
SHIPPED_NAMES = (DEFAULT_NAME, "notebook")
"""The models that come with the package. They cannot be removed."""

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_REMEDY = "Train the model again, or choose another."
_OUT_OF_FOLD = "-out-of-fold.npz"
_NOT_KEPT = "The models that were kept before are unharmed. Make room, or have the operator choose another folder."


@dataclass(frozen=True)
class StoredModel:
    """A model with its name and card.

    Attributes:
        name: in the store, or the name that a visitor gave it.
        model: the model.
        card: what is known of it.
    """

    name: str
    model: EmotionModel
    card: ModelCard


class ModelStore:
    """A folder of models."""

    def __init__(self, folder: Path | str | None = None) -> None:
        """Look into a folder, which need not exist before the first save.

        Without a folder, models are kept in `ser.config.models_folder`, and the shipped models are found as well.
        """
        self.folder = models_folder() if folder is None else Path(folder)
        self._folders = (self.folder,) if folder is not None else tuple(dict.fromkeys((self.folder, SHIPPED_MODELS)))

    def names(self) -> tuple[str, ...]:
        """Names of the models that have a card, sorted."""
        cards = [card.stem for folder in self._folders for card in folder.glob("*.json")]
        return tuple(sorted({name for name in cards if _NAME.fullmatch(name)}))

    def card(self, name: str) -> ModelCard:
        """The card of a model, without loading the model.

        Raises:
            ModelStoreError: there is no such model, or its card cannot be read.
        """
        return self._card(name)[0]

    def _card(self, name: str) -> tuple[ModelCard, Path]:
        """The card of a model, and the folder that it is in."""
        folder, file = self._folder_of(name), f"{name}.json"
        try:
            record = json.loads((folder / file).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise ModelStoreError(f"The card {file} cannot be read ({_reason(error)}). {_REMEDY}") from error
        if not isinstance(record, dict) or not isinstance(record.get("file"), str) or "sha256" not in record:
            raise ModelStoreError(f"The card {file} names no file and SHA-256. {_REMEDY}")
        return ModelCard.from_json(record), folder

    def _folder_of(self, name: str) -> Path:
        """The folder that holds the card of a model; `ModelStoreError` if there is no such model."""
        file = f"{checked_name(name)}.json"
        folder = next((folder for folder in self._folders if (folder / file).exists()), None)
        if folder is None:
            there = ", ".join(self.names()) or "none yet"
            raise ModelStoreError(
                f"There is no model {name!r} (there: {there}). "
                "Choose one of these or train it with `python -m ser train`."
            )
        return folder

    def is_shipped(self, name: str) -> bool:
        """Whether a model came with the package; `ModelStoreError` if there is no such model."""
        return self._folder_of(name) == SHIPPED_MODELS and name in SHIPPED_NAMES

    def remove(self, name: str) -> None:
        """Remove a kept model for good.

        Raises:
            ModelStoreError: there is no such model, it came with the package, or its files cannot be deleted.
        """
        folder = self._folder_of(name)
        if self.is_shipped(name):
            raise ModelStoreError(f"The model {name!r} comes with the package and cannot be removed. Name another.")
        try:
            with only_writer(folder):
                # The card goes first: without it there is no model, even if the rest of this is interrupted.
                (folder / f"{name}.json").unlink()
                _delete_files(folder, name)
        except OSError as error:
            raise ModelStoreError(f"The model {name!r} cannot be removed ({_reason(error)}). Try again.") from error

    def load(self, name: str) -> StoredModel:
        """A model whose file has the SHA-256 that its card names.

        Raises:
            ModelStoreError: there is no such model; its file is missing, is not the one that the card was written for,
                or was kept by an older version; or this version does not compute the features that it needs.
        """
        try:
            return self._load(name)
        except ModelStoreError:
            # Another server may have put a new model in place between the reading of the card and that of its file.
            return self._load(name)

    def _load(self, name: str) -> StoredModel:
        card, folder = self._card(name)
        if Path(card.file).suffix != model_file.SUFFIX:
            raise ModelStoreError(
                f"The model {name!r} was kept by an older version in a file format that can run code "
                f"({Path(card.file).suffix or card.file}), so it is not opened. {_rebuild(name, card.trained_on)}"
            )
        model = model_file.from_bytes(_read(folder, card.file, card.sha256))
        return StoredModel(name, _with_training_clips(model, card.trained_on), card)

    def out_of_fold(self, name: str) -> OutOfFoldAnswers | None:
        """The out-of-fold answers that were kept with a model; None if there are none.

        Raises:
            ModelStoreError: there is no such model, or its file with these answers cannot be used.
        """
        card, folder = self._card(name)
        if card.out_of_fold is None:
            return None
        return OutOfFoldAnswers.from_bytes(_read(folder, card.out_of_fold.file, card.out_of_fold.sha256))

    def add_score(self, name: str, score: Score) -> ModelCard:
        """Write a score on a model's card, in place of an earlier one for the same data set by the same protocol.

        Args:
            name: of the model.
            score: from `ser.evaluation.scores`.

        Returns:
            The card as it is now.

        Raises:
            ModelStoreError: there is no such model, or its card cannot be read or written.
        """
        _, folder = self._card(name)
        try:
            with only_writer(folder):
                card = self._card(name)[0].with_score(score)
                _write_card(card, folder / f"{name}.json")
        except OSError as error:
            raise ModelStoreError(
                f"The card of {name!r} cannot be written ({reason(error)}). Copy the model to another folder."
            ) from error
        return card

    def save(
        self,
        name: str,
        model: EmotionModel,
        card: ModelCard,
        out_of_fold: OutOfFoldAnswers | None = None,
        *,
        overwrite: bool = True,
    ) -> StoredModel:
        """Keep a model: write its files under new names, read the model back, then put its card in place.

        Args:
            name: small letters, digits, - and _, at most 40.
            model: what to keep.
            card: from `ser.model.card.card_of`.
            out_of_fold: answers to keep beside it.
            overwrite: whether it takes the place of a model with the same name.

        Returns:
            The model as read back, with its card in full.

        Raises:
            ModelStoreError: the name does not fit or is taken, the folder cannot be written to, or the model that was
                read back answers differently.
        """
        data = model_file.to_bytes(model)
        digest = hashlib.sha256(data).hexdigest()
        stem = f"{checked_name(name)}-{digest[:8]}"
        files, answers = {stem + model_file.SUFFIX: data}, None
        if out_of_fold is not None:
            beside = out_of_fold.to_bytes()
            answers = OutOfFold(stem + _OUT_OF_FOLD, hashlib.sha256(beside).hexdigest())
            files[answers.file] = beside
        card = card.kept_as(stem + model_file.SUFFIX, digest, answers)
        kept = model_file.from_bytes(data)
        probe = np.random.default_rng(0).normal(size=(1, len(feature_set(model.feature_set).features)))
        if not np.array_equal(kept.probabilities(probe), model.half_precision().probabilities(probe)):
            raise ModelStoreError(f"The model {name!r} answers differently when it is read back, so it was not kept.")
        self._write(name, files, card, overwrite)
        return StoredModel(name, replace(kept, training_clips=model.training_clips), card)

    def _write(self, name: str, files: dict[str, bytes], card: ModelCard, overwrite: bool) -> None:
        """Put a model's files in place, its card last, and remove those of the model that had the name before."""
        fresh: list[Path] = []
        try:
            with only_writer(self.folder):
                if not overwrite and name in self.names():
                    raise ModelStoreError(f"There is a model {name!r} already. Choose another name.")
                for file, content in files.items():
                    path = self.folder / file
                    fresh += [] if path.exists() else [path]
                    with whole(path) as part:
                        part.write_bytes(content)
                _write_card(card, self.folder / f"{name}.json")
                fresh.clear()
                _delete_files(self.folder, name, but=files)
        except OSError as error:
            for path in fresh:  # without a card they would lie there for ever
                with suppress(OSError):
                    path.unlink(missing_ok=True)
            raise ModelStoreError(
                f"The model {name!r} cannot be written, because {reason(error)}. {_NOT_KEPT}"
            ) from error


def _write_card(card: ModelCard, file: Path) -> None:
    with whole(file) as part:
        part.write_text(json.dumps(card.to_json(), indent=1, ensure_ascii=False) + "\n", "utf-8")


def _delete_files(folder: Path, name: str, but: Collection[str] = ()) -> None:
    """Delete the files of a model beside its card, except for some."""
    for suffix in (model_file.SUFFIX, _OUT_OF_FOLD, ".joblib"):  # .joblib: of older versions
        for stale in folder.glob(f"{name}-????????{suffix}"):
            if stale.name not in but:
                stale.unlink()


def _read(folder: Path, file: str, sha256: str) -> bytes:
    """The bytes of a file that a card names, if they are the ones that the card was written for."""
    path = folder / Path(file).name
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelStoreError(f"The model file {path.name} cannot be read ({_reason(error)}). {_REMEDY}") from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != sha256:
        raise ModelStoreError(
            f"The model file {path.name} has SHA-256 {digest[:12]}…, but its card names {str(sha256)[:12]}…, so it is "
            f"not opened. {_REMEDY}"
        )
    return data


def _rebuild(name: str, trained_on: TrainedOn) -> str:
    """What makes a model anew: the command, where the model learnt from clips of the shipped table."""
    actors = trained_on.actors
    if not actors or max(actors) > RAVDESS.actors[-1] or trained_on.left_out:
        return "Train it again on the Train page."
    others = [str(actor) for actor in RAVDESS.actors if actor not in actors]
    without = f" --exclude-actors {','.join(others)}" if others else ""
    return f"Make it anew with: python -m ser train --settings {name}.json --name {name}{without}"


def _with_training_clips(model: EmotionModel, trained_on: TrainedOn) -> EmotionModel:
    """The model with the clips of the shipped table that it learnt from, if it learnt from these."""
    clips = index_shipped(trained_on.actors, model.labels, trained_on.n_clips, model.feature_set, trained_on.left_out)
    return replace(model, training_clips=clips)


def checked_name(name: str) -> str:
    """The name, if a model may have it; else a `ModelStoreError`.

    Examples:
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
