"""Networks that answer for clips like those of one data set, and the gate that tells how far a clip is such a clip.

A model of several data sets answers strangers better than a model of one, and the speakers of that one worse. So
specialists learn from the first data set alone, scaled by its own mean and deviation. The gate is a linear function of
the inputs that separates the first data set from the others (logistic regression). It is open for clips that lie where
most clips of held-out speakers of the first data set lie, and closed for clips that lie beyond almost all of them.
"""

from collections.abc import Sequence

import numpy as np

from ser.model.emotion_model import EmotionModel, Gate, Network
from ser.model.separation import separating_direction

# The share rises from 0 at the first of these quantiles of held-out clips of the first data set to 1 at the second.
_LOW, _HIGH = 0.01, 0.1


def has_specialists(specialists: int, corpora: np.ndarray) -> bool:
    """Whether so many specialists are trained on clips of these data sets, shape (n,)."""
    return specialists > 0 and np.unique(corpora).size > 1


def fit_gate(inputs: np.ndarray, first: np.ndarray, folds: Sequence[np.ndarray], centre: np.ndarray) -> Gate:
    """A gate from the inputs of all versions of all training clips, shape (n_versions, n, n_used).

    The clips as they are come first. With their augmented copies, the gate does not hang on the channel. `first` says
    which clips are of the first data set, shape (n,), and `centre` are the mean inputs of that data set. Each of the
    `folds` says which clips it holds out, shape (n,); they hold out whole speakers.
    """
    # A fold may hold out all speakers of a data set, where there are few.
    usable = [held for held in folds if (held & first).any() and np.unique(first[~held]).size > 1]
    flat, all_first = inputs.reshape(-1, inputs.shape[-1]), np.tile(first, len(inputs))
    direction, *without = (
        separating_direction(flat, all_first, np.tile(~held, len(inputs)))
        for held in (np.zeros(first.size, dtype=bool), *usable)
    )
    values = [inputs[0, held & first] @ each for held, each in zip(usable, without, strict=True)]
    low, high = np.quantile(np.concatenate(values or [inputs[0, first] @ direction]), (_LOW, _HIGH))
    return Gate(direction.astype(np.float32), float(low), float(high), centre.astype(np.float32))


def in_inputs_of(general: EmotionModel, special: EmotionModel) -> tuple[Network, ...]:
    """The networks of a model with another scaling, made to take the inputs of the general model."""
    stretch = general.scale / special.scale
    shift = (general.mean - special.mean) / special.scale
    networks = []
    for network in special.networks:
        first, bias = network.weights[0], network.biases[0]
        weights = ((stretch[:, None] * first).astype(first.dtype), *network.weights[1:])
        biases = ((bias + shift @ first).astype(bias.dtype), *network.biases[1:])
        networks.append(Network(network.activation, weights, biases))
    return tuple(networks)
