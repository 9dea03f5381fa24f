"""The Explore page without a browser: every view draws, every control has an effect, nothing is left unsaid."""

import io
import re
import threading
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import streamlit as st

from pages.common import panel, resources
from pages.common.own_clips import AnsweredClip, OwnClips
from pages.explore import filters, texts, upload
from pages.explore.data_sets.scores import score_table
from pages.explore.state import ExploreState
from pages.explore.views import findings as findings_view
from ser.data.data_sets import NEMO, RAVDESS
from ser.data.extraction import ExtractReport
from ser.data.ravdess import open_source
from ser.data.table import FeatureTable
from ser.emotions import LABELS
from ser.evaluation import human_baseline
from ser.features.contours import CONTOURS, POINTS, average
from ser.features.sets import feature_set
from ser.figures.features import contour_figure
from ser.model.card import ModelCard, Score, TrainedOn
from ser.model.store import ModelStore
from tests.helpers import shipped
from tests.helpers.pages import app_test, keys, remember, remembered, run, says, text, until
from tests.helpers.sounds import file, voice

pytestmark = pytest.mark.slow

# View → what to choose in it beside the defaults (widget → value) → charts that are then drawn.
CHARTS = {
    ("Findings", ""): (
        "explore_finding_depends_on_the_speaker",
        "explore_finding_ends_of_sentences",
        "explore_finding_worth_of_a_leak",
    ),
    ("Overview", ""): ("explore_counts", "explore_recognised", "explore_quality"),
    ("Features", "One feature"): ("explore_distribution",),
    ("Features", "Emotion or actor?"): ("explore_separation",),
    ("Features", "With intensity"): ("explore_interaction",),
    ("Features", "Correlations"): ("explore_correlations",),
    ("Over time", ""): ("explore_contours",),
    ("Map", ""): ("explore_map",),
    ("Clips", ""): ("explore_siblings", "explore_one_f0", "explore_one_loudness"),
}
# One value of each filter, and how many of the 1,440 clips it keeps.
NARROWED = {"emotion": ("sad", 192), "sex": ("female", 720), "intensity": ("strong", 672),
            "statement": ("Dogs are sitting by the door", 720), "actor": (3, 60)}  # fmt: skip
# These show all clips, whatever the filters, and say so.
UNFILTERED = {"explore_recognised", "explore_reliability"}


@pytest.fixture(scope="module")
def whole() -> FeatureTable:
    """The shipped table, with contours and measures where it was written before there were any."""
    table = shipped.table()
    rng = np.random.default_rng(0)
    measures = {"noise": -70.0, "snr": 30.0, "silence_before": 0.9, "silence_after": 0.9}
    missing = {name: middle + rng.normal(0, 0.1, 1440) for name, middle in measures.items() if name not in table.clips}
    if "sha" not in table.clips:
        missing["sha"] = [f"{i:016x}" for i in range(1440)]
    lines = table.contours or {
        name: rng.normal(size=(1440, POINTS)).cumsum(axis=1).astype(np.float16) for name in CONTOURS
    }
    return FeatureTable(table.clips.assign(**missing), table.matrices, lines)


class Drawn(dict):
    """Figures by key; `select` lets points of a chart be selected."""

    def __init__(self, selected):
        super().__init__()
        self._selected = selected

    def select(self, key, names):
        self._selected[key] = names


@pytest.fixture
def drawn(monkeypatch, whole):
    """The figures that the page drew, by key, each with its data; what is selected on a chart can be set."""

    def chart(figure, *, key, alt, select=False):
        assert alt
        figures[key] = figure
        return chart.selected.get(key, []) if select else []

    chart.selected = {}
    figures = Drawn(chart.selected)
    for module in (panel, findings_view):
        monkeypatch.setattr(module, "chart", chart)
    monkeypatch.setattr(resources, "dataset", lambda: None)
    monkeypatch.setattr(resources, "table", lambda: whole)
    st.cache_data.clear()
    st.cache_resource.clear()
    return figures


def page(**address):
    return run(app_test("explore", **{"explore_view": "Overview"} | address))


def look(at, view, side=""):
    at.button_group(key="explore_view").select(view).run()
    if side:
        at.selectbox(key="explore_side").select(side).run()
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


def test_the_page_opens_with_the_whole_data_set_and_whom_to_thank(drawn):
    at = page()
    assert says(at, "**1,440** clips · **24** actors · **8** emotions · **88.8** minutes")
    assert sum(drawn["explore_counts"].data[0].x) == 1440
    assert len(drawn["explore_quality"].data[0].x) == 1440
    assert says(at, RAVDESS.licence) and says(at, "Livingstone SR, Russo FA (2018)")


@pytest.mark.parametrize("view", CHARTS, ids=str)
def test_every_view_draws_its_charts_and_each_has_its_data_beside_it(drawn, view):
    at = page()
    drawn.clear()
    at = look(at, *view)
    assert set(CHARTS[view]) <= set(drawn)
    buttons = {element.proto.id.rsplit("-", 1)[-1] for element in at.get("download_button")}
    for key in CHARTS[view]:
        assert f"{key}_csv" in buttons or f"{key.replace('finding', 'behind')}_csv" in buttons, f"{key} has no CSV"


def test_every_filter_acts_on_every_chart(drawn):
    at = page()
    for view in CHARTS:
        look(at, *view)
    before = {key: figure.to_json() for key, figure in drawn.items()}
    for field, (value, clips) in NARROWED.items():
        drawn.clear()
        narrow(at, field, value)
        assert says(at, f"**{clips}** clips")
        for view in CHARTS:
            look(at, *view)
        # One emotion or one actor leaves nothing to set against each other; the page says so instead.
        lacking = {"explore_separation"} if field in ("emotion", "actor") else set()
        # Findings that do not hold for these clips are replaced by others.
        assert {key for key in set(before) - set(drawn) if "finding" not in key} == lacking
        for key, figure in drawn.items():
            # The first actor's sentence is the first clip with most filters; it is shown as long as it is left.
            if key in before and key not in UNFILTERED and key not in CHARTS["Clips", ""]:
                assert figure.to_json() != before[key], (field, key)
        assert sum(drawn["explore_counts"].data[0].x) == clips
        assert sum(len(trace.x) for trace in drawn["explore_map"].data) == clips
        at.button(key="explore_reset").click().run()


# View → (widget, another value, a chart that must then look different), one after the other.
CONTROLS = {
    ("Overview", ""): [
        ("explore_count_by", "actor", "explore_counts"),
        ("explore_recognised_by", "sex", "explore_recognised"),
        ("explore_measure", "snr", "explore_quality"),
    ],
    ("Features", "One feature"): [
        ("explore_feature_standard_all_groups", "f0.std", "explore_distribution"),
        ("explore_compare_by", "sex", "explore_distribution"),
        ("explore_shape", "box", "explore_distribution"),
        ("explore_shape", "ridge", "explore_distribution"),
        ("explore_every_feature", True, "explore_distribution"),
        ("explore_group_standard", "loudness", "explore_distribution"),
        ("explore_set", "notebook", "explore_distribution"),
    ],
    ("Features", "Emotion or actor?"): [
        ("explore_group_standard", "pitch", "explore_separation"),
        ("explore_set", "notebook", "explore_separation"),
    ],
    ("Features", "With intensity"): [("explore_feature_standard_all_groups", "f0.std", "explore_interaction")],
    ("Features", "Correlations"): [
        ("explore_every_feature", True, "explore_correlations"),
        ("explore_group_standard", "pitch", "explore_correlations"),
    ],
    ("Over time", ""): [
        ("explore_contour", "loudness", "explore_contours"),
        ("explore_contour_band", "spread", "explore_contours"),
        ("explore_contour_band", "none", "explore_contours"),
        ("explore_contour_relative", False, "explore_contours"),
        ("explore_contour_by", "sex", "explore_contours"),
    ],
    ("Map", ""): [
        ("explore_drag", "zoom", "explore_map"),
        ("explore_colour_by", "sex", "explore_map"),
        ("explore_group_standard", "rhythm", "explore_map"),
        ("explore_set", "notebook", "explore_map"),
        ("explore_dimensions", "3", "explore_map"),
        ("explore_colour_by", "emotion", "explore_map"),
        ("explore_method", "pca", "explore_map"),
        ("explore_scaled", False, "explore_map"),
    ],
    ("Clips", ""): [("explore_row_normal", "strong", "explore_siblings")],
}


@pytest.mark.parametrize("view", CONTROLS, ids=str)
def test_every_control_has_an_effect_and_none_is_left_out(drawn, view):
    at = look(page(), *view)
    tried = {control for control, _, _ in (each for steps in CONTROLS.values() for each in steps)}
    tried |= {"explore_view", "explore_side", "explore_source"} | {f"explore_{field}" for field in NARROWED}
    # The notebook's groups stand for the standard's; a feature box exists for each group.
    shown = {e.key for kind in ("button_group", "selectbox", "toggle", "multiselect") for e in getattr(at, kind)}
    assert shown <= tried
    for control, value, chart in CONTROLS[view]:
        before = drawn[chart].to_json()
        widgets = {each.key: each for kind in ("button_group", "selectbox", "toggle") for each in getattr(at, kind)}
        widget = widgets[control]
        (widget.select(value) if hasattr(widget, "select") else widget.set_value(value)).run()
        assert not at.exception
        assert drawn[chart].to_json() != before, (control, value)


@pytest.mark.parametrize(
    ("address", "view", "expected"),
    [
        ({"explore_emotion": ["angry", "sad"]}, "Overview", "**384** clips"),
        ({"explore_actor": ["3"], "explore_sex": ["male"]}, "Overview", "**60** clips"),
        ({"explore_view": "Map", "explore_intensity": ["strong"]}, "Map", "**672** clips"),
        ({"explore_emotion": ["joyful"]}, "Overview", "**1,440** clips"),  # a link that somebody mistyped
        ({"explore_source": "TESS"}, "Overview", "**1,440** clips"),
    ],
)
def test_a_shared_address_restores_filters_and_view(drawn, address, view, expected):
    at = page(**address)
    assert at.button_group(key="explore_view").value == view
    assert says(at, expected)


def test_any_filter_can_be_taken_back_at_once(drawn):
    at = page()
    assert "explore_reset" not in {button.key for button in at.button}
    narrow(at, "actor", 7).button(key="explore_reset").click().run()
    assert says(at, "**1,440** clips")


def test_a_filter_that_was_taken_back_stays_so_and_can_be_set_again(drawn):
    at = narrow(narrow(page(), "actor", 7), "emotion", "sad")
    at.button(key="explore_reset").click().run()
    for _ in range(2):
        at.run()
        assert says(at, "**1,440** clips")
    assert says(narrow(at, "emotion", "sad"), "**192** clips")
    at.run()
    assert says(at, "**192** clips")


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


def test_what_cannot_be_compared_is_one_sentence(drawn):
    at = look(narrow(page(), "actor", 1), "Features", "Emotion or actor?")
    assert [info.value for info in at.info] == [
        "These clips hold 8 emotions and 1 actor; comparing what tells emotions with what tells actors needs at "
        "least two of each. Widen the filters."
    ]


def test_people_are_shown_as_published_and_the_model_by_its_own_card(drawn):
    page()
    people, model = drawn["explore_recognised"].data
    assert people.x == pytest.approx([100 * share for share in human_baseline.BY_EMOTION.values()])
    score = resources.store().card("default").scores[0]
    counted = human_baseline.as_listeners(np.array(score.confusion), score.labels)
    assert model.name == "shipped model" and model.x == pytest.approx([100 * share for share in counted.values()])


def test_the_overview_names_stereo_files_and_twins(drawn):
    at = page()
    assert says(at, "**Stereo**: 5 clips with two channels") and says(at, r"03\-01\-08\-01\-02\-02\-01")
    assert says(at, "**Twins**: 2 clips")
    # Names of a visitor's own clips may hold anything.
    assert r"\!\[a\]\(b\)" in texts.unusual("Twins", ["![a](b)"], texts.TWINS)


def test_every_feature_gets_a_verdict_and_the_best_come_first(drawn):
    at = look(page(), "Features", "Emotion or actor?")
    table = next(frame.value for frame in at.dataframe)
    assert len(table) == len(feature_set("standard").features)
    assert table["Emotion"].is_monotonic_decreasing
    assert (table["Sex"] <= table["Actor"] + 1e-6).all()
    assert "tells the actor more than the emotion" in set(table["What it tells"])


def test_a_feature_says_in_a_sentence_what_it_tells(drawn):
    at = look(page(), "Features", "One feature")
    assert (
        says(at, "he **emotion** explains **") and says(at, "the **actor** explains **") and says(at, "This one tells")
    )


@pytest.mark.parametrize(("field", "kinds"), [("emotion", 8), ("sex", 2), ("actor", 24)])
def test_the_map_takes_the_colours_of_any_field(drawn, field, kinds):
    at = look(page(), "Map")
    at.selectbox(key="explore_colour_by").select(field).run()
    assert not at.exception and len(drawn["explore_map"].data) == kinds


def test_lda_says_on_whom_it_was_fitted(drawn):
    at = look(page(), "Map")
    at.selectbox(key="explore_method").select("lda").run()
    assert says(at, "from 16 speakers, whose points are pale. Judge it by the 8 speakers in full colour")
    narrow(at, "actor", 3)
    assert says(at, "**it flatters**")


def test_a_slow_map_shows_progress_then_comes_from_the_cache(drawn):
    at = look(narrow(page(), "actor", 3), "Map")
    drawn.clear()
    at.selectbox(key="explore_method").select("tsne").run()
    assert not at.exception and "explore_map" not in drawn
    assert at.button(key="explore_stop_map")
    until(at, lambda: "explore_map" in drawn)
    assert sum(len(trace.x) for trace in drawn["explore_map"].data) == 60
    drawn.clear()
    at.run()
    assert "explore_map" in drawn and "explore_stop_map" not in {button.key for button in at.button}


def test_a_map_that_was_stopped_can_be_drawn_again(drawn):
    at = look(page(), "Map")
    at.selectbox(key="explore_method").select("tsne").run()
    at.button(key="explore_stop_map").click().run()
    until(at, lambda: "explore_draw_again" in {button.key for button in at.button})
    assert says(at, "You stopped the map")
    at.button(key="explore_draw_again").click().run()
    at.button(key="explore_stop_map").click().run()


def test_points_drawn_round_are_compared_with_the_others_or_with_a_group_set_aside(drawn, whole):
    angry = whole.clips.loc[whole.clips["emotion"] == "angry", "name"].tolist()
    calm = whole.clips.loc[whole.clips["emotion"] == "calm", "name"].tolist()
    drawn.select("explore_map", angry)
    at = look(page(), "Map")
    assert says(at, "**192** clips selected, compared with the **1,248** others")
    made_of = next(frame.value for frame in at.dataframe)
    assert made_of.set_index("Emotion")["Selected (%)"]["angry"] == 100
    before = drawn["explore_comparison"].to_json()
    at.button(key="explore_set_aside").click().run()
    drawn.select("explore_map", calm)
    at.run()
    assert says(at, "compared with the **192** set aside as group A")
    assert drawn["explore_comparison"].to_json() != before
    at.selectbox(key="explore_made_of").select("sex").run()
    assert next(frame.value for frame in at.dataframe)["Group A (%)"].tolist() == pytest.approx([50, 50])
    at.button(key="explore_let_go").click().run()
    assert says(at, "others")


def test_a_clicked_point_without_audio_shows_its_contours_and_says_how_to_get_the_sound(drawn):
    drawn.select("explore_map", ["03-01-05-01-01-01-03"])
    at = look(page(), "Map")
    assert says(at, "Actor 3 (male) · angry, normal") and says(at, "not on the server")
    assert "explore_one_f0" in drawn


def test_in_three_dimensions_points_cannot_be_clicked_and_the_page_says_so(drawn):
    drawn.select("explore_map", ["03-01-05-01-01-01-03"])
    at = look(page(), "Map")
    at.button_group(key="explore_dimensions").select("3").run()
    assert not at.exception and says(at, "choose 2-D in the options") and not says(at, "angry, normal")
    # No list holds the names of all clips.
    assert all(len(box.options) < 100 for box in at.selectbox)


def test_every_clip_has_its_out_of_fold_answer(drawn):
    at = look(page(), "Clips")
    assert not at.exception and sum(drawn["explore_answer"].data[0].x) == pytest.approx(100, abs=0.01)
    shown = at.dataframe[0].value
    clips, score = resources.table().clips, resources.store().card("default").scores[0]
    assert shown["Clip"].tolist() == clips["name"].tolist() and shown["Model’s answer"].notna().all()
    right = shown["Model’s answer"].to_numpy(str) == clips["emotion"].to_numpy(str)
    assert right.mean() == pytest.approx(score.details["accuracy"])
    assert shown["Its probability (%)"].between(100 / 8, 100).all()


def test_without_out_of_fold_answers_explore_shows_people_alone(drawn, monkeypatch):
    monkeypatch.setattr(resources, "out_of_fold", lambda: None)
    at = page()
    assert not at.exception and [trace.name for trace in drawn["explore_recognised"].data] == ["people"]
    look(at, "Clips")
    assert not at.exception and "explore_answer" not in drawn


@pytest.mark.parametrize("field", ["emotion", "intensity", "sex", "statement", "actor"])
def test_the_shipped_model_stands_beside_people_in_every_group(drawn, field):
    at = page()
    at.selectbox(key="explore_recognised_by").select(field).run()
    details = resources.store().card("default").scores[0].details
    model = drawn["explore_recognised"].data[-1]
    assert model.name == "shipped model"
    if field in human_baseline.BY_FIELD:
        assert [trace.name for trace in drawn["explore_recognised"].data] == ["people", "shipped model"]
    else:
        assert len(drawn["explore_recognised"].data) == 1 and says(at, f"has no figures by {field}")
    if field in ("intensity", "sex"):
        expected = details["as_listeners"][f"by_{field}"]
        assert model.x == pytest.approx([100 * expected[kind] for kind in model.y]) and len(model.y) == len(expected)
    if field in ("statement", "actor"):
        # All groups hold the same number of clips, so their mean is the share over all clips.
        assert np.mean(model.x) == pytest.approx(100 * details["as_listeners"]["accuracy"])


@pytest.mark.ravdess
def test_with_audio_a_clip_is_heard_and_seen(drawn, ravdess, monkeypatch):
    monkeypatch.setattr(resources, "dataset", lambda: ravdess)
    at = look(narrow(page(), "emotion", "angry"), "Clips")
    table = next(frame.value for frame in at.dataframe)
    assert len(table) == 192 and set(table["Emotion"]) == {"angry"}
    assert {f"explore_{name}" for name in ("waveform", "mel", "pitch", "mfcc", "chroma", "contrast")} <= set(drawn)
    assert len(at.get("audio")) == 1 + 1 + 8  # this clip, all in a row, and each by itself
    first = drawn["explore_mel"].to_json()
    remembered(at, ExploreState).clip = "03-01-05-02-02-02-24"
    at.run()
    assert not at.exception and drawn["explore_mel"].to_json() != first


def test_where_single_recordings_are_missing_the_others_play_and_no_path_is_shown(drawn, monkeypatch, tmp_path):
    for emotion in ("01", "05"):
        (tmp_path / f"03-01-{emotion}-01-01-01-01.wav").write_bytes(file(voice(), 16_000))
    with open_source(tmp_path) as source:
        monkeypatch.setattr(resources, "dataset", lambda: source)
        at = look(page(), "Clips")
        assert len(at.get("audio")) == 1 + 1 + 2  # this clip, both in a row, and each by itself
        assert says(at, "All in a row: neutral, angry.")
        drawn.clear()
        narrow(at, "actor", 2)
        assert not at.get("audio") and says(at, "This recording is not on the server")
        assert "explore_one_f0" in drawn and not says(at, str(tmp_path))


def test_filter_values_come_in_a_sensible_order():
    clips = shipped.table().clips
    assert filters.values_of(clips, "emotion") == list(LABELS)
    assert filters.values_of(clips, "actor") == list(range(1, 25))
    own = pd.DataFrame({"emotion": ["bored", "sad", "angry"]})
    assert filters.values_of(own, "emotion") == ["sad", "angry", "bored"]
    assert filters.in_words((("sex", ("male",)), ("actor", (1, 3)))) == "sex male, actor 1 or 3"


@pytest.fixture(scope="module")
def zipped() -> bytes:
    """Clips of two labels by two speakers, in folders, with one file that is none."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        for speaker in ("anna", "ben"):
            for label, level in (("bored", -35.0), ("happy", -18.0)):
                for i in range(3):
                    out.writestr(f"{label}/{speaker}/{i}.wav", file(voice(1.2 + 0.2 * i, level=level), 16_000))
        out.writestr("happy/anna/broken.wav", b"no sound")
    return buffer.getvalue()


def bring(at, name, data):
    at.selectbox(key="explore_source").select("My own").run()
    at.file_uploader(key="explore_own_files").set_value((name, data, "application/zip")).run()
    assert not at.exception
    if any(button.key == "explore_own_start" for button in at.button):
        at.button(key="explore_own_start").click().run()
    assert not at.exception
    return at


def test_own_clips_are_measured_and_shown_in_the_same_charts(drawn, zipped):
    at = bring(page(), "mine.zip", zipped)
    until(at, lambda: says(at, "**12** clips · **2** speakers · **2** emotions"))
    assert says(at, "mine\\.zip") or says(at, "mine.zip")
    assert says(at, "broken") and at.expander[0].label == "1 note on files that are not used"
    drawn.clear()
    for view in ("Overview", "Over time", "Map", "Clips"):
        look(at, view)
    look(at, "Features")
    for side in ("Emotion or actor?", "Correlations", "One feature"):
        at.selectbox(key="explore_side_own").select(side).run()
        assert not at.exception
    assert {"explore_counts", "explore_quality", "explore_contours", "explore_map", "explore_mel"} <= set(drawn)
    assert {"explore_distribution", "explore_separation", "explore_correlations"} <= set(drawn)
    assert [trace.name for trace in drawn["explore_distribution"].data] == ["happy", "bored"]
    assert "explore_siblings" not in drawn and "explore_recognised" not in drawn  # people never judged these
    look(at, "Overview")
    at.button_group(key=next(w.key for w in at.button_group if w.key.startswith("explore_emotion_"))).set_value(
        ["bored"]
    )
    at.run()
    assert says(at, "**6** clips · **2** speakers · **1** emotion")


def test_own_clips_stay_with_their_visitor_and_go_when_told(drawn, zipped):
    at = bring(page(), "mine.zip", zipped)
    until(at, lambda: says(at, "**12** clips"))
    other = page()
    other.selectbox(key="explore_source").select("My own").run()
    assert not says(other, "**12** clips") and other.get("file_uploader")
    at.button(key="explore_own_forget").click().run()
    assert at.get("file_uploader") and not says(at, "**12** clips")
    at.selectbox(key="explore_source").select("RAVDESS").run()
    assert says(at, "**1,440** clips")


def test_measuring_own_clips_can_be_stopped(drawn, zipped, monkeypatch):
    going = threading.Event()

    def slow(own):
        for report in (ExtractReport(i + 1, len(own.clips), "clip", None) for i in range(len(own.clips))):
            going.wait(30)
            if (yield report):
                return None
        raise AssertionError("was not stopped")

    monkeypatch.setattr(upload, "measure_set", slow)
    at = bring(page(), "mine.zip", zipped)
    at.button(key="explore_own_stop").click().run()
    going.set()
    until(at, lambda: "explore_own_again" in keys(at))
    assert says(at, "You stopped the measuring")
    at.button(key="explore_own_again").click().run()
    assert at.get("file_uploader")


@pytest.mark.parametrize(
    ("name", "data", "sentence"),
    [
        ("broken.zip", b"PK\x03\x04 no more", "broken.zip is a damaged zip"),
        ("loose.wav", b"a", "No clip in 1 file has a label"),
    ],
)
def test_a_set_that_cannot_be_used_is_a_sentence_and_asks_again(drawn, name, data, sentence):
    at = bring(page(), name, data)
    assert says(at, sentence) and at.get("file_uploader")


BOTH = "RAVDESS and nEMO"
# View → charts that are drawn of two data sets side by side, and of nEMO alone.
SIDE_BY_SIDE = {
    ("Overview", ""): ("explore_counts", "explore_recognised", "explore_quality"),
    ("Features", "One feature"): ("explore_distribution", "explore_each"),
    ("Features", "Emotion or actor?"): ("explore_separation",),
    ("Features", "Correlations"): ("explore_correlations",),
    ("Features", "Both data sets"): ("explore_agree", "explore_agree_emotion"),
    ("Over time", ""): ("explore_contours",),
    ("Map", ""): ("explore_map",),
    ("Clips", ""): ("explore_siblings", "explore_one_f0", "explore_one_loudness"),
}
OF_NEMO = {
    view: tuple(key for key in keys if key != "explore_each")
    for view, keys in SIDE_BY_SIDE.items()
    if view[1] != "Both data sets"
}


def view_of(source, view, side=""):
    """A page on a data set, in one view."""
    more = {f"explore_side_{'nemo' if source == 'nEMO' else 'ravdess_nemo'}": side} if side else {}
    return page(explore_source=source, explore_view=view, **more)


@pytest.mark.parametrize(("source", "views"), [("nEMO", OF_NEMO), (BOTH, SIDE_BY_SIDE)], ids=["nemo", "both"])
def test_every_view_draws_other_data_sets_too(drawn, source, views):
    for view, charts in views.items():
        drawn.clear()
        at = view_of(source, *view)
        assert set(charts) <= set(drawn), view
        buttons = {element.proto.id.rsplit("-", 1)[-1] for element in at.get("download_button")}
        assert {f"{key}_csv" for key in charts} <= buttons, view
        assert not any(element.icon == ":material/info:" for element in at.info if view[0] != "Clips"), view


@pytest.mark.parametrize(
    ("source", "summary", "thanked"),
    [
        ("RAVDESS", "**1,440** clips · **24** actors · **8** emotions", ["RAVDESS"]),
        ("nEMO", "**530** clips · **9** speakers · **6** emotions", ["nEMO"]),
        (BOTH, "**1,970** clips · **33** speakers · **8** emotions", ["RAVDESS", "nEMO"]),
    ],
)
def test_a_link_keeps_the_choice_of_data_sets_and_each_is_credited(drawn, source, summary, thanked):
    at = page(explore_source=source)
    assert at.selectbox(key="explore_source").value == source and says(at, summary)
    for entry in (RAVDESS, NEMO):
        assert (says(at, entry.attribution) and says(at, entry.citation)) == (entry.title in thanked)
    back = at.selectbox(key="explore_source").select("RAVDESS").run()
    assert says(back, "**1,440** clips")


def test_a_link_keeps_the_filters_of_other_data_sets(drawn):
    at = page(explore_source="nEMO", explore_emotion_nemo=["angry"], explore_actor_nemo=["WR0"])
    assert says(at, "**10** clips · **1** speaker · **1** emotion")
    at = page(explore_source=BOTH, explore_data_set_ravdess_nemo=["nEMO"])
    assert says(at, "**530** clips · **9** speakers")
    # A filter of RAVDESS has a widget of its own, so it leaves the other data sets alone.
    at = page(explore_source="nEMO", explore_emotion=["calm"])
    assert says(at, "**530** clips")


def test_what_only_ravdess_has_is_said_in_a_sentence(drawn):
    at = view_of("nEMO", "Features", "With intensity")
    assert says(at, "Only RAVDESS was recorded in two intensities") and "explore_interaction" not in drawn
    at = view_of("nEMO", "Clips")
    assert says(at, "The recordings of nEMO are not on this server") and says(at, NEMO.url)
    assert says(at, "Answers to single clips are there for RAVDESS only")
    assert "explore_answer" not in drawn and "Take" not in at.dataframe[0].value
    assert says(page(explore_source="nEMO"), "was published for RAVDESS only")


def test_two_data_sets_share_one_map_with_a_symbol_each(drawn):
    at = view_of(BOTH, "Map")
    points = drawn["explore_map"].data
    symbols = [symbol for trace in points for symbol in trace.marker.symbol]
    assert symbols.count("circle") == 1440 and symbols.count("diamond") == 530
    assert says(at, "Circles are clips of RAVDESS, diamonds are clips of nEMO.")
    scaled = drawn["explore_map"].to_json()
    at.toggle(key="explore_scaled").set_value(False).run()
    assert not at.exception and drawn["explore_map"].to_json() != scaled
    at.selectbox(key="explore_colour_by_ravdess_nemo").select("data_set").run()
    assert [trace.name for trace in drawn["explore_map"].data] == ["RAVDESS", "nEMO"]


def test_a_clip_on_the_shared_map_says_whose_it_is_and_why_it_cannot_be_played(drawn):
    drawn.select("explore_map", ["WR0_surprised_83"])
    at = view_of(BOTH, "Map")
    assert says(at, "Speaker nEMO WR0 (male) · surprised · “Ten źrebak jest wychowany zgodnie z najlepszymi")
    assert says(at, "The recordings of nEMO are not on this server")
    drawn.select("explore_map", ["03-01-05-01-01-01-03"])
    at.run()
    assert says(at, "Speaker RAVDESS 03 (male) · angry, normal") and says(at, "not on the server")


def test_a_feature_stands_by_emotion_in_both_languages(drawn):
    at = view_of(BOTH, "Features", "One feature")
    means = drawn["explore_each"]
    assert [trace.name for trace in means.data] == ["RAVDESS", "nEMO"]
    assert np.isnan(means.data[1].x).sum() == 2 and len(means.data[0].x) == 8  # nEMO has no calm and no disgust
    assert abs(np.nanmean(means.data[1].x)) < abs(np.nanmax(means.data[1].x))
    at.toggle(key="explore_each_relative").set_value(False).run()
    assert not at.exception and drawn["explore_each"].to_json() != means.to_json()


def test_spectral_balance_agrees_and_rhythm_does_not(drawn):
    at = view_of(BOTH, "Features", "Both data sets")
    bars = dict(zip(drawn["explore_agree"].data[0].y, drawn["explore_agree"].data[0].x, strict=True))
    assert len(bars) == 7 and next(iter(bars)) == "spectral balance"
    assert bars["spectral balance"] > 0.5 > max(value for name, value in bars.items() if name != "spectral balance")
    assert list(bars)[-1] == "rhythm" and abs(bars["rhythm"]) < 0.2
    assert list(drawn["explore_agree_emotion"].data[0].y) == [
        label for label in LABELS if label not in ("calm", "disgust")
    ]
    assert says(at, "Effects that agree help a model with new voices")
    assert says(at, "The effects on **spectral balance** agree most between the data sets (0.")
    assert says(at, "The effects on **loudness** lose most.")
    # Half of the speakers of one data set tell the other half more than they tell another language.
    within = {trace.name: dict(zip(trace.y, trace.x, strict=True)) for trace in drawn["explore_agree"].data[1:]}
    assert set(within) == {"within RAVDESS", "within nEMO"}
    assert all(values[group] > bars[group] for values in within.values() for group in bars)
    strongest = at.dataframe[-1].value
    assert len(strongest) == 30 and strongest["Agreement"].between(-1, 1).all()
    narrowed = page(
        explore_source=BOTH,
        explore_view="Features",
        explore_side_ravdess_nemo="Both data sets",
        explore_data_set_ravdess_nemo=["nEMO"],
    )
    assert says(narrowed, "Comparing effects takes clips of two data sets; these are of nEMO only")


def test_the_model_is_judged_by_every_data_set_with_the_figures_of_its_card(drawn):
    card = resources.store().card("default")
    for source in ("RAVDESS", "nEMO", BOTH):
        at = page(explore_source=source)
        table = at.table[0].value
        assert set(table.columns) >= {score.data_set for score in card.scores}
        for score in card.scores:
            row = table[score.data_set]
            assert row["Right answers (UAR, %)"] == f"{100 * score.uar:.1f}"
            assert row["Confidence off by, on average (ECE, points)"] == f"{100 * score.ece:.1f}"
            for n, uar in score.details["unlabelled_uar_by_clips"].items():
                assert row[f"… after {n} clip{'s' * (n != '1')} of the speaker (%)"] == f"{100 * uar:.1f}"
    assert table["RAVDESS"].loc[["Learnt from", "Judged on"]].tolist() == [
        "yes, other speakers of it",
        "each speaker, left out of the training",
    ]
    recalls = {trace.name: dict(zip(trace.y, trace.x, strict=True)) for trace in drawn["explore_recognised"].data}
    for score in card.scores:
        if score.data_set in recalls:
            expected = score.details["per_class_recall"]
            assert recalls[score.data_set] == pytest.approx({each: 100 * share for each, share in expected.items()})


def test_a_data_set_that_a_model_only_was_judged_on_is_called_so():
    judged = Score("cross_corpus", ("angry", "sad"), 0.6, (0.5, 0.7), data_set="EMO-DB")
    card = ModelCard(("angry", "sad"), "standard", trained_on=TrainedOn(actors=(1, 2)), scores=(judged,))
    table = score_table(card).set_index("Data set")
    assert table["Learnt from"].to_dict() == {"RAVDESS": "yes, other speakers of it", "EMO-DB": "no"}
    assert table["Judged on"]["RAVDESS"] == "no" and "a little too good" in table["Judged on"]["EMO-DB"]
    assert table.loc["EMO-DB", "Language"] == "German" and table.loc["EMO-DB", "Right by chance (%)"] == 50
    assert table.loc["EMO-DB", "Probably between (95 %)"] == "50.0 to 70.0"
    few = replace(judged, data_set="SAVEE")
    row = score_table(replace(card, scores=(few,))).set_index("Data set").loc["SAVEE"]
    assert row["Probably between (95 %)"] == "" and row["Judged on"] == "all speakers"


def test_without_a_shipped_model_the_page_says_so(drawn, monkeypatch, tmp_path):
    monkeypatch.setattr(resources, "store", lambda: ModelStore(tmp_path))
    at = page(explore_source="nEMO")
    assert says(at, "There is no shipped model") and not at.table


def test_the_page_opens_with_five_findings_that_lead_to_their_views(drawn):
    at = run(app_test("explore"))
    assert at.button_group(key="explore_view").value == "Findings"
    assert len([key for key in drawn if key.startswith("explore_finding_")]) == 5
    behind = [key for key in keys(at) if key.startswith("explore_behind_")]
    assert len(behind) == 5
    for key in behind:
        if key == "explore_behind_worth_of_a_leak":  # leads to Train
            continue
        at = run(app_test("explore"))
        drawn.clear()
        at.button(key=key).click().run()
        assert not at.exception and at.button_group(key="explore_view").value != "Findings" and drawn


def test_fewer_findings_are_said_to_be_fewer(drawn):
    at = narrow(page(explore_view="Findings"), "emotion", "sad")
    assert says(at, "Choose more clips to see others.")


def test_a_filter_says_on_its_button_what_is_chosen(drawn):
    def labels(at):
        return [block.proto.popover.label for block in at.get("popover")]

    assert labels(page())[:3] == ["Emotion", "Sex", "More filters"]
    at = page(explore_emotion=["happy"], explore_actor=["3"])
    assert labels(at)[:3] == ["Emotion: happy", "Sex", "Actor: 3"]
    many = page(explore_emotion=["neutral", "calm", "happy", "sad"])
    assert labels(many)[0] == "Emotion: 4 of 8"
    at.button(key="explore_reset").click().run()
    assert labels(at)[:3] == ["Emotion", "Sex", "More filters"]


def test_own_clips_of_recognise_are_on_the_map_with_their_neighbours(drawn, whole):
    row = int(np.flatnonzero(whole.clips["name"] == "03-01-05-02-01-01-03")[0])
    known = AnsweredClip("mine.wav", file(voice(), 16_000), "standard", whole.matrix("standard")[row])
    at = app_test("explore", explore_view="Map")
    run(remember(at, OwnClips(answered={"sha": known})))
    star = drawn["explore_map"].data[-1]
    assert star.name == "your clip" and list(star.text) == ["mine.wav"] and len(star.x) == 1
    assert says(at, "Actor 3 (male) · angry, strong")  # the nearest clip
    assert len(at.get("audio")) >= 1
    # Features of another set have no place on this map.
    at.button_group(key="explore_set").select("notebook").run()
    assert drawn["explore_map"].data[-1].name != "your clip" and says(at, "Record or upload a clip on Recognise")


def test_structure_of_the_map_is_measured_on_speakers_that_it_has_not_seen(drawn):
    at = look(page(), "Map")
    share = int(re.search(r"nearest to such a clip, \*\*(\d+)", text(at)).group(1))
    assert share > 35 and says(at, "By chance it would be 13")
    at.toggle(key="explore_scaled").set_value(False).run()
    assert int(re.search(r"nearest to such a clip, \*\*(\d+)", text(at)).group(1)) < share


def test_jumps_of_an_octave_do_not_set_the_scale():
    line = np.linspace(0, 4, POINTS)
    line[::25] = 24
    found = contour_figure(average(line[None], np.array(["a"]), ["a"]), "F0", band="none")
    low, high = found.layout.yaxis.range
    assert low < 0.5 and 4 < high < 8
