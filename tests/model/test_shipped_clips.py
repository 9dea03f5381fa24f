"""The clips of the shipped tables in the file that answering reads are those of the tables."""

import numpy as np
import pytest

from ser.data.table_file import load_tables
from ser.features.sets import FEATURE_SETS
from ser.model import training_clips
from ser.model.training_clips import SHIPPED_CLIPS, index_clips, index_shipped, keep_shipped_clips, learnt_from
from tests.helpers import shipped


def test_the_file_is_what_the_tables_give(tmp_path):
    keep_shipped_clips(load_tables(), tmp_path / "anew.npz")
    with np.load(SHIPPED_CLIPS) as shipped, np.load(tmp_path / "anew.npz") as anew:
        assert shipped.files == anew.files
        for name in shipped.files:
            np.testing.assert_array_equal(shipped[name], anew[name], err_msg=name)


@pytest.mark.parametrize("set_name", FEATURE_SETS)
def test_clips_of_some_actors_and_labels_are_chosen(table, set_name):
    left_out = [table.clips["name"].iloc[0]]
    rows = np.isin(table.actors, (1, 2)) & np.isin(table.labels, ("sad", "neutral"))
    rows[0] = False
    index = index_shipped((1, 2), ("sad", "neutral"), int(rows.sum()), set_name, left_out)
    expected = index_clips(table.matrix(set_name)[rows], set_name)
    assert np.array_equal(index.codes, expected.codes)
    assert index_shipped((1, 2), ("sad", "neutral"), int(rows.sum()) + 1, set_name, left_out) is None


def test_without_the_file_no_clip_is_known(monkeypatch, tmp_path):
    monkeypatch.setattr(training_clips, "SHIPPED_CLIPS", tmp_path / "none.npz")
    assert index_shipped((1,), ("sad",), 4, "standard") is None


def test_clips_of_every_shipped_data_set_are_recognised():
    model = shipped.model()
    both = load_tables()
    for row in (3, 1000, 1500, len(both) - 1):
        assert learnt_from(model, both.matrix("standard")[row])
