"""The sentences that visitors of Train read; those on its settings are with the settings."""

import numpy as np

from ser.evaluation.significance import Significance
from ser.limits import DEMO
from ser.text import count, percent, signed

# The page, its settings, and the start.
INTRODUCTION = (
    "Train a small neural network to tell emotions apart. Watch it learn, test it on voices that it never heard, and "
    "try it on your own voice."
)


def curves_grow_here(takes: str) -> str:
    return f"The curves grow here. Press **Train**.{takes}"


WHAT_COMES = "What you will see here"
LOSS = "**Loss** (how wrong it still is)"
UAR = "**UAR** (how often it is right)"
EMPTY_CHART = "An empty chart, which fills once a training runs"


def what_comes(to_beat: float | None) -> str:
    goal = f" The model of this demo gets a UAR of **{percent(to_beat, 1)}**: can you beat it?" if to_beat else ""
    return (
        "1. **While it learns:** these two curves and a map of its answers. You can pause, stop or change its pace.\n"
        f"2. **Then its score** on voices that it never heard.{goal}\n"
        "3. **Then its mistakes:** by emotion, by speaker and clip by clip. You can try it on your own voice."
    )


SEE_THE_CURVES = "See the curves"


def under_way(name: str) -> str:
    return f"{name} is learning"


def last_score(run: str, uar: str, *, unseen: bool) -> str:
    return f"{run}: UAR **{uar}** on {'new' if unseen else 'known'} voices"


def takes(duration: str) -> str:
    return f" These settings take {duration}."


def memory(size: str) -> str:
    return (
        f":material/memory: This takes about {size} of memory, which a small server may not have. If the memory runs "
        "out, the demo ends for everyone. Fewer units, networks or copies take less."
    )


ONE_AT_A_TIME = (
    "You can run one training at a time. Stop the one under way first."
    if DEMO.visitor_trainings == 1
    else f"You can run {DEMO.visitor_trainings} trainings at a time. Stop one of those under way first."
)
ALL_PINNED = "All your runs are pinned, and no more fit. Unpin or delete one on Runs."


def makes_room(name: str) -> str:
    return (
        f"The next run will replace {name}. There is room for {count(DEMO.runs, 'run')}, or for "
        f"{DEMO.memory_bytes >> 22} MB of runs. Pin {name} on Runs to keep it."
    )


def overdue() -> str:
    return (
        f"Stopped after {DEMO.training_seconds:,} s, because no training may take longer here. The best epoch so far "
        "is kept. Fewer epochs, units or networks take less time."
    )


SEARCH_UNDER_WAY = "A search is under way. Trainings wait until it is over, or stopped on Search."
SETTINGS_FILE = "On the command line, `python -m ser evaluate --settings settings.json` gives the same score."
LINK = (
    "This link holds the settings and nothing else. Once you have trained, the address of this page also leads to your "
    "runs. Anyone who has that address can see and steer them, but not your clips."
)


def file_too_large(megabytes: float) -> str:
    return (
        f"The file has {megabytes:.1f} MB, which is far too much for settings. Choose a file that you got with "
        "“Download settings”."
    )


def no_json(name: str, error: Exception) -> str:
    return f"{name} is not a JSON file ({error}). Choose a file that you got with “Download settings”."


def how_long(seconds: float, *, may_end_early: bool = False) -> str:
    """An estimate in words, no finer than it is worth."""
    if seconds < 10:
        number = f"**{max(1, round(seconds))} s**"
    else:
        number = f"**{round(seconds, -1):.0f} s**" if seconds < 90 else f"**{seconds / 60:.0f} min**"
    return f"{'at most ' if may_end_early else ''}roughly {number}"


def how_much(size: float) -> str:
    """Memory in words, no finer than the estimate is worth."""
    return f"{size / 1e9:.1f} GB" if size > 995e6 else f"{round(size / 1e6, -1):.0f} MB"


# A run under way.
CURVES_BEGIN = "The curves begin with the first epoch."
PAUSE_HELP = "It waits after this epoch. Other visitors may train meanwhile."
STEP_HELP = "It learns for one more epoch, then waits again. Pause first."
STOP_HELP = "It ends after this epoch and keeps the best one so far."
LEARNING_RATE_HELP = "The change is noted in the settings of the run, so that they give the same score again."
NOTHING_WATCHED = (
    "No clips are kept out to watch it by, so there is no map and no validation curve. To see them, choose *Speakers "
    "to watch it by* under *All settings*, *Learning*."
)
LOSS_CURVES = (
    "The training loss also counts a penalty on large weights, so it means nothing where the two curves cross. Look at "
    "where each is going. If the validation loss rises while the other falls, the model learns the clips by heart."
)
MAP_BEGINS = "The map begins with the first epoch."


def answers_map(clips: int) -> str:
    return (
        f"Each dot is one of the {clips} clips that are set aside to check it. Its colour is the emotion that the "
        "actor meant. A dot near a name is a sure answer, and one near a name of another colour is a mistake. A dot in "
        "the middle is undecided."
    )


# Runs beside each other.
NO_RUNS = "There are no runs yet. Train twice with different settings, then compare them here."


def marked_settings(last: str) -> str:
    return (
        f"Click the name of a column to sort. Only settings that differ are shown. Marked ones differ from those of "
        f"{last}, in the last row."
    )


SAME_SETTINGS = "Click the name of a column to sort. These runs have the same settings."
PIN_HELP = "A pinned run stays on top, and no new run replaces it."
NO_EPOCH = "No run has finished an epoch yet."
NO_VALIDATION = "None of these runs kept clips out to watch it by. Choose another measure."
TWO_RUNS = "This needs two runs with a score on new voices. Train once more with other settings."


def differences(second: str) -> str:
    return (
        f"Each bar is an actor. Above zero, {second} is better for this actor. The dotted line is the mean. The test "
        "asks how often chance alone would give such a mean. For that it flips the sign of the bars in all ways "
        "(Fisher’s randomisation test). It counts actors and not clips, because clips of one voice are alike."
    )


def verdict(found: Significance, first: str, second: str) -> str:
    """What the test says, in words."""
    if not np.any(found.differences):
        return f"**{second}** and **{first}** do equally well on each of the {len(found.actors)} actors."
    low, high = found.interval or (0.0, 0.0)
    between = f" ({percent(0.95)} interval {points(low)} to {points(high)})" if found.interval else ""
    measured = (
        f"Over {len(found.actors)} actors, **{second}** differs from **{first}** by **{points(found.mean)} points** "
        f"of UAR{between}. p = {found.p_value:.3f}. "
    )
    if found.least_p > 0.05:
        return measured + (
            f"**{len(found.actors)} actors are too few to show any difference.** Even if one run were better for each "
            f"of them, p would be {found.least_p:.3f}. Test both runs by EmoBox, which uses all 24 actors."
        )
    if found.p_value >= 0.05:
        return measured + "Chance alone often gives that much, so **neither is shown to be better**."
    better = second if found.mean > 0 else first
    return measured + f"Chance alone seldom gives that much, so **{better} is better** on such voices."


def points(share: float) -> str:
    """A difference in percentage points, with its sign."""
    return signed(100 * share, 1)


# The search.
SEARCH_STOP_HELP = "It ends after this epoch and keeps the best so far."
SEARCH = (
    "A search tries many settings for you. It starts from your settings and varies those that you choose. Then press "
    "**Search**."
)
NESTED_VALIDATION = (
    "Some actors are set aside and take no part in the search. The other actors rank the candidates, so the best of "
    "many looks better there than it is. It is then tested once on the actors set aside. Only that score counts "
    "(nested validation)."
)
CANDIDATES_HELP = "How many different settings it tries. The first are those that you start from."
METHOD_HELP = (
    "Random trains all candidates in full. Successive halving gives all of them a few epochs. The better half then "
    "gets twice as many, and so on."
)
BUSY = "Something is under way. Stop it first."
BEST_IS_THE_START = (
    "No other candidate did better than the settings that you started from. You can keep them, or search on with more "
    "candidates or other settings to vary."
)
NO_BEST = "You stopped before any candidate had a score, so there is no best one yet."
BEST_NOT_JUDGED = (
    "You stopped, so the best one was not tested on the actors set aside. Use its settings and train to see its score."
)
PARALLEL = "Each line is one candidate. Drag along an axis to keep only the lines that pass there."

# The visitor's own clips.
OWN_CLIPS = (
    "Teach the network your own voice or your own labels. Record or upload a few clips of each label, then train on "
    "them. Your clips are gone when you close this tab, unless you **Save** them to a file."
)
NO_CLIPS = "No clips yet. Five or more of each label are a good start."
SPEAKER_HELP = "Any name will do. With more than one speaker, the model can be tested on a voice that it never heard."
FILES_LABEL = "Or choose audio files, a zip with a folder for each label, or a session that you saved"
FOLDER_LABEL = "Or choose a whole folder, with a folder inside for each label"
NO_LABEL = "A label can come from a CSV, from a folder or from a file name. Other files get the label chosen above."
NOT_ADDED_AGAIN = "Clips that you had already added with the same label were left out."


def more_advice(clips: int) -> str:
    return f"There is advice on {clips} more in the table."


def first_pictures(shown: int) -> str:
    return f"Only the first {shown} of your chosen clips have a picture."


SAVE_HELP = "A zip with your clips and labels. Upload it here another day to go on."
PICTURE = "Time runs to the right and pitch upwards. The brighter a spot, the more sound there is."
