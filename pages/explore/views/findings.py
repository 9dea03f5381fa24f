"""Findings: sentences that hold for the chosen clips, each with a small chart and a way to the view behind it."""

import pandas as pd
import streamlit as st

from pages.common import resources
from pages.common.charts import chart
from pages.common.inputs import download
from pages.common.navigation import go_to
from pages.explore import texts
from pages.explore.selection import Selection
from pages.explore.sources import ONLY_RAVDESS
from ser.exploration.evidence import Finding
from ser.exploration.findings import findings
from ser.figures.findings import finding_figure
from ser.text import count, plain

_TRAIN = "pages/train/page.py"
_MOST = 5
# Finding → the view behind it, and what is chosen there; the key of a widget that depends on the clips ends with "*".
_RECOGNISED = ("Overview", {"explore_recognised_by": "emotion"})
_BEHIND: dict[str, tuple[str, dict[str, str]]] = {
    "alike_in_both": ("Features", {"explore_side*": "Both data sets"}),
    "model_beats_people": _RECOGNISED,
    "people_beat_the_model": _RECOGNISED,
    "hard_for_both": _RECOGNISED,
    "easier_if_strong": ("Overview", {"explore_recognised_by": "intensity"}),
    "easier_if_female": ("Overview", {"explore_recognised_by": "sex"}),
    "depends_on_the_speaker": ("Features", {"explore_side*": "Emotion or actor?"}),
    "ends_of_sentences": ("Over time", {"explore_contour": "f0", "explore_contour_by*": "emotion"}),
    "loudest": ("Over time", {"explore_contour": "loudness", "explore_contour_by*": "emotion"}),
    "highest": ("Features", {"explore_side*": "One feature"}),
    "closest_pair": ("Map", {"explore_colour_by*": "emotion"}),
}


def show_findings(selection: Selection) -> None:
    """Show what the clips that the filters leave tell, the clearest first."""
    answers = resources.out_of_fold() if selection.corpora == ONLY_RAVDESS else None
    found = selection.kept("findings", work=lambda: findings(selection.table, answers, most=_MOST))
    for finding in found:
        with st.container(border=True):
            # Labels of a visitor's own clips may hold signs of Markdown.
            st.markdown(f"#### {finding.sentence if not selection.own else _escaped(finding)}")
            left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
            with left:
                key = f"explore_finding_{finding.name}"
                chart(finding_figure(finding.chart), key=key, alt=_in_words(finding))
            with right:
                st.caption(texts.FINDING[finding.name])
                _lead_on(finding, selection)
    if len(found) < _MOST:
        st.info(texts.few_findings(count(len(found), "finding")), icon=":material/info:")


def _escaped(finding: Finding) -> str:
    return "**".join(plain(part) for part in finding.sentence.split("**"))


def _lead_on(finding: Finding, selection: Selection) -> None:
    """Show a button that leads to the view behind a finding, and one that saves its numbers."""
    key = f"explore_behind_{finding.name}"
    with st.container(horizontal=True, gap="small"):
        if finding.name in _BEHIND:
            view, _ = _BEHIND[finding.name]
            st.button(
                f"See more: {view}",
                key=key,
                icon=":material/arrow_forward:",
                on_click=_look,
                args=(finding.name, selection.suffix),
            )
        elif st.button("Try it on Train", key=key, icon=":material/arrow_forward:"):
            go_to(_TRAIN)
        data = _table(finding)
        download(
            "CSV",
            lambda: data.to_csv(index=False).encode("utf-8-sig"),
            f"{finding.name}.csv",
            "text/csv",
            key=f"{key}_csv",
            type="tertiary",
        )


def _look(name: str, suffix: str) -> None:
    """Choose the view behind a finding."""
    view, choices = _BEHIND[name]
    st.session_state["explore_view"] = view
    for key, value in choices.items():
        st.session_state[key.replace("*", suffix)] = value


def _table(finding: Finding) -> pd.DataFrame:
    """Return the numbers in the chart of a finding."""
    chart = finding.chart
    numbers = {f"{name} {chart.axis}".strip(): values for name, values in chart.series.items()}
    return pd.DataFrame({"": chart.labels} | numbers)


def _in_words(finding: Finding) -> str:
    """Return the chart in words, for those who cannot see it."""
    chart = finding.chart
    parts = []
    for name, values in chart.series.items():
        rates = ", ".join(f"{label} {value:.3g}" for label, value in zip(chart.labels, values, strict=True))
        parts.append(f"{name}: {rates}" if name else rates)
    return f"{chart.axis}: {'; '.join(parts)}"
