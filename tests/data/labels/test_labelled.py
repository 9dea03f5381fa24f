"""The reader of labelled clips: which source counts, what folders and tables mean, what is left out and reported."""

import io
import zipfile

import pytest

from ser.audio.decoding.decoder import decode
from ser.audio.formats import SUFFIXES
from ser.data.archives import clip_files, copies
from ser.data.archives.opening import open_upload
from ser.data.labels.labelled import find_labels, no_labels
from ser.errors import DatasetError
from tests.helpers.sounds import file, voice


def packed(files) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as out:
        for name, data in files.items():
            out.writestr(name, data)
    return stream.getvalue()


def of(*names, tables=None, **options):
    """The set of a zip with files of these names, each with content of its own."""
    files = {name: name.encode() for name in names} | (tables or {})
    return find_labels(open_upload([("set.zip", packed(files))]), **options)


def found(labelled):
    return {clip.name: (clip.label, clip.speaker) for clip in labelled.clips}


def said(labelled):
    return " ".join(labelled.reported)


# --- folders ---


@pytest.mark.parametrize(
    ("source", "clips"),
    [
        ("folder", {"happy/anna/1.wav": ("happy", "anna"), "sad/ben/1.wav": ("sad", "ben")}),
        ("folder", {"anna/happy/1.wav": ("happy", "anna"), "ben/sad/1.wav": ("sad", "ben")}),
        ("folder", {"s/0011/Angry/train/1.wav": ("angry", "0011"), "s/0012/Sad/test/2.wav": ("sad", "0012")}),
        ("folder", {"train/angry/1.wav": ("angry", None), "test/sad/1.wav": ("sad", None)}),
        ("folder", {"train/anna/angry/1.wav": ("angry", "anna"), "test/ben/sad/1.wav": ("sad", "ben")}),
        ("folder", {"Session1/ang/1.wav": ("angry", None), "Session2/exc/2.wav": ("happy", None)}),
        ("folder", {"male/happy/1.wav": ("happy", None), "female/sad/1.wav": ("sad", None)}),
        ("folder", {"happy/wav/1.wav": ("happy", None), "sad/wav/1.wav": ("sad", None)}),
        ("folder", {"happy/1.wav": ("happy", None), "tired/2.wav": ("tired", None), "sad/3.wav": ("sad", None)}),
        ("folder", {"tired/1.wav": ("tired", None), "awake/2.wav": ("awake", None)}),
        ("folder", {"my/tired/eva/1.wav": ("tired", "eva"), "my/awake/2.wav": ("awake", None)}),
        ("folder", {"train/tired/1.wav": ("tired", None), "test/awake/2.wav": ("awake", None)}),
        ("folder", {"OAF_angry/OAF_back_angry.wav": ("angry", "OA"), "YAF_ps/YAF_dog_ps.wav": ("surprised", "YA")}),
        ("savee", {"ALL/DC_a01.wav": ("angry", "DC"), "ALL/JK_sa15.wav": ("sad", "JK")}),
        ("emodb", {"wav/03a01Fa.wav": ("happy", "03"), "wav/08a02Wb.flac": ("angry", "08")}),
        ("ravdess", {"Actor_01/03-01-05-01-02-01-01.wav": ("angry", "01")}),
        ("ravdess", {"Actor_01/03-02-05-01-02-01-01.wav": ("angry", "01")}),
        ("cremad", {"AudioWAV/1001_DFA_ANG_XX.wav": ("angry", "1001")}),
    ],
)
def test_labels_and_speakers_from_folders_and_names(source, clips):
    labelled = of(*clips)
    assert labelled.source == source and found(labelled) == clips and not labelled.disagreement


@pytest.mark.parametrize("stray", ["loose.wav", "other/loose.wav"])
@pytest.mark.parametrize("words", [("happy", "sad"), ("tired", "awake")])
def test_a_stray_clip_changes_no_other_label(words, stray):
    names = [f"corpus/{word}/{i}.wav" for word in words for i in range(3)]
    labelled = of(*names, stray)
    assert found(labelled) == {name: (name.split("/")[1], None) for name in names}
    assert labelled.unlabelled == (stray,) and stray in said(labelled)
    # A typed label is for clips that have none.
    typed = of(*names, stray, label="calm", speaker="Eva")
    assert found(typed) == {name: (name.split("/")[1], "Eva") for name in names} | {stray: ("calm", "Eva")}


def test_a_single_folder_is_no_label():
    labelled = of("happy/1.wav", "happy/2.wav")
    assert labelled.clips == () and labelled.source == "" and labelled.suggested == "happy"
    assert "No clip in set.zip has a label" in no_labels(labelled)
    typed = of("happy/1.wav", "happy/2.wav", label="Sad")
    assert typed.source == "typed" and {clip.label for clip in typed.clips} == {"sad"}
    asked = of("happy/1.wav", "happy/2.wav", source="folder")
    assert {clip.label for clip in asked.clips} == {"happy"}


def test_a_typed_label_overrides_nothing_unless_it_is_asked_for():
    names = ["tired/1.wav", "awake/1.wav"]
    assert found(of(*names, label="sad")) == {"tired/1.wav": ("tired", None), "awake/1.wav": ("awake", None)}
    asked = of(*names, label="sad", source="typed")
    assert found(asked) == {"tired/1.wav": ("sad", "tired"), "awake/1.wav": ("sad", "awake")}


def test_sources_that_disagree_are_both_named_and_either_can_be_taken():
    names = ["happy/03-01-05-01-02-01-01.wav", "sad/03-01-04-01-02-01-01.wav"]
    labelled = of(*names)
    assert labelled.source == "folder" and labelled.others == ("ravdess",)
    assert "disagree on 1 of 2 clips" in labelled.disagreement and "RAVDESS" in labelled.disagreement
    other = of(*names, source="ravdess")
    assert [clip.label for clip in other.clips] == ["angry", "sad"] and other.others == ("folder",)
    table = {"l.csv": b"path,label\nhappy/03-01-05-01-02-01-01.wav,calm\nsad/03-01-04-01-02-01-01.wav,sad\n"}
    assert of(*names, tables=table).others == ("folder", "ravdess")


def test_words_are_listed_and_can_mean_something_else():
    names = ["excited/1.wav", "suprised/2.wav", "tired/3.wav"]
    labelled = of(*names)
    assert [(word.word, word.label, word.known) for word in labelled.words] == [
        ("excited", "happy", True), ("suprised", "surprised", True), ("tired", "tired", False),
    ]  # fmt: skip
    assert labelled.recognised_words() == ("Words taken for emotions: excited → happy, suprised → surprised.",)
    changed = of(*names, meanings={"excited": "excited", "tired": "calm"})
    assert changed.labels == ("calm", "excited", "surprised")


# --- copies ---


def test_copies_count_once_and_are_reported_in_one_line():
    names = ["Actor_01/03-01-05-01-02-01-01.wav", "Actor_02/03-01-04-01-02-01-02.wav"]
    copies = [
        *(f"audio_speech_actors_01-24/{name}" for name in names),
        "Actor_01/03-01-05-01-02-01-01 (1).wav",
        "Actor_01/Copy of 03-01-05-01-02-01-01.wav",
        "Actor_01/01-01-05-01-02-01-01.mp4",
        "flac/03-01-05-01-02-01-01.flac",
    ]
    beside = ["Actor_01/03-02-05-01-02-01-01.wav", "Actor_01/02-01-05-01-02-01-01.mp4"]
    labelled = of(*names, *copies, *beside)
    assert [clip.name for clip in labelled.clips] == names
    assert sum("6 duplicates left out" in line for line in labelled.reported) == 1
    assert sum("songs, and videos without sound" in line for line in labelled.reported) == 1 and not labelled.unlabelled


def test_the_published_pair_with_one_content_stays():
    pair = {f"Actor_07/03-01-03-01-02-{take}-07.wav": b"one sound" for take in ("01", "02")}
    assert len(of(tables=pair).clips) == 2


def test_a_set_that_lies_in_itself_once_more_counts_once():
    files = {f"set/{name}": name.encode() for name in ("happy/1.wav", "sad/1.wav")}
    files |= {f"set/set/{name}": name.encode() for name in ("happy/1.wav", "sad/1.wav")}
    assert list(found(of(tables=files))) == ["set/happy/1.wav", "set/sad/1.wav"]
    # Equal content in other folders may be meant: one sentence in two splits.
    splits = {f"{split}/{label}/1.wav": b"same" for split in ("train", "test") for label in ("happy", "sad")}
    assert len(of(tables=splits).clips) == 4


def test_wav_is_preferred_but_not_a_pointer():
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 2\n"
    names = {
        f"Audio{form}/1001_DFA_ANG_XX.{form.lower()}": bytes(range(256)) + form.encode() for form in ("WAV", "MP3")
    }
    assert list(found(of(tables=names | {"VideoFlash/1001_DFA_ANG_XX.flv": b"FLV\1"}))) == [
        "AudioWAV/1001_DFA_ANG_XX.wav"
    ]
    names["AudioWAV/1001_DFA_ANG_XX.wav"] = pointer
    assert list(found(of(tables=names))) == ["AudioMP3/1001_DFA_ANG_XX.mp3"]
    assert list(found(of("happy/1.mp3", "happy/1.wav", "sad/2.mp3"))) == ["happy/1.wav", "sad/2.mp3"]


# --- tables ---

TABLES = {
    "names": "Emotions,Path\nsad,a.wav\nangry,b.wav\n",
    "more names": "Unnamed: 0;FILE_NAME;Emotion;Speaker ID\n0;a.wav;sad;\n1;b.wav;angry;\n",
    "sep": "sep=;\r\nfile;label\r\na.wav;sad\r\nb.wav;angry\r\n",
    "blank first": "\n ; \nfilename\tlabel\na.wav\tsad\nb.wav\tangry\n",
    "quotes": '"path","label"\n"./a.wav","sad"\n"b.wav","angry"\n',
    "old Mac": "path,label\ra.wav,sad\rb.wav,angry\r",
    "absolute": "path,label\nC:\\Users\\me\\clips\\a.wav,sad\n/home/me/b.wav,angry\n",
    "case and ending": "path,label\nA.WAV,sad\nb,angry\n",
    "no names": "a.wav,sad\nb.wav,angry\n",
    "two labels": "file,label,emotion\na.wav,4,sad\nb.wav,5,angry\n",
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("name", TABLES)
def test_tables_as_tools_write_them(name, encoding):
    labelled = of("x/a.wav", "x/b.wav", tables={"x/list.csv": TABLES[name].encode(encoding)})
    assert labelled.source == "csv" and found(labelled) == {"x/a.wav": ("sad", None), "x/b.wav": ("angry", None)}


def test_accents_in_windows_1252_and_in_another_unicode_form():
    table = "path;label;speaker\r\nfür.wav;Überraschung;Jörg\r\n".encode("cp1252")
    assert found(of("fu\u0308r.wav", tables={"l.csv": table})) == {"für.wav": ("surprised", "Jörg")}


def test_the_columns_of_several_tables_are_read_and_other_tables_are_not():
    tables = {
        "train/metadata.csv": b"file_name,label\n1.wav,joy\n",
        "test/metadata.csv": b"file_name,label\n1.wav,sad\n",
        "votes.csv": b"day,weather\n1,sun\n",
    }
    labelled = of("train/1.wav", "test/1.wav", tables=tables)
    assert found(labelled) == {"test/1.wav": ("sad", None), "train/1.wav": ("happy", None)}


def test_speakers_and_sexes_as_tools_write_them():
    table = b"filename,emotion,actor,gender\na.wav,Angry,1.0,M\nb.wav,SAD,2,female\n"
    clips = of("a.wav", "b.wav", tables={"l.csv": table}).clips
    assert [(clip.label, clip.speaker, clip.sex) for clip in clips] == [
        ("angry", "1", "male"), ("sad", "2", "female"),
    ]  # fmt: skip


def test_a_path_that_fits_two_files_says_how_it_differs():
    table = b"path,label\nclips/D.WAV,sad\nb.wav,angry\n"
    labelled = of("clips/D.wav", "clips/d.wav", "b.wav", tables={"l.csv": table})
    assert found(labelled) == {"b.wav": ("angry", None)}
    assert "clips/D.WAV differs from clips/D.wav and clips/d.wav in case alone" in said(labelled)
    assert "clips/D.wav, clips/d.wav) are not named in the CSV" in said(labelled)


def test_a_table_written_on_another_machine_fits_a_doubled_set():
    names = [f"Actor_0{i}/03-01-0{i + 3}-01-02-01-0{i}.wav" for i in (1, 2)]
    table = "Emotions,Path\n" + "".join(
        f"{word},/kaggle/input/ravdess/{prefix}{name}\n"
        for prefix in ("", "speech/")
        for word, name in zip(("sad", "angry"), names, strict=True)
    )
    labelled = of(*names, *(f"speech/{name}" for name in names), tables={"l.csv": table.encode()})
    assert found(labelled) == {names[0]: ("sad", "01"), names[1]: ("angry", "02")}
    assert "2 duplicates left out" in said(labelled)


def test_paths_below_a_folder_round_the_set_are_found():
    table = b"path,label\nhappy/1.wav,happy\nsad/1.wav,sad\n"
    labelled = of("my set/happy/1.wav", "my set/sad/1.wav", tables={"l.csv": table})
    assert found(labelled) == {"my set/happy/1.wav": ("happy", None), "my set/sad/1.wav": ("sad", None)}


def test_a_clip_of_the_same_name_in_another_folder_is_another_clip():
    table = b"path,label\ntrain/1.wav,happy\ntest/1.wav,sad\ntest/2.wav,happy\n"
    labelled = of("test/1.wav", "test/2.wav", tables={"l.csv": table})
    assert found(labelled) == {"test/1.wav": ("sad", None), "test/2.wav": ("happy", None)}
    assert "train/1.wav differs from test/1.wav in the folder alone" in said(labelled)


def test_start_and_end_cut_segments_out():
    sound = voice(3.0, 16_000)
    table = "file,start,end,emotion\na.wav,0.5,1.5,sad\na.wav,00:02,,happy\na.wav,2,1,sad\n\na.wav,1.5,x,sad\n"
    labelled = of(tables={"l.csv": table.encode(), "a.wav": file(sound, 16_000, subtype="FLOAT")})
    assert [(clip.name, clip.label) for clip in labelled.clips] == [
        ("a.wav [0.5 s to 1.5 s]", "sad"), ("a.wav [2 s to the end]", "happy"),
    ]  # fmt: skip
    first, second = (decode(clip.read()) for clip in labelled.clips)
    assert first.rate == 16_000 and (first.samples == sound[8_000:24_000]).all() and second.seconds == 1.0
    assert "list" not in said(labelled) and "2 lines (4, 6) whose start and end are no times" in said(labelled)


# --- what cannot be used ---


def test_endings_are_those_of_the_one_table_of_formats():
    assert copies.LOSSLESS | copies.VIDEO <= SUFFIXES and not clip_files.COMPANIONS & SUFFIXES


def test_companions_are_reported_once():
    labelled = of("sad/1.wav", "happy/2.wav", "README.md", "sad/1.TextGrid", "sad/.cache/x.wav", "__MACOSX/sad/._1.wav")
    assert len(labelled.clips) == 2
    assert labelled.reported == (
        "4 files (README.md, sad/1.TextGrid, sad/.cache/x.wav, __MACOSX/sad/._1.wav) are no recordings and passed "
        "over, 2 of them hidden.",
    )


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"source": "csv"}, "holds no CSV"),
        ({"source": "tess"}, "no clip of TESS"),
        ({"source": "folder"}, "no class folder"),
        ({"source": "weather"}, "no source of labels 'weather'"),
        ({"most": 1}, "at most 1 can be used"),
    ],
)
def test_a_source_that_has_nothing_is_a_sentence(options, sentence):
    with pytest.raises(DatasetError, match=sentence):
        of("a.wav", "b.wav", **options)
