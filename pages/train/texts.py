"""The sentences that visitors of Train read; those on its settings are with the settings."""

import numpy as np

from ser.evaluation.significance import Significance
from ser.limits import DEMO
from ser.metrics import Evaluation
from ser.text import count, percent, signed

# The page, its settings, and the start.
INTRODUCTION = (
    "Choose how a multi-layer perceptron learns, watch it, and see how it does on voices that it never heard."
)


def curves_grow_here(takes: str) -> str:
    return f"The curves grow here. Press **Train**.{takes}"


def takes(duration: str) -> str:
    return f" These settings take {duration}."


def memory(size: str) -> str:
    return (
        f":material/memory: Takes about {size} of memory, more than a small host has to spare: if it runs out, the "
        "demo ends for everyone. Fewer units, members or copies take less."
    )


ONE_AT_A_TIME = (
    "One training at a time: stop the one under way first."
    if DEMO.visitor_trainings == 1
    else f"{DEMO.visitor_trainings} trainings at a time: stop one of those under way first."
)
ALL_PINNED = "All your runs are pinned, and no more fit. Unpin or delete one on Runs."


def makes_room(name: str) -> str:
    return (
        f"{name} is deleted when the next run starts, because {count(DEMO.runs, 'run')} of at most "
        f"{DEMO.memory_bytes >> 22} MB together can be kept. Pin it to keep it."
    )


def overdue() -> str:
    return (
        f"Stopped after {DEMO.training_seconds:,} s, the most that one training may take here. The best epoch so far "
        "is kept. Choose fewer epochs, units or members."
    )


LEAK_TEST_HELP = (
    "Trains the same settings twice: with the same actors on both sides and with unseen actors, and shows both "
    "scores side by side."
)
SEARCH_UNDER_WAY = "A search is under way. Trainings wait until it is over, or stopped on Search."
SETTINGS_FILE = "`python -m ser evaluate --settings settings.json` gives the same score on the command line."
LINK = (
    "The link carries the settings alone. The address of this page, once you have trained, also names your runs: "
    "whoever opens it, as you may in a second tab, sees and steers these runs, but none of your clips."
)


def file_too_large(megabytes: float) -> str:
    return (
        f"The file is {megabytes:.1f} MB large; settings take a thousandth. Give the file that “Download settings” "
        "made."
    )


def no_json(name: str, error: Exception) -> str:
    return f"{name} is no JSON ({error}). Give the file that “Download settings” made."


def how_long(seconds: float) -> str:
    """An estimate in words, no finer than it is worth."""
    if seconds < 10:
        return f"about **{max(1, round(seconds))} s**"
    return f"about **{round(seconds, -1):.0f} s**" if seconds < 90 else f"about **{seconds / 60:.0f} min**"


def how_much(size: float) -> str:
    """Memory in words, no finer than the estimate is worth."""
    return f"{size / 1e9:.1f} GB" if size > 995e6 else f"{round(size / 1e6, -1):.0f} MB"


# A run under way.
CURVES_BEGIN = "The curves begin with the first epoch."
PAUSE_HELP = "Waits after the epoch under way; others may use the place meanwhile."
STEP_HELP = "One epoch more, then it waits again. Pause first."
STOP_HELP = "Ends after the epoch under way and keeps the best one so far."
LEARNING_RATE_HELP = "The change is written into the run’s settings, so that they give the same score again."
NOTHING_WATCHED = (
    "No clips are held out to watch, so there is no map and no validation curve. Set *Watch* under *Learning* to "
    "see them move."
)
MAP_BEGINS = "The map begins with the first epoch."


def answers_map(clips: int) -> str:
    return (
        f"Each dot is one of {clips} clips that the network does not learn from, coloured by its actual emotion. In "
        "the middle it is undecided; near a name it is sure of that emotion."
    )


# The report of a run.
NO_MODEL = "Stopped before the first epoch was over: there is no model to judge."
UNSEEN_VOICES = "of voices that the scored models never heard."
SAME_VOICES = "with the same voices on both sides."


def one_voice(clips: int) -> str:
    return f"{clips} clips of one voice, each scored once"


SAME_ACTORS = "the same actors on both sides"
NOT_JUDGED_STOPPED = "Not judged, as the run was stopped before."
NOT_JUDGED = "Not judged. The leak test does both."


def uar_help(chance: str) -> str:
    return f"Unweighted average recall: every emotion counts alike. Guessing gives {chance}."


def uar_interval(level: str, low: str, high: str) -> str:
    return f"UAR over speakers, {level} interval: {low} to {high}"


def accuracy_interval(level: str, low: str, high: str) -> str:
    return f"Accuracy by the number of clips, {level} interval: {low} to {high}"


# Parts of the report.
EACH_DATA_SET = "**Each data set**, over the emotions that it has"
CONFUSION = (
    "Right answers lie on the diagonal; what lies beside it was taken for something else. Click a cell, or choose "
    "one below, to list its clips."
)


def answered_as(clips: int, actual: str, answered: str) -> str:
    return f"{count(clips, 'clip')} of *{actual}* {'was' if clips == 1 else 'were'} answered *{answered}*."


NONE_WRONG = "Not one clip was answered wrong."
HARDEST = "**Clips whose actual emotion it thought least of**"
NOT_PLAYABLE = "The recordings are not at hand here, so they cannot be played."


def first_of(shown: int, clips: int) -> str:
    return f"These are the first {shown} of {clips}."


def importance(clips: int) -> str:
    return (
        f"Ten shuffles over {clips:,} clips that this model did not learn from. Groups that say the same stand in "
        "for each other, so a small loss does not mean that a group says nothing."
    )


IMPORTANCE_OFFER = "Shuffles one group of features after the other among the clips, and sees what the score loses."
MORE_ACTORS = "A line that still rises at its end says that more voices would do more than other settings."
MORE_ACTORS_OFFER = "Would more actors help? Trains on ever more of them, each time judged on the same held-out ones."


def another_data_set(learnt: str) -> str:
    return (
        f"Trains these settings on {learnt} alone, and judges by a data set with other voices, words and microphones. "
        "Only the emotions that both have count."
    )


def learnt_without(learnt: str, clips: int) -> str:
    return f"{clips:,} clips; learnt from {learnt} alone"


STOPPED = "Stopped: this is how far it came."


def weighted(evaluation: Evaluation) -> str:
    scores = evaluation.weighted
    return (
        f"Weighted over {evaluation.n_clips:,} clips: precision **{percent(scores.precision, 1)}**, "
        f"recall **{percent(scores.recall, 1)}**, F1 **{percent(scores.f1, 1)}**."
    )


PER_CLASS = "Recall: how many of its clips were recognised. Precision: how many of the answers with it were right."


def per_actor(uars: np.ndarray) -> str:
    return (
        f"UAR of the {len(uars)} actors: mean **{percent(uars.mean(), 1)}**, standard deviation "
        f"**{100 * uars.std(ddof=1):.1f} points**, from {percent(uars.min())} to {percent(uars.max())}."
    )


UNSEEN_ACTORS = "How well each voice is recognised by a model that never heard it; voices differ more than settings do."
SEEN_ACTORS = "How well each voice is recognised by a model that has heard it before."


def reliability(ece: str) -> str:
    return f"Below the dotted line it is too sure of itself. Expected calibration error: **{ece}**."


def risk_coverage(all_clips: str, half: str) -> str:
    return f"Answering all: {all_clips} wrong; the surer half alone: **{half}** wrong."


# What becomes of the model, and the files.
NAME_HELP = "Small letters, digits, - and _."
KEEP_HELP = "Writes the model to the folder models/, for all who use this installation."
TAKE_AWAY_HELP = (
    "A zip: the model as ONNX, its card as JSON, and a ten-line example that runs without this demo. It answers "
    "one view of a clip and has no novelty check, so its numbers differ a little from those on Recognise, and "
    "nothing warns of music."
)


def in_use(name: str) -> str:
    return f"{name} now answers on Recognise, for you alone and until you close this tab."


KEPT_FOR_ALL = (
    "This model learnt from your own clips, and what is kept is for all visitors. Use it on Recognise or take it away."
)


def name_taken(name: str) -> str:
    return f"There is a model {name!r} in models/ already. Choose another name."


def kept(name: str) -> str:
    return f"Kept as {name} in models/, with a card that says how it was made and judged."


NO_REPLAY = "Stopped amid its folds, this run has no settings that give its score again."


def replay(name: str, uar: float, accuracy: float) -> str:
    return f"`python -m ser evaluate --settings {name}.json` prints the same: UAR {uar:.3f}, accuracy {accuracy:.3f}."


PICTURES = "Each chart’s own button saves it as a picture (PNG)."

# Runs beside each other.
NO_RUNS = "No runs yet. Train once or twice, then compare here."


def marked_settings(last: str) -> str:
    return (
        "Click a column’s name to sort. Only settings that differ are listed; marked ones differ from the last "
        f"row’s ({last})."
    )


SAME_SETTINGS = "Click a column’s name to sort. These runs have the same settings."
PIN_HELP = "A pinned run stays on top, and is kept when older ones make room."
NO_EPOCH = "No run has finished an epoch yet."
NO_VALIDATION = "None of these runs held clips out to watch. Choose another measure."
TWO_RUNS = "Two runs with a score on unseen actors are needed."


def differences(second: str) -> str:
    return (
        f"Above zero {second} is better; the dotted line is the mean. Fisher’s randomisation test: if neither were "
        "better, every actor’s difference might as well have the other sign. It counts actors, not clips, as clips "
        "of one voice are alike."
    )


def verdict(found: Significance, first: str, second: str) -> str:
    """What the test says, in words."""
    if not np.any(found.differences):
        return f"**{second}** and **{first}** recognise every one of the {len(found.actors)} actors equally well."
    low, high = found.interval or (0.0, 0.0)
    between = f" ({percent(0.95)} interval {points(low)} to {points(high)})" if found.interval else ""
    measured = (
        f"Over {len(found.actors)} actors, **{second}** differs from **{first}** by **{points(found.mean)} points** "
        f"of UAR{between}; p = {found.p_value:.3f}. "
    )
    if found.least_p > 0.05:
        return measured + (
            f"With {len(found.actors)} actors no difference could be shown: even a clean sweep gives "
            f"p = {found.least_p:.3f}. Judge both by EmoBox to use all 24."
        )
    if found.p_value >= 0.05:
        return measured + "That is within what chance does: **neither is shown to be better**."
    better = second if found.mean > 0 else first
    return measured + f"Chance seldom does that: **{better} is better** on such actors."


def points(share: float) -> str:
    """A difference in percentage points, with its sign."""
    return signed(100 * share, 1)


# The search.
SEARCH_STOP_HELP = "Ends within an epoch and keeps the best so far."
SEARCH = "A search tries settings near those of the sliders. Choose what to vary, then press **Search**."
NESTED_VALIDATION = (
    "Nested validation: the test actors of the protocol take no part in the search. Candidates are ranked by inner "
    "folds over the other actors; that score of the best of many flatters, as it was chosen for being high. The "
    "best is then judged once on the actors set aside: only that score counts."
)
CANDIDATES_HELP = "The first has the settings of the sliders."
METHOD_HELP = (
    "Random trains all alike. Halving gives all few epochs, and the better half twice as many, again and again."
)
BUSY = "Stop what is under way first."
NO_BEST = "Stopped before a candidate was judged: there is no best yet."
BEST_NOT_JUDGED = "Stopped, so the best was not judged on the actors set aside. Train it to see its score."
PARALLEL = "One line is one candidate. Drag along an axis to keep only the lines that pass there."

# The visitor's own clips.
OWN_CLIPS = (
    "Teach the network labels of your own: record or upload a few clips of each, then train on them alone or "
    "together with the data sets. They stay in this tab’s memory and are gone when you close it; **Save** keeps them."
)
NO_CLIPS = "No clips yet. Five or more of each label make a start."
SPEAKER_HELP = "Any name. With several speakers the score can tell how the model does on a voice it never heard."
FILES_LABEL = "Or files: audio, perhaps with a CSV, a zip with a folder for each label, or a saved session"
NO_LABEL = "Files whose labels neither a CSV, nor folders, nor their names tell take the label chosen above."
NOT_ADDED_AGAIN = "Recordings that were here already with the same label were not added again."


def more_advice(clips: int) -> str:
    return f"Advice on {clips} more is in the table."


SAVE_HELP = "A zip with recordings and labels; give it back here to go on another day."
