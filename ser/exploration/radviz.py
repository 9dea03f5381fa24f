"""Where a model's answers lie among the emotions, as points of a plane that stays put while the model learns.

Every emotion has a place on a circle, and a clip lies at the mean of these places, weighted by its probabilities
(RadViz: Hoffman et al. 1997, "DNA visual and analytic data mining"). All clips begin as a muddle in
the middle and move towards a place as the model becomes sure. Nothing is fitted to the clips, so that a point
moves only if its answer does: no axis turns or flips between two epochs.
"""

import numpy as np


def places(n_labels: int) -> np.ndarray:
    """The emotions' places on the circle, clockwise from the top.

    Args:
        n_labels: how many there are, at least 2.

    Returns:
        shape (n_labels, 2), each row of length 1.

    Example:
        >>> places(4).round().astype(int).tolist()
        [[0, 1], [1, 0], [0, -1], [-1, 0]]
    """
    angle = np.pi / 2 - 2 * np.pi * np.arange(n_labels) / n_labels
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def answer_map(probabilities: np.ndarray) -> np.ndarray:
    """Points of clips among the places.

    Args:
        probabilities: shape (n, n_labels), rows sum to 1.

    Returns:
        shape (n, 2), within the unit circle. Between two emotions all points would lie on one line, so there they
        are spread across it by their number, which means nothing.

    Example:
        >>> answer_map(np.array([[0.0, 1.0, 0.0, 0.0], [0.25, 0.75, 0.0, 0.0]])).round(2).tolist()
        [[1.0, 0.0], [0.75, 0.25]]
    """
    points = probabilities @ places(probabilities.shape[1])
    if probabilities.shape[1] == 2:
        points[:, 0] = (np.arange(len(points)) * 0.618) % 1 - 0.5
    return points
