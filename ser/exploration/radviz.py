"""RadViz: a model's answers as points of a plane that stays the same while the model learns.

Every emotion has an anchor on a circle, and a clip lies at the mean of the anchors, weighted by its probabilities
(Hoffman et al. 1997, "DNA visual and analytic data mining"). All clips begin in the middle and move towards an anchor
as the model becomes sure. Nothing is fitted to the clips, so a point moves only if its answer does: no axis turns or
flips between two epochs.
"""

import numpy as np


def anchors(n_labels: int) -> np.ndarray:
    """The emotions' anchors on the circle, clockwise from the top, shape (n_labels, 2), each row of length 1.

    Examples:
        >>> anchors(4).round().astype(int).tolist()
        [[0, 1], [1, 0], [0, -1], [-1, 0]]
    """
    angle = np.pi / 2 - 2 * np.pi * np.arange(n_labels) / n_labels
    return np.stack([np.cos(angle), np.sin(angle)], axis=1)


def radviz_points(probabilities: np.ndarray) -> np.ndarray:
    """Points of clips among the anchors.

    Args:
        probabilities: shape (n, n_labels), rows sum to 1.

    Returns:
        Shape (n, 2), within the unit circle. Between two emotions all points would lie on one line, so they are spread
        across it by their number, which means nothing.

    Examples:
        >>> radviz_points(np.array([[0.0, 1.0, 0.0, 0.0], [0.25, 0.75, 0.0, 0.0]])).round(2).tolist()
        [[1.0, 0.0], [0.75, 0.25]]
    """
    points = probabilities @ anchors(probabilities.shape[1])
    if probabilities.shape[1] == 2:
        points[:, 0] = (np.arange(len(points)) * 0.618) % 1 - 0.5
    return points
