"""Where things are on this machine. All environment variables of this package are read here."""

import os
from pathlib import Path

import platformdirs

_ROOT = Path(__file__).parents[1]
_CHECKOUT = (_ROOT / "models" / "default.json").exists()

SHIPPED_MODELS = _ROOT / "models" if _CHECKOUT else Path(__file__).parent / "shipped_models"
"""Folder of the models that come with the package: `models/` of a checkout, or inside the installed package."""


def ravdess_audio() -> Path | None:
    """The zip or folder with the RAVDESS audio that SER_RAVDESS names, whether or not it exists."""
    named = os.environ.get("SER_RAVDESS")
    return Path(named).expanduser() if named else None


def models_folder() -> Path:
    """Where models are kept: SER_MODELS, else `models/` of a checkout, else the user's data folder."""
    named = os.environ.get("SER_MODELS")
    if named:
        return Path(named).expanduser()
    return SHIPPED_MODELS if _CHECKOUT else platformdirs.user_data_path("ser", appauthor=False) / "models"


def cache_folders() -> tuple[Path, ...]:
    """Where downloads are kept: the user's cache folder, and after it the folder that older versions used."""
    base = os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA")
    old = (Path(base) if base else Path.home() / ".cache") / "ser"
    return tuple(dict.fromkeys((platformdirs.user_cache_path("ser", appauthor=False), old)))


def visitors_keep_models() -> bool:
    """Whether visitors may keep models, which takes disk space: unless SER_KEEP is 0, no or false."""
    return os.environ.get("SER_KEEP", "1").strip().lower() not in ("0", "no", "false")
