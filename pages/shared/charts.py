"""How every page puts a plotly figure on the screen."""

import plotly.graph_objects as go
import streamlit as st

# Zooming by drag and double click stays; the toolbar that covers the chart goes.
_CONFIG = {"displayModeBar": False, "displaylogo": False, "scrollZoom": False}


def chart(figure: go.Figure, *, key: str, alt: str, **selection: object) -> None:
    """Show a figure across the width of its column.

    Args:
        figure: what a function of `ser.figures` returned.
        key: the widget key, with the page's prefix.
        alt: what the chart shows, in a sentence for those who cannot see it.
        **selection: what may be chosen in it and what happens then, as `st.plotly_chart` takes it.
    """
    st.plotly_chart(figure, key=key, alt=alt, config=_CONFIG, theme="streamlit", **selection)
