"""Where things are on this machine. All environment variables of this package are read here."""

import logging
import os
from pathlib import Path

import platformdirs

_ROOT = Path(__file__).parents[1]
_CHECKOUT = (_ROOT / "models" / "default.json").exists()

SHIPPED_MODELS = _ROOT / "models" if _CHECKOUT else Path(__file__).parent / "shipped_models"
"""Folder of the models that come with the package: `models/` of a checkout, or inside the installed package."""

EXAMPLES_MODEL = SHIPPED_MODELS / "examples"
"""Folder of the model that answers the demo's example clips of actors. It comes with a checkout, as the demo does."""


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
    """Whether visitors may keep models on the server, for all visitors: only if SER_KEEP is 1, yes or true."""
    return os.environ.get("SER_KEEP", "0").strip().lower() in ("1", "yes", "true")


def work_in_processes() -> bool:
    """Whether the web demo extracts and trains in processes of their own: unless SER_WORKERS is 0, no or false."""
    return os.environ.get("SER_WORKERS", "1").strip().lower() not in ("0", "no", "false")


def shows_counters() -> bool:
    """Whether the web demo answers `/counters` with its counts: only if SER_COUNTERS is 1, yes or true."""
    return os.environ.get("SER_COUNTERS", "").strip().lower() in ("1", "yes", "true")


def limit(name: str, default: int) -> int:
    """The whole number of at least 1 that a variable holds; if it cannot be used, the log says so and `default` counts.

    The variables and their defaults stand in `ser.limits`.
    """
    given = os.environ.get(name, "").strip()
    if not given:
        return default
    try:
        value = int(given)
    except ValueError:
        value = 0
    if value < 1:
        logging.getLogger(__name__).warning(
            "%s is “%s”, but a whole number of at least 1 is needed. Set it to one or remove it. Now %d is used.",
            name,
            given,
            default,
        )
        return default
    return value
