"""The app: the frame around its pages, and their names and addresses.

Run it with `streamlit run app.py`, which imports this file once to start the server, and then runs it for each visitor.
"""

import streamlit as st

from pages.common import navigation
from pages.common.server import counters

_STYLE = (
    # Streamlit writes white text on primary buttons. In the dark theme the colour of these buttons is light, so the
    # text has to be black there.
    "[data-testid='stBaseButton-primary']:enabled "
    "{ color: oklch(from currentColor calc((0.6 - l) * 999) 0 0); }"
    # Without an outline, only a slightly different shade would show which page has the keyboard's focus.
    "[data-testid='stTopNavLink']:focus-visible { outline: 2px solid currentColor; }"
    # Captions are drawn at 60 %, at which the colour of links has a contrast of only 3:1. The underline still marks
    # links.
    "[data-testid='stCaptionContainer'] a { color: inherit; }"
    # In the light theme, the grey text of charts has a contrast of only 3.7:1.
    ".js-plotly-plot text[style*='fill: rgb(128, 132, 149)'] { fill: currentColor !important; }"
    # On touch screens the button that saves a chart is always there; above the chart it covers no value.
    # The margin is that of the outermost box, which has the height of the chart and cuts off what reaches over it.
    "@media (hover: none) { [data-testid='stElementContainer']:has([data-testid='stPlotlyChart']) "
    "{ margin-top: 1.75rem; overflow: visible !important; }"
    "[data-testid='stPlotlyChart'] :is(div, .js-plotly-plot) { overflow: visible !important; }"
    ".js-plotly-plot .modebar-container { top: -1.75rem !important; } }"
    # The bar at the top covers part of the page, so scrolling to an element has to stop below the bar.
    "[data-testid='stMain'] { scroll-padding-top: 4.5rem; }"
    # On touch screens a table always shows its tools above itself; this margin keeps them off other elements.
    "@media (hover: none) { [data-testid='stElementContainer']:has([data-testid='stElementToolbar']) "
    "{ margin-top: 2.75rem; } }"
)


def show() -> None:
    """Show a visitor the page at the address, within its frame."""
    st.set_page_config(page_title="How a voice sounds", page_icon="🎙️", layout="wide")
    st.html(f"<style>{_STYLE}{navigation.STYLE}</style>")
    counters.visit()
    pages = [
        st.Page("pages/recognise/page.py", title="Recognise", icon=":material/mic:", default=True),
        st.Page("pages/explore/page.py", title="Explore", url_path="explore", icon=":material/insights:"),
        st.Page("pages/train/page.py", title="Train", url_path="train", icon=":material/model_training:"),
    ]
    page = st.navigation(pages, position="top")
    # One centred column for every page, no wider than is comfortable to read.
    with st.container(horizontal_alignment="center"), st.container(width=1100):
        navigation.links(pages)
        page.run()


if __name__ == "app":
    from starlette.middleware import Middleware

    from pages.common.server.compression import CompressedScripts
    from pages.common.server.routes import routes
    from pages.common.server.start import warmed_up

    app = st.App(__file__, lifespan=warmed_up, routes=routes(), middleware=[Middleware(CompressedScripts)])
else:
    show()
