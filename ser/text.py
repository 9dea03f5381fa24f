"""How numbers, lists and foreign text are written in sentences, on every page and on the command line."""

from collections.abc import Sequence

_SPACE = "\N{NO-BREAK SPACE}"
_MARKS = frozenset(r"\`*_{}[]()<>#+-!|~$:")


def percent(share: float, decimals: int = 0) -> str:
    """Write a share, 0 to 1, as a percentage, kept together by a no-break space.

    Example:
        >>> percent(0.614), percent(0.614, 1)
        ('61\\xa0%', '61.4\\xa0%')
    """
    return f"{100 * share:.{decimals}f}{_SPACE}%"


def count(number: int, noun: str) -> str:
    """Write a number of things; the noun is given in the singular.

    Example:
        >>> count(1, "clip"), count(1440, "clip")
        ('1 clip', '1,440 clips')
    """
    return f"{number:,} {plural(number, noun)}"


def plural(number: int, noun: str) -> str:
    """Write a noun as it follows a number.

    Example:
        >>> plural(1, "clip"), plural(0, "clip")
        ('clip', 'clips')
    """
    return noun if number == 1 else f"{noun}s"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Write words as a list, or with `last="or"` as a choice.

    Example:
        >>> listed(["calm", "sad", "neutral"]), listed(["calm", "sad"], "or"), listed(["calm"])
        ('calm, sad and neutral', 'calm or sad', 'calm')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def few(words: Sequence[str], most: int = 5) -> str:
    """Write the first words of many.

    Example:
        >>> few(["a", "b"]), few(["a", "b", "c"], 2)
        ('a, b', 'a, b, …')
    """
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")


def signed(number: float, decimals: int = 0) -> str:
    """Write a difference with its sign.

    Example:
        >>> signed(1.25, 1), signed(-3)
        ('+1.2', '−3')
    """
    return true_minus(f"{number:+.{decimals}f}")


def true_minus(number: str) -> str:
    """Put a minus sign in the place of a hyphen."""
    return number.replace("-", "\N{MINUS SIGN}")


def duration(seconds: float) -> str:
    """Write a length of time.

    Example:
        >>> duration(3.26), duration(590)
        ('3.3\\xa0s', '9\\xa0min 50\\xa0s')
    """
    if seconds < 59.95:
        return f"{seconds:.1f}{_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}{_SPACE}min {rest}{_SPACE}s"


def time_left(seconds: float) -> str:
    """Write an estimate, no finer than it is worth.

    Example:
        >>> time_left(7.8), time_left(200)
        ('about 8 s left', 'about 3 min left')
    """
    return f"about {seconds:.0f} s left" if seconds < 90 else f"about {seconds / 60:.0f} min left"


def plain(text: str) -> str:
    """Escape text that a visitor brought, such as a file's name, so that Markdown shows it as it is.

    Example:
        >>> print(plain("my_*voice*.wav"))
        my\\_\\*voice\\*.wav
    """
    return "".join(f"\\{character}" if character in _MARKS else character for character in text)
