"""The direction that separates two kinds of clips best: a penalised logistic regression.

A model needs dozens of them, each without some of the clips. scikit-learn's `LogisticRegression` would take a copy of
the others each time, and needs twice as long; tests/model/test_separation.py holds the directions against its own.
"""

import numpy as np
from scipy.special import expit

#: Inverse strength of the penalty. A steeper direction separates the training clips better, and no other clips.
C = 1e-4
_TOLERANCE = 1e-4
_MOST_ITERATIONS = 200


def separating_direction(inputs: np.ndarray, first: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Weights of the inputs that tell one kind of clips from the others, of unit length, shape (n_used,).

    `inputs` are float32, shape (n, n_used); `first` says which of them are of that kind and `counted` which are known,
    at least one of each kind, both booleans, shape (n,). Both kinds weigh the same.
    """
    from scipy.optimize import minimize

    signs = np.where(first, 1, -1).astype(np.float32)
    shares = sum(each / (2 * each.sum()) for each in (first & counted, ~first & counted)).astype(np.float32)
    penalty = 1 / (C * counted.sum())

    def loss(values: np.ndarray) -> tuple[float, np.ndarray]:
        weights = values[:-1]
        margins = signs * (inputs @ weights.astype(np.float32) + np.float32(values[-1]))
        pulls = -signs * shares * expit(-margins)
        mean = float(shares @ np.logaddexp(np.float32(0), -margins))
        gradient = np.append(pulls @ inputs + penalty * weights, pulls.sum())
        return mean + 0.5 * penalty * float(weights @ weights), gradient

    options = {"maxiter": _MOST_ITERATIONS, "gtol": _TOLERANCE}
    found = minimize(loss, np.zeros(inputs.shape[1] + 1), method="L-BFGS-B", jac=True, options=options)
    weights = found.x[:-1]
    # More clips make for larger weights; of unit length, directions from fewer clips can be compared.
    return weights / np.linalg.norm(weights)
