"""The sentences of the guided first run."""

from ser.text import count, percent

TITLE = "Your first model, in about a minute"
ABOUT = "Three short steps. The training itself takes a few seconds. You can also skip them."
LEAVE = "Skip to the settings"
LEAVE_AT_THE_END = "See the full report and the settings"

TRAIN_TITLE = "1 · Train a model"
TRAIN_BUTTON = "Train a model"
TRAIN_AGAIN = "Try again"
AXIS = "Right answers (%)"
CURVES_COME = (
    "Two curves will grow here while the model learns: one for the clips that it learns from, one for voices "
    "set aside to check it."
)
CURVES = (
    "An epoch is one pass through the clips that it learns from. Blue (training): these clips, which it soon knows by "
    "heart. Orange (validation): the actors set aside to check it. The flat dotted line is pure guessing. The upright "
    "line marks the epoch with the best orange score, and the model of that epoch is kept. A part of that score is "
    "luck, which the test does not have."
)


def train(clips: int, actors: int, tested: int) -> str:
    return (
        f"The model learns from short recordings of {actors - tested} actors, of whom a few are set aside to check it "
        f"on the way. It is told which emotion each actor meant. Then it is tested on {count(tested, 'actor')} whom it "
        f"has never heard. All {actors} actors together have {clips:,} clips."
    )


def trained(accuracy: float, clips: int, tested: int, emotions: int, seconds: float, to_beat: float | None) -> str:
    """How a training ended; `to_beat` is the accuracy of the shipped model."""
    others = f", and the model of this demo for **{percent(to_beat)}**" if to_beat else ""
    return (
        f"Done in {seconds:.0f} s. It named the right emotion for **{percent(accuracy)}** of {clips} clips. They come "
        f"from {count(tested, 'actor')} whom it had never heard. Pure guessing would be right for "
        f"{percent(1 / emotions, 1)}{others}."
    )


LEAKY_TITLE = "2 · See what a leaky test would say"
LEAKY = (
    "A test is fair only if the voices are new to the model. In a leaky test, the same people are in the training and "
    "in the test, so the model already knows how each of them sounds. Many published tests of such models are leaky. "
    "A second model with the same settings shows how much better that looks."
)
AFTER_TRAINING = "Train a model in step 1 first."
FAIR = "Fair test: new voices"
LEAKY_SCORE = "Leaky test: same voices"


def leaky(fair: float, leaking: float) -> str:
    if leaking <= fair:
        return "This time the leaky test is no better than the fair one. That is rare. Most often it looks far better."
    return (
        f"The leaky test adds **{100 * (leaking - fair):.0f} points**. The model is no better for it. It simply knows "
        "these voices. A new person gets the fair score."
    )


USE_TITLE = "3 · Try it on your voice"
USE = "Let your model answer on the Recognise page. Record a sentence there, and see which emotion it picks."
USE_BUTTON = "Use it on my voice"
