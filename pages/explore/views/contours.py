"""Contours: mean pitch and loudness over the sentence, by group of clips."""

import pandas as pd
import streamlit as st

from pages.common.inputs import choose
from pages.common.panel import panel
from pages.explore import texts
from pages.explore.selection import Selection, pick_field, rare, row
from pages.explore.sources import ONLY_RAVDESS
from ser.features.contours import average, relative
from ser.figures.features import contour_figure

TITLES = {"f0": "Pitch", "loudness": "Loudness"}
_BANDS = {"interval": "95 % interval", "spread": "Middle half", "none": "None"}
_UNITS = {
    ("f0", False): "Pitch (semitones over 100 Hz)",
    ("f0", True): "Pitch (semitones above the speaker’s median)",
    ("loudness", False): "Loudness (dBFS)",
    ("loudness", True): "Loudness (dB above the speaker’s median)",
}


def over_time(selection: Selection) -> None:
    """Show mean contours with bands, from the beginning of speech to its end."""
    if not selection.table.contours:
        st.info(
            texts.NO_CONTOURS,
            icon=":material/info:",
        )
        return
    with row():
        name = choose("Contour", TITLES, key="explore_contour", in_address=True)
        field = pick_field(selection, "A line for each", "explore_contour_by")
        with rare(texts.MORE):
            band = choose("Band", _BANDS, key="explore_contour_band", in_address=True)
            by_speaker = st.toggle(
                "Against each speaker’s own median",
                value=True,
                key="explore_contour_relative",
                bind="query-params",
                help=texts.RELATIVE_HELP,
            )
    values = selection.table.contours[name]
    if by_speaker:
        values = relative(values, selection.values("actor"))
    found = average(values, selection.values(field), selection.order(field))
    title = selection.fields[field]
    unit = _UNITS[name, by_speaker]
    data = pd.concat(
        [
            pd.DataFrame(
                {title: each.group, "Clips": each.clips, "Place (%)": 100 * each.share, f"{unit}, mean": each.mean,
                 "Lower quartile": each.low, "Upper quartile": each.high, "Half of the 95 % interval": each.error}
            )
            for each in found
        ]
    )  # fmt: skip
    panel(
        f"{TITLES[name]} over the sentence",
        contour_figure(found, unit, labels=field == "emotion", band=band),
        data,
        key="explore_contours",
        alt=f"Mean {TITLES[name]} over the sentence for each {title.lower()}",
        read=texts.contours(texts.BAND[band], selection.corpora == ONLY_RAVDESS),
    )
