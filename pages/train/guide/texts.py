"""The sentences of the guided first run."""

from ser.text import count, percent

TITLE = "Your first model, in about a minute"
ABOUT = "Three short steps. You can also skip them."
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
    "Blue: clips that it learns from. Orange: voices set aside to check it; they are not those of the test. The flat "
    "dotted line is pure guessing. The upright one marks the best epoch, which is kept."
)


def train(clips: int, actors: int, tested: int) -> str:
    return (
        f"The model gets short recordings of {actors - tested} actors to learn from. It is told which emotion each "
        f"actor meant. Then it is tested on {count(tested, 'actor')} whom it has never heard. All {actors} "
        f"actors together have {clips:,} clips."
    )


def trained(accuracy: float, clips: int, tested: int, emotions: int, seconds: float) -> str:
    return (
        f"Done in {seconds:.0f} s. It named the right emotion for **{percent(accuracy)}** of {clips} clips. They come "
        f"from {count(tested, 'actor')} whom it had never heard. Pure guessing would be right for **1 in {emotions}**."
    )


LEAKY_TITLE = "2 · See what a leaky test would say"
LEAKY = (
    "A test is fair only if the voices are new to the model. In a leaky test, the same people are in the training and "
    "in the test. Many published tests are leaky. Run one too, and see how much better the same model looks."
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
