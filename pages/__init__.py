"""Everything that imports Streamlit: one folder a page, and `common` for what pages share."""

import streamlit as st

# Secrets without a section become environment variables. `ser` reads its settings from these when it is imported.
st.secrets.load_if_toml_exists()
