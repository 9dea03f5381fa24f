"""Measures how much disk each package of the web demo takes, and writes the table in docs/environment.md.

    python -m tools.sizes

It looks at the environment that it runs in, and at the packages that requirements.txt names for it.
"""

import sys
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

from tools.model_card import between
from tools.project import ROOT

PAGE = ROOT / "docs" / "environment.md"
# Smaller packages are counted together.
_SMALL = 2_000_000
# What needs a package, where its name does not say it.
_USED_FOR = {
    "altair": "Streamlit needs it",
    "audio-recorder-streamlit": "the recorder on Recognise",
    "av": "decodes M4A, WebM, MP4 and more; brings FFmpeg's libraries",
    "joblib": "work on several processors",
    "librosa": "the features of the notebook's model, and `ser bench`",
    "llvmlite": "numba needs it",
    "ml-dtypes": "onnx needs it",
    "narwhals": "Streamlit and plotly need it",
    "numba": "librosa and umap-learn need it",
    "numpy": "arrays",
    "onnx": "the download of a run as ONNX",
    "pandas": "tables",
    "pillow": "Streamlit needs it",
    "plotly": "all charts",
    "protobuf": "onnx and Streamlit need it",
    "pyarrow": "reads the feature tables",
    "pydeck": "Streamlit needs it",
    "pynndescent": "umap-learn needs it",
    "scikit-learn": "training, PCA, LDA and t-SNE",
    "scipy": "signal processing",
    "soundfile": "decodes WAV, FLAC, OGG and MP3",
    "soxr": "resamples",
    "streamlit": "the pages",
    "tzdata": "pandas needs it",
    "umap-learn": "the map UMAP on Explore",
    "watchdog": "Streamlit needs it",
}


def sizes() -> dict[str, int]:
    """Name of each package of requirements.txt → bytes of its files, the largest first.

    Raises:
        SystemExit: a package is not installed.
    """
    found = {}
    for line in (ROOT / "requirements.txt").read_text("utf-8").splitlines():
        requirement = Requirement(line)
        if requirement.marker is None or requirement.marker.evaluate():
            try:
                found[requirement.name] = _bytes(distribution(requirement.name))
            except PackageNotFoundError:
                sys.exit(f"{requirement.name} is not installed: run pip install -r requirements.txt first.")
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _bytes(package: Distribution) -> int:
    """Bytes of a package's files, without the byte code that Python writes later."""
    paths = [Path(str(package.locate_file(file))) for file in package.files or ()]
    return sum(path.stat().st_size for path in paths if path.suffix != ".pyc" and path.is_file())


def table(found: dict[str, int]) -> str:
    """The table of sizes."""
    small = [size for size in found.values() if size < _SMALL]
    rows = [(f"`{name}`", size, _USED_FOR.get(name, "")) for name, size in found.items() if size >= _SMALL]
    rows.append((f"{len(small)} smaller packages", sum(small), ""))
    rows.append((f"**all {len(found)} packages**", sum(found.values()), ""))
    lines = [f"| {name} | {size / 1e6:,.0f} | {use} |" for name, size, use in rows]
    return "\n".join(["| package | MB | what it is for |", "|---|---|---|", *lines])


if __name__ == "__main__":
    page = between(PAGE.read_text("utf-8"), "sizes", table(sizes()), PAGE, tool="tools.sizes")
    PAGE.write_text(page, "utf-8")
    print(f"{PAGE.relative_to(ROOT)} is written.")
