"""The sentences of the game."""

from pages.recognise.game.state import Round
from ser.emotions import described
from ser.evaluation import human_baseline
from ser.text import percent

_RIGHT, _WRONG = ":green[:material/check: right]", ":red[:material/close: wrong]"


def rules(rounds: int) -> str:
    return (
        f"You hear {rounds} clips of actors. After each one, say which emotion the actor meant. "
        "Then you see what the machine says. It never heard these actors. Neutral and calm count as the same."
    )


QUESTION = "What did the actor mean?"
BY_KEYBOARD = "You can also press the keys 1 to 8. Press N for the next clip."


def progress(number: int, rounds: int, visitor: int, machine: int) -> str:
    return f"**Clip {number} of {rounds}** · You {visitor} · Machine {machine}"


def meant(label: str) -> str:
    emotion = described(label)
    return f"{emotion.emoji} The actor meant {emotion.adjective}"


def result(played: Round) -> str:
    """What everybody said of a clip, as a list."""
    share = human_baseline.BY_EMOTION[played.clip.acted.emotion]
    lines = (
        f"**You:** {named(played.visitor)} {_verdict(played, played.visitor)}",
        f"**The machine:** {named(played.machine)} {_verdict(played, played.machine)} · "
        f"{percent(played.confidence)} sure",
        f"**People:** right {percent(share)} of the time with this emotion",
    )
    return "\n".join(f"- {line}" for line in lines)


def replay_line(played: Round) -> str:
    """What everybody said of a clip, in one line that breaks only between them."""
    said = (
        f"The actor meant **{named(played.clip.acted.emotion)}**.",
        f"You: {named(played.visitor)} {_mark(played, played.visitor)}",
        f"Machine: {named(played.machine)} {_mark(played, played.machine)}",
    )
    return " ".join(each.replace(" ", "\N{NO-BREAK SPACE}") for each in said)


def named(label: str) -> str:
    """An emotion with its face, as in "😠 angry"."""
    emotion = described(label)
    return f"{emotion.emoji} {emotion.adjective}"


def final(visitor: int, machine: int) -> str:
    if visitor > machine:
        return "🏆 You beat the machine"
    return "🤝 A draw" if visitor == machine else "The machine wins"


def final_score(visitor: int, machine: int, people: float, rounds: int) -> str:
    return (
        f"You were right for **{visitor}** of {rounds} clips. The machine was right for **{machine}**. "
        f"People in a study would be right for about {people:.0f} of such clips."
    )


REPLAY = "Hear them again"


def _verdict(played: Round, guess: str) -> str:
    return _RIGHT if played.right(guess) else _WRONG


def _mark(played: Round, guess: str) -> str:
    return ":green[:material/check:]" if played.right(guess) else ":red[:material/close:]"
