"""What was found in an upload, on Train and on Explore: shown before anything is used, and open to change."""

import io
import time
import tomllib
import zipfile
from dataclasses import fields
from pathlib import Path

import pytest
import streamlit as st

from pages.explore.state import ExploreState
from pages.train import own_data
from pages.train.state import TrainState
from ser.audio.formats import SUFFIXES
from ser.limits import OPERATOR, VISITOR, Limits
from tests.helpers.browser import ROOT
from tests.helpers.pages import app_test, keys, press, remembered, run, text, until
from tests.helpers.sounds import file, voice

POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 58234\n"


def packed(*names, **more) -> bytes:
    """A zip with a clip of its own for each name."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for i, name in enumerate(names):
            out.writestr(name, file(voice(1.0 + 0.05 * i), 16_000))
        for name, data in more.items():
            out.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture(autouse=True)
def _fresh():
    st.cache_data.clear()


class Train:
    """Train › My clips."""

    start = "train_upload_add"

    def __init__(self):
        self.at = run(app_test("train"))
        self.at.button_group(key="train_view").select("My clips").run()

    def upload(self, data, name="set.zip", label=None):
        if label:
            self.at.selectbox(key="train_own_label").set_value(label).run()
        self.at.file_uploader(key="train_own_files_0").upload(name, data, "application/zip").run()
        return self.at

    def has_clips(self):
        return bool(remembered(self.at, TrainState).own_clips)

    def used(self):
        state = remembered(press(self.at, self.start), TrainState)
        until(self.at, lambda: not state.extraction_jobs)
        return sorted((c.name, c.label, c.speaker) for c in state.own_clips.clips)


class Explore:
    """Explore › My own."""

    start = "explore_own_start"

    def __init__(self):
        self.at = run(app_test("explore"))
        self.at.selectbox(key="explore_source").select("My own").run()

    def upload(self, data, name="set.zip"):
        self.at.file_uploader(key="explore_own_files").set_value((name, data, "application/zip")).run()
        return self.at

    def has_clips(self):
        return remembered(self.at, ExploreState).upload is not None

    def used(self):
        own = remembered(press(self.at, self.start), ExploreState).upload
        own.job.join(60)
        return sorted((Path(c.name).name, c.emotion, c.actor.replace("unknown", "")) for c in own.set.clips)


@pytest.mark.parametrize("page", [Train, Explore])
def test_nothing_is_used_before_it_is_confirmed(page):
    page = page()
    at = page.upload(packed("happy/anna/1.wav", "sad/ben/2.wav", "README.txt"))
    assert not at.exception and "**2 clips**" in text(at) and "2 speakers: anna, ben" in text(at)
    assert "**happy** 1 · **sad** 1" in text(at) and "names of the folders" in text(at) and "README" in text(at)
    assert not page.has_clips()
    assert page.used() == [("1.wav", "happy", "anna"), ("2.wav", "sad", "ben")]
    assert page.start not in keys(at)


@pytest.mark.parametrize("page", [Train, Explore])
def test_where_sources_disagree_both_are_named_and_the_other_can_be_taken(page):
    page = page()
    at = page.upload(packed("happy/03-01-05-01-02-01-01.wav", "sad/03-01-04-01-02-01-01.wav"))
    assert "disagree on 1 of 2 clips" in at.warning[0].value and "The folders counted" in at.warning[0].value
    source = next(group for group in at.button_group if "_upload_source_" in str(group.key))
    source.select("ravdess").run()
    assert "by the rule of RAVDESS" in text(at)
    assert [label for _, label, _ in page.used()] == ["sad", "angry"]


@pytest.mark.parametrize("page", [Train, Explore])
def test_a_mapping_is_shown_and_can_be_changed(page):
    page = page()
    at = page.upload(packed("excited/1.wav", "suprised/2.wav", "tired/3.wav"))
    assert "excited → happy" in text(at) and "suprised → surprised" in text(at)
    excited = next(box for box in at.selectbox if "excited" in str(box.key))
    excited.set_value("excited").run()
    assert "excited → happy" in text(at) and "**excited** 1" in text(at)
    tired = next(box for box in at.selectbox if "tired" in str(box.key))
    tired.set_value("calm").run()
    assert page.used() == [("1.wav", "excited", ""), ("2.wav", "surprised", ""), ("3.wav", "calm", "")]


@pytest.mark.parametrize("page", [Train, Explore])
def test_clips_without_a_label_are_asked_for_one(page):
    page = page()
    at = page.upload(packed("happy/1.wav", "happy/2.wav"))
    asked = next(box for box in at.text_input if "_upload_label_" in str(box.key))
    assert asked.value == "happy"  # what the folder round them suggests, to be confirmed
    asked.set_value("").run()
    assert "No clip in set\\.zip has a label" in text(at) or "No clip in set.zip has a label" in text(at)
    next(box for box in at.text_input if "_upload_label_" in str(box.key)).set_value("merry").run()
    assert [label for _, label, _ in page.used()] == ["merry", "merry"]


def test_a_typed_label_overrides_only_when_it_is_chosen():
    page = Train()
    at = page.upload(packed("tired/1.wav", "awake/2.wav"), label="sad")
    assert "**awake** 1 · **tired** 1" in text(at)
    source = next(group for group in at.button_group if "_upload_source_" in str(group.key))
    source.select("typed").run()
    assert page.used() == [("1.wav", "sad", "tired"), ("2.wav", "sad", "awake")]


def test_a_typed_label_counts_for_clips_of_a_wrapper():
    page = Train()
    at = page.upload(packed("my recordings/1.wav", "my recordings/2.wav"), label="sad")
    assert "the label that you typed" in text(at)
    assert [label for _, label, _ in page.used()] == ["sad", "sad"]


def test_plain_clips_of_a_typed_label_are_added_at_once():
    page = Train()
    at = page.upload(file(voice(1.2), 16_000), "a.wav", label="sad")
    assert page.start not in keys(at)
    while remembered(at, TrainState).extraction_jobs:
        at.run()
    assert [clip.label for clip in remembered(at, TrainState).own_clips.clips] == ["sad"]


def test_the_uploader_takes_every_format_that_can_be_read():
    assert set(own_data.KINDS) == SUFFIXES | {".zip", ".csv", ".tsv"} and ".3gp" in own_data.KINDS


def test_limits_are_those_of_the_server_and_never_narrower_for_the_operator():
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))
    assert VISITOR.upload_bytes == config["server"]["maxUploadSize"] << 20
    assert all(getattr(VISITOR, row.name) <= getattr(OPERATOR, row.name) for row in fields(Limits))


def test_pointers_are_named_on_both_pages():
    pointers = {f"{label}/{i}.wav": POINTER for label in ("happy", "sad") for i in (1, 2)}
    for page in (Train(), Explore()):
        at = page.upload(packed(**pointers))
        at.button(key=page.start).click().run()
        deadline = time.monotonic() + 60
        while "git lfs pull" not in text(at):
            assert time.monotonic() < deadline and not at.exception
            at.run()


def test_an_upload_can_be_left_out():
    page = Train()
    at = page.upload(packed("happy/1.wav", "sad/2.wav"))
    at.button(key="train_upload_leave").click().run()
    assert page.start not in keys(at) and not remembered(at, TrainState).own_clips


@pytest.mark.parametrize("page", [Train, Explore])
@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"Rar!\x1a\x07\x01\0", "is a RAR archive"),
        (packed("README.txt")[:40], "damaged zip"),
        (packed(**{"README.txt": b"x"}), "no audio files"),
        (packed(**{"voice.silk": b"\x02#!SILK_V3 and more"}), "is a SILK voice message"),
    ],
    ids=["rar", "torn", "readme", "silk"],
)
def test_what_is_no_set_is_one_sentence(page, data, sentence):
    page = page()
    at = page.upload(data)
    assert not at.exception and sentence in text(at) and page.start not in keys(at)
