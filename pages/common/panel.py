"""A chart of Explore or Train with a title, a line on how to read it, and its data as CSV."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.common.charts import chart
from pages.common.inputs import download
from ser.evaluation.diagnostics import Reliability
from ser.figures.report import reliability_figure


def panel(
    title: str,
    figure: go.Figure,
    data: pd.DataFrame,
    *,
    key: str,
    alt: str,
    read: str,
    select: bool = False,
    above: DeltaGenerator | None = None,
) -> list[str]:
    """Show a chart under its title, with its data to download, and below it a line on how to read it.

    Args:
        title: the title.
        figure: a figure of `ser.figures`.
        data: the numbers in the chart, with units in the names of columns.
        key: the widget key, with the page's prefix.
        alt: describes the chart in a sentence, for screen readers.
        read: one line on how to read the chart, in Markdown.
        select: whether points can be selected.
        above: a container for the title, if controls stand between it and the chart.

    Returns:
        The `customdata` of the selected points; empty without `select`.
    """
    with above or st.container():
        heading(title, data, key)
    selected = chart(figure, key=key, alt=alt, select=select) or []
    # Below the chart, so that a phone's first screen shows the chart.
    st.caption(read)
    return selected


def reliability_panel(curves: Mapping[str, Reliability], *, key: str, read: str) -> None:
    """Show for each data set, by its title, how often answers of each confidence were right."""
    panel(
        "As right as it is confident?",
        reliability_figure(curves),
        pd.concat([pd.DataFrame({"Data set": title} | vars(curve)) for title, curve in curves.items()]),
        key=key,
        alt="Share of right answers by confidence, for each data set",
        read=read,
    )


def heading(title: str, data: pd.DataFrame, key: str) -> None:
    """Show a title, and beside it a button that downloads data as CSV."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.subheader(title, anchor=False, width="content")
        csv_button(data, key)


def csv_button(data: pd.DataFrame, key: str) -> None:
    """Show a button that downloads a table as CSV."""

    def written() -> Any:
        # The byte order mark tells spreadsheets that the file is UTF-8.
        return data.to_csv(index=False).encode("utf-8-sig")

    download(
        "CSV",
        written,
        f"{key}.csv",
        "text/csv",
        key=f"{key}_csv",
        type="tertiary",
        help="The numbers behind this chart",
        width="content",
    )
