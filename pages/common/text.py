"""How numbers, lists and foreign text are put in words on every page."""

from collections.abc import Sequence

_MARKS = frozenset(r"\`*_{}[]()<>#+-!|~$:")


def length(seconds: float) -> str:
    """Return a clip's length as people say it.

    Example:
        >>> length(3.26), length(590)
        ('3.3\\xa0s', '9\\xa0min 50\\xa0s')
    """
    if seconds < 59.95:
        return f"{seconds:.1f}\N{NO-BREAK SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}\N{NO-BREAK SPACE}min {rest}\N{NO-BREAK SPACE}s"


def either(options: Sequence[str]) -> str:
    """Return words as a choice.

    Example:
        >>> either(["calm", "sad", "neutral"])
        'calm, sad or neutral'
    """
    return options[0] if len(options) == 1 else f"{', '.join(options[:-1])} or {options[-1]}"


def plain(text: str) -> str:
    """Return text that a visitor brought, such as a file's name, so that Markdown shows it as it is.

    Example:
        >>> print(plain("my_*voice*.wav"))
        my\\_\\*voice\\*.wav
    """
    return "".join(f"\\{character}" if character in _MARKS else character for character in text)
