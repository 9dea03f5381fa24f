"""How numbers, lists and foreign text are written in sentences, on every page and on the command line."""

import unicodedata
from collections.abc import Sequence
from itertools import takewhile

_SPACE = "\N{NO-BREAK SPACE}"
_MARKS = frozenset(r"\`*_{}[]()<>#+-!|~$:")
# These turn the text that follows them round, so that `gpj.exe` reads as `exe.jpg`.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LONGEST_NAME = 120


def percent(share: float, decimals: int = 0) -> str:
    """Write a share, 0 to 1, as a percentage, kept together by a no-break space.

    Examples:
        >>> percent(0.614), percent(0.614, 1)
        ('61\\xa0%', '61.4\\xa0%')
    """
    return f"{100 * share:.{decimals}f}{_SPACE}%"


def count(number: int, noun: str) -> str:
    """Write a number of things; the noun is given in the singular.

    Examples:
        >>> count(1, "clip"), count(1440, "clip")
        ('1 clip', '1,440 clips')
    """
    return f"{number:,} {plural(number, noun)}"


def plural(number: int, noun: str) -> str:
    """Write a noun as it follows a number.

    Examples:
        >>> plural(1, "clip"), plural(0, "clip")
        ('clip', 'clips')
    """
    return noun if number == 1 else f"{noun}s"


def listed(words: Sequence[str], last: str = "and") -> str:
    """Write words as a list, or with `last="or"` as a choice.

    Examples:
        >>> listed(["calm", "sad", "neutral"]), listed(["calm", "sad"], "or"), listed(["calm"])
        ('calm, sad and neutral', 'calm or sad', 'calm')
    """
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def few(words: Sequence[str], most: int = 5) -> str:
    """Write the first words of many.

    Examples:
        >>> few(["a", "b"]), few(["a", "b", "c"], 2)
        ('a, b', 'a, b, …')
    """
    return ", ".join(words[:most]) + (", …" if len(words) > most else "")


def signed(number: float, decimals: int = 0) -> str:
    """Write a difference with its sign.

    Examples:
        >>> signed(1.25, 1), signed(-3)
        ('+1.2', '−3')
    """
    return true_minus(f"{number:+.{decimals}f}")


def true_minus(number: str) -> str:
    """Put a minus sign in the place of a hyphen."""
    return number.replace("-", "\N{MINUS SIGN}")


def duration(seconds: float) -> str:
    """Write a length of time.

    Examples:
        >>> duration(3.26), duration(590)
        ('3.3\\xa0s', '9\\xa0min 50\\xa0s')
    """
    if seconds < 59.95:
        return f"{seconds:.1f}{_SPACE}s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}{_SPACE}min {rest}{_SPACE}s"


def time_left(seconds: float) -> str:
    """Write an estimate, no finer than it is worth.

    Examples:
        >>> time_left(7.8), time_left(200)
        ('about 8 s left', 'about 3 min left')
    """
    return f"about {seconds:.0f} s left" if seconds < 90 else f"about {seconds / 60:.0f} min left"


def brief_names(names: Sequence[str], longest: int = 30) -> list[str]:
    """Cut long names so that they still differ.

    The two ends of a name are left. Where this would make two names the same, what all long names begin with goes. A
    number tells apart what is still the same.

    Examples:
        >>> brief_names(["interview-2026-11-26-morning-1.wav", "interview-2026-11-26-morning-2.wav", "a.wav"], 20)
        ['interview-…ning-1.wav', 'interview-…ning-2.wav', 'a.wav']
        >>> brief_names(["interview-2026-take-1-of-the-day.wav", "interview-2026-take-2-of-the-day.wav"], 20)
        ['…1-of-the-day.wav', '…2-of-the-day.wav']
    """
    cut = [_ends(name, longest) for name in names]
    if len(set(cut)) == len(set(names)):
        return cut
    long = [name for name in names if len(name) > longest]
    shared = sum(1 for _ in takewhile(lambda characters: len(set(characters)) == 1, zip(*long, strict=False)))
    cut = [f"…{_ends(name[shared:], longest)}" if len(name) > longest else name for name in names]
    first = dict(zip(reversed(cut), reversed(names), strict=True))
    return [
        brief if first[brief] == name else f"{brief} ({number})"
        for number, (brief, name) in enumerate(zip(cut, names, strict=True), start=1)
    ]


def _ends(name: str, longest: int) -> str:
    half = longest // 2
    return name if len(name) <= longest else f"{name[:half]}…{name[-half:]}"


def plain(text: str) -> str:
    """Escape text of a visitor, such as a file's name, so that Markdown shows it as it is.

    Examples:
        >>> print(plain("my_*voice*.wav"))
        my\\_\\*voice\\*.wav
    """
    return "".join(f"\\{character}" if character in _MARKS else character for character in text)


def shown_name(name: str) -> str:
    """A file's name as it can be shown: on one line, in one direction, and shortened in the middle if it is long.

    A name may hold anything, such as codes that change the colours of a terminal.

    Examples:
        >>> print(shown_name("a\\x1b[31m\\nb.wav"), shown_name("x" * 4000 + ".wav")[55:65])
        a�[31m�b.wav xxxxx…xxxx
    """
    name = one_way(name)
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else f"{name[:half]}…{name[-half:]}"


def one_way(text: str) -> str:
    """A text with a replacement character for each that controls a terminal or turns what follows round."""
    return "".join("\ufffd" if _controls(character) else character for character in text)


def _controls(character: str) -> bool:
    return character in _TURNING or unicodedata.category(character) in ("Cc", "Zl", "Zp")
