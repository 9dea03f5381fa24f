"""Evaluation protocols: which clips are trained on and which are scored.

- `random`: a share of all clips, drawn by chance. The same voices are on both sides, so the score flatters. It exists
  because the notebook and most demos use it, and it is always named so.
- `heldout`: whole actors are held out; the default is EmoBox's first fold.
- `emobox`: six folds of four actors of RAVDESS, each scored once (EmoBox, Ma et al. 2024, arXiv:2406.07162). Actors of
  other data sets are dealt out to the folds.
- `loso`: leave one speaker out, a fold for each actor.
- `clips`: up to five folds of clips, drawn by chance within each emotion, each scored once. It is for a few recordings
  of one voice, where no other voice can be held out. As in `random`, the same voices are on both sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ser.errors import TrainingError
from ser.text import plural

PROTOCOLS: dict[str, str] = {
    "random": "random split (leaks voices)",
    "heldout": "held-out actors",
    "emobox": "EmoBox, six folds of unseen actors",
    "loso": "leave one speaker out",
    "clips": "folds of clips (leaks voices)",
}

SPEAKER_INDEPENDENT: tuple[str, ...] = ("heldout", "emobox", "loso")

CLIP_FOLDS = 5

# Actors of RAVDESS and of visitors have lower numbers; see `ser.data.data_sets`.
_FIRST_OF_OTHER_SETS = 201

EMOBOX_FOLDS: tuple[tuple[int, ...], ...] = (
    (1, 11, 20, 21),
    (4, 10, 12, 14),
    (8, 9, 19, 23),
    (3, 5, 7, 24),
    (2, 15, 16, 18),
    (6, 13, 17, 22),
)


@dataclass(frozen=True)
class Fold:
    """One split of the clips.

    Attributes:
        name: such as "actors 1, 11, 20, 21".
        train: row numbers to train on, ascending.
        test: row numbers to score, ascending; shares no row with `train`.
    """

    name: str
    train: np.ndarray
    test: np.ndarray


def split(
    protocol: str,
    labels: np.ndarray,
    actors: np.ndarray,
    *,
    seed: int = 0,
    test_actors: tuple[int, ...] = EMOBOX_FOLDS[0],
    test_share: float = 0.2,
) -> tuple[Fold, ...]:
    """Folds of a protocol.

    Args:
        protocol: one of `PROTOCOLS`.
        labels: emotion of each clip, shape (n,).
        actors: actor of each clip, shape (n,).
        seed: of "random" and "clips".
        test_actors: the actors that "heldout" holds out.
        test_share: the share that "random" holds out, 0 to 1.

    Returns:
        One fold ("random", "heldout") or several.

    Raises:
        TrainingError: unknown protocol, or a fold would have nothing to train on or nothing to score.

    Examples:
        >>> folds = split("loso", np.array(["sad", "calm"] * 3), np.array([1, 1, 2, 2, 3, 3]))
        >>> [fold.test.tolist() for fold in folds]
        [[0, 1], [2, 3], [4, 5]]
    """
    if protocol == "random":
        folds = [_random(labels, seed, test_share)]
    elif protocol == "heldout":
        folds = [_by_actors(actors, test_actors)]
    elif protocol == "emobox":
        folds = [_by_actors(actors, group) for group in _emobox_groups(actors) if np.isin(actors, group).any()]
    elif protocol == "clips":
        folds = _by_clips(labels, seed)
    elif protocol == "loso":
        folds = [_by_actors(actors, (int(actor),)) for actor in np.unique(actors)]
    else:
        raise TrainingError(f"There is no protocol {protocol!r}; choose one of {', '.join(PROTOCOLS)}.")
    if not folds:
        raise TrainingError(f"The protocol {protocol!r} has none of these actors in a fold. Choose another protocol.")
    for fold in folds:
        if fold.train.size == 0 or fold.test.size == 0:
            side = "train on" if fold.train.size == 0 else "score"
            raise TrainingError(
                f"The split {fold.name!r} leaves no clip to {side}; "
                "some actors are needed on either side. Hold out other actors."
            )
    return tuple(folds)


def _emobox_groups(actors: np.ndarray) -> list[tuple[int, ...]]:
    """The actors that each fold holds out: EmoBox's of RAVDESS, and those of other published sets dealt out to them."""
    others = [int(actor) for actor in np.unique(actors) if actor >= _FIRST_OF_OTHER_SETS]
    count = len(EMOBOX_FOLDS)
    return [(*group, *others[number::count]) for number, group in enumerate(EMOBOX_FOLDS)]


def speaker_independent(protocol: str, actors: np.ndarray) -> str | None:
    """The protocol itself, or its substitute where it would have a speaker on both sides.

    Substitutes are "emobox" where its folds can separate these actors, "loso" where there are at least two actors, and
    None where there is one, who cannot be on one side only.

    Examples:
        >>> speaker_independent("random", np.array([1, 1, 4])), speaker_independent("clips", np.array([101, 102]))
        ('emobox', 'loso')
    """
    if protocol in SPEAKER_INDEPENDENT:
        return protocol
    present = np.unique(actors)
    if present.size < 2:
        return None
    # A group needs actors outside it to train on.
    groups = [np.isin(present, group) for group in EMOBOX_FOLDS if np.isin(present, group).any()]
    return "emobox" if groups and not any(group.all() for group in groups) else "loso"


def scored_on(protocol: str, excluded: Sequence[int] = ()) -> str:
    """Says in a model's card which clips a score comes from, as a clause without a full stop.

    `excluded` are the held-out actors that the model itself did not learn from, if it is judged by them.

    Examples:
        >>> scored_on("clips")
        'folds of clips (leaks voices); each clip by a model with these settings, trained without that clip'
    """
    if excluded:
        return f"{PROTOCOLS[protocol]}: {', '.join(map(str, excluded))}, whom this model never heard"
    without = "that clip's actor" if protocol in SPEAKER_INDEPENDENT else "that clip"
    return f"{PROTOCOLS[protocol]}; each clip by a model with these settings, trained without {without}"


def hold_out(
    protocol: str, labels: np.ndarray, actors: np.ndarray, share: float, *, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Split training clips again, for validation: (rows to fit, rows to validate), both ascending.

    Whole actors are held out if the protocol is speaker-independent, else clips. `share` is that of the actors or
    clips, 0 to 0.5; 0 holds out nothing. `TrainingError` if there is a single actor, who cannot be on both sides.
    """
    everything = np.arange(labels.size)
    if share == 0:
        return everything, everything[:0]
    if protocol not in SPEAKER_INDEPENDENT:
        fold = _random(labels, seed, share)
        return fold.train, fold.test
    present = np.unique(actors)
    if present.size < 2:
        raise TrainingError(
            "There is one actor to train on; to hold one out for validation two are needed. "
            "Set validation to 0 or hold out fewer actors."
        )
    # Hold out whole actors: the same voice on both sides would hide overfitting from the one who watches.
    count = int(np.clip(round(share * present.size), 1, present.size - 1))
    drawn = np.random.default_rng(seed).permutation(present)[:count]
    fold = _by_actors(actors, tuple(int(actor) for actor in drawn))
    return fold.train, fold.test


def _by_actors(actors: np.ndarray, group: tuple[int, ...]) -> Fold:
    test = np.isin(actors, group)
    name = f"{plural(len(group), 'actor')} {', '.join(str(actor) for actor in group)}"
    return Fold(name, np.flatnonzero(~test), np.flatnonzero(test))


def _by_clips(labels: np.ndarray, seed: int) -> list[Fold]:
    from sklearn.model_selection import StratifiedKFold

    names, counts = np.unique(labels, return_counts=True)
    rarest = int(counts.min())
    if rarest < 2:
        raise TrainingError(
            f"There is a single clip of {names[counts.argmin()]}; to learn from one and judge by another, two are "
            "needed. Add a clip."
        )
    folds = StratifiedKFold(min(CLIP_FOLDS, rarest), shuffle=True, random_state=seed).split(labels, labels)
    return [Fold(f"clips {number}", train, test) for number, (train, test) in enumerate(folds, start=1)]


def _random(labels: np.ndarray, seed: int, share: float) -> Fold:
    from sklearn.model_selection import train_test_split

    # The same call as the notebook's, so that its split can be repeated clip by clip.
    try:
        train, test = train_test_split(np.arange(labels.size), test_size=share, random_state=seed)
    except ValueError as error:
        raise TrainingError(f"{labels.size} clips cannot be parted at random; more are needed.") from error
    return Fold(f"random {share:.0%}", np.sort(train), np.sort(test))
