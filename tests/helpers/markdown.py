"""Reads Markdown: fenced blocks, paragraphs, links."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_FENCE = re.compile(r"^(?P<indent> *)```(?P<language>[\w-]*)[^\n]*\n(?P<text>.*?)^(?P=indent)```$", re.M | re.S)
_COMMENT = re.compile(r"<!--.*?-->", re.S)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.S)


@dataclass(frozen=True)
class Block:
    """A fenced block.

    Attributes:
        path: of the file.
        line: where it begins, from 1.
        language: what stands behind the fence.
        text: between the fences.
    """

    path: Path
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        """The place of the block, as in README.md:12."""
        return f"{self.path.relative_to(ROOT)}:{self.line}"


def documents() -> list[Path]:
    """README and the other Markdown files at the top, and all of docs/, as far as they are in the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    return [ROOT / name for name in sorted(listed) if "/" not in name or name.startswith("docs/")]


def blocks(path: Path) -> list[Block]:
    """The fenced blocks of a file."""
    text = path.read_text("utf-8")
    return [
        Block(path, text.count("\n", 0, found.start()) + 1, found["language"], found["text"])
        for found in _FENCE.finditer(text)
    ]


def paragraphs(text: str) -> Iterator[str]:
    """Paragraphs and list items, without blocks, tables, headings, quotations, comments and front matter."""
    text = _COMMENT.sub("", _FENCE.sub("", _FRONT_MATTER.sub("", text)))
    for paragraph in re.split(r"\n\s*\n", text):
        # Lines that are indented by four are code.
        if paragraph.lstrip("\n").startswith(("    ", "|", "#", ">", "!", "--8<--", ":::", "---")):
            continue
        yield from (" ".join(item.split()) for item in re.split(r"\n(?= *(?:[-*]|\d+\.) )", paragraph.strip()))


def links(path: Path) -> list[str]:
    """Where the links and pictures of a file lead."""
    text = _COMMENT.sub("", _FENCE.sub("", path.read_text("utf-8")))
    return re.findall(r"\]\(([^)\s]+)\)", text)
