"""File names of published sets of emotional speech, which say what each clip holds.

Layouts:
    ravdess: `03-01-05-01-02-01-12.wav`; see `ser.data.ravdess`.
    emodb: `03a01Fa.wav`, speaker 03, text a01, F for happiness, version a. Burkhardt et al. (2005), "A database of
        German emotional speech", Interspeech.
    savee: `DC/a01.wav` or `DC_a01.wav`, speaker DC, a for anger. Haq & Jackson (2009), "Speaker-dependent
        audio-visual emotion recognition", AVSP.
    tess: `OAF_back_angry.wav`, the older speaker, the word "back". Pichora-Fuller & Dupuis (2020),
        doi:10.5683/SP2/E8H2MF.
    cremad: `1001_DFA_ANG_XX.wav`, actor 1001, a sentence, anger, an intensity. Cao et al. (2014),
        doi:10.1109/TAFFC.2014.2336244.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ser.data import ravdess
from ser.data.archives.copies import without_copy_mark
from ser.errors import DatasetError


@dataclass(frozen=True)
class Naming:
    """How a published corpus names its files.

    Attributes:
        title: of the corpus.
        n_clips: how many were published.
        example: a name.
        pattern: matches the end of a path without its suffix; has the groups `speaker`, `clip` and `emotion`.
        emotions: code in lower case → label.
    """

    title: str
    n_clips: int
    example: str
    pattern: re.Pattern[str]
    emotions: dict[str, str]


def _naming(title: str, n_clips: int, example: str, pattern: str, emotions: str) -> Naming:
    codes = dict(pair.split("=") for pair in emotions.split())
    return Naming(title, n_clips, example, re.compile(rf"(?:.*/)?{pattern}", re.ASCII | re.IGNORECASE), codes)


NAMINGS: dict[str, Naming] = {
    "emodb": _naming(
        "EMO-DB",
        535,
        "03a01Fa.wav",
        r"(?P<speaker>\d\d)(?P<clip>[a-z]\d\d(?P<emotion>[wleaftn])[a-z])",
        "w=angry l=bored e=disgust a=fearful f=happy t=sad n=neutral",
    ),
    "savee": _naming(
        "SAVEE",
        480,
        "DC/a01.wav or DC_a01.wav",
        r"(?P<speaker>DC|JE|JK|KL)[/_](?P<clip>(?P<emotion>sa|su|a|d|f|h|n)\d\d)",
        "a=angry d=disgust f=fearful h=happy n=neutral sa=sad su=surprised",
    ),
    "tess": _naming(
        "TESS",
        2800,
        "OAF_back_angry.wav",
        # One clip of the older speaker is published as OA_bite_neutral.
        r"(?P<speaker>OA|YA)F?_(?P<clip>[a-z]+_(?P<emotion>angry|disgust|fear|happy|neutral|ps|sad))",
        "angry=angry disgust=disgust fear=fearful happy=happy neutral=neutral ps=surprised sad=sad",
    ),
    "cremad": _naming(
        "CREMA-D",
        7442,
        "1001_DFA_ANG_XX.wav",
        # One clip is published with the intensity X.
        r"(?P<speaker>1\d{3})_(?P<clip>[a-z]{3}_(?P<emotion>ang|dis|fea|hap|neu|sad)_(?:lo|md|hi|xx?))",
        "ang=angry dis=disgust fea=fearful hap=happy neu=neutral sad=sad",
    ),
}

RAVDESS = "ravdess"
CORPORA: dict[str, str] = {RAVDESS: "RAVDESS"} | {corpus: naming.title for corpus, naming in NAMINGS.items()}
"""Corpora whose file names are known → title."""

_EXAMPLES = {RAVDESS: "03-01-05-01-02-01-12.wav"} | {corpus: naming.example for corpus, naming in NAMINGS.items()}
_PUBLISHED = {corpus: naming.n_clips for corpus, naming in NAMINGS.items()}


@dataclass(frozen=True)
class NamedClip:
    """What a file's name says about the clip.

    Attributes:
        identity: equal for files that hold the same clip, in any folder and format.
        label: its emotion.
        speaker: the corpus's name for the speaker.
        sex: the speaker's; "" where the name does not say it, like the following.
        intensity: how strongly it is said.
        statement: what is said.
        silent: whether the file is one of RAVDESS's videos without sound.
        song: whether it is sung.
    """

    identity: tuple[str, ...]
    label: str
    speaker: str
    sex: str = ""
    intensity: str = ""
    statement: str = ""
    silent: bool = False
    song: bool = False


def read_name(path: str, corpus: str) -> NamedClip | None:
    """What a path says about its clip, by the rule of a `corpus` out of `CORPORA`; None if it does not follow that
    rule.

    Example:
        >>> read_name("wav/03a01Fa.wav", "emodb").label, read_name("wav/notes.wav", "emodb")
        ('happy', None)
    """
    pure = PurePosixPath(path)
    plain = pure.with_name(without_copy_mark(pure.stem) + pure.suffix)
    if corpus == RAVDESS:
        try:
            clip = ravdess.parse_name(str(plain))
        except DatasetError:
            return None
        return NamedClip(
            # The same sound comes with and without pictures.
            (corpus, clip.name[3:]),
            clip.emotion,
            f"{clip.actor:02d}",
            clip.sex,
            clip.intensity,
            clip.statement,
            silent=clip.modality == "video",
            song=clip.channel == "song",
        )
    naming = NAMINGS[corpus]
    match = naming.pattern.fullmatch(str(plain.with_suffix("")))
    if match is None:
        return None
    speaker = match["speaker"].upper()
    return NamedClip((corpus, speaker, match["clip"].lower()), naming.emotions[match["emotion"].lower()], speaker)


def corpus_of(paths: Sequence[str]) -> str | None:
    """The corpus, a key of `CORPORA`, whose rule fits at least half of the paths, and more than any other; None if
    there is none.

    Example:
        >>> corpus_of(["03a01Fa.wav", "08b02Wc.wav", "notes.wav"]), corpus_of(["a.wav"])
        ('emodb', None)
    """
    fits = {corpus: sum(read_name(path, corpus) is not None for path in paths) for corpus in CORPORA}
    best = max(fits, key=fits.__getitem__)
    return best if fits[best] and 2 * fits[best] >= len(paths) else None


def naming_of(corpus: str) -> str:
    """An example of a corpus's file names, for a sentence."""
    return _EXAMPLES[corpus]


def missing_clips(corpus: str, count: int) -> list[str]:
    """Reports how much of a corpus is here, unless all is; `ser.data.ravdess` reports on RAVDESS in detail."""
    published = _PUBLISHED.get(corpus, 0)
    return [f"{count:,} of the {published:,} clips of {CORPORA[corpus]} are here."] if count < published else []
