"""Cuts samples into overlapping frames."""

import numpy as np


def centred_frames(samples: np.ndarray, length: int, hop: int) -> np.ndarray:
    """Frames of `length` samples centred on multiples of `hop`, a view of shape (1 + n // hop, length).

    Beyond both ends there are zeros, as librosa has it.
    """
    n_frames, before = 1 + samples.size // hop, length // 2
    padded = np.zeros(max((n_frames - 1) * hop + length, before + samples.size), samples.dtype)
    padded[before : before + samples.size] = samples
    # Numpy's own sliding_window_view takes longer than all the rest.
    return np.ndarray((n_frames, length), padded.dtype, padded, strides=(hop * padded.itemsize, padded.itemsize))
