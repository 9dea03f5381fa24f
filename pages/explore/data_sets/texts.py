"""The sentences on data sets side by side, and on how the model does on each."""

from ser.text import true_minus

#: How to read a feature in each data set, by whether it is taken against each speaker's own mean.
EACH_DATA_SET = {
    False: "Marks are means over clips, and lines are their 95 % intervals. Voices, rooms and microphones differ too.",
    True: (
        "Marks are means over clips, and lines are their 95 % intervals. 0 is the mean of the speaker. "
        "If both marks lie on one side of 0, the emotion has the same effect in both languages."
    ),
}
OWN_MEAN_HELP = "This takes out how voices, rooms and microphones differ. What is left are the emotions."


def agreement(emotions: int) -> str:
    return (
        f"Each bar compares what the {emotions} shared emotions do to the features in both data sets. 1 means the "
        "same, 0 means no relation, and below 0 means the opposite. "
        "**Effects that agree help a model with new voices.**"
    )


WITHIN = " The marks compare two halves of one data set. No more than that can be hoped for."


def agrees_most(group: str, cosine: float) -> str:
    return f"The effects on **{group}** agree most between the data sets ({true_minus(f'{cosine:.2f}')})."


def loses_most(group: str, within: float, between: float) -> str:
    return (
        f"The effects on **{group}** lose most. Within one data set they agree by {true_minus(f'{within:.2f}')}. "
        f"Between the two they agree by {true_minus(f'{between:.2f}')}. So what a model learns of {group} from one "
        "data set helps it less with new voices than it seems."
    )


AGREEMENT_BY_EMOTION = "The same for each emotion, over all these features."
STRONGEST = (
    "These are the features in which the emotions differ most in both data sets. An effect is in standard deviations: "
    "the root mean square over the emotions."
)

# What the model learnt from.
RECOGNISED_BY_THE_MODEL = (
    "All clips count here, whatever the filters say. The model was tested on speakers that it never learnt from. "
    "The study with people was published for RAVDESS only."
)
NO_SCORES = "There is no shipped model with figures on these data sets."
SCORES = (
    "All figures are for speakers that the model never learnt from, even where it learnt from others of the same data "
    "set. In the share of right answers, each emotion counts the same (UAR). The shortlist holds the answer and all "
    "other emotions that are likely."
)
CONFIDENCE = (
    "Each point stands for answers of about the same confidence. On the dotted line, answers are right as often as "
    "they claim. Points below it are too sure of themselves, and points above it are too modest. Large points stand "
    "for many clips."
)
