"""Significance: a paired test over actors of whether one run is better than another.

Clips of one actor are alike, so the actor is the unit (Ferrer & Riera, "Confidence intervals for evaluation in machine
learning"). The UAR of each actor under one run is compared with the UAR of the same actor under the other. If neither
run were better, every difference might as well have the other sign. The p-value is the share of all sign patterns whose
mean difference is at least as large (Fisher's randomisation test for pairs).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ser.errors import TrainingError
from ser.metrics import Evaluation
from ser.training.settings import TrainingSettings

# Up to 13 actors all sign patterns are used; for more actors, so many drawn by chance.
PATTERNS = 9999


@dataclass(frozen=True)
class Significance:
    """The outcome of the test.

    Attributes:
        actors: the actors that both runs were scored on, ascending.
        differences: for each actor, UAR of the second run minus UAR of the first, shape (n,), -1 to 1.
        mean: their mean.
        interval: 95 % interval of the mean over actors drawn with replacement; None for fewer than three actors.
        p_value: two-sided.
        least_p: the smallest p-value that so many actors can give, even if all differ in one direction.
    """

    actors: tuple[int | str, ...]
    differences: np.ndarray
    mean: float
    interval: tuple[float, float] | None
    p_value: float
    least_p: float


def compare_runs(first: Evaluation, second: Evaluation) -> Significance:
    """Test whether the second run differs from the first on the actors that both were scored on.

    Args:
        first: the evaluation of one run.
        second: the evaluation of the other, with the same emotions.

    Returns:
        A `Significance`.

    Raises:
        TrainingError: the emotions differ, or fewer than two actors are in both.

    Examples:
        ::

            compare_runs(first.evaluation, second.evaluation).p_value
    """
    if set(first.labels) != set(second.labels):
        raise TrainingError(
            "The runs tell other emotions apart, and with more of them every score is lower. "
            "Compare runs with the same emotions."
        )
    actors = sorted(first.per_actor_uar.keys() & second.per_actor_uar.keys())
    if len(actors) < 2:
        raise TrainingError(
            f"The runs share {len(actors)} scored actor(s); at least two are needed. Judge both by the same protocol."
        )
    differences = np.array([second.per_actor_uar[actor] - first.per_actor_uar[actor] for actor in actors])
    least = 2.0 ** (1 - len(actors))
    if not differences.any():
        return Significance(tuple(actors), differences, 0.0, (0.0, 0.0), 1.0, least)
    from scipy.stats import bootstrap, permutation_test

    test = permutation_test(
        (differences,), np.mean, permutation_type="samples", n_resamples=PATTERNS, vectorized=True, rng=0
    )
    interval = None
    if len(actors) >= 3:
        limits = bootstrap((differences,), np.mean, n_resamples=2000, method="percentile", rng=0).confidence_interval
        interval = (float(limits.low), float(limits.high))
    return Significance(tuple(actors), differences, float(differences.mean()), interval, float(test.pvalue), least)


def differing(runs: Sequence[TrainingSettings]) -> tuple[str, ...]:
    """Names of the settings in which runs differ, in the order of the fields."""
    records = [settings.to_json() for settings in runs]
    return tuple(name for name in records[0] if any(r[name] != records[0][name] for r in records)) if records else ()
