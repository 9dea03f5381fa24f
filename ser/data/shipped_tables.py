"""The shipped feature tables in memory: each once in a process, and in all its forks.

The table of RAVDESS shares the memory of the table of all data sets, so both together take the memory of one.
"""

from functools import cache

from ser.data.data_sets import RAVDESS, SHIPPED_CORPORA
from ser.data.table import FeatureTable
from ser.data.table_file import load_tables


@cache
def all_clips() -> FeatureTable:
    """The clips of all shipped data sets, RAVDESS's first; `DatasetError` if a table cannot be read."""
    return load_tables(SHIPPED_CORPORA)


@cache
def ravdess_clips() -> FeatureTable:
    """The clips of RAVDESS; `DatasetError` if a table cannot be read."""
    table = all_clips()
    return table.first(int((table.corpora == RAVDESS.key).sum()))


def read_augmented_versions() -> None:
    """Read what the tables otherwise read when a training asks for it, so that forks of this process share it."""
    for table in (all_clips(), ravdess_clips()):
        if table.clip_views is not None:
            _ = table.clip_views.codes
