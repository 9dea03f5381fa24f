"""Finds the level of a data set's folders that holds the labels, and the one that holds the speakers.

Paths differ from set to set: `happy/anna/1.wav`, `0011/Angry/1.wav`, `train/angry/1.wav`, `TESS/OAF_angry/1.wav`. A
level is counted from the top (0, 1, …) or, where folders are unequally deep, from the file (-1, -2, …).
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from ser.audio.formats import SUFFIXES
from ser.data.labels.emotion_words import Meaning, meaning

_SPLITS = re.compile(
    r"(?:train|training|test|testing|tests|dev|devel|development|val|valid|validation|eval|evaluation|held[ _-]?out|"
    r"fold[ _-]?\d+|split[ _-]?\d*)(?:[ _-](?:set|data|split|clips|audio))?"
)
_PLAIN = re.compile(
    r"(?:raw|all|data|dataset|datasets|corpus|audio|audios|sound|sounds|clip|clips|sample|samples|recording|recordings|"
    r"speech|file|files|video|videos|(?:audio|video|raw)?[ _-]?(?:wavs?|mp3s?|flac|ogg|flash|mp4|16k|48k|data))"
)
_SESSIONS = re.compile(r"(?:session|sess|take|day|part|disc|disk|batch|rec)[ _-]?\d+")
_SEXES = frozenset(["male", "female", "males", "females", "man", "woman", "men", "women", "m", "f"])
# A level of which one name holds all clips but so many is taken for a folder round the set, and the others for strays.
_STRAYS = 0.02


@dataclass(frozen=True)
class FolderLabel:
    """What a clip's folders say.

    Attributes:
        word: the name of the folder that is the label.
        meaning: what the word means.
        speaker: the name of the folder that is the speaker; None if there is none.
    """

    word: str
    meaning: Meaning
    speaker: str | None = None


@dataclass(frozen=True)
class FolderLabels:
    """What the folders of a set say.

    Attributes:
        clips: path → label; clips outside of the level are missing.
        emotions: whether the level was found by known emotions, of which it holds at least two.
    """

    clips: dict[str, FolderLabel]
    emotions: bool


def emotion_folders(paths: Sequence[str], *, at_least: int = 2) -> FolderLabels | None:
    """Labels from the level with the most clips in folders of known emotions; None if no level has them.

    The level must hold `at_least` so many emotions; a single folder usually surrounds the whole set.

    Examples:
        >>> folders = emotion_folders(["set/0011/Angry/1.wav", "set/0012/Sad/1.wav", "set/0011/Sad/2.wav"])
        >>> [(each.meaning.label, each.speaker) for each in folders.clips.values()]
        [('angry', '0011'), ('sad', '0012'), ('sad', '0011')]
    """
    folders = {path: PurePosixPath(path).parts[:-1] for path in paths}
    meanings = {name: meaning(name) for parts in folders.values() for name in parts}
    depth = max(map(len, folders.values()), default=0)
    best, level = 0, None
    for each in (*range(depth), *range(-1, -depth - 1, -1)):
        known = [meanings[name].label for name in _at(folders, each).values() if meanings[name].known]
        if len(set(known)) >= at_least and len(known) > best:
            best, level = len(known), each
    if level is None:
        return None
    words = _at(folders, level)
    for path, parts in folders.items():
        # A folder of another depth, as where a set lies in itself once more.
        others = {name for name in parts if meanings[name].known}
        if not (path in words and meanings[words[path]].known) and len(others) == 1:
            words[path] = others.pop()
    return _labelled(folders, words, meanings, emotions=True)


def own_folders(paths: Sequence[str]) -> FolderLabels | None:
    """Labels from the first level with at least two names, below folders around the set; None if there is no such
    level.

    Examples:
        >>> folders = own_folders(["mine/tired/1.wav", "mine/awake/1.wav", "loose.wav"])
        >>> {path: each.word for path, each in folders.clips.items()}
        {'mine/tired/1.wav': 'tired', 'mine/awake/1.wav': 'awake'}
    """
    folders = {path: PurePosixPath(path).parts[:-1] for path in paths}
    level = 0
    while words := _at(folders, level):
        counts = Counter(words.values())
        if all(_is_plain(name) for name in counts):
            level += 1
            continue
        largest, count = counts.most_common(1)[0]
        inside = {path: parts for path, parts in folders.items() if words.get(path) == largest}
        below = Counter(_at(inside, level + 1).values())
        strays = len(words) - count
        if strays and not (strays <= max(1, _STRAYS * len(words)) and len(below) >= 2 and count > 2):
            meanings = {name: meaning(name) for parts in folders.values() for name in parts}
            return _labelled(folders, words, meanings, emotions=False)
        folders = inside
        level += 1
    return None


def _at(folders: dict[str, tuple[str, ...]], level: int) -> dict[str, str]:
    """Names at a level; paths that are less deep are missing."""
    return {path: parts[level] for path, parts in folders.items() if -len(parts) <= level < len(parts)}


def _is_plain(name: str) -> bool:
    """Whether a folder's name says nothing about its clips: a split, a format, a session."""
    plain = name.casefold().strip()
    return bool(_SPLITS.fullmatch(plain) or _PLAIN.fullmatch(plain) or f".{plain}" in SUFFIXES)


def _labelled(
    folders: dict[str, tuple[str, ...]], words: dict[str, str], meanings: dict[str, Meaning], *, emotions: bool
) -> FolderLabels:
    speakers = _speakers(folders, words, meanings)
    return FolderLabels(
        {
            path: FolderLabel(words[path], meanings[words[path]], speakers.get(path))
            for path in folders
            if path in words
        },
        emotions,
    )


def _speakers(
    folders: dict[str, tuple[str, ...]], words: dict[str, str], meanings: dict[str, Meaning]
) -> dict[str, str]:
    """Speakers from another level than the labels': below them if possible, else above."""
    levels = {path: parts.index(words[path]) for path, parts in folders.items() if path in words}
    candidates: list[tuple[float, int, dict[str, str]]] = []
    deepest = max(map(len, folders.values()), default=0)
    for offset in (*range(1, deepest), *range(-1, -deepest, -1)):
        names = {
            path: folders[path][level + offset]
            for path, level in levels.items()
            if 0 <= level + offset < len(folders[path])
        }
        names = {path: name for path, name in names.items() if _may_be_speaker(name, meanings)}
        distinct = Counter(names.values())
        above_all = offset < 0 and len(distinct) < 2
        one_each = len(distinct) > 10 and max(distinct.values()) == 1
        if not names or above_all or one_each:
            continue
        labels: dict[str, set[str]] = {}
        for path, name in names.items():
            labels.setdefault(name, set()).add(words[path])
        # A speaker is met under several labels.
        crossed = sum(len(each) > 1 for each in labels.values()) / len(labels)
        candidates.append((crossed, -len(candidates), names))
    return max(candidates, key=lambda each: each[:2])[2] if candidates else {}


def _may_be_speaker(name: str, meanings: dict[str, Meaning]) -> bool:
    plain = name.casefold().strip()
    return not (_is_plain(name) or _SESSIONS.fullmatch(plain) or plain in _SEXES or meanings[name].known)
