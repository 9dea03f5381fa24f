"""Words for emotions, as people write them in folders and tables, and the label of each.

A word is recognised in any case, with any accents and separators, with a number or a speaker's mark beside it
(`male_angry`, `OAF_Fear`, `05-happy`), in several languages, and with one typing error (`suprised`). A word that is not
recognised stays as it is.
"""

import difflib
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from ser.memory import of_visitors

_LANGUAGES: dict[str, tuple[str, ...]] = {
    # English first, with the abbreviations of data sets, then German, French, Spanish, Portuguese, Italian, Polish,
    # Turkish, Russian, Chinese.
    "neutral": (
        "neutral neutrality neu neutre neutro neutra neutrale neutralny neutralna neutralnie neutr nötr notr",
        "нейтральный нейтральная нейтрально нейтраль 中立 中性 平静",
    ),
    "calm": ("calm calmness calmed relaxed serene ruhig ruhe calme calma calmo calmado spokojny sakin", "спокойствие"),
    "happy": (
        "happy happiness joy joyful joyous hap excited excitement excite exc delighted elated",
        "freude fröhlich fröhlichkeit glücklich glück joie heureux heureuse alegria alegre felicidad feliz",
        "felicidade gioia gio felicità felice allegria radość radosny szczęście mutlu mutluluk sevinç",
        "радость счастье веселье 快乐 高兴 开心 喜悦",
    ),
    "sad": (
        "sad sadness sorrow sorrowful sadly trauer traurig traurigkeit tristesse triste tristeza tristezza tri smutek",
        "smutny üzgün üzüntü mutsuz грусть печаль грустный 伤心 悲伤 难过",
    ),
    "angry": (
        "angry anger ang mad furious fury wut wütend ärger ärgerlich zorn zornig colère fâché enojo enojado enfado",
        "enfadado ira raiva rabbia rab arrabbiato złość gniew zły kızgın öfke öfkeli sinirli",
        "злость гнев злой 生气 愤怒",
    ),
    "fearful": (
        "fearful fear fea afraid scared anxiety anxious anx frightened terrified terror angst ängstlich furcht peur",
        "miedo medo paura pau strach lęk korku korkmuş страх испуг 恐惧 害怕",
    ),
    "disgust": (
        "disgust disgusted disgusting dis ekel geekelt dégoût asco nojo disgusto wstręt obrzydzenie iğrenme",
        "отвращение 厌恶",
    ),
    "surprised": (
        "surprised surprise surprising sur ps pleasant-surprise pleasant-surprised pleasantly-surprised astonished",
        "amazed überraschung überrascht sorpresa surpresa sor zaskoczenie zaskoczony şaşkın şaşkınlık",
        "удивление 惊喜 惊讶",
    ),
    "bored": ("bored boredom langeweile gelangweilt ennui aburrimiento noia nuda skuka", "скука 无聊"),
}

_SEXES = dict.fromkeys(("male", "m", "man", "men", "boy"), "male") | dict.fromkeys(
    ("female", "f", "w", "woman", "women", "girl"), "female"
)
_MARKS = frozenset(
    (
        *_SEXES,
        *(
            "oaf",
            "yaf",
            "oa",
            "ya",
            "emotion",
            "emotional",
            "emo",
            "audio",
            "speech",
            "voice",
            "voices",
            "wav",
            "clips",
        ),
        *("high", "low", "medium", "strong", "normal", "weak", "intense", "mild", "level", "intensity"),
    )
)
"""What stands beside an emotion's word and does not change it: whose voice it is, that it is one, how strong it is."""

_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"})
_SHORTEST_MISSPELT = 5
_SIMILARITY = 0.83


@dataclass(frozen=True)
class Meaning:
    """What a word means.

    Attributes:
        label: of `ser.emotions.LABELS`, or "bored"; another word in lower case if it is not known.
        known: whether it is the word of an emotion.
        sex: "male" or "female" where the word has it beside the emotion, else "".
    """

    label: str
    known: bool
    sex: str = ""


@of_visitors
@lru_cache(maxsize=4096)
def meaning(word: str) -> Meaning:
    """What a word in a folder's name or a table means.

    Examples:
        >>> meaning("female_Fear"), meaning("unhappy").known
        (Meaning(label='fearful', known=True, sex='female'), False)
        >>> [meaning(word).label for word in ("Pleasant_Surprise", "suprised", "Heimweh")]
        ['surprised', 'surprised', 'heimweh']
    """
    parts = _parts(word)
    core = [part for part in parts if part not in _MARKS and not part.isdigit()]
    sex = next((_SEXES[part] for part in parts if part in _SEXES), "")
    for candidate in ("-".join(parts), "-".join(core), "-".join(part.rstrip("0123456789") for part in core)):
        label = WORDS.get(candidate) or _misspelt(candidate)
        if label:
            return Meaning(label, True, sex)
    return Meaning(" ".join(word.split()).lower(), False)


def _parts(word: str) -> list[str]:
    """A word's parts in lower case and without accents: `OAF_Pleasant_surprise` is oaf, pleasant, surprise."""
    # A capital within a word begins a part: `PleasantSurprise`.
    separated = re.sub(r"(?<=[a-z])(?=[A-Z])", "-", unicodedata.normalize("NFC", word))
    return [part for part in re.split(r"[\W_]+", _plain(separated)) if part]


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character)).replace("ł", "l")


def _misspelt(word: str) -> str | None:
    """The label of the known word that this one is a typing error of.

    The first letter is hardly ever wrong. It must be the same, which keeps `danger` from `anger` and `unhappy` from
    `happy`.
    """
    if len(word) < _SHORTEST_MISSPELT:
        return None
    similar = [known for known in _SPELT if known[0] == word[0] and abs(len(known) - len(word)) <= 2]
    mixed_up = [known for known in similar if sorted(known) == sorted(word)]
    closest = mixed_up or difflib.get_close_matches(word, similar, n=1, cutoff=_SIMILARITY)
    return WORDS[closest[0]] if closest else None


WORDS: dict[str, str] = {
    spelling: label
    for label, lines in _LANGUAGES.items()
    for word in " ".join(lines).split()
    for spelling in (_plain(word), _plain(word.translate(_UMLAUTS)))
} | {"hapy": "happy", "angy": "angry", "clam": "calm"}
"""Word in lower case, without accents and with hyphens → label."""

# Slips of the pen are looked for in English alone, the language of most sets' folders: other words are too much alike.
_SPELT = tuple(
    word
    for lines in _LANGUAGES.values()
    for word in lines[0].split()
    if len(word) >= _SHORTEST_MISSPELT - 1 and word.isascii()
)
