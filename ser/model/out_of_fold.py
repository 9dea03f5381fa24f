"""Out-of-fold answers: what models with the same settings answer to clips of speakers that they did not learn from.

The file is NumPy's .npz format and is read with `allow_pickle=False`, so nothing in it can run code.
"""

import io
import zipfile
from dataclasses import dataclass

import numpy as np

from ser.errors import ModelStoreError


@dataclass(frozen=True)
class OutOfFoldAnswers:
    """One answer a clip, each from a model that was trained without the clip's speaker.

    Attributes:
        names: of the clips, shape (n,).
        labels: emotions in the order of the columns.
        probabilities: float32, shape (n, n_labels), rows sum to 1.
    """

    names: np.ndarray
    labels: tuple[str, ...]
    probabilities: np.ndarray

    def to_bytes(self) -> bytes:
        """The answers as the bytes of a file."""
        buffer = io.BytesIO()
        np.savez_compressed(
            buffer,
            names=self.names.astype(str),
            labels=np.array(self.labels),
            probabilities=self.probabilities.astype(np.float32),
        )
        return buffer.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes) -> "OutOfFoldAnswers":
        """The answers that `to_bytes` wrote; raises `ModelStoreError` for other bytes."""
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as file:
                names, labels, probabilities = file["names"], tuple(file["labels"].tolist()), file["probabilities"]
        except (KeyError, ValueError, EOFError, OSError, zipfile.BadZipFile) as error:
            raise ModelStoreError(f"The file is none with out-of-fold answers ({error}).") from error
        if probabilities.shape != (names.size, len(labels)):
            raise ModelStoreError("The file with out-of-fold answers has not one row a clip and one column a label.")
        return cls(names, labels, probabilities)
