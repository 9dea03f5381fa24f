"""Adam and stochastic gradient descent as in scikit-learn, in place on one vector of all weights and biases."""

import numpy as np

from ser.training.settings import TrainingSettings

#: So many numbers are worked on at a time, because the arrays of a part then stay in the processor's cache.
PART = 16384
# scikit-learn's `n_iter_no_change`, and the step size below which "adaptive" no longer makes it smaller.
_PATIENCE = 10
_SMALLEST_RATE = 1e-6


class Adam:
    """Kingma & Ba (2014, arXiv:1412.6980).

    Attributes:
        rate: the size of the next step, without the correction of the first steps.
    """

    def __init__(self, settings: TrainingSettings, size: int, rate: float) -> None:
        """Remember nothing yet of `size` numbers."""
        self.rate = rate
        self._beta_1, self._beta_2, self._epsilon = settings.beta_1, settings.beta_2, settings.epsilon
        self._mean, self._square = np.zeros(size, dtype=np.float32), np.zeros(size, dtype=np.float32)
        self._spare = np.empty(PART, dtype=np.float32)
        self._steps = 0

    def set_rate(self, rate: float) -> None:
        """Go on with another step size."""
        self.rate = rate

    def step(self, values: np.ndarray, gradient: np.ndarray) -> None:
        """Change the values; the gradient is used up."""
        self._steps += 1
        rate = self.rate * np.sqrt(1 - self._beta_2**self._steps) / (1 - self._beta_1**self._steps)
        for start in range(0, values.size, PART):
            part = slice(start, start + PART)
            change, mean, square = gradient[part], self._mean[part], self._square[part]
            spare = self._spare[: change.size]
            np.multiply(change, change, out=spare)
            spare *= 1 - self._beta_2
            square *= self._beta_2
            square += spare
            change *= 1 - self._beta_1
            mean *= self._beta_1
            mean += change
            np.sqrt(square, out=spare)
            spare += self._epsilon
            np.divide(mean, spare, out=spare)
            spare *= rate
            values[part] -= spare

    def end_pass(self, loss: float, n_clips: int) -> None:
        """The step size does not depend on the passes."""


class Sgd:
    """Stochastic gradient descent with momentum, and the schedules that scikit-learn has for it.

    Attributes:
        rate: the size of the next step.
    """

    def __init__(self, settings: TrainingSettings, size: int, rate: float) -> None:
        """Start without velocity."""
        self.rate = self._first_rate = rate
        self._schedule, self._power, self._tolerance = settings.schedule, settings.power_t, settings.tolerance
        self._momentum, self._nesterov = settings.momentum, settings.nesterov
        self._velocity = np.zeros(size, dtype=np.float32)
        self._seen, self._waited, self._best_loss = 0, 0, np.inf

    def set_rate(self, rate: float) -> None:
        """Go on with another step size, and with the velocity."""
        self.rate = self._first_rate = rate

    def step(self, values: np.ndarray, gradient: np.ndarray) -> None:
        """Change the values; the gradient is used up."""
        gradient *= self.rate
        for start in range(0, values.size, PART):
            part = slice(start, start + PART)
            velocity = self._velocity[part]
            velocity *= self._momentum
            velocity -= gradient[part]
            if self._nesterov:
                values[part] += self._momentum * velocity - gradient[part]
            else:
                values[part] += velocity

    def end_pass(self, loss: float, n_clips: int) -> None:
        """Let the schedule choose the next step size, given the loss of the pass and how many clips it went over."""
        self._seen += n_clips
        if self._schedule == "invscaling":
            self.rate = self._first_rate / (self._seen + 1) ** self._power
        self._waited = self._waited + 1 if loss > self._best_loss - self._tolerance else 0
        self._best_loss = min(loss, self._best_loss)
        if self._schedule == "adaptive" and self._waited > _PATIENCE and self.rate > _SMALLEST_RATE:
            self.rate /= 5
            self._waited = 0
