"""Functionals: statistics that sum up a contour over frames in a few numbers.

Every functional takes contours of shape (n_contours, n_frames) and returns one number per contour. A contour without
frames, such as F0 in a whisper, gives zeros; its absence shows in a feature of its own, the voiced share.
"""

import numpy as np

PERCENTILES = {"p5": 0.05, "p25": 0.25, "p50": 0.50, "p75": 0.75, "p95": 0.95}

# What each functional's value is measured in, given the contour's own unit "u" and a time axis in seconds.
_UNITS = {
    "mean": "{u}",
    "std": "{u}",
    "skewness": "",
    "kurtosis": "",
    "slope": "{u}/s",
    **dict.fromkeys(PERCENTILES, "{u}"),
}

ALL_FUNCTIONALS = ("mean", "std", "p5", "p25", "p50", "p75", "p95", "skewness", "kurtosis", "slope")


def unit_of(functional: str, unit: str) -> str:
    """Unit of a functional's value, given the contour's unit; "" for a plain number.

    Examples:
        >>> unit_of("slope", "dB"), unit_of("skewness", "Hz")
        ('dB/s', '')
    """
    if functional == "slope" and not unit:
        return "1/s"
    return _UNITS[functional].format(u=unit)


def functionals(contours: np.ndarray, names: tuple[str, ...], hop: float) -> np.ndarray:
    """Statistics of contours over their frames, shape (n_contours, len(names)).

    Percentiles interpolate linearly, as `numpy.percentile`. Skewness and (excess) kurtosis are the biased estimators,
    as in `scipy.stats`. The slope is that of the least-squares line; for it `hop` is in seconds. Zeros stand where
    there is no frame, or no spread to divide by.

    Examples:
        >>> functionals(np.array([[0.0, 1.0, 2.0, 3.0]]), ("mean", "p50", "slope"), hop=0.5).tolist()
        [[1.5, 1.5, 2.0]]
    """
    n_contours, n_frames = contours.shape
    if n_frames == 0:
        return np.zeros((n_contours, len(names)))
    contours = contours.astype(np.float64, copy=False)
    # Sums, as `mean` takes twice as long here.
    mean = contours.sum(axis=1) / n_frames
    centred = contours - mean[:, None]
    squares = centred * centred
    variance = squares.sum(axis=1) / n_frames
    # A constant contour has rounding noise for a variance; its skewness would be noise over noise.
    flat = variance <= 1e-12 * (1.0 + mean * mean)
    safe = np.where(flat, 1.0, variance)
    values = np.empty((n_contours, len(names)))
    for column, name in enumerate(names):
        if name == "mean":
            values[:, column] = mean
        elif name == "std":
            np.sqrt(variance, out=values[:, column])
        elif name == "skewness":
            values[:, column] = np.where(flat, 0.0, np.vecdot(squares, centred) / n_frames / (safe * np.sqrt(safe)))
        elif name == "kurtosis":
            values[:, column] = np.where(flat, 0.0, np.vecdot(squares, squares) / n_frames / (safe * safe) - 3.0)
        elif name == "slope":
            values[:, column] = _slope(centred, hop)
    columns = [column for column, name in enumerate(names) if name in PERCENTILES]
    if columns:
        values[:, columns] = _percentiles(contours, [PERCENTILES[names[column]] for column in columns])
    return values


def _percentiles(contours: np.ndarray, shares: list[float]) -> np.ndarray:
    """The values below which these shares of each contour's frames lie, shape (n_contours, len(shares))."""
    ordered = np.sort(contours, axis=1)
    position = np.array(shares) * (contours.shape[1] - 1)
    below = position.astype(int)
    low, high = ordered[:, below], ordered[:, np.minimum(below + 1, contours.shape[1] - 1)]
    return low + (position - below) * (high - low)


def _slope(centred: np.ndarray, hop: float) -> np.ndarray:
    """Least-squares slope per second of centred contours."""
    n_frames = centred.shape[1]
    if n_frames < 2:
        return np.zeros(centred.shape[0])
    time = (np.arange(n_frames) - (n_frames - 1) / 2) * hop
    return centred @ time / (time @ time)
