"""The Explore page without a browser: every view draws, every filter acts on every chart, nothing is left unsaid."""

from pathlib import Path

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.shared import explore_views, filters, resources
from ser import ravdess
from ser.emotions import LABELS
from ser.table import load_table

PAGE = Path(__file__).parents[1] / "pages" / "explore.py"
CHARTS = {
    "Overview": ("explore_counts", "explore_durations"),
    "One feature": ("explore_distribution",),
    "Map of clips": ("explore_map",),
    "Emotion or actor?": ("explore_separation",),
    "Correlations": ("explore_correlations",),
}
# One value of each filter, and how many of the 1,440 clips it keeps.
NARROWED = {"emotion": ("neutral", 96), "sex": ("female", 720), "intensity": ("strong", 672),
            "statement": ("Dogs are sitting by the door", 720), "actor": (3, 60)}  # fmt: skip


@pytest.fixture
def drawn(monkeypatch):
    """The figures that the page drew, by key, with what they say to those who cannot see them."""
    figures = {}

    def chart(figure, *, key, alt):
        assert alt
        figures[key] = figure

    monkeypatch.setattr(explore_views, "chart", chart)
    monkeypatch.setattr(resources, "dataset", lambda: None)
    st.cache_data.clear()
    return figures


def page():
    at = AppTest.from_file(str(PAGE), default_timeout=60).run()
    assert not at.exception
    return at


def look(at, view):
    at.button_group(key="explore_view").select(view).run()
    assert not at.exception
    return at


def narrow(at, field, value):
    if field == "actor":
        at.multiselect(key="explore_actor").set_value([value])
    else:
        at.button_group(key=f"explore_{field}").set_value([value])
    at.run()
    assert not at.exception
    return at


def says(at, part):
    return any(part in element.value for element in (*at.markdown, *at.info, *at.caption))


def test_the_page_opens_with_the_whole_data_set_and_whom_to_thank(drawn):
    at = page()
    assert says(at, "**1,440** clips · **24** actors · **8** emotions · **88.8** minutes")
    assert sum(drawn["explore_counts"].data[0].x) == 1440
    assert len(drawn["explore_durations"].data[0].x) == 1440
    assert says(at, ravdess.LICENCE) and says(at, "Livingstone SR, Russo FA (2018)")


@pytest.mark.parametrize("view", CHARTS)
def test_every_view_draws_its_charts_and_no_other(drawn, view):
    look(page(), view)
    assert set(CHARTS[view]) <= set(drawn) <= {*CHARTS[view], *CHARTS["Overview"]}


@pytest.mark.parametrize("field", NARROWED)
def test_every_filter_acts_on_every_chart(drawn, field):
    at = page()
    for view in CHARTS:
        look(at, view)
    before = {key: figure.to_json() for key, figure in drawn.items()}
    drawn.clear()
    value, clips = NARROWED[field]
    narrow(at, field, value)
    assert says(at, f"**{clips}** clips")
    for view in CHARTS:
        look(at, view)
    # One emotion or one actor leaves nothing to set against each other; the page says so instead.
    lacking = {"explore_separation"} if field in ("emotion", "actor") else set()
    assert set(before) - set(drawn) == lacking
    for key, figure in drawn.items():
        assert figure.to_json() != before[key], key
    assert sum(drawn["explore_counts"].data[0].x) == clips
    assert sum(len(trace.x) for trace in drawn["explore_map"].data) == clips


def test_filters_add_up(drawn):
    at = narrow(narrow(page(), "sex", "male"), "emotion", "angry")
    assert says(at, "**96** clips · **12** actors · **1** emotion ·")


def test_an_empty_result_says_so_and_leads_back(drawn):
    at = narrow(narrow(page(), "emotion", "neutral"), "intensity", "strong")
    drawn.clear()
    at.run()
    assert says(at, "No clip fits all filters at once: emotion neutral, intensity strong.")
    assert not drawn
    at.button(key="explore_reset_empty").click().run()
    assert says(at, "**1,440** clips") and drawn


def test_any_filter_can_be_taken_back_at_once(drawn):
    at = page()
    assert "explore_reset" not in {button.key for button in at.button}
    narrow(at, "actor", 7).button(key="explore_reset").click().run()
    assert says(at, "**1,440** clips")


def test_what_cannot_be_compared_is_one_sentence(drawn):
    at = look(narrow(page(), "actor", 1), "Emotion or actor?")
    assert [info.value for info in at.info] == [
        "These clips hold 8 emotions and 1 actor; comparing what tells emotions with what tells actors needs at "
        "least two of each. Widen the filters."
    ]


def test_a_feature_is_chosen_by_set_and_group_and_shown_with_its_unit(drawn):
    at = look(page(), "One feature")
    at.selectbox(key="explore_group_standard").set_value("loudness").run()
    assert drawn["explore_distribution"].layout.xaxis.title.text == "energy.mean (dB)"
    assert says(at, "he **emotion** explains **") and says(at, "the **actor** explains **")
    at.button_group(key="explore_set").select("notebook").run()
    assert not at.exception
    assert drawn["explore_distribution"].layout.xaxis.title.text == "mfcc0.mean (dB)"
    table = load_table()
    shown = np.concatenate([trace.x for trace in drawn["explore_distribution"].data])
    assert np.array_equal(np.sort(shown), np.sort(table.matrix("notebook")[:, 0]))


@pytest.mark.parametrize(("field", "kinds"), [("emotion", 8), ("sex", 2), ("actor", 24)])
def test_the_map_takes_the_colours_of_any_field(drawn, field, kinds):
    at = look(page(), "Map of clips")
    at.button_group(key="explore_colour_by").select(field).run()
    assert not at.exception
    assert len(drawn["explore_map"].data) == kinds
    assert "% of the variance" in drawn["explore_map"].layout.xaxis.title.text


def test_the_best_features_are_listed(drawn):
    at = look(page(), "Emotion or actor?")
    best, actors = (frame.value for frame in at.dataframe)
    assert len(best) == len(actors) == 10
    assert best["Emotion"].is_monotonic_decreasing
    assert (actors["Actor"] > actors["Emotion"]).all()


def test_without_audio_one_line_says_how_to_get_it(drawn):
    at = look(page(), "Listen")
    assert len(at.info) == 1
    assert "`python -m ser download`" in at.info[0].value and "`SER_RAVDESS`" in at.info[0].value


@pytest.mark.ravdess
def test_with_audio_a_clip_is_heard_and_seen(drawn, ravdess, monkeypatch):
    monkeypatch.setattr(resources, "dataset", lambda: ravdess)
    at = look(narrow(page(), "emotion", "angry"), "Listen")
    clip = at.selectbox(key="explore_clip")
    assert len(clip.options) == 192 and all("angry" in option for option in clip.options)
    pictures = {f"explore_{name}" for name in ("waveform", "mel", "mfcc", "chroma", "contrast")}
    assert pictures <= set(drawn)
    first = drawn["explore_mel"].to_json()
    clip.set_value("03-01-05-02-02-02-24").run()
    assert not at.exception and drawn["explore_mel"].to_json() != first


def test_filter_values_come_in_a_sensible_order():
    clips = load_table().clips
    assert filters.values_of(clips, "emotion") == list(LABELS)
    assert filters.values_of(clips, "actor") == list(range(1, 25))
    assert filters.in_words((("sex", ("male",)), ("actor", (1, 3)))) == "sex male, actor 1 or 3"
