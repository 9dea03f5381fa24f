"""What the tests share."""

import sys
from pathlib import Path

# `pages` is no package that gets installed: it is found, as by `streamlit run`, beside app.py.
sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import chromium, demo, microphone, visit  # noqa: F401
