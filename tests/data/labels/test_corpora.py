"""Labelled clips of other sets: what names mean, what does not fit, what a zip may do."""

import io
import os
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from ser.data.data_sets import DATA_SETS
from ser.data.labels.emotion_words import WORDS, meaning
from ser.data.labels.labelled import LABEL_SOURCES, open_corpus
from ser.data.labels.sources import SOURCES
from ser.emotions import LABELS
from ser.errors import DatasetError
from ser.limits import OPERATOR

# path → (label, speaker), or None where it does not fit
NAMES = {
    "emodb": {
        "wav/03a01Fa.wav": ("happy", "03"),
        "emodb/16b10Wb.flac": ("angry", "16"),
        "03a04Lc.wav": ("bored", "03"),
        "08a02Ea.wav": ("disgust", "08"),
        "09a05Ab.wav": ("fearful", "09"),
        "10b01Td.wav": ("sad", "10"),
        "11a07Na.wav": ("neutral", "11"),
        "03a01Xa.wav": None,
        "03a01F.wav": None,
        "copy of 03a01Fb.wav": ("happy", "03"),
        "notes of 03a01Fb.wav": None,
    },
    "savee": {
        "AudioData/DC/a01.wav": ("angry", "DC"),
        "AudioData/JK/sa15.wav": ("sad", "JK"),
        "AudioData/KL/su03.wav": ("surprised", "KL"),
        "ALL/JE_d02.wav": ("disgust", "JE"),
        "JE_f02.wav": ("fearful", "JE"),
        "JE_h02.wav": ("happy", "JE"),
        "JE_n30.wav": ("neutral", "JE"),
        "XX_a01.wav": None,
        "AudioData/DC/x01.wav": None,
    },
    "tess": {
        "OAF_angry/OAF_back_angry.wav": ("angry", "OA"),
        "YAF_pleasant_surprised/YAF_dog_ps.wav": ("surprised", "YA"),
        "OAF_neutral/OA_bite_neutral.wav": ("neutral", "OA"),
        "YAF_door_disgust.wav": ("disgust", "YA"),
        "YAF_door_fear.wav": ("fearful", "YA"),
        "YAF_door_happy.wav": ("happy", "YA"),
        "YAF_door_sad.wav": ("sad", "YA"),
        "YAF_door_bored.wav": None,
    },
    "cremad": {
        "AudioWAV/1001_DFA_ANG_XX.wav": ("angry", "1001"),
        "1091_IEO_DIS_HI.wav": ("disgust", "1091"),
        "1040_ITH_SAD_X.wav": ("sad", "1040"),
        "1002_IEO_FEA_LO.wav": ("fearful", "1002"),
        "1002_IEO_HAP_MD.wav": ("happy", "1002"),
        "1002_IEO_NEU_XX.wav": ("neutral", "1002"),
        "1002_IEO_SUR_XX.wav": None,
        "2002_IEO_NEU_XX.wav": None,
    },
    "nemo": {
        "samples/WR0_surprised_64.wav": ("surprised", "WR0"),
        "EB0_anger_8.wav": ("angry", "EB0"),
        "nEMO/samples/ic0_fear_90.flac": ("fearful", "IC0"),
        "MK0_happiness_1.wav": ("happy", "MK0"),
        "MP0_neutral_17.wav": ("neutral", "MP0"),
        "TP0_sadness_3 (1).wav": ("sad", "TP0"),
        "TP0_disgust_3.wav": None,
        "TP0_sadness.wav": None,
    },
}


def packed(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            out.writestr(name, data)
    return stream.getvalue()


def laid_out(root: Path, files: dict[str, bytes]) -> Path:
    for name, data in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(data)
    return root


def found(corpus) -> dict[str, tuple[str, str | None]]:
    return {clip.name: (clip.label, clip.speaker) for clip in corpus.clips}


def test_every_word_and_code_means_an_emotion_of_ours_or_boredom():
    assert set(WORDS.values()) == {*LABELS, "bored"}
    for each in DATA_SETS.values():
        assert set(each.emotions) <= {*LABELS, "bored"}


@pytest.mark.parametrize("source", NAMES)
@pytest.mark.parametrize("zipped", [True, False])
def test_names_are_read_and_odd_ones_reported(source, zipped, tmp_path):
    files = {name: name.encode() for name in NAMES[source]}
    with open_corpus(packed(files) if zipped else laid_out(tmp_path, files), source) as corpus:
        assert found(corpus) == {name: meaning for name, meaning in NAMES[source].items() if meaning}
        assert all(clip.read() == clip.name.encode() for clip in corpus.clips)
        odd, count = corpus.reported
        for name in (name for name, meaning in NAMES[source].items() if not meaning):
            assert name in odd
        assert f"of the {DATA_SETS[source].n_clips:,} clips of {SOURCES[source]}" in count


def test_twice_the_same_clip_counts_once():
    files = {"a/OAF_back_angry.wav": b"1", "b/OAF_back_angry.wav": b"2", "YAF_back_angry.wav": b"3"}
    corpus = open_corpus(packed(files), "tess")
    assert [clip.name for clip in corpus.clips] == ["YAF_back_angry.wav", "a/OAF_back_angry.wav"]
    assert any("b/OAF_back_angry.wav" in line and "elsewhere" in line for line in corpus.reported)


def test_companion_files_are_reported_once():
    files = {"03a01Fa.wav": b"1", "erkennung.txt": b"x", "__MACOSX/._03a01Fa.wav": b"x", ".DS_Store": b"x"}
    corpus = open_corpus(packed(files), "emodb")
    passed_over, count = corpus.reported
    assert passed_over.startswith("3 files (erkennung.txt, ") and passed_over.endswith("passed over, 2 of them hidden.")
    assert count.startswith("1 of the 535") and len(corpus.clips) == 1


@pytest.mark.parametrize(
    ("names", "meaning"),
    [
        (["happy/1.wav", "Anger/2.mp3"], {"happy/1.wav": ("happy", None), "Anger/2.mp3": ("angry", None)}),
        (["set/joy/1.wav", "set/sad/2.wav"], {"set/joy/1.wav": ("happy", None), "set/sad/2.wav": ("sad", None)}),
        (["joy/eva/1.wav", "sad/tom/x/2.ogg"], {"joy/eva/1.wav": ("happy", "eva"), "sad/tom/x/2.ogg": ("sad", "tom")}),
        (["sad/eva/1.wav", "sad/eva/2.wav"], {"sad/eva/1.wav": ("sad", "eva"), "sad/eva/2.wav": ("sad", "eva")}),
        (["Heimweh/1.wav", "Fernweh/2.wav"], {"Heimweh/1.wav": ("heimweh", None), "Fernweh/2.wav": ("fernweh", None)}),
    ],
)  # fmt: skip
def test_class_folders_become_labels(names, meaning, tmp_path):
    files = dict.fromkeys(names, b"sound")
    assert found(open_corpus(packed(files), "folder")) == meaning
    assert found(open_corpus(laid_out(tmp_path, files), "folder")) == meaning


def test_a_clip_outside_every_class_folder_is_reported():
    corpus = open_corpus(packed({"happy/1.wav": b"1", "loose.wav": b"2"}), "folder")
    assert found(corpus) == {"happy/1.wav": ("happy", None)}
    assert corpus.reported == ("1 file (loose.wav) is in no class folder and left out.",)


@pytest.mark.parametrize("word", ["Pleasant Surprise", "pleasant_surprised", " SURPRISE ", "ps"])
def test_spellings_of_a_word(word):
    assert meaning(word).label == "surprised"


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("form", ["zip", "file", "folder"])
def test_a_csv_names_clips_beside_it(delimiter, form, tmp_path):
    lines = [
        ["Path", "label", "speaker"], ["clips/1.wav", "joy", "eva"], ["clips\\2.wav", "homesick", ""],
        ["clips/gone.wav", "sad", "eva"], ["clips/1.wav", "sad", "eva"], ["", "sad", ""],
    ]  # fmt: skip
    table = "\ufeff" + "\r\n".join(delimiter.join(line) for line in lines)
    files = {"set/list.csv": table.encode(), "set/clips/1.wav": b"one", "set/clips/2.wav": b"two"}
    root = laid_out(tmp_path, files)
    source = {"zip": packed(files), "file": root / "set" / "list.csv", "folder": root}[form]
    corpus = open_corpus(source, "csv")
    assert sorted(found(corpus).values()) == [("happy", "eva"), ("homesick", None)]
    assert [clip.read() for clip in corpus.clips] == [b"one", b"two"]
    incomplete, missing, again = corpus.reported
    assert "1 line (6)" in incomplete
    assert "clips/gone.wav" in missing
    assert "clips/1.wav" in again


def test_a_csv_in_a_folder_with_very_much_else_finds_its_clips(tmp_path):
    files = {f"other/{i}.txt": b"" for i in range(9)} | {"a.wav": b"1", "b.wav": b"2"}
    root = laid_out(tmp_path, files | {"list.csv": b"path,label\na.wav,sad\nother/../b.wav,happy\ngone.wav,sad\n"})
    corpus = open_corpus(root / "list.csv", limits=replace(OPERATOR, entries=5))
    assert [(clip.label, clip.read()) for clip in corpus.clips] == [("sad", b"1"), ("happy", b"2")]
    with pytest.raises(DatasetError, match="more than 5 files"):
        open_corpus(root, limits=replace(OPERATOR, entries=5))


@pytest.mark.parametrize(
    ("table", "says"),
    [
        (b"day,weather\n1.wav,sad\n", "a first line path,label"),
        (b"", "a first line path,label"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"path,label\n../../etc/passwd,sad\n", "not one of them is there"),
        (b"path,label\n/etc/passwd,sad\n", "not one of them is there"),
    ],
)
def test_a_csv_that_cannot_be_used_is_one_sentence(table, says):
    with pytest.raises(DatasetError, match=says) as raised:
        open_corpus(packed({"list.csv": table}), "csv")
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("labels_from", LABEL_SOURCES)
@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("/nonexistent", "Check the path"),
        (b"no zip at all", "neither a folder nor a zip"),
        (packed({"readme.txt": b"x"}), "."),
        (packed({}), "."),
    ],
)
def test_nothing_to_use_is_one_sentence(labels_from, source, says):
    with pytest.raises(DatasetError, match=says) as raised:
        open_corpus(source, labels_from)
    assert "\n" not in str(raised.value)


def test_an_unknown_kind_is_refused():
    with pytest.raises(DatasetError, match="choose one of auto, emodb"):
        open_corpus(b"", "ravdess")


def test_zips_that_swell_are_bounded():
    small_limits = replace(OPERATOR, clip_bytes=1000)
    files = {"happy/big.wav": bytes(100_000), "sad/small.wav": bytes(1000)}
    big, small = open_corpus(packed(files), "folder", limits=small_limits).clips
    assert len(small.read()) == 1000
    with pytest.raises(DatasetError, match=r"happy/big\.wav .*larger than"):
        big.read()
    with pytest.raises(DatasetError, match="unpacks to more than"):
        open_corpus(packed(files), "folder", limits=replace(OPERATOR, unpacked_bytes=50_000))
    many = packed({f"happy/{i}.wav": b"" for i in range(4)})
    with pytest.raises(DatasetError, match="more than 3 files"):
        open_corpus(many, "folder", limits=replace(OPERATOR, entries=3))
    with pytest.raises(DatasetError, match="at most 3 can be used"):
        open_corpus(many, "folder", limits=replace(OPERATOR, scored_clips=3))


def test_a_locked_a_damaged_and_a_closed_zip_are_sentences():
    whole = packed({"happy/1.wav": os.urandom(1000)})  # one folder: asked for as a class, it is one
    entry = whole.rfind(b"PK\x01\x02")
    locked = whole[: entry + 8] + b"\x01" + whole[entry + 9 :]
    with pytest.raises(DatasetError, match="password"):
        open_corpus(locked, "folder")
    damaged = bytearray(whole)
    damaged[200:300] = bytes(100)
    with pytest.raises(DatasetError, match="cannot be read"):
        open_corpus(bytes(damaged), "folder").clips[0].read()
    with open_corpus(whole, "folder") as corpus:
        assert len(corpus.clips[0].read()) == 1000
    with pytest.raises(DatasetError, match="cannot be read"):
        corpus.clips[0].read()


def test_a_clip_that_goes_away_meanwhile_is_a_sentence(tmp_path):
    corpus = open_corpus(laid_out(tmp_path, {"happy/1.wav": b"1"}), "folder")
    (tmp_path / "happy" / "1.wav").unlink()
    with pytest.raises(DatasetError, match="is not in"):
        corpus.clips[0].read()


def test_emodb_as_published(emodb):
    with open_corpus(emodb, "emodb") as corpus:
        assert len(corpus.clips) == 535 and corpus.reported == ()
        count = {label: sum(clip.label == label for clip in corpus.clips) for label in corpus.labels}
        # Burkhardt et al. (2005), and the data set's page
        assert count == {
            "angry": 127, "bored": 81, "disgust": 46, "fearful": 69, "happy": 71, "neutral": 79, "sad": 62,
        }  # fmt: skip
        assert {clip.speaker for clip in corpus.clips} == {"03", *(f"{n:02d}" for n in range(8, 17))}
        assert corpus.clips[0].read()[:4] == b"fLaC"


TABLE = "file_id\temotion\traw_text\tspeaker_id\nWR0_fear_3.wav\tfear\tIt says so.\tWR0\n"


def test_nemo_as_published_is_read_by_its_names(nemo):
    with open_corpus(nemo, "nemo") as corpus:
        assert corpus.source == "nemo" and len(corpus.clips) == 53 and corpus.others == ("csv",)
        assert corpus.disagreement == ""
        assert {clip.sex for clip in corpus.clips} == {"female", "male"}
        assert corpus.clips[0].statement == "Moja ciocia jest bardzo pomocna."
        _, count = corpus.reported
        assert count == "53 of the 4,481 clips of nEMO are here."


@pytest.mark.parametrize(
    ("table", "statement"),
    [
        (TABLE, "It says so."),
        (TABLE.replace("raw_text", "note"), "3"),
        (TABLE.replace("file_id", "path"), "3"),
        (TABLE.replace("WR0_fear_3.wav", "WR0_fear_4.wav"), "3"),
        ("", "3"),
        (TABLE * 1000, "3"),  # larger than a table may be
    ],
)
def test_the_published_table_has_the_sentences(table, statement):
    files = {"set/samples/WR0_fear_3.wav": b"1", "set/data.tsv": table.encode()}
    with open_corpus(packed(files), "nemo", limits=replace(OPERATOR, table_bytes=1000)) as corpus:
        (clip,) = corpus.clips
        assert (clip.label, clip.speaker, clip.statement) == ("fearful", "WR0", statement)
