"""The changed recordings: which clips they are of, and that other files are refused."""

from dataclasses import dataclass, replace

import numpy as np
import pytest

from ser.audio.augmentation import DISTURBANCES
from ser.data import ravdess as ravdess_module
from ser.data.changed_recordings import CHANGED_RECORDINGS, changed_recordings, extract_changed
from ser.data.extraction import extract
from ser.data.table_file import load_tables
from ser.errors import DatasetError
from ser.features.sets import FEATURE_SETS
from ser.steps import finish
from tests.helpers.sounds import file, voice

SET = FEATURE_SETS["standard"]
NAMES = ("03-01-05-01-01-01-01", "03-01-04-01-01-01-01", "03-01-04-01-01-01-02")


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """A table of three clips, and the file with their changed recordings."""
    folder = tmp_path_factory.mktemp("clips")
    for i, name in enumerate(NAMES):
        (folder / f"{name}.wav").write_bytes(file(voice(2.0 + i, 48_000), 48_000))
    source, path = ravdess_module.open_source(folder), folder / "changed.npz"
    table = finish(extract(source, with_views=False))
    reports = []
    assert finish(extract_changed(source, table, path=path), reports.append) == len(NAMES)
    assert [report.done for report in reports] == [1, 2, 3] and not any(report.error for report in reports)
    return table, path


def test_each_recording_is_of_its_clip_and_each_row_has_all_disturbances(written):
    table, path = written
    order = np.array([2, 0, 1])
    places, kinds, vectors = changed_recordings(table, order, "standard", path)
    assert vectors.shape == (SET.n_views, 9, len(SET.names)) and np.isfinite(vectors).all()
    assert sorted(zip(places, kinds, strict=True)) == [(p, k) for p in range(3) for k in range(len(DISTURBANCES))]
    # The same recordings in whatever order, and of the clips that are asked for alone.
    again, kinds_again, turned = changed_recordings(table, order[::-1], "standard", path)
    for place, kind, vector in zip(places, kinds, vectors[0], strict=True):
        [same] = np.flatnonzero((again == 2 - place) & (kinds_again == kind))
        assert np.array_equal(turned[0, same], vector)
    assert changed_recordings(table, order[:1], "standard", path)[0].tolist() == [0, 0, 0]


def test_disturbances_change_the_clip(written):
    table, path = written
    places, kinds, vectors = changed_recordings(table, np.arange(3), "standard", path)
    recorded = table.matrix("standard")
    for kind in range(len(DISTURBANCES)):
        chosen = kinds == kind
        assert (np.abs(vectors[0, chosen] - recorded[places[chosen]]).max(axis=1) > 1).all()
    assert len(np.unique(vectors.reshape(-1, vectors.shape[-1]), axis=0)) == SET.n_views * 9


def test_other_feature_sets_and_data_sets_have_none(written):
    table, path = written
    for other, name in ((table, "notebook"), (replace(table, clips=table.clips.assign(corpus="nemo")), "standard")):
        places, kinds, vectors = changed_recordings(other, np.arange(3), name, path)
        assert places.size == kinds.size == vectors.shape[1] == 0


def test_files_that_cannot_be_used_say_what_to_do(written, tmp_path):
    table, path = written
    (tmp_path / "broken.npz").write_bytes(path.read_bytes()[:1000])
    with np.load(path) as kept:
        np.savez(tmp_path / "other.npz", **{**kept, "features": np.array(["a", "b"])})
    for wrong, said in (("gone.npz", "cannot be read"), ("broken.npz", "cannot be read"), ("other.npz", "other feat")):
        with pytest.raises(DatasetError, match=f"{said}.*ser extract"):
            changed_recordings(table, np.arange(3), "standard", tmp_path / wrong)


def test_the_shipped_file_has_two_clips_of_every_actor_and_emotion():
    both = load_tables()
    places, kinds, _ = changed_recordings(both, np.arange(len(both)), "standard")
    clips = both.clips.iloc[places[kinds == 0]]
    assert (clips["corpus"] == "ravdess").all()
    assert clips.groupby(["actor", "emotion"]).size().tolist() == [2] * 24 * 8
    for column in ("statement", "repetition"):
        assert clips[column].value_counts(normalize=True).between(0.4, 0.6).all()
    in_two_intensities = clips[clips["emotion"] != "neutral"]
    assert (in_two_intensities["intensity"] == "strong").mean() == 0.5


@pytest.mark.ravdess
def test_a_clip_changed_again_gives_its_recordings(ravdess, table, tmp_path):
    """Within a step, for they are kept in a byte a feature."""
    chosen = [clip for clip in ravdess.clips if clip.actor == 5]

    @dataclass
    class OneActor:
        clips: list
        path = ravdess.path
        read = staticmethod(ravdess.read)

    finish(extract_changed(OneActor(chosen), table, path=tmp_path / "again.npz"))
    rows = np.flatnonzero(table.actors == 5)
    places, kinds, found = changed_recordings(table, rows, "standard", tmp_path / "again.npz")
    same_places, same_kinds, shipped = changed_recordings(table, rows, "standard")
    assert np.array_equal(places, same_places) and np.array_equal(kinds, same_kinds)
    with np.load(CHANGED_RECORDINGS) as kept:
        step = kept["step"][0]
    assert (np.abs(found - shipped) < 1.02 * step).mean() > 0.999
