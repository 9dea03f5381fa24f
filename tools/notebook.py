"""Runs the notebook of the documentation, and writes its output into it.

python -m tools.notebook
"""

import os
import sys

import nbformat
from nbclient import NotebookClient

from tools.project import ROOT

NOTEBOOK = ROOT / "docs" / "examples" / "from-clips-to-a-report.ipynb"


def executed() -> nbformat.NotebookNode:
    """The notebook after a run from its first cell to its last.

    Raises:
        nbclient.exceptions.CellExecutionError: a cell failed.
    """
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    client = NotebookClient(
        notebook,
        timeout=120,
        record_timing=False,
        resources={"metadata": {"path": str(NOTEBOOK.parent)}},
    )
    return client.execute(env=os.environ | {"PYTHONPATH": str(ROOT)})


if __name__ == "__main__":
    nbformat.write(executed(), NOTEBOOK)
    print(f"{NOTEBOOK.relative_to(ROOT)} is written.", file=sys.stderr)
