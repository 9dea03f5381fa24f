"""The demo's front door: how the pages are framed and named; everything else lives in `pages/` and `ser/`.

Run with `streamlit run app.py`.
"""

import streamlit as st

from pages.common import resources

st.set_page_config(page_title="How a voice sounds", page_icon="🎙️", layout="wide")

# Streamlit writes white on its primary buttons, whose colour in the dark theme must be light to be read as text. Theirs
# is the opposite of the text round them: white in the light theme, black in the dark one.
st.html(
    "<style>[data-testid='stBaseButton-primary']:enabled "
    "{ color: oklch(from currentColor calc((0.6 - l) * 999) 0 0); }"
    # Reached by keyboard, a page's name at the top would change its shade by a trifle only.
    "[data-testid='stTopNavLink']:focus-visible { outline: 2px solid currentColor; }"
    # Drawn at 60 %, as captions are, the colour of links has a contrast of 3:1 only; they are underlined as well.
    "[data-testid='stCaptionContainer'] a { color: inherit; }"
    # The grey of its charts' text in the light theme has a contrast of 3.7:1 only.
    ".js-plotly-plot text[style*='fill: rgb(128, 132, 149)'] { fill: currentColor !important; }"
    # The bar at the top lies over the page: what is scrolled to, by a link or by keyboard, has to stop below it.
    "[data-testid='stMain'] { scroll-padding-top: 4.5rem; }"
    # Where nothing can hover, the tools of a table are always there, above it: on what stands there, without this room.
    "@media (hover: none) { [data-testid='stElementContainer']:has([data-testid='stElementToolbar']) "
    "{ margin-top: 2.75rem; } }</style>"
)
resources.warm_up()

page = st.navigation(
    [
        st.Page("pages/recognise/page.py", title="Recognise", icon=":material/mic:", default=True),
        st.Page("pages/explore/page.py", title="Explore", url_path="explore", icon=":material/insights:"),
        st.Page("pages/train/page.py", title="Train", url_path="train", icon=":material/model_training:"),
    ],
    position="top",
)

# Wide, yet never wider than the eye reads with ease: one centred column for every page.
with st.container(horizontal_alignment="center"), st.container(width=1100):
    page.run()
