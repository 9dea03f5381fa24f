"""Clips of a published data set as rows of a feature table, and the rule that chooses some of them."""

import collections
from zlib import crc32

import pytest

from ser.data.corpus import chosen_clips, open_corpus_source
from ser.data.data_sets import DATA_SETS, NEMO
from ser.data.extraction import augmentation_seed
from ser.data.table_file import load_table, shipped_path
from ser.errors import DatasetError


def laid_out(folder, names):
    (folder / "samples").mkdir()
    for name in names:
        (folder / "samples" / f"{name}.wav").write_bytes(name.encode())
    return folder


def test_published_clips_become_rows(nemo):
    with open_corpus_source(nemo, NEMO) as source:
        assert len(source.clips) == 53
        clip = source.clips[0]
        assert (clip.name, clip.emotion, clip.actor, clip.sex) == ("EB0_anger_8", "angry", 201, "female")
        assert clip.statement == "Moja ciocia jest bardzo pomocna."
        assert source.read(clip)[:4] == b"RIFF"
        assert any("53 of the 4,481 clips of nEMO" in sentence for sentence in source.report.sentences())
        assert source.report.failures() == ()


def test_without_the_table_of_clips_a_statement_is_its_number(tmp_path):
    with open_corpus_source(laid_out(tmp_path, ["WR0_fear_64"]), NEMO) as source:
        assert source.clips[0].statement == "64"


def test_speakers_and_emotions_get_the_same_sentences_where_they_exist(tmp_path):
    names = [f"{who}_{emotion}_{n}" for who in ("WR0", "EB0") for emotion in ("fear", "anger") for n in range(1, 31)]
    names.remove("WR0_fear_7")
    with open_corpus_source(laid_out(tmp_path, names), NEMO) as source:
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
        open_corpus_source(laid_out(tmp_path, ["notes"]), NEMO)
    with pytest.raises(DatasetError, match="no folder or zip"):
        open_corpus_source(tmp_path / "gone", NEMO)


def test_a_speaker_that_was_not_published_is_left_out(tmp_path):
    with pytest.raises(DatasetError, match="no clip of a speaker of nEMO"):
        open_corpus_source(laid_out(tmp_path, ["XY7_fear_1"]), NEMO)


def test_equal_names_in_folders_of_speakers_are_told_apart(tmp_path):
    for speaker in ("DC", "JE"):
        (tmp_path / speaker).mkdir()
        (tmp_path / speaker / "a01.wav").write_bytes(speaker.encode())
    with open_corpus_source(tmp_path, DATA_SETS["savee"]) as source:
        assert [clip.name for clip in source.clips] == ["DC_a01", "JE_a01"]


def test_a_clip_is_augmented_alike_in_every_extraction(tmp_path):
    with open_corpus_source(laid_out(tmp_path, ["WR0_fear_64", "WR0_fear_65", "EB0_fear_64"]), NEMO) as source:
        seeds = {clip.name: augmentation_seed(clip) for clip in source.clips}
    assert seeds["WR0_fear_64"] == (crc32(b"WR0_fear_64"), 209)  # the shipped table was made with these
    assert len(set(seeds.values())) == 3 and {seed[-1] for seed in seeds.values()} == {201, 209}
