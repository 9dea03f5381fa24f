"""The sentences in the report of a run."""

import numpy as np

from ser.metrics import Evaluation
from ser.text import count, listed, percent

LEAKY_BUTTON = "Show what a leaky test would say"
LEAKY_ABOUT = (
    "The score above comes from new voices. In a leaky test, the model already knows the voices, so it looks better "
    "than it is. The button trains a second model with the same settings, and shows both scores."
)
NO_MODEL = "You stopped before the first epoch was over, so there is no model to test."
UNSEEN_VOICES = "of the test, by voices that the model never heard."
SAME_VOICES = "of the test, by voices that the model learnt from."


def one_voice(clips: int) -> str:
    return f"{clips} clips of one voice, each tested once"


FAIR = "Fair test: new voices"
LEAKY = "Leaky test: known voices"
OWN_VOICE = "Test on the same voice"


def new_voices(clips: int, actors: int) -> str:
    return f"{clips:,} clips of {count(actors, 'actor')} that it never heard"


SAME_ACTORS = "it learnt from these voices"
NOT_JUDGED_STOPPED = "There is no score, because the run was stopped before."
NOT_JUDGED = "It was not tested on new voices."


def uar_help(chance: str) -> str:
    return (
        "Unweighted average recall: how often it is right, where each emotion counts the same. Guessing gives "
        f"{chance}."
    )


def compared(chance: str, to_beat: str | None) -> str:
    """What to compare a UAR with: guessing, and the UAR of the shipped model."""
    return f"Guessing: {chance}." + (f" The model of this demo with new voices: UAR {to_beat}." if to_beat else "")


def uar_interval(level: str, low: str, high: str) -> str:
    return f"With other speakers the UAR would probably lie between {low} and {high} ({level} interval)."


def accuracy_interval(level: str, low: str, high: str) -> str:
    return f"With other clips the accuracy would probably lie between {low} and {high} ({level} interval)."


# Parts of the report.
EACH_DATA_SET = "**Each data set**, over the emotions that it has"
CONFUSION = (
    "Right answers lie on the diagonal. All other cells are mistakes. The stronger the colour, the larger the share of "
    "the row. Click a cell, or choose one below, to list and hear its clips."
)


def answered_as(clips: int, actual: str, answered: str) -> str:
    return f"{count(clips, 'clip')} of *{actual}* {'was' if clips == 1 else 'were'} answered *{answered}*."


NONE_WRONG = "It answered every clip right."
HARDEST = "**Its biggest mistakes:** the clips where it gave the actual emotion the lowest chance"
NOT_PLAYABLE = "The recordings are not on this server, so they cannot be played."


def played(name: str, actor: int, actual: str, answered: str, confidence: str) -> str:
    return f"{name}, actor {actor}: actual **{actual}**, predicted {answered} ({confidence})"


def first_of(shown: int, clips: int) -> str:
    return f"These are the first {shown} of the {clips} clips."


def importance(clips: int) -> str:
    return (
        f"Each bar is the mean of ten shuffles over {clips:,} clips that this model did not learn from. A short bar "
        "need not mean that a group is useless, because another group may tell the same."
    )


IMPORTANCE_OFFER = (
    "This mixes up one group of features at a time, and measures how much the score drops. The larger the drop, the "
    "more the model needs that group."
)
MORE_ACTORS = "If the line still rises at its end, more voices would help. If it is flat, they would not."
MORE_ACTORS_OFFER = (
    "Would more actors help? This trains with more and more of them, and tests on the same new voices each time."
)


def another_data_set(learnt: str) -> str:
    return (
        f"This trains with the same settings on {learnt} only. The test has other voices, words and microphones. Only "
        "emotions that are in both data sets count."
    )


def learnt_without(learnt: str, clips: int) -> str:
    return f"{clips:,} clips. It learnt from {learnt} only."


STOPPED = "You stopped this. It shows what was found by then."


def weighted(evaluation: Evaluation) -> str:
    scores = evaluation.weighted
    return (
        f"Over all {evaluation.n_clips:,} clips: precision **{percent(scores.precision, 1)}**, "
        f"recall **{percent(scores.recall, 1)}**, F1 **{percent(scores.f1, 1)}**."
    )


PER_CLASS = (
    "Recall: of all clips with this emotion, how many it found. Precision: of all clips that it gave this answer, how "
    "many were right. F1 is between the two."
)


def per_actor(uars: np.ndarray) -> str:
    return (
        f"The UAR differs from actor to actor: from {percent(uars.min())} to {percent(uars.max())}. The mean of the "
        f"{len(uars)} actors is **{percent(uars.mean(), 1)}**, with a standard deviation of "
        f"**{100 * uars.std(ddof=1):.1f} points**."
    )


UNSEEN_ACTORS = "How well a model that never heard an actor gets this actor’s emotions."
SEEN_ACTORS = "How well the model gets the emotions of each actor that it learnt from."


def reliability(ece: dict[str, str]) -> str:
    errors = [f"**{each}**" if len(ece) == 1 else f"**{each}** on {name}" for name, each in ece.items()]
    return f"Below the dotted line it is too sure of itself. The expected calibration error is {listed(errors)}."


def risk_coverage(all_clips: str, half: str) -> str:
    return (
        f"If it answers all clips, {all_clips} of its answers are wrong. If it answers only the half that it is most "
        f"sure of, **{half}** are wrong."
    )


# What becomes of the model, and the files.
NAME_HELP = "Small letters, digits, - and _."
KEEP_HELP = "Keeps the model on this server, so that all visitors can use it."
TAKE_AWAY_HELP = (
    "A zip with the model as ONNX, its card, and a short example in Python that runs without this demo. Its numbers "
    "differ a little from those on Recognise, and it does not warn about music or noise."
)


def in_use(name: str) -> str:
    return f"{name} now answers on Recognise. Only you can use it, until you close this tab."


def name_taken(name: str) -> str:
    return f"There is a model called {name} already. Choose another name."


def kept(name: str) -> str:
    return f"{name} is kept on this server, with a card that says how it was made and tested."


REMOVE_HELP = "Takes the model away from all visitors. You can do this until you close this tab."


def removed(name: str) -> str:
    return f"{name} is removed."


NO_REPLAY = "This run was stopped between two rounds of its test, so no settings give the same score again."


def replay(name: str, uar: float, accuracy: float) -> str:
    return (
        f"On the command line, `python -m ser evaluate --settings {name}.json` prints the same: UAR {uar:.3f}, "
        f"accuracy {accuracy:.3f}."
    )


PICTURES = "The camera button of a chart saves it as a picture."
