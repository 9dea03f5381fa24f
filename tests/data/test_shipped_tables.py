"""The tables in memory: equal to what the files hold, and no number twice."""

import numpy as np
import pandas as pd

from ser.data.shipped_tables import all_clips, ravdess_clips, read_augmented_versions
from ser.data.table_file import load_tables


def test_augmented_versions_can_be_read_beforehand():
    read_augmented_versions()
    assert all("codes" in vars(table.clip_views) for table in (all_clips(), ravdess_clips()))


def test_the_table_of_ravdess_is_the_file_and_shares_the_memory_of_all_clips():
    read, part, whole = load_tables(("ravdess",)), ravdess_clips(), all_clips()
    pd.testing.assert_frame_equal(part.clips, read.clips)
    assert len(whole) > len(part) == len(read)
    rows = np.array([0, 700, 1439])
    assert np.array_equal(
        part.augmented_copies("standard", rows, 5), read.augmented_copies("standard", rows, 5), equal_nan=True
    )
    for kept, fresh, all_of_it in (
        (part.matrices, read.matrices, whole.matrices),
        (part.contours, read.contours, whole.contours),
    ):
        assert kept.keys() == fresh.keys()
        for name, values in kept.items():
            assert np.array_equal(values, fresh[name], equal_nan=True)
            assert np.shares_memory(values, all_of_it[name])
    assert np.shares_memory(part.clip_views.codes, whole.clip_views.codes)
