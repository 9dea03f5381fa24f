"""Zips in memory: what is taken, what is left, and what a zip meant to do harm comes to."""

import ast
import io
import struct
import warnings
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ser.data.archives.clip_files import companions, sounds, unpack
from ser.data.archives.opening import open_archive, open_upload
from ser.data.archives.zips import is_zip
from ser.errors import DatasetError
from ser.limits import OPERATOR, VISITOR


def packed(*files, compression=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as out:
        for name, data in files:
            out.writestr(name, data)
    return buffer.getvalue()


def content(data, name="z.zip", **options):
    with open_upload([(name, data)], **options) as archive:
        return {name: archive.read(name) for name in archive.names}


def test_folders_are_read_and_junk_is_left_out():
    data = packed(
        ("a.wav", b"1"),
        ("deep/er/b.wav", b"2"),
        ("deep/", b""),
        ("__MACOSX/._a.wav", b"x"),
        ("deep/.DS_Store", b"x"),
        ("Thumbs.db", b"x"),
        (".git/objects/b.wav", b"x"),
        ("deep/.ipynb_checkpoints/b.wav", b"x"),
    )
    assert content(data) == {"a.wav": b"1", "deep/er/b.wav": b"2"}
    with open_upload([("z.zip", data)]) as archive:
        assert len(archive.hidden) == 5 and len(companions(archive, [])) == 1


def test_companions_do_not_count_as_clips():
    notes = [(f"sad/{i}.{ending}", b"x") for i in range(200) for ending in ("TextGrid", "jpg", "txt")]
    data = packed(("sad/1.wav", b"1"), ("sad/2", b"fLaC\0\0\0\x22 without an ending"), *notes)
    unpacked = unpack([("z.zip", data)], most=2)
    assert [name for name, _ in unpacked.clips] == ["sad/1.wav", "sad/2"] and len(unpacked.reported) == 1
    with open_upload([("z.zip", data)]) as archive:
        recordings, others = sounds(archive)
        (sentence,) = companions(archive, others)
    assert len(recordings) == 2 and sentence.startswith("600 files (")


def raw(*names: bytes, system: int = 0) -> bytes:
    """A zip whose names are these bytes, without the flag that says UTF-8."""
    spare = [f"{i:03d}".encode().ljust(len(name), b"_") for i, name in enumerate(names)]
    data = packed(*((each.decode(), bytes([i])) for i, each in enumerate(spare)))
    for each, name in zip(spare, names, strict=True):
        data = data.replace(each, name)
    return data


@pytest.mark.parametrize("encoding", ["utf-8", "cp1252", "cp437", "cp850"])
@pytest.mark.parametrize("name", ["Ärger/für.wav", "colère/été.wav", "Überraschung/größer.wav", "alegría/niño.wav"])
def test_names_are_read_as_they_are_meant(name, encoding):
    assert list(content(raw(name.encode(encoding)))) == [name]


def test_names_in_other_scripts_backslashes_drives_and_unicode_forms():
    assert list(content(raw("愤怒/一.wav".encode("gb18030")))) == ["愤怒/一.wav"]
    assert list(content(raw("радость/один.wav".encode("cp866")))) == ["радость/один.wav"]
    assert list(content(raw(b"C:\\my\\sad\\1.wav", b"my\\angry\\"))) == ["my/sad/1.wav"]
    assert list(content(packed(("A\u0308rger/u\u0308.wav", b"1")))) == ["Ärger/ü.wav"]
    assert list(content(packed(("a\x07b\n.wav", b"1")))) == ["a\ufffdb\ufffd.wav"]


def test_a_path_that_leaves_the_folder_is_only_a_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert content(packed(("../../escaped.wav", b"1"), ("/root.wav", b"2"))) == {"escaped.wav": b"1", "root.wav": b"2"}
    assert list(tmp_path.iterdir()) == []


def test_two_files_of_one_name_are_kept_apart_unless_they_are_the_same():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        data = packed(("a.wav", b"1"), ("a.wav", b"1"), ("a.wav", b"2"))
    assert content(data) == {"a.wav": b"1", "a (2).wav": b"2"}
    assert len(open_upload([("z.zip", data)]).repeated) == 1
    assert open_upload([("a.wav", b"1"), ("a.wav", b"2")]).names == ("a.wav", "a (2).wav")


def test_a_zip_in_a_zip_is_a_folder_and_one_level_deeper_is_reported(tmp_path):
    inner = packed(("1.wav", b"1"), ("deeper.zip", packed(("2.wav", b"2"))))
    data = packed(("set/sad.zip", inner), ("torn.zip", inner[:50]), ("b.wav", b"3"))
    assert content(data) == {"set/sad/1.wav": b"1", "b.wav": b"3"}
    deep, torn = open_upload([("z.zip", data)]).reported
    assert "set/sad/deeper.zip" in deep and "Unpack it first" in deep and "torn.zip is a damaged zip" in torn
    (tmp_path / "sad.zip").write_bytes(inner)
    assert open_archive(tmp_path).names == ("sad/1.wav", "sad/deeper/2.wav")


def test_several_uploads_are_folders_of_their_names():
    files = [("anna.zip", packed(("1.wav", b"1"))), ("ben.zip", packed(("1.wav", b"2"))), ("c.wav", b"3")]
    with open_upload(files) as archive:
        assert archive.names == ("anna/1.wav", "ben/1.wav", "c.wav") and archive.name == "3 files"


def method(data: bytes, number: int) -> bytes:
    """The same zip, said to be packed in another way."""
    data = bytearray(data)
    for mark, offset in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        at = -1
        while (at := data.find(mark, at + 1)) >= 0:
            data[at + offset : at + offset + 2] = struct.pack("<H", number)
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (packed(), "has no files in it"),
        (packed(("folder/", b"")), "has no files in it"),
        (packed(("README.txt", b"x")), "has no audio files in it"),
        (packed(("a.wav", b"x" * 999))[:60], "damaged zip"),
        (b"PK\x03\x04 and then a diary", "damaged zip"),
        (packed(*((f"{i}.wav", b"x") for i in range(301))), "at most 300 can be used"),
        (method(packed(("a.wav", b"x")), 9), "Deflate64"),
        (method(packed(("a.wav", b"x")), 98), "PPMd"),
        (b"Rar!\x1a\x07\x01\x00", "is a RAR archive"),
        (b"7z\xbc\xaf\x27\x1c\0\4", "is a 7z archive"),
        (b"<!DOCTYPE html><html>", "is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS pointer"),
        (b"", "is empty"),
    ],  # A zip tells the time, and a test's name must be the same in every worker.
    ids=["empty", "folder", "readme", "torn", "diary", "many", "deflate64", "ppmd", "rar", "7z", "web", "lfs", "bytes"],
)
def test_what_cannot_be_used_is_a_sentence(data, sentence):
    with pytest.raises(DatasetError, match=sentence) as raised:
        unpack([("takes.zip", data)], most=VISITOR.answered_clips)
    assert str(raised.value).startswith("takes.zip ") and "\n" not in str(raised.value)


def test_one_file_that_cannot_be_unpacked_leaves_the_others():
    data = bytearray(packed(("a.wav", b"1"), ("b.wav", b"2")))
    at = data.rfind(b"PK\x01\x02")
    data[at + 10 : at + 12] = struct.pack("<H", 9)
    with open_upload([("z.zip", bytes(data))]) as archive:
        assert archive.read("a.wav") == b"1"
        with pytest.raises(DatasetError, match=r"b\.wav in z\.zip cannot be read .*Deflate64"):
            archive.read("b.wav")


def test_a_zip_that_announces_too_much_is_not_read(monkeypatch):
    data = packed(("zeros.wav", bytes(10_000)))
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_, **__: pytest.fail("it was read"))
    with pytest.raises(DatasetError, match="unpacks to more than"):
        content(data, limits=replace(VISITOR, unpacked_bytes=1000))
    with pytest.raises(DatasetError, match="more than can be held"):
        unpack([("z.zip", data)], most=9, limits=replace(VISITOR, held_bytes=1000))


def test_a_zip_that_lies_about_its_size_is_read_no_further_than_that():
    data = bytearray(packed(("zeros.wav", bytes(10_000_000))))
    entry = data.rfind(b"PK\x01\x02")
    data[entry + 24 : entry + 28] = struct.pack("<I", 10)  # uncompressed size, as the directory has it
    with pytest.raises(DatasetError, match="cannot be read"):
        content(bytes(data), limits=replace(VISITOR, unpacked_bytes=1000))


@pytest.mark.parametrize("inner", [False, True])
def test_limits_on_entries_hold_for_companions_too(inner):
    data = packed(*((f"{i}.txt", b"") for i in range(20)))
    data = packed(("inner.zip", data)) if inner else data
    with pytest.raises(DatasetError, match="holds more than 10 files"):
        content(data, limits=replace(OPERATOR, entries=10))


def test_a_locked_zip_is_a_sentence():
    data = bytearray(packed(("a.wav", b"secret")))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.find(mark) + offset] |= 1  # the bit that says "encrypted"
    with pytest.raises(DatasetError, match="locked with a password"):
        content(bytes(data), "locked.zip")


def test_bytes_tell_a_zip_not_its_name():
    assert is_zip(packed(("a.wav", b"1")))
    assert is_zip(packed())
    assert not is_zip(packed(("[Content_Types].xml", b"")), "labels.xlsx")
    assert not is_zip(b"RIFF....WAVE")
    assert not is_zip(b"")


def test_no_other_module_opens_zips():
    """Zips are opened in `ser.data.archives.builder` alone; the others that name `ZipFile` write one."""
    writers = {"ser/model/onnx_export.py", "ser/training/own_clips.py"}
    root = Path(__file__).parents[3]
    for path in [*root.glob("ser/**/*.py"), *root.glob("pages/**/*.py"), root / "app.py"]:
        name = path.relative_to(root).as_posix()
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            if getattr(called, "attr", getattr(called, "id", "")) not in ("ZipFile", "unpack_archive"):
                continue
            mode = node.args[1].value if len(node.args) > 1 and isinstance(node.args[1], ast.Constant) else "r"
            assert name == "ser/data/archives/builder.py" or (name in writers and mode == "w"), f"{name} opens a zip"
