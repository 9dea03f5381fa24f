"""The licences of everything that the web demo installs, as the packages themselves state them."""

import re
from importlib.metadata import metadata

import pytest
from packaging.requirements import Requirement

from tests.helpers.server import ROOT

# Licences that ask nothing of whoever only uses or serves a package. LGPL is fine for libraries that are loaded as they
# come, and MPL for files that nobody changes.
ALLOWED = re.compile(
    r"MIT|MIT-0|MIT-CMU|MIT License|BSD|BSD License|0BSD|BSD-[23]-Clause|3-Clause BSD License|BSD 3-Clause License"
    r"|Apache[- ]2\.0|Apache License 2\.0|Apache Software License|Apache-2\.0 WITH LLVM-exception|ISC|Zlib|CC0-1\.0"
    r"|PSF-2\.0|MPL-2\.0|LGPL-2\.1-or-later"
)
# What states no licence in its metadata, with where it does.
STATED_ELSEWHERE = {"audio-recorder-streamlit": "MIT, in the LICENSE file of its wheel"}


def installed() -> list[str]:
    """The packages of requirements.txt that belong on this system."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    requirements = [Requirement(line) for line in lines if line and not line.startswith("#")]
    return [each.name for each in requirements if each.marker is None or each.marker.evaluate()]


def licences(name: str) -> list[str]:
    """The licences that a package states: as an expression, as text, or among its classifiers."""
    about = metadata(name)
    first_line = (about.get("License") or "").strip().partition("\n")[0]
    classified = [each.split(" :: ")[-1] for each in about.get_all("Classifier", []) if each.startswith("License")]
    for stated in (about.get("License-Expression"), first_line):
        parts = re.split(r"\s+(?:AND|OR)\s+", stated or "")
        if stated and all(ALLOWED.fullmatch(part) for part in parts):
            return parts
    return [part for part in classified if part != "OSI Approved"] or ([first_line] if first_line else [])


@pytest.mark.parametrize("name", installed())
def test_a_package_of_the_demo_may_be_used_and_served_by_anybody(name):
    stated = licences(name)
    if name in STATED_ELSEWHERE:
        assert not stated, f"{name} states {stated} now: take it out of STATED_ELSEWHERE"
        return
    assert stated and all(ALLOWED.fullmatch(each) for each in stated), f"{name}: {stated}"


def test_the_libraries_of_ffmpeg_are_under_the_lgpl():
    """PyAV's wheels carry FFmpeg, whose licence hangs on how it was built."""
    from av._core import library_meta

    stated = {name: about["license"] for name, about in library_meta.items()}
    assert stated and all(licence.startswith("LGPL") for licence in stated.values()), stated


def test_known_weaknesses_are_looked_for_where_there_is_a_network():
    """`.ci/run` asks pip-audit about every pinned version, and says so if there is no network."""
    assert "pip-audit" in (ROOT / ".ci" / "run").read_text("utf-8")
