"""What the tests share."""

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from ser.data.ravdess import default_source, open_source
from ser.data.table import FeatureTable
from ser.threads import one_blas_thread
from tests.helpers import shipped
from tests.helpers.browser import chromium, demo, microphone, visit  # noqa: F401

# As in the app: the products are small, and threads would spend the processors' time on waiting for each other.
one_blas_thread()
# Work is done in this process, where its coverage is measured. A served app and tests/workers have processes of their
# own.
os.environ["SER_WORKERS"] = "0"


@pytest.fixture(scope="session")
def table() -> FeatureTable:
    """The shipped feature table; no test changes it."""
    return shipped.table()


@pytest.fixture(scope="session")
def part(table) -> FeatureTable:
    """About twenty clips of an actor of eight: enough to learn from, quick to learn."""
    return table.select((table.actors <= 8) & (np.random.default_rng(0).random(len(table)) < 0.34))


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
def cases(tmp_path_factory) -> Path:
    """The folder with the recordings and archives that people reported; SER_CASES names it, or its zip."""
    place = os.environ.get("SER_CASES")
    if not place:
        pytest.skip("needs the reported recordings and archives: set SER_CASES to their zip or folder")
    if Path(place).is_dir():
        return Path(place)
    folder = tmp_path_factory.mktemp("cases")
    with zipfile.ZipFile(place) as archive:
        archive.extractall(folder)
    return next(folder.rglob("zips")).parent


@pytest.fixture(scope="session")
def nemo() -> Path:
    """The zip with 53 clips of nEMO that SER_NEMO names."""
    place = os.environ.get("SER_NEMO")
    if not place:
        pytest.skip("needs clips of nEMO: set SER_NEMO to a zip of them")
    return Path(place)


def pytest_collection_modifyitems(items):
    """Every test in the browser is slow."""
    for item in items:
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.slow)
