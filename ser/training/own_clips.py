"""A visitor's own labelled clips on Train: decoded once, with advice on each recording, and made into a feature table.

`ser.data.labels.labelled` finds the labels, which are free names. Clips without a speaker count as one voice. A saved
session is a zip of the recordings and their labels. Features are extracted again when it is loaded.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath
from typing import Any

import numpy as np
import pandas as pd

from ser.audio.decoding.decoder import Decoder
from ser.audio.quality import RATE, assess
from ser.audio.recording import measure_recording
from ser.data.archives.archive import Archive
from ser.data.archives.clip_files import check_held
from ser.data.archives.opening import open_upload
from ser.data.data_sets import OWN, own_actor
from ser.data.labels.labelled import LabelledClip, LabelledSet, find_labels, labelled_set, no_labels
from ser.data.labels.sources import SAVED
from ser.data.table import FeatureTable
from ser.emotions import BY_NAME, LABELS
from ser.errors import DatasetError, SerError
from ser.features.sets import FEATURE_SETS
from ser.lanes import BATCHES
from ser.limits import VISITOR
from ser.steps import Steps, finish
from ser.text import percent
from ser.training.setting_values import MAX_LABEL
from ser.workers import in_worker

#: Numbers of a visitor's speakers begin above those of RAVDESS.
FIRST_SPEAKER = own_actor(0)
MANIFEST = "clips.json"
# With fewer clips of a label, there are hardly enough to learn from some and judge by others.
ENOUGH_CLIPS = 5


@dataclass(frozen=True)
class OwnRecording:
    """One labelled recording with its features.

    Attributes:
        name: its name on the page; every clip of an `OwnClips` has another.
        label: what it is an example of.
        speaker: name of the speaker; "" if unknown.
        data: the bytes of the file as it came.
        measured: the values of `ser.audio.recording.Recording`, by name.
        vectors: feature set → features, shape (n_features,).
        advice: what is wrong with the recording and what to do, as sentences.
    """

    name: str
    label: str
    speaker: str
    data: bytes = field(repr=False)
    measured: dict[str, Any] = field(repr=False)
    vectors: dict[str, np.ndarray] = field(repr=False, compare=False)
    advice: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnClips:
    """All labelled recordings of a visitor.

    Attributes:
        clips: in the order in which they came.
    """

    clips: tuple[OwnRecording, ...] = ()

    def __len__(self) -> int:
        """Return the number of clips."""
        return len(self.clips)

    @property
    def labels(self) -> tuple[str, ...]:
        """Labels that occur, the known emotions first, then the others in the order in which they came."""
        present = dict.fromkeys(clip.label for clip in self.clips)
        return (*(label for label in LABELS if label in present), *(each for each in present if each not in LABELS))

    @property
    def speakers(self) -> tuple[str, ...]:
        """Speakers in the order in which they came; "" for those not named."""
        return tuple(dict.fromkeys(clip.speaker for clip in self.clips))

    def audio(self, name: str) -> bytes | None:
        """Bytes of the clip of a name; None if there is none."""
        return next((clip.data for clip in self.clips if clip.name == name), None)

    def adding(self, more: Iterable[OwnRecording]) -> "OwnClips":
        """These and more clips, each with a name of its own; `DatasetError` if there would be too many.

        A recording that is there already with the same label is not added again.
        """
        clips = list(self.clips)
        for clip in more:
            # Within one upload equal recordings may be meant, such as one sentence in two splits.
            if any(clip.data == other.data and clip.label == other.label for other in self.clips):
                continue
            name, number, taken = clip.name, 1, {other.name for other in clips}
            while name in taken:
                number += 1
                name = f"{clip.name} ({number})"
            clips.append(replace(clip, name=name))
        most = VISITOR.trained_clips
        if len(clips) > most:
            raise DatasetError(f"That makes {len(clips)} clips; at most {most} can be held. Remove some first.")
        return OwnClips(tuple(clips))

    def without(self, names: Iterable[str]) -> "OwnClips":
        """These but for the clips of some names."""
        gone = set(names)
        return OwnClips(tuple(clip for clip in self.clips if clip.name not in gone))

    def table(self) -> FeatureTable:
        """The clips as a feature table, speakers as actors from `FIRST_SPEAKER` on; `DatasetError` without clips."""
        if not self.clips:
            raise DatasetError("There are no clips of your own yet. Record or upload some first.")
        rows = [
            {
                "name": clip.name,
                "path": clip.name,
                "modality": "audio",
                "channel": "speech",
                "emotion": clip.label,
                "intensity": "",
                "statement": "",
                "repetition": 1,
                "actor": own_actor(self.speakers.index(clip.speaker)),
                "sex": "",
                "corpus": OWN,
                "speaker": clip.speaker,
            }
            | clip.measured
            for clip in self.clips
        ]
        matrices = {name: np.stack([clip.vectors[name] for clip in self.clips]) for name in FEATURE_SETS}
        return FeatureTable(pd.DataFrame(rows), matrices)

    def to_zip(self) -> bytes:
        """The recordings and their labels, as `find_clips` takes them back."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            records = []
            for number, clip in enumerate(self.clips, start=1):
                # A member is not named after the visitor's file, so its name cannot point outside the zip.
                member = f"audio/{number:04d}"
                archive.writestr(member, clip.data)
                records.append({"file": member, "name": clip.name, "label": clip.label, "speaker": clip.speaker})
            archive.writestr(MANIFEST, json.dumps({"clips": records}, indent=1, ensure_ascii=False))
        return buffer.getvalue()


@dataclass(frozen=True)
class ExtractedClips:
    """The progress of an extraction, and at its end the outcome.

    Attributes:
        done: number of files that are done.
        total: number of files.
        clips: the clips that can be used.
        refused: why the others cannot be used, as sentences.
    """

    done: int
    total: int
    clips: tuple[OwnRecording, ...] = ()
    refused: tuple[str, ...] = ()


def find_clips(
    archive: Archive,
    label: str = "",
    speaker: str = "",
    *,
    source: str | None = None,
    meanings: Mapping[str, str] | None = None,
) -> LabelledSet:
    """The labelled clips of an upload, or of a zip that `OwnClips.to_zip` made; nothing is decoded yet.

    `label` and `speaker` are those that the visitor typed, for clips that have none. `source` says where labels are
    taken from, a key of `ser.data.labels.labelled.SOURCES`. `meanings` maps words to emotions.
    """
    # A saved session may lie in a folder, as packing it again makes one.
    manifest = next(
        (name for name in archive.names if name in (MANIFEST, f"{PurePosixPath(name).parent.name}/{MANIFEST}")), None
    )
    if manifest is not None:
        return _saved(archive, manifest)
    labels = find_labels(
        archive, source=source, label=label, speaker=speaker, meanings=meanings, most=VISITOR.trained_clips
    )
    check_held(archive, [clip.path for clip in labels.clips])
    # The labels on the page are in the order in which the clips came.
    order = {name: i for i, name in enumerate(archive.names)}
    return replace(labels, clips=tuple(sorted(labels.clips, key=lambda clip: order[clip.path])))


def extract_files(
    files: Sequence[tuple[str, bytes]], label: str, speaker: str = ""
) -> Steps[ExtractedClips, ExtractedClips]:
    """Extract uploaded files as they are: `find_clips` and `extract_clips` together."""
    try:
        labels = find_clips(open_upload(files), label, speaker)
    except SerError as error:
        return ExtractedClips(0, 0, refused=(str(error),))
    if not labels.clips:
        return ExtractedClips(0, 0, refused=(no_labels(labels),))
    return (yield from extract_clips(labels))


def extract_clips(labels: LabelledSet) -> Steps[ExtractedClips, ExtractedClips]:
    """Decode labelled clips and compute their features."""
    clips: list[OwnRecording] = []
    refused, total = list(labels.reported), len(labels.clips)
    for done, each in enumerate(labels.clips, start=1):
        try:
            name = PurePosixPath(each.name).name
            steps = in_worker(extract_recording, each.read(), name, each.label, each.speaker or "", lane=BATCHES)
            clips.append(finish(steps))
        except SerError as error:
            refused.append(str(error))
        if (yield ExtractedClips(done, total, tuple(clips), tuple(refused))):
            break
    return ExtractedClips(len(clips), total, tuple(clips), tuple(refused))


def extract_recording(data: bytes, name: str, label: str, speaker: str = "") -> OwnRecording:
    """Decode a clip, judge its quality and compute its features."""
    label = checked_label(label)
    decoder = Decoder()
    plain = decoder.decode(data, rate=RATE, name=name)
    vectors = {
        key: features.extract(features.prepared(decoder.decode(data, rate=features.rate, name=name)))
        for key, features in FEATURE_SETS.items()
    }
    advice = (*plain.notes, *(warning.sentence for warning in assess(plain)))
    return OwnRecording(
        name, label, speaker.strip()[:MAX_LABEL], data, asdict(measure_recording(plain, data)), vectors, advice
    )


def checked_label(label: str) -> str:
    """A label as it is kept: without spaces around it, RAVDESS's emotions in lower case; `DatasetError` if too long.

    Examples:
        >>> checked_label(" Happy "), checked_label("Tired")
        ('happy', 'Tired')
    """
    label = " ".join(label.split())
    if not 1 <= len(label) <= MAX_LABEL:
        raise DatasetError(
            f"A label of {len(label)} characters is given; 1 to {MAX_LABEL} are needed. "
            "Say what the clip is an example of."
        )
    return label.lower() if label.lower() in BY_NAME else label


def conclusions(own: OwnClips) -> tuple[str, ...]:
    """What a model that learns from these clips can and cannot show, in sentences; the most serious first."""
    counts = {label: sum(clip.label == label for clip in own.clips) for label in own.labels}
    if len(counts) < 2:
        return ("There is only one label so far. Add clips of a second one, so that there is something to tell apart.",)
    sentences = []
    few = [label for label, count in counts.items() if count < ENOUGH_CLIPS]
    if few:
        sentences.append(
            f"There are fewer than {ENOUGH_CLIPS} clips of {', '.join(few)}. That is too few to learn from some and "
            "test on others. Record more of them."
        )
    n = len(own)
    from scipy.stats import binomtest

    low, high = binomtest(round(0.7 * n), n).proportion_ci(method="wilson")
    sentences.append(
        f"With {n} clips a score is rough. If it says {percent(0.7)}, the truth may be {percent(low)} to "
        f"{percent(high)}. Guessing gives {percent(1 / len(counts))}."
    )
    if len(own.speakers) < 2:
        sentences.append(
            "All clips are of one voice, so the score tells how well the model knows this voice. "
            "It says nothing of other people."
        )
    else:
        sentences.append(
            f"You have {len(own.speakers)} voices. The test “Leave one speaker out” shows how it does on a new voice, "
            "as far as so few voices can show it."
        )
    sentences.append(
        "Record all labels in one room, and keep switching between them. Otherwise the model may learn the room or "
        "the day instead of the label."
    )
    return tuple(sentences)


def _saved(archive: Archive, manifest: str) -> LabelledSet:
    """The clips of a saved session, which may lie in a folder."""
    below = manifest.removesuffix(MANIFEST)
    clips = []
    try:
        for each in json.loads(archive.read(manifest).decode("utf-8"))["clips"]:
            member = below + each["file"]
            if member not in archive:
                raise KeyError(each["file"])
            reader = partial(archive.read, member)
            speaker = str(each.get("speaker", "")) or None
            clips.append(LabelledClip(str(each["name"])[:200], str(each["label"]), speaker, _reader=reader))
    except (UnicodeDecodeError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DatasetError(
            f"{archive.name} has a {MANIFEST} that does not fit its recordings ({error!r}). Give the zip that “Save” "
            "made."
        ) from error
    check_held(archive, archive.names)
    return labelled_set(archive, tuple(clips), SAVED)
