"""The sentences of Act it."""

from pages.recognise.act.state import TRIES, Try
from ser.emotions import NEUTRAL, described
from ser.text import percent

INTRODUCTION = (
    f"Say one sentence in eight ways. The model tells you how it sounds. You have {TRIES} tries for each emotion. "
    "Your recordings are not kept."
)
SENTENCE = "*“The kettle is on, and the train leaves at nine.”*"
READY = "**Ready.** Click the microphone and say the sentence."
WORKING = "**Listening** to your recording …"
NOT_COUNTED = "This try does not count. Please try again."
STOPPED = "You stopped this try, so it does not count."


def progress(number: int, prompts: int, passed: int) -> str:
    return f"**Emotion {number} of {prompts}** · {passed} done right"


def prompt(label: str) -> str:
    emotion = described(label)
    if label == NEUTRAL:
        return f"{emotion.emoji} Say this without any feeling"
    return f"{emotion.emoji} Say this as if you were *{emotion.adjective}*"


def tried(number: int, one: Try, target: str) -> str:
    """How a try sounded."""
    wanted = described(target).adjective
    if one.label == target:
        return f"- **Try {number}:** You sound {wanted}. :green[:material/check: {percent(one.share)}]"
    return (
        f"- **Try {number}:** You sound more {described(one.label).adjective} ({percent(one.confidence)}). "
        f"{wanted.capitalize()} gets {percent(one.share)}."
    )


def verdict(target: str, hit: bool, best: Try) -> str:
    """What the tries for a prompt come to."""
    wanted = described(target).adjective
    if hit:
        return f"Well done! The model hears that you are {wanted}."
    return f"That was hard. Your best try got {percent(best.share)} for {wanted}."


def tries_left(count: int) -> str:
    return f"{count} more {'try' if count == 1 else 'tries'}."


def final(passed: int, prompts: int) -> str:
    return f"The model heard what you meant for **{passed}** of {prompts} emotions."


TRUST = (
    "Do not worry if it was wrong about you. It learnt from actors, and people also miss many of these emotions. "
    "It hears only how your voice sounds, not what you feel."
)
