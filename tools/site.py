"""What `mkdocs build` does beside copying pages: the reference from docstrings, and the notebook as a page."""

import json
import re
from importlib import import_module
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files

_NOTEBOOK = "examples/from-clips-to-a-report"
_REFERENCE = re.compile(r"<!-- reference: ([\w.]+) -->")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the notebook as a page."""
    path = Path(config.docs_dir) / f"{_NOTEBOOK}.ipynb"
    files.append(File.generated(config, f"{_NOTEBOOK}.md", content=as_markdown(json.loads(path.read_text("utf-8")))))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put the main functions of a package in the place of the comment that names it."""
    return _REFERENCE.sub(lambda found: _reference(found.group(1)), markdown)


def _reference(package: str) -> str:
    """A mkdocstrings block for each class and function in the `__all__` of a package."""
    module = import_module(package)
    items = [(name, getattr(module, name)) for name in module.__all__]
    return "\n\n".join(f"::: {item.__module__}.{name}" for name, item in items if callable(item))


def as_markdown(notebook: dict[str, Any]) -> str:
    """A notebook as Markdown: texts as they are, code and its output as blocks."""
    parts = []
    for cell in notebook["cells"]:
        source = "".join(cell["source"])
        parts.append(source if cell["cell_type"] == "markdown" else f"```python\n{source}\n```")
        for output in cell.get("outputs", ()):
            text = "".join(output.get("text") or output.get("data", {}).get("text/plain", ()))
            parts.append(f"```text\n{text.rstrip()}\n```")
    return "\n\n".join(parts) + "\n"
