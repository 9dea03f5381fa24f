"""A chart of Explore or Train with all that belongs to it: title, how to read it, the data behind it."""

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.common.charts import chart


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
    """Show a chart under its title, with a line on how to read it and its data to download.

    Args:
        title: what it shows.
        figure: what a function of `ser.figures` returned.
        data: the numbers behind it, a column each with its unit.
        key: the widget key, with the page's prefix.
        alt: what it shows, in a sentence for those who cannot see it.
        read: one line on how to read it, in Markdown.
        select: whether points can be clicked and drawn round.
        above: a place for title and line, where controls stand between them and the chart.

    Returns:
        The `customdata` of the points that are selected; empty without `select`.
    """
    with above or st.container():
        heading(title, data, key)
        st.caption(read)
    return chart(figure, key=key, alt=alt, select=select) or []


def heading(title: str, data: pd.DataFrame, key: str) -> None:
    """Show a title and beside it a button that downloads the data below it as CSV."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", gap="small"):
        st.subheader(title, anchor=False, width="content")
        csv_button(data, key)


def csv_button(data: pd.DataFrame, key: str) -> None:
    """Show a button that downloads a table as CSV."""

    def written() -> Any:
        # The mark at the beginning tells spreadsheets that it is UTF-8.
        return data.to_csv(index=False).encode("utf-8-sig")

    st.download_button(
        "CSV",
        written,
        file_name=f"{key}.csv",
        mime="text/csv",
        key=f"{key}_csv",
        icon=":material/download:",
        type="tertiary",
        on_click="ignore",
        help="The numbers behind this chart",
        width="content",
    )
