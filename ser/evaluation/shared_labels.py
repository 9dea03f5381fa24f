"""Answers of a model to clips of a data set that has other emotions than the model knows."""

import numpy as np

from ser.errors import DatasetError


def shared_labels(corpus: tuple[str, ...], model: tuple[str, ...]) -> tuple[str, ...]:
    """The labels that a corpus and a model share, in the model's order; `DatasetError` if there are fewer than two.

    Neutral is among them also where the model knows only calm and the corpus has no calm.

    Examples:
        >>> shared_labels(("angry", "bored", "neutral"), ("neutral", "calm", "angry"))
        ('neutral', 'angry')
    """
    known = tuple("neutral" if label == "calm" and "calm" not in corpus else label for label in model)
    shared = tuple(label for label in dict.fromkeys(known) if label in corpus)
    if len(shared) < 2:
        raise DatasetError(
            f"The clips are labelled {', '.join(corpus)}, the model knows {', '.join(model)}; "
            "at least two emotions that both have are needed. Check the labels, or choose another model."
        )
    return shared


def restricted(probabilities: np.ndarray, model: tuple[str, ...], shared: tuple[str, ...]) -> np.ndarray:
    """Probabilities over the shared labels, shape (n, len(shared)); rows sum to 1.

    The columns of `probabilities` are in the order of `model`. The probability of calm counts for neutral unless calm
    is shared. Where no shared label has any probability, all get the same.

    Examples:
        >>> restricted(np.array([[0.125, 0.25, 0.375, 0.25]]), ("neutral", "calm", "sad", "happy"), ("neutral", "sad"))
        array([[0.5, 0.5]])
    """
    columns = {label: i for i, label in enumerate(shared)}
    kept = np.zeros((len(probabilities), len(shared)))
    for column, label in zip(probabilities.T, model, strict=True):
        target = columns.get("neutral" if label == "calm" and "calm" not in columns else label)
        if target is not None:
            kept[:, target] += column
    total = kept.sum(axis=1, keepdims=True)
    return np.divide(kept, total, out=np.full_like(kept, 1 / len(shared)), where=total > 0)


def restricted_sets(in_set: np.ndarray, model: tuple[str, ...], shared: tuple[str, ...]) -> np.ndarray:
    """Which shared labels each prediction set holds, bool, shape (n, len(shared)).

    The columns of `in_set` are in the order of `model`. A set that holds calm holds neutral, unless calm is shared.

    Example:
        >>> restricted_sets(np.array([[False, True, True]]), ("neutral", "calm", "happy"), ("neutral", "sad"))
        array([[ True, False]])
    """
    held = np.zeros((len(in_set), len(shared)), dtype=bool)
    for column, label in zip(in_set.T, model, strict=True):
        target = "neutral" if label == "calm" and "calm" not in shared else label
        if target in shared:
            held[:, shared.index(target)] |= column
    return held
