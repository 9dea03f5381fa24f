"""Runs app.py when the first visit of a server is at /explore; `pages/_train.py` does it for /train.

Until app.py has called `st.navigation` once, Streamlit takes the files of a folder pages/ for the pages of the app, by
their names without the underscore. Without this file the first visitor would be told that there is no such page.
"""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "app.py"))
