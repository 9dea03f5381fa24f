"""How every page puts a plotly figure on the screen."""

import plotly.graph_objects as go
import streamlit as st

# Zooming by drag and double click stays; of the toolbar only the button that saves a picture is left.
_CONFIG = {"displaylogo": False, "scrollZoom": False, "modeBarButtons": [["toImage"]]}


def chart(figure: go.Figure, *, key: str, alt: str, select: bool = False, **selection: object) -> list[str]:
    """Show a figure across the width of its column.

    Args:
        figure: what a function of `ser.figures` returned.
        key: the widget key, with the page's prefix.
        alt: what the chart shows, in a sentence for those who cannot see it.
        select: whether points can be clicked and drawn round; a selection runs the page again.
        **selection: what may be chosen in it and what happens then, as `st.plotly_chart` takes it.

    Returns:
        The first of the `customdata` of each selected point; empty without `select`.
    """
    selection = {"on_select": "rerun"} | selection if select else selection
    shown = st.plotly_chart(figure, key=key, alt=alt, config=_CONFIG, theme="streamlit", **selection)
    return [str(_one(point["customdata"])) for point in shown["selection"]["points"]] if select else []


def _one(value: object) -> object:
    return value[0] if isinstance(value, (list, tuple)) else value
