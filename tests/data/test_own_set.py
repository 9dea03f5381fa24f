"""Own sets: labels are found in any source, and every file that cannot be used is reported."""

import io
import zipfile

import pytest

from ser.data.archives.opening import open_upload
from ser.data.labels.labelled import find_labels
from ser.data.own_set import UNKNOWN, OwnSet, measure_set, to_own_set
from ser.errors import DatasetError
from ser.limits import VISITOR
from tests.helpers.sounds import file, voice
from tests.helpers.steps import followed


def packed(files: dict[str, bytes], **options) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, **options) as out:
        for name, data in files.items():
            out.writestr(name, data)
    return buffer.getvalue()


def opened(files: list[tuple[str, bytes]]) -> OwnSet:
    return to_own_set(find_labels(open_upload(files), most=VISITOR.measured_clips))


def clips_of(own):
    return [(clip.name, clip.emotion, clip.actor) for clip in own.clips]


def test_folders_are_labels_and_those_below_speakers():
    own = opened([("set.zip", packed({"set/grin/a.wav": b"a", "set/rage/ben/b.wav": b"b", "README.md": b"about"}))])
    assert own.labels.source == "folder" and own.path == "set.zip"
    assert clips_of(own) == [("set/grin/a.wav", "grin", UNKNOWN), ("set/rage/ben/b.wav", "rage", "ben")]
    assert own.read("set/grin/a.wav") == own.read(own.clips[0]) == b"a"


def test_ravdess_names_tell_everything_in_folders_or_not():
    for files in ([("03-01-05-02-01-01-12.wav", b"a"), ("other.wav", b"b")],
                  [("r.zip", packed({"Actor_12/03-01-05-02-01-01-12.wav": b"a", "other.wav": b"b"}))]):  # fmt: skip
        own = opened(files)
        clip = own.clips[0]
        assert own.labels.source == "ravdess" and (clip.emotion, clip.actor, clip.sex) == ("angry", "12", "female")
        assert clip.intensity == "strong" and "Kids" in clip.statement and own.read(clip) == b"a"
        (left_out,) = own.left_out
        assert "other.wav" in left_out and "not named as RAVDESS" in left_out


def test_names_of_other_corpora_are_known():
    own = opened([("03a01Fa.wav", b"a"), ("08b02Wc.wav", b"b")])
    assert own.labels.source == "emodb" and clips_of(own)[0] == ("03a01Fa.wav", "happy", "03")


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_a_table_comes_first(between):
    lines = [
        ("Path", "Label", "Speaker"),
        ("x/a.wav", "grin", "Anna"),
        ("b.wav", "rage", ""),
        ("gone.wav", "grin", "B"),
    ]
    table = "\n".join(between.join(line) for line in lines).encode("utf-8-sig")
    own = opened([("s.zip", packed({"labels.csv": table, "x/a.wav": b"a", "b.wav": b"b", "x/c.wav": b"c"}))])
    assert own.labels.source == "csv" and any("gone.wav" in sentence for sentence in own.left_out)
    assert clips_of(own) == [("b.wav", "rage", UNKNOWN), ("x/a.wav", "grin", "Anna")]


def test_a_table_of_something_else_is_no_labels():
    own = opened([("set.zip", packed({"notes.csv": b"day,weather\n1,sun\n", "grin/a.wav": b"a", "sad/b.wav": b"b"}))])
    assert own.labels.source == "folder" and len(own.clips) == 2


def test_the_same_files_have_the_same_key_and_others_have_not():
    one = opened([("grin/a.wav", b"a"), ("sad/b.wav", b"b")])
    assert one.key == opened([("sad/b.wav", b"b"), ("grin/a.wav", b"a")]).key
    assert one.key != opened([("grin/a.wav", b"a"), ("sad/b.wav", b"c")]).key


@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([("a.wav", b"a"), ("b.wav", b"b")], "No clip in 2 files has a label"),
        ([("s.zip", packed({"l.csv": b"day\n1\n", "a.wav": b"a"}))], "begins with 'day'"),
        ([("README.md", b"about")], "has no audio files in it"),
        ([("s.zip", b"PK\x03\x04 no more")], "s.zip is a damaged zip"),
        ([("s.zip", packed({})), ("a.wav", b"a")], "No clip in 2 files has a label"),
        (
            [("s.zip", packed({f"{'ab'[i % 2]}/{i}.wav": b"" for i in range(VISITOR.measured_clips + 1)}))],
            "holds 1,501 clips",
        ),
        ([("a.wav", bytes(VISITOR.upload_bytes + 1))], "more than 200 MB"),
    ],
)
def test_what_is_no_set_is_a_sentence(files, sentence):
    with pytest.raises(DatasetError, match=sentence):
        opened(files)


def test_a_zip_that_swells_is_refused_clip_by_clip():
    own = opened(
        [
            (
                "bomb.zip",
                packed({"frown/bomb.wav": bytes(VISITOR.clip_bytes + 1), "grin/a.wav": file(voice(1.5), 16_000)}),
            )
        ]
    )
    _, measured = followed(measure_set(own))
    assert len(measured.table) == 1 and "larger than 160 MB" in measured.refused[0]


def test_a_clip_that_is_damaged_in_its_zip_leaves_the_others():
    data = file(voice(1.5), 16_000)
    zipped = packed({"grin/a.wav": data, "frown/b.wav": data[:-2] + b"xy"}, compresslevel=0)
    at = zipped.index(b"xy")
    own = opened([("s.zip", zipped[:at] + b"XX" + zipped[at + 2 :])])
    _, measured = followed(measure_set(own))
    assert len(measured.table) == 1 and "frown/b.wav in s.zip cannot be read" in measured.refused[0]


@pytest.fixture(scope="module")
def own():
    sounds = {f"{label}/{i}.wav": file(voice(1.5 + 0.3 * i, level=level), 16_000)
              for label, level in (("loud", -15.0), ("soft", -35.0)) for i in range(2)}  # fmt: skip
    return opened([("s.zip", packed(sounds | {"soft/broken.wav": b"no sound at all"}))])


def test_clips_are_measured_and_broken_ones_clips_of(own):
    reports, measured = followed(measure_set(own))
    assert [report.done for report in reports] == [1, 2, 3, 4, 5] and reports[0].total == 5
    assert len(measured.table) == 4 and "soft/broken.wav" in measured.refused[0]
    assert measured.table.labels.tolist() == ["loud", "loud", "soft", "soft"]
    assert measured.table.clips["level"].iloc[0] > measured.table.clips["level"].iloc[3] + 15
    assert "sex" not in measured.table.clips and set(measured.table.clips["actor"]) == {UNKNOWN}
    assert measured.table.contours["f0"].shape[0] == 4


def test_measuring_can_be_given_up(own):
    reports, measured = followed(measure_set(own), lambda reports: len(reports) == 2)
    assert measured is None and len(reports) == 2


def test_a_set_without_one_usable_clip_is_a_sentence():
    with pytest.raises(DatasetError, match="Not one of the 2 clips"):
        followed(measure_set(opened([("grin/a.wav", b"nothing"), ("frown/b.wav", b"nothing")])))
