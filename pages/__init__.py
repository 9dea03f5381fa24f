"""Everything that imports Streamlit: one folder a page, and `common` for what pages share."""
