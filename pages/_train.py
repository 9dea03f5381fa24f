"""Runs app.py when the first visit of a server is at /train; `pages/_explore.py` says why."""

import runpy
from pathlib import Path

runpy.run_path(str(Path(__file__).parents[1] / "app.py"))
