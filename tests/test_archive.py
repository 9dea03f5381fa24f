"""Zips in memory: what is taken, what is left, and what a zip meant to do harm comes to."""

import io
import struct
import zipfile

import pytest

from ser import archive
from ser.archive import is_zip, unpack
from ser.errors import AudioError


def packed(*files, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as out:
        for name, data in files:
            out.writestr(name, data)
    return buffer.getvalue()


def test_nested_folders_are_read_and_junk_is_left_out():
    data = packed(
        ("a.wav", b"1"),
        ("deep/er/b.wav", b"2"),
        ("deep/", b""),
        ("__MACOSX/._a.wav", b"x"),
        ("deep/.DS_Store", b"x"),
        ("Thumbs.db", b"x"),
    )
    assert [(member.name, member.data) for member in unpack(data, "z.zip")] == [
        ("a.wav", b"1"),
        ("deep/er/b.wav", b"2"),
    ]


def test_a_path_that_leaves_the_folder_is_only_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    members = unpack(packed(("../../escaped.wav", b"1"), ("/root.wav", b"2")), "z.zip")
    assert [member.data for member in members] == [b"1", b"2"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (packed(), "has no files in it"),
        (packed(("folder/", b"")), "has no files in it"),
        (packed(("a.wav", b"x" * 999))[:60], "damaged zip"),
        (b"PK\x03\x04 and then a diary", "damaged zip"),
        (packed(*((f"{i}.wav", b"x") for i in range(archive.MAX_FILES + 1))), "at most 300 can be used"),
    ],  # A zip tells the time, and a test's name must be the same in every worker.
    ids=["empty", "folder", "torn", "diary", "too many"],
)
def test_what_cannot_be_used_is_a_sentence(data, said):
    with pytest.raises(AudioError, match=said):
        unpack(data, "takes.zip")


def test_a_zip_that_announces_too_much_is_not_read(monkeypatch):
    data = packed(("zeros.wav", bytes(10_000)))
    monkeypatch.setattr(archive, "MAX_BYTES", 1000)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(AudioError, match="unpacks to more than"):
        unpack(data, "bomb.zip")


def test_a_zip_that_lies_about_its_size_is_read_no_further_than_the_limit(monkeypatch):
    monkeypatch.setattr(archive, "MAX_BYTES", 1000)
    data = bytearray(packed(("zeros.wav", bytes(10_000_000))))
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 10)  # uncompressed size, as the directory has it
    with pytest.raises(AudioError):
        unpack(bytes(data), "bomb.zip")


def test_a_locked_zip_is_a_sentence():
    data = bytearray(packed(("a.wav", b"secret")))
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + place] |= 1  # the bit that says "encrypted"
    with pytest.raises(AudioError, match="locked with a password"):
        unpack(bytes(data), "locked.zip")


def test_bytes_tell_a_zip_not_its_name():
    assert is_zip(packed(("a.wav", b"1")))
    assert is_zip(packed())
    assert not is_zip(b"RIFF....WAVE")
    assert not is_zip(b"")
