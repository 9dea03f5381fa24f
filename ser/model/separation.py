"""The direction that separates two kinds of clips best."""

import numpy as np

# Inverse strength of the penalty. A steeper direction separates the training clips better, and no other clips.
_C = 1e-4


def separating_direction(inputs: np.ndarray, first: np.ndarray) -> np.ndarray:
    """Weights of the inputs that tell one kind of clips from the others, of unit length, shape (n_used,).

    `inputs` have shape (n, n_used); `first` says which of them are of that kind, booleans, shape (n,).
    """
    from sklearn.linear_model import LogisticRegression

    model = LogisticRegression(C=_C, class_weight="balanced", max_iter=200)
    weights = model.fit(inputs, first).coef_[0]
    # More clips make for larger weights; of unit length, directions from fewer clips can be compared.
    return weights / np.linalg.norm(weights)
