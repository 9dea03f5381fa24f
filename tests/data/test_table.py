"""The feature table: what is written comes back, contours included, and older tables can still be read."""

import numpy as np
import pytest

from ser.audio.decoding.decoder import decode
from ser.audio.recording import MEASUREMENT_UNITS
from ser.data import ravdess
from ser.data.extraction import augmentation_seed, augmented_vectors, extract
from ser.data.table import FeatureTable, joined
from ser.data.table_file import load_table, load_tables, save_table, shipped_path
from ser.errors import DatasetError
from ser.features.contours import CONTOURS, POINTS
from ser.features.sets import FEATURE_SETS
from ser.steps import finish
from tests.helpers.sounds import file, voice

SET = FEATURE_SETS["standard"]
NAMES = ("03-01-05-01-01-01-01", "03-01-04-01-01-01-02")


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> FeatureTable:
    folder = tmp_path_factory.mktemp("clips")
    for i, name in enumerate(NAMES):
        (folder / f"{name}.wav").write_bytes(file(voice(2.0 + i, 48_000), 48_000))
    return finish(extract(ravdess.open_source(folder)))


def test_what_is_measured_of_each_clip_is_in_the_table(table):
    assert set(MEASUREMENT_UNITS) <= set(table.clips.columns)
    assert table.clips["seconds"].tolist() == pytest.approx([3.0, 2.0])  # by name: actor 2 is sad, 04 comes before 05
    assert (table.clips["silence_before"] > 0.3).all()
    assert {name: lines.shape for name, lines in table.contours.items()} == dict.fromkeys(CONTOURS, (2, POINTS))


def test_contours_and_measures_survive_being_written(table, tmp_path):
    save_table(table, tmp_path / "t.parquet")
    read = load_table(tmp_path / "t.parquet")
    assert read.clips.equals(table.clips)
    for name, lines in table.contours.items():
        assert read.contours[name].dtype == np.float16
        assert np.array_equal(read.contours[name], lines, equal_nan=True)


def test_selected_rows_keep_their_own_contours(table):
    turned = table.select(np.array([1, 0]))
    assert np.array_equal(turned.contours["f0"], table.contours["f0"][::-1], equal_nan=True)


def test_a_table_without_contours_is_read_without_them(table, tmp_path):
    save_table(FeatureTable(table.clips, table.matrices), tmp_path / "old.parquet")
    assert load_table(tmp_path / "old.parquet").contours == {}


def test_a_clip_extracted_again_gives_its_augmented_versions(ravdess):
    """Within half a step, for they are kept in a byte a feature."""
    table = load_table()
    assert table.clip_views.codes.dtype == "uint8"
    for row in (7, 700, 1400):
        name = table.clips["name"][row]
        clip = next(each for each in ravdess.clips if each.name == name)
        found = augmented_vectors(decode(ravdess.read(clip), rate=16_000, name=name), augmentation_seed(clip))
        kept = table.clip_views.values(slice(None), np.array([row]))[:, 0]
        off = np.abs(found - kept) / table.clip_views.step
        assert (off < 0.51).mean() > 0.999 and off.max() < 2
        assert len(found) == len(SET.views) + SET.augmented_copies


def test_the_versions_of_a_clip_differ():
    table, rows = load_table(), np.arange(1440)
    copies = table.augmented_copies("standard", rows, SET.augmented_copies)
    assert copies.shape[0] == SET.augmented_copies
    every = np.concatenate([table.views("standard", rows, SET.views), copies])
    assert len(np.unique(every[:, 0], axis=0)) == len(every)


def test_the_shipped_tables_join_into_one():
    both, ravdess_only, nemo_only = load_tables(), load_table(), load_table(shipped_path("nemo"))
    n = len(ravdess_only)
    assert both.corpora.tolist() == ["ravdess"] * n + ["nemo"] * len(nemo_only)
    rows = np.array([0, n - 1, n, len(both) - 1])
    for part, own in ((ravdess_only, rows[:2]), (nemo_only, rows[2:])):
        inside, there = own - (0 if part is ravdess_only else n), np.isin(rows, own)
        for found, wanted in (
            (both.views("standard", rows, SET.views), part.views("standard", inside, SET.views)),
            (both.augmented_copies("standard", rows, 4), part.augmented_copies("standard", inside, 4)),
        ):
            assert np.array_equal(found[:, there], wanted)
        for name, lines in part.contours.items():
            assert np.array_equal(both.contours[name][own], lines[inside], equal_nan=True)
    turned = both.select(rows[::-1])
    assert np.array_equal(
        turned.views("standard", np.arange(4), SET.views), both.views("standard", rows[::-1], SET.views)
    )
    assert set(both.clips.columns) == set(ravdess_only.clips.columns) == set(nemo_only.clips.columns)


def test_a_joined_table_survives_being_written(tmp_path):
    both = load_tables(("nemo", "ravdess")).select(np.array([0, 1, 600, 700]))
    save_table(both, tmp_path / "both.parquet")
    read = load_table(tmp_path / "both.parquet")
    assert read.corpora.tolist() == ["nemo", "nemo", "ravdess", "ravdess"]
    rows = np.arange(4)
    # Features are rounded when they are written, views are not.
    assert np.array_equal(read.views("standard", rows, SET.views)[1:], both.views("standard", rows, SET.views)[1:])


def test_a_join_keeps_what_all_tables_have(table):
    bare = FeatureTable(table.clips.drop(columns=["snr"]), table.matrices)
    both = joined([table, bare])
    assert len(both) == 4 and both.clip_views is None and both.contours == {} and "snr" not in both.clips
    assert both.clips["name"].tolist() == 2 * table.clips["name"].tolist()


def test_a_table_that_is_not_shipped_is_one_sentence():
    with pytest.raises(DatasetError, match="of emodb are asked for; ravdess and nemo are shipped"):
        load_tables(("ravdess", "emodb"))
    with pytest.raises(DatasetError, match="no data set"):
        load_tables(())
