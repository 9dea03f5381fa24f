"""Clips of a published data set as rows of a feature table, and the rule that chooses some of them."""

import collections
from zlib import crc32

import pytest

from ser.data.corpus import chosen_clips, open_corpus_source
from ser.data.data_sets import NEMO
from ser.data.extraction import augmentation_seed
from ser.data.table_file import load_table, shipped_path
from ser.errors import DatasetError
from tests.helpers.sounds import file, voice


def laid_out(folder, names):
    (folder / "samples").mkdir()
    for name in names:
        (folder / "samples" / f"{name}.wav").write_bytes(name.encode())
    return folder


def test_published_clips_become_rows(nemo):
    with open_corpus_source(nemo, "nemo") as source:
        assert len(source.clips) == 53
        clip = source.clips[0]
        assert (clip.name, clip.emotion, clip.actor, clip.sex) == ("EB0_anger_8", "angry", 201, "female")
        assert clip.statement == "Moja ciocia jest bardzo pomocna."
        assert source.read(clip)[:4] == b"RIFF"
        assert any("53 of the 4,481 clips of nEMO" in sentence for sentence in source.report.sentences())
        assert source.report.failures() == ()


def test_without_the_table_of_clips_a_statement_is_its_number(tmp_path):
    with open_corpus_source(laid_out(tmp_path, ["WR0_fear_64"]), "nemo") as source:
        assert source.clips[0].statement == "64"


def test_speakers_and_emotions_get_the_same_sentences_where_they_exist(tmp_path):
    names = [f"{who}_{emotion}_{n}" for who in ("WR0", "EB0") for emotion in ("fear", "anger") for n in range(1, 31)]
    names.remove("WR0_fear_7")
    with open_corpus_source(laid_out(tmp_path, names), "nemo") as source:
        every = source.clips
    sentences = collections.defaultdict(set)
    for clip in chosen_clips(every, 10):
        sentences[clip.speaker, clip.emotion].add(clip.statement)
    assert [len(each) for each in sentences.values()] == [10] * 4
    assert sentences["EB0", "fearful"] == sentences["EB0", "angry"] == sentences["WR0", "angry"]
    # The order is drawn once, and more clips contain the fewer.
    assert chosen_clips(every, 3) == [clip for clip in chosen_clips(every, 10) if clip in chosen_clips(every, 3)]
    assert chosen_clips(reversed(every), 10) != [] and set(chosen_clips(reversed(every), 10)) == set(
        chosen_clips(every, 10)
    )
    assert len(chosen_clips(every, 99)) == len(names)


def test_the_shipped_part_is_ten_clips_of_each_speaker_and_emotion():
    table = load_table(shipped_path("nemo"), only="notebook")
    groups = table.clips.groupby(["speaker", "emotion"]).size()
    # One speaker has no published clips of surprise.
    assert len(table) == 530 and set(groups) == {10} and len(groups) == 53
    assert set(table.clips["speaker"]) == set(NEMO.speakers) and set(table.labels) == set(NEMO.emotions)
    assert [NEMO.actor(speaker) for speaker in table.clips["speaker"]] == table.actors.tolist()
    assert set(table.corpora) == {"nemo"}


def test_what_is_no_such_clip_is_one_sentence(tmp_path):
    with pytest.raises(DatasetError, match="no clip of nEMO"):
        open_corpus_source(laid_out(tmp_path, ["notes"]), "nemo")
    with pytest.raises(DatasetError, match="no folder or zip"):
        open_corpus_source(tmp_path / "gone", "nemo")


def test_a_speaker_that_was_not_published_is_left_out(tmp_path):
    with pytest.raises(DatasetError, match="no clip of a speaker of nEMO"):
        open_corpus_source(laid_out(tmp_path, ["XY7_fear_1"]), "nemo")


def test_equal_names_in_folders_of_speakers_are_told_apart(tmp_path):
    for speaker in ("DC", "JE"):
        (tmp_path / speaker).mkdir()
        (tmp_path / speaker / "a01.wav").write_bytes(speaker.encode())
    with open_corpus_source(tmp_path, "savee") as source:
        assert [clip.name for clip in source.clips] == ["DC_a01", "JE_a01"]


def test_a_clip_is_augmented_alike_in_every_extraction(tmp_path):
    with open_corpus_source(laid_out(tmp_path, ["WR0_fear_64", "WR0_fear_65", "EB0_fear_64"]), "nemo") as source:
        seeds = {clip.name: augmentation_seed(clip) for clip in source.clips}
    assert seeds["WR0_fear_64"] == (crc32(b"WR0_fear_64"), 209)  # the shipped table was made with these
    assert len(set(seeds.values())) == 3 and {seed[-1] for seed in seeds.values()} == {201, 209}


def test_clips_of_ones_own_become_rows_too(tmp_path):
    for name in ("joy/eva/1", "joy/tom/1", "sad/eva/1", "sad/tom/1"):
        (tmp_path / f"{name}.wav").parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"{name}.wav").write_bytes(name.encode())
    with open_corpus_source(tmp_path, "folder") as source:
        assert [(clip.emotion, clip.speaker, clip.actor, clip.corpus) for clip in source.clips] == [
            ("happy", "eva", 101, "own"),
            ("happy", "tom", 102, "own"),
            ("sad", "eva", 101, "own"),
            ("sad", "tom", 102, "own"),
        ]
        assert source.read(source.clips[1]) == b"joy/tom/1"
        assert len({augmentation_seed(clip) for clip in source.clips}) == 4


def test_a_csv_of_ones_own_cuts_out_its_segments(tmp_path):
    (tmp_path / "talk.wav").write_bytes(file(voice(4.0, 16_000), 16_000))
    table = "path,emotion,start,end\ntalk.wav,sad,0,1.5\ntalk.wav,happy,1.5,4\n"
    (tmp_path / "list.csv").write_text(table)
    with open_corpus_source(tmp_path / "list.csv", "csv") as source:
        assert [clip.emotion for clip in source.clips] == ["sad", "happy"] and {c.actor for c in source.clips} == {101}
        assert len(source.read(source.clips[0])) < len(source.read(source.clips[1]))
