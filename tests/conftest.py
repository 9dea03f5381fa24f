"""What the tests share."""

import os
import sys
import zipfile
from pathlib import Path

import pytest

# `pages` is no package that gets installed: it is found, as by `streamlit run`, beside app.py.
sys.path.insert(0, str(Path(__file__).parents[1]))

from browser import chromium, demo, microphone, visit  # noqa: F401

from ser.ravdess import default_source, open_source
from ser.training import one_blas_thread

# As in the app: the products are small, and threads would spend the processors' time on waiting for each other.
one_blas_thread()


@pytest.fixture(scope="session")
def ravdess():
    """The RAVDESS audio of this machine, opened."""
    place = default_source()
    if place is None:
        pytest.skip("needs the RAVDESS audio: set SER_RAVDESS to the zip or folder, or run `python -m ser download`")
    with open_source(place) as source:
        yield source


@pytest.fixture(scope="session")
def emodb():
    """The zip with EMO-DB that SER_EMODB names."""
    place = os.environ.get("SER_EMODB")
    if not place:
        pytest.skip("needs EMO-DB: set SER_EMODB to its zip or folder")
    return Path(place)


@pytest.fixture(scope="session")
def cases():
    """The zip of recordings and archives that people reported, which SER_CASES names."""
    place = os.environ.get("SER_CASES")
    if not place:
        pytest.skip("needs the reported recordings: set SER_CASES to their zip")
    with zipfile.ZipFile(place) as archive:
        yield archive
