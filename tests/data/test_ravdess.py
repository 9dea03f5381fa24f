"""RAVDESS's names and sources: what fits, and what does not and is reported."""

import os
import shutil
import struct
import threading
import warnings
import zipfile
from collections import Counter
from pathlib import Path

import pytest

from ser.config import cache_folders
from ser.data.clip import Clip
from ser.data.ravdess import ARCHIVE_NAME, default_source, open_source
from ser.data.ravdess_names import parse_name
from ser.emotions import LABELS
from ser.errors import DatasetError
from tests.helpers import sounds

WAV = sounds.file(sounds.voice(1.0), 16_000)


def names_of(actor: int) -> list[str]:
    """The sixty names of an actor's speech."""
    return [
        f"03-01-{emotion:02d}-{intensity:02d}-{statement:02d}-{repetition:02d}-{actor:02d}"
        for emotion in range(1, 9)
        for intensity in ((1,) if emotion == 1 else (1, 2))
        for statement in (1, 2)
        for repetition in (1, 2)
    ]


def zip_of(path: Path, files: dict[str, bytes] | list[str]) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in files:
            archive.writestr(name, files[name] if isinstance(files, dict) else WAV)
    return path


# --- names ---


@pytest.mark.parametrize(
    ("name", "fields"),
    [
        (
            "03-01-05-01-02-01-12.wav",
            ("audio", "speech", "angry", "normal", "Dogs are sitting by the door", 1, 12, "female"),
        ),
        (
            "Actor_01/03-01-01-01-01-02-01.wav",
            ("audio", "speech", "neutral", "normal", "Kids are talking by the door", 2, 1, "male"),
        ),
        (
            "01-02-04-02-01-01-23.mp4",
            ("audio-video", "song", "sad", "strong", "Kids are talking by the door", 1, 23, "male"),
        ),
        (
            "02-01-08-02-02-02-24",
            ("video", "speech", "surprised", "strong", "Dogs are sitting by the door", 2, 24, "female"),
        ),
    ],
)
def test_every_field_is_named(name, fields):
    stem = name.rpartition("/")[2].partition(".")[0]
    assert parse_name(name) == Clip(stem, name, *fields, corpus="ravdess", speaker=stem[-2:])


def test_emotions_are_in_the_order_of_the_codes():
    assert tuple(parse_name(f"03-01-{code:02d}-01-01-01-01.wav").emotion for code in range(1, 9)) == LABELS


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("", "is not a RAVDESS name"),
        ("notes.txt", "is not a RAVDESS name: seven two-digit fields"),
        ("03-01-05-01-02-01.wav", "is not a RAVDESS name"),
        ("03-01-05-01-02-01-12-01.wav", "is not a RAVDESS name"),
        ("3-1-5-1-2-1-12.wav", "is not a RAVDESS name"),
        ("03_01_05_01_02_01_12.wav", "is not a RAVDESS name"),
        ("03-01-05-01-02-01-12 copy.wav", "is not a RAVDESS name"),
        ("03-01-05-01-02-01-1२.wav", "is not a RAVDESS name"),  # a digit, but not one of ours
        ("04-01-05-01-02-01-12.wav", "has modality 04, but RAVDESS knows modality 01 to 03 only"),
        ("03-03-05-01-02-01-12.wav", "has channel 03"),
        ("03-01-09-01-02-01-12.wav", "has emotion 09, but RAVDESS knows emotion 01 to 08 only"),
        ("03-01-00-01-02-01-12.wav", "has emotion 00"),
        ("03-01-05-03-02-01-12.wav", "has intensity 03"),
        ("03-01-05-01-03-01-12.wav", "has statement 03"),
        ("03-01-05-01-02-03-12.wav", "has repetition 03"),
        ("03-01-05-01-02-01-25.wav", "has actor 25, but RAVDESS knows actor 01 to 24 only"),
        ("03-01-05-01-02-01-00.wav", "has actor 00"),
        ("03-01-01-02-02-01-12.wav", "says strong neutral"),
    ],
)
def test_a_name_that_does_not_fit(name, reason):
    with pytest.raises(DatasetError) as error:
        parse_name(name)
    assert str(error.value).startswith(f'"{name}" {reason}')


# --- sources ---


@pytest.mark.parametrize("form", ["zip", "folders", "flat", "zip in a folder", "zip with a folder above"])
def test_every_form_of_source(form, tmp_path):
    names = names_of(1) + names_of(2)
    if form.startswith("zip"):
        above = "RAVDESS/" if "above" in form else ""
        source = zip_of(tmp_path / ARCHIVE_NAME, [f"{above}Actor_{name[-2:]}/{name}.wav" for name in names])
        source = tmp_path if form == "zip in a folder" else source
    else:
        source = tmp_path
        for name in names:
            folder = tmp_path / f"Actor_{name[-2:]}" if form == "folders" else tmp_path
            folder.mkdir(exist_ok=True)
            (folder / f"{name}.wav").write_bytes(WAV)
    with open_source(source) as opened:
        assert [clip.name for clip in opened.clips] == sorted(names)
        assert opened.report.malformed == opened.report.duplicates == opened.report.short_actors == ()
        assert opened.report.missing_actors == tuple(range(3, 25))
        assert opened.read(opened.clips[7]) == opened.read(opened.clips[7].name) == WAV


def test_what_does_not_fit_is_reported(tmp_path):
    good = [f"Actor_01/{name}.wav" for name in names_of(1)]
    files = [
        *good[:-1],
        "README.txt",
        "Actor_01/03-01-09-01-01-01-01.wav",
        "Actor_02/03-01-05-01-02-01-12.wav",  # in another actor's folder
        "Actor_01/03-02-05-01-02-01-01.wav",  # song
        "Actor_01/01-01-05-01-02-01-01.mp4",  # the same sound with pictures
        "Actor_01/03-01-05-01-02-01-01.mp3",
        "Actor_03/03-01-05-01-02-01-03.mp3",
        "takes/1.wav",
        good[0].replace(".wav", " (1).wav"),
        f"copies/{good[0].rpartition('/')[2]}",
        "__MACOSX/Actor_01/._03-01-01-01-01-01-01.wav",
        "Actor_01/.DS_Store",
        "Actor_01/._03-01-01-01-01-02-01.wav",
        "Actor_01/Thumbs.db",
    ]
    with open_source(zip_of(tmp_path / "r.zip", files)) as source:
        report = source.report
        assert report.n_clips == len(source.clips) == 59
        assert report.malformed == (
            '"Actor_01/03-01-09-01-01-01-01.wav" has emotion 09, but RAVDESS knows emotion 01 to 08 only.',
            '"Actor_02/03-01-05-01-02-01-12.wav" names actor 12 but lies in the folder of actor 2.',
            '"Actor_03/03-01-05-01-02-01-03.mp3" is not a .wav file.',
            '"takes/1.wav" is not a RAVDESS name: seven two-digit fields such as 03-01-05-01-02-01-12.wav are needed.',
        )
        assert report.beside == ("Actor_01/01-01-05-01-02-01-01.mp4", "Actor_01/03-02-05-01-02-01-01.wav")
        assert report.duplicates == (
            (good[0][9:-4], good[0], good[0].replace(".wav", " (1).wav")),
            ("03-01-05-01-02-01-01", "Actor_01/03-01-05-01-02-01-01.wav", "Actor_01/03-01-05-01-02-01-01.mp3"),
            (good[0][9:-4], good[0], f"copies/{good[0][9:]}"),
        )
        assert report.missing_actors == tuple(range(2, 25))
        assert report.short_actors == ((1, 59),)
        assert len(report.failures()) == 4 and report.sentences()[:4] == report.failures()
        copies, beside, missing, short = report.notes()
        assert copies.startswith("3 duplicates left out (") and beside.startswith("2 files (")
        assert missing.startswith("No clip of actor 2, 3, 4") and short == "Of 60 clips an actor, actor 1 has 59."


def test_the_same_path_twice_in_a_zip_is_a_duplicate(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        zipped = zip_of(tmp_path / "r.zip", ["Actor_01/03-01-01-01-01-01-01.wav"] * 2)
    with open_source(zipped) as source:
        assert len(source.report.duplicates) == 1
        assert len(source.clips) == 1


def test_a_complete_source_has_nothing_to_tell(tmp_path):
    files = [f"Actor_{actor:02d}/{name}.wav" for actor in range(1, 25) for name in names_of(actor)]
    with open_source(zip_of(tmp_path / "r.zip", dict.fromkeys(files, b""))) as source:
        assert source.report.sentences() == ()
        assert source.report.n_clips == 1440


def no_zip(folder: Path) -> Path:
    (folder / "r.zip").write_bytes(b"this is no zip" * 100)
    return folder / "r.zip"


def cut_zip(folder: Path) -> Path:
    whole = zip_of(folder / "whole.zip", [f"{name}.wav" for name in names_of(1)]).read_bytes()
    (folder / "r.zip").write_bytes(whole[: len(whole) // 2])
    return folder / "r.zip"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (no_zip, "cannot be opened as a zip or folder of RAVDESS clips"),
        (cut_zip, "cannot be opened as a zip or folder of RAVDESS clips"),
        (lambda folder: folder / "missing.zip", "There is no RAVDESS audio at"),
        (lambda folder: folder, "holds 0 files but no RAVDESS speech clip"),
        (lambda folder: zip_of(folder / "r.zip", ["notes.txt"]), "holds 1 files but no RAVDESS speech clip"),
    ],
    ids=["no zip", "cut zip", "missing", "empty folder", "zip of other things"],
)
def test_a_source_that_cannot_be_used(make, reason, tmp_path):
    with pytest.raises(DatasetError, match=reason) as error:
        open_source(make(tmp_path))
    assert "python -m ser download" in str(error.value)


def test_a_clip_damaged_inside_the_zip(tmp_path):
    name = names_of(1)[0]
    zipped = zip_of(tmp_path / "r.zip", [f"{name}.wav", f"{names_of(1)[1]}.wav"])
    data = bytearray(zipped.read_bytes())
    data[2_000] ^= 0xFF
    zipped.write_bytes(data)
    with open_source(zipped) as source:
        with pytest.raises(DatasetError, match=rf"{name}\.wav in .* cannot be read \(Bad CRC"):
            source.read(name)
        assert source.read(names_of(1)[1]) == WAV


def test_an_encrypted_zip(tmp_path):
    name = names_of(1)[0]
    data = bytearray(zip_of(tmp_path / "r.zip", [f"{name}.wav"]).read_bytes())
    for mark, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        start = data.index(mark) + offset
        data[start : start + 2] = struct.pack("<H", 1)
    (tmp_path / "r.zip").write_bytes(data)
    with pytest.raises(DatasetError, match=r"locked with a password"):
        open_source(tmp_path / "r.zip")


def test_a_clip_that_goes_away(tmp_path):
    for name in names_of(1)[:2]:
        (tmp_path / f"{name}.wav").write_bytes(WAV)
    with open_source(tmp_path) as source:
        (tmp_path / f"{names_of(1)[0]}.wav").unlink()
        with pytest.raises(DatasetError, match="is not in"):
            source.read(names_of(1)[0])


def test_a_clip_that_the_source_lacks(tmp_path):
    with open_source(zip_of(tmp_path / "r.zip", [f"{names_of(1)[0]}.wav"])) as source:
        with pytest.raises(DatasetError, match=r"has no clip 03-01-08-01-01-01-24; choose one of its 1 clips"):
            source.read("03-01-08-01-01-01-24")
        with pytest.raises(DatasetError, match="has no clip"):
            source.read("../../etc/passwd")


def test_a_source_that_was_closed(tmp_path):
    with open_source(zip_of(tmp_path / "r.zip", [f"{names_of(1)[0]}.wav"])) as source:
        pass
    with pytest.raises(DatasetError, match="cannot be read"):
        source.read(source.clips[0])


def test_many_threads_read_one_zip(tmp_path):
    files = {f"{name}.wav": os.urandom(200_000) for name in names_of(1)[:20]}
    with open_source(zip_of(tmp_path / "r.zip", files)) as source:
        wrong = []

        def work():
            for _ in range(3):
                for clip in source.clips:
                    if source.read(clip) != files[clip.path]:
                        wrong.append(clip.name)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert wrong == []


def test_nothing_is_extracted(tmp_path):
    zipped = zip_of(tmp_path / "r.zip", [f"{name}.wav" for name in names_of(1)])
    with open_source(zipped) as source:
        source.read(source.clips[0])
    assert list(tmp_path.iterdir()) == [zipped]


# --- where it is ---


def test_the_environment_says_where(monkeypatch, tmp_path):
    monkeypatch.setenv("SER_RAVDESS", str(tmp_path / "mistyped.zip"))
    assert default_source() == tmp_path / "mistyped.zip"  # so that opening it tells of the mistake


def test_without_the_environment_it_is_what_was_downloaded(monkeypatch, tmp_path):
    monkeypatch.delenv("SER_RAVDESS", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_source() is None
    cache_folders()[0].mkdir(parents=True)
    archive = zip_of(cache_folders()[0] / ARCHIVE_NAME, [f"{names_of(1)[0]}.wav"])
    assert default_source() == archive
    monkeypatch.setenv("SER_RAVDESS", "")
    assert default_source() == archive


# --- the real one ---


@pytest.mark.ravdess
def test_the_real_data_set(ravdess):
    assert len(ravdess.clips) == 1440
    assert ravdess.report.sentences() == ()
    assert Counter(clip.emotion for clip in ravdess.clips) == dict.fromkeys(LABELS, 192) | {"neutral": 96}
    assert set(Counter(clip.actor for clip in ravdess.clips).values()) == {60}
    assert Counter(clip.sex for clip in ravdess.clips) == {"male": 720, "female": 720}
    assert {clip.name for clip in ravdess.clips} == {name for actor in range(1, 25) for name in names_of(actor)}


@pytest.mark.ravdess
def test_real_clips_read_the_same_from_a_folder(ravdess, tmp_path):
    chosen = ravdess.clips[::400]
    for clip in chosen:
        target = tmp_path / clip.path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(ravdess.read(clip))
    with open_source(tmp_path) as folder:
        assert folder.clips == chosen
        assert all(folder.read(clip) == ravdess.read(clip) for clip in chosen)
    shutil.rmtree(tmp_path / "Actor_01")
