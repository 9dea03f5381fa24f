"""The demo's clips of actors, and synthetic voices: two are examples too, the others are for tests and benchmarks."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
_FOLDERS = (ROOT / "pages" / "common" / "examples", ROOT / "tests" / "recordings" / "voices")

#: How it speaks, such as "quick_and_low" → file.
VOICES: dict[str, Path] = {path.stem: path for folder in _FOLDERS for path in folder.glob("*.ogg")}
ALL: list[Path] = [VOICES[stem] for stem in sorted(VOICES)]
#: Clips of RAVDESS's actors.
ACTORS: list[Path] = sorted((_FOLDERS[0] / "actors").glob("*.ogg"))
