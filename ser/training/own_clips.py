"""A visitor's own labelled clips on Train: decoded once, with advice on each recording, and made into a feature table.

`ser.data.labels.labelled` finds the labels, which are free names. Clips without a speaker count as one voice. Saved
are the
recordings and their labels, in a zip without a pickle; features are extracted again when it is loaded.
"""

import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from pathlib import PurePosixPath

import numpy as np
import pandas as pd
from scipy.stats import binomtest

from ser.audio.decoding.decoder import Decoder
from ser.audio.quality import RATE, assess
from ser.audio.recording import measure_recording
from ser.data.archives.archive import Archive
from ser.data.archives.clip_files import check_held
from ser.data.archives.opening import open_upload
from ser.data.labels.labelled import LabelledClip, LabelledSet, find_labels, labelled_set, no_labels
from ser.data.labels.sources import SAVED
from ser.data.table import FeatureTable
from ser.emotions import BY_NAME, LABELS
from ser.errors import DatasetError, SerError
from ser.features.sets import FEATURE_SETS
from ser.limits import VISITOR
from ser.steps import Steps
from ser.text import percent
from ser.training.setting_values import MAX_LABEL

#: Numbers of a visitor's speakers begin above those of RAVDESS.
FIRST_SPEAKER = 101
MANIFEST = "clips.json"
# Fewer of a label can hardly be parted into clips to learn from and clips to judge by.
ENOUGH_CLIPS = 5


@dataclass(frozen=True)
class OwnClip:
    """One labelled recording, heard.

    Attributes:
        name: to show; different from that of every other clip in an `OwnClips`.
        label: what it is an example of.
        speaker: who speaks; "" if not said.
        data: the file's bytes, untouched.
        measured: as `ser.audio.recording.Recording`, by name.
        vectors: feature set → features, shape (n_features,).
        advice: what is wrong with the recording and what to do, as sentences.
    """

    name: str
    label: str
    speaker: str
    data: bytes = field(repr=False)
    measured: dict = field(repr=False)
    vectors: dict[str, np.ndarray] = field(repr=False, compare=False)
    advice: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnClips:
    """All labelled recordings of a visitor.

    Attributes:
        clips: in the order in which they came.
    """

    clips: tuple[OwnClip, ...] = ()

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

    def adding(self, more: Iterable[OwnClip]) -> "OwnClips":
        """These and more clips; a recording that is there already with the same label is not added again."""
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
        """The clips as a feature table, speakers as actors from `FIRST_SPEAKER` on."""
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
                "actor": FIRST_SPEAKER + self.speakers.index(clip.speaker),
                "sex": "",
            }
            | clip.measured
            for clip in self.clips
        ]
        matrices = {name: np.stack([clip.vectors[name] for clip in self.clips]) for name in FEATURE_SETS}
        return FeatureTable(pd.DataFrame(rows), matrices)

    def to_zip(self) -> bytes:
        """The recordings and what is said of them, for `read` to take back."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            said = []
            for number, clip in enumerate(self.clips, start=1):
                # A member's name says nothing of the visitor's file names, so it cannot point anywhere.
                member = f"audio/{number:04d}"
                archive.writestr(member, clip.data)
                said.append({"file": member, "name": clip.name, "label": clip.label, "speaker": clip.speaker})
            archive.writestr(MANIFEST, json.dumps({"clips": said}, indent=1, ensure_ascii=False))
        return buffer.getvalue()


@dataclass(frozen=True)
class Reading:
    """How far the hearing of clips is, and at its end what came of it.

    Attributes:
        done: files heard.
        total: files to hear.
        clips: that can be used.
        refused: why others cannot, as sentences.
    """

    done: int
    total: int
    clips: tuple[OwnClip, ...] = ()
    refused: tuple[str, ...] = ()


def find_clips(
    archive: Archive,
    label: str = "",
    speaker: str = "",
    *,
    source: str | None = None,
    meanings: Mapping[str, str] | None = None,
) -> LabelledSet:
    """Find out what was uploaded: labelled clips, or what `OwnClips.to_zip` made."""
    # A folder round a saved session, as packing it again makes, does not matter.
    manifest = next(
        (name for name in archive.names if name in (MANIFEST, f"{PurePosixPath(name).parent.name}/{MANIFEST}")), None
    )
    if manifest is not None:
        return _saved(archive, manifest)
    found = find_labels(
        archive, source=source, label=label, speaker=speaker, meanings=meanings, most=VISITOR.trained_clips
    )
    check_held(archive, [clip.path for clip in found.clips])
    # In the order in which they came, which is that of the labels on the page.
    order = {name: i for i, name in enumerate(archive.names)}
    return replace(found, clips=tuple(sorted(found.clips, key=lambda clip: order[clip.path])))


def read(files: Sequence[tuple[str, bytes]], label: str, speaker: str = "") -> Steps[Reading, Reading]:
    """Extract uploaded files as they are: `find_clips` and `read_clips` in one."""
    try:
        found = find_clips(open_upload(files), label, speaker)
    except SerError as error:
        return Reading(0, 0, refused=(str(error),))
    if not found.clips:
        return Reading(0, 0, refused=(no_labels(found),))
    return (yield from read_clips(found))


def read_clips(found: LabelledSet) -> Steps[Reading, Reading]:
    """Decode labelled clips and compute their features."""
    clips: list[OwnClip] = []
    refused, total = list(found.reported), len(found.clips)
    for done, each in enumerate(found.clips, start=1):
        try:
            clips.append(extract_clip(each.read(), PurePosixPath(each.name).name, each.label, each.speaker or ""))
        except SerError as error:
            refused.append(str(error))
        if (yield Reading(done, total, tuple(clips), tuple(refused))):
            break
    return Reading(len(clips), total, tuple(clips), tuple(refused))


def extract_clip(data: bytes, name: str, label: str, speaker: str = "") -> OwnClip:
    """Decode a clip, judge its quality and compute its features."""
    label = checked_label(label)
    decoder = Decoder()
    plain = decoder.decode(data, rate=RATE, name=name)
    vectors = {
        each: wanted.extract(wanted.prepared(decoder.decode(data, rate=wanted.rate, name=name)))
        for each, wanted in FEATURE_SETS.items()
    }
    advice = (*plain.notes, *(warning.sentence for warning in assess(plain)))
    return OwnClip(
        name, label, speaker.strip()[:MAX_LABEL], data, asdict(measure_recording(plain, data)), vectors, advice
    )


def checked_label(label: str) -> str:
    """A label as it is kept: without blanks around it, and RAVDESS's own in small letters.

    Example:
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


def joined(table: FeatureTable, own: FeatureTable) -> FeatureTable:
    """Both tables' clips, those of the first table first."""
    fields = [name for name in table.clips.columns if name in own.clips.columns]
    clips = pd.concat([table.clips[fields], own.clips[fields]], ignore_index=True)
    sets = [name for name in table.matrices if name in own.matrices]
    return FeatureTable(clips, {name: np.concatenate([table.matrices[name], own.matrices[name]]) for name in sets})


def conclusions(own: OwnClips) -> tuple[str, ...]:
    """What can and cannot be concluded from a model that learns from these clips."""
    counts = {label: sum(clip.label == label for clip in own.clips) for label in own.labels}
    if len(counts) < 2:
        return ("One label cannot be told from another yet: add clips of a second one.",)
    said = []
    few = [label for label, count in counts.items() if count < ENOUGH_CLIPS]
    if few:
        said.append(
            f"Fewer than {ENOUGH_CLIPS} clips of {', '.join(few)}: too few to learn from some and judge by others. "
            "Record more of them."
        )
    n = len(own)
    low, high = binomtest(round(0.7 * n), n).proportion_ci(method="wilson")
    said.append(
        f"With {n} clips a score is rough: {percent(0.7)} right may be {percent(low)} to {percent(high)} in the long "
        f"run, and guessing gives {percent(1 / len(counts))}."
    )
    if len(own.speakers) < 2:
        said.append(
            "All clips are of one voice, so the score tells how well the model knows this voice. "
            "It says nothing of other people."
        )
    else:
        said.append(
            f"{len(own.speakers)} voices: leave one speaker out tells how it does on a voice it never heard, "
            "as far as so few can tell."
        )
    said.append(
        "Record all labels in one room and in turn: a model gladly learns the room or the day where labels differ "
        "in it."
    )
    return tuple(said)


def _saved(archive: Archive, manifest: str) -> LabelledSet:
    """The clips of a saved session; a folder round it does not matter."""
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
