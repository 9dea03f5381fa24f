"""The sentences that visitors read about the examples."""

from ser.emotions import described
from ser.evaluation import human_baseline
from ser.text import percent

ACTORS = "**Real voices.** You hear an actor, and the model says which emotion it hears."
INVITE = "Play an actor’s clip"
SYNTHETIC = "**Try to fool it** with a computer voice:"
A_COPY = (
    "The shipped model knows this actor’s voice, which would make it too easy. So a copy of it answers here, and it "
    "was trained without this actor."
)
NEW_TO_THE_MODEL = "The model that answers here was trained without this actor."
LICENCE = (
    "The clip is from [RAVDESS](https://doi.org/10.5281/zenodo.1188976) by Livingstone and Russo, CC BY-NC-SA 4.0."
)


def all_clips(count: int) -> str:
    return f"All {count} clips"


def clip_of(number: int, count: int) -> str:
    return f"Clip {number} of {count}"


def meant(label: str, right: bool | None) -> str:
    """What the actor meant, and whether the model is right; None where it gave no answer."""
    emotion = described(label)
    verdict = {True: "The model is right.", False: "The model is wrong.", None: "The model was not sure."}[right]
    return f"{emotion.emoji} The actor meant **{emotion.adjective}**. {verdict}"


def people(label: str) -> str:
    """How often people are right about clips of an emotion."""
    both = label in human_baseline.ONE
    clips = f"{' and '.join(sorted(human_baseline.ONE, reverse=True))} clips" if both else f"{label} clips"
    one = " For people and the model, the two count as one." if both else ""
    return f"In a study, people recognised {percent(human_baseline.BY_EMOTION[label])} of the {clips}.{one}"
