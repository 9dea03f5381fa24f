"""Plotly charts, with the same options on every page."""

import plotly.graph_objects as go
import streamlit as st

# Of plotly's toolbar only the button that saves a picture is left. Dragging and double clicks still zoom.
_CONFIG = {"displaylogo": False, "scrollZoom": False, "modeBarButtons": [["toImage"]]}


def chart(figure: go.Figure, *, key: str, alt: str, select: bool = False, **selection: object) -> list[str]:
    """Show a figure across the width of its column, and return the first of the `customdata` of each selected point.

    With `select`, points can be selected, and a selection reruns the page; `selection` holds further arguments of
    `st.plotly_chart`. Screen readers read out `alt`.
    """
    selection = {"on_select": "rerun"} | selection if select else selection
    shown = st.plotly_chart(figure, key=key, alt=alt, config=_CONFIG, theme="streamlit", **selection)
    return [str(_one(point["customdata"])) for point in shown["selection"]["points"]] if select else []


def _one(value: object) -> object:
    return value[0] if isinstance(value, (list, tuple)) else value
