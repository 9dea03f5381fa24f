"""The sentences that visitors of Explore read."""

from collections.abc import Sequence

import pandas as pd

from ser.data.data_sets import DATA_SETS, RAVDESS, DataSet
from ser.evaluation import human_baseline
from ser.exploration.effect_sizes import Interaction
from ser.text import percent, true_minus

# The page, and the visitor's own clips.
FILTERS_ACT = "The filters act on every chart below."


def introduction(clips: pd.DataFrame, corpora: Sequence[str]) -> str:
    if tuple(corpora) == (RAVDESS.key,):
        return f"24 actors say two sentences in eight emotions. {FILTERS_ACT}"
    parts = []
    for entry in (DATA_SETS[key] for key in corpora):
        own = clips[clips["corpus"] == entry.key]
        some = f" out of {entry.n_clips:,}" if len(own) < entry.n_clips else ""
        parts.append(
            f"**{entry.title}**: {len(own):,} clips{some} by {own['actor'].nunique()} speakers of {entry.language}, in "
            f"{own['emotion'].nunique()} emotions."
        )
    return f"{' '.join(parts)} {FILTERS_ACT}"


def not_on_the_server(entry: DataSet) -> str:
    return (
        f"The recordings of {entry.title} are not on this server, only what was measured of them, so this clip cannot "
        f"be played; the data set is published at {entry.url}."
    )


def no_clip_fits(filters: str) -> str:
    return f"No clip fits all filters at once: {filters}."


FEATURE_SET_HELP = "Standard: what this demo's model hears. Notebook: the 180 averages of the notebook it grew from."
UPLOAD = (
    "Upload a **zip** or a **folder** of clips and see them in the same charts. Labels are read from a CSV among "
    "them (columns `path`, `label` and, if you like, `speaker`), from folders (`happy/one.wav`, or "
    "`happy/anna/one.wav` with speakers), or from file names (RAVDESS, EMO-DB, SAVEE, TESS, CREMA-D, nEMO)."
)


def upload_help(formats: str, clips: int, megabytes: int) -> str:
    return f"{formats}; at most {clips:,} clips and {megabytes} MB."


UPLOAD_PRIVACY = "They stay in this session: nobody else sees them, and closing the tab forgets them."
MEASURING_STOPPED = "The measuring was stopped before it was finished."

# Overview.
COUNTS = "Longer bars are more clips. Uneven bars would let a model be right by guessing the longest."
NOBODY_JUDGED = "There is no shipped model, and no figures of people by this were published."
RECOGNISED = (
    "All clips count here, whatever the filters; models never heard the actors that they are judged on. Neutral "
    "and calm are one, as in the study."
)


def no_people(field: str) -> str:
    return f"Of people, no figures by {field} were published."


#: How to read each chart of how clips were recorded, by column.
MEASURE = {
    "seconds": "Length of the whole file; pauses before and after the voice count.",
    "level": "How loud the voice was recorded; 0 is the loudest a file can hold.",
    "noise": "Level of the quietest moments: room and microphone, without voice.",
    "snr": "How far the voice stands above the noise; under about 15 dB it suffers.",
    "silence_before": "From the beginning of the file to the first sound.",
    "silence_after": "From the last sound to the end of the file.",
    "peak": "The largest sample; clips that touch 1 may be cut off.",
}
STEREO = "two channels where all others have one"
CUT_OFF = "louder than the file can hold"
TWINS = "byte for byte the same recording under two names"
NOISY = "the voice less than 15 dB above the noise"
FINDINGS = "Checked on every clip that the filters leave; 0 is good news."

# Features.
#: How to read each shape of a distribution.
SHAPE = {
    "violin": "The wider the shape, the more clips have that value; the box holds the middle half, dots are outliers.",
    "box": "The box holds the middle half of the clips, its line the median, the dashes the mean; dots are outliers.",
    "ridge": "The higher the hill, the more clips have that value; the line is the mean. Hills apart tell kinds apart.",
}
FEW_CLIPS = "Each dot is a clip; the box holds the middle half of them, its line is the median."


def some_few_clips(fewest: int) -> str:
    return f" A kind of fewer than {fewest} clips shows each as a dot."


def separation(emotion: str, actor: str, speaker: str) -> str:
    return (
        "Each point is a feature. Above the line it tells the emotion more than the speaker; below, it mostly "
        f"gives away who is speaking. Labels drawn at random would explain {emotion} as emotions and {actor} as "
        f"{speaker}s."
    )


INTERACTION = (
    "Marks are means, bars their 95 % intervals. Steps of equal length: intensity adds the same to each emotion; "
    "unequal ones: it depends on the emotion."
)


def explained(found: Interaction) -> str:
    return (
        f"Among the {len(found.crossed)} emotions recorded in both intensities, the **emotion** explains "
        f"**{percent(found.by_emotion)}** of the variance, the **intensity** another "
        f"**{percent(found.by_intensity)}**, and their **interaction** another **{percent(found.by_both)}**."
    )


NO_INTERACTION = "These clips have no two emotions in both intensities, so nothing can be said of their interaction."


def left_out(features: int) -> str:
    return f" The {features:,} features with less are left out."


def correlations(features: int, left_out: str) -> str:
    return (
        "Red squares rise together, blue ones oppose each other; blocks along the diagonal are families that say "
        f"much the same. Shown are the {features} features in which emotions differ most.{left_out}"
    )


NO_INTENSITY = "Only RAVDESS was recorded in two intensities; choose RAVDESS alone to see this chart."

# Two data sets.
#: How to read a feature in each data set, by whether it is taken against each speaker's own mean.
EACH_DATA_SET = {
    False: "Marks are means over clips, bars their 95 % intervals. Voices, rooms and microphones differ too.",
    True: (
        "Marks are means over clips, bars their 95 % intervals; 0 is the speaker’s own mean over the emotions that "
        "both data sets have. If both marks lie on one side of 0, the emotion moves the feature the same way in both "
        "languages."
    ),
}
OWN_MEAN_HELP = "Takes away what differs between voices, rooms and microphones, so that only the emotions are compared."


def agreement(emotions: int) -> str:
    return (
        f"Each bar compares what the {emotions} shared emotions do to the features in both data sets, against each "
        "speaker’s own mean. 1: the same; 0: unrelated; below 0: opposite. **Effects that agree are those that a "
        "model can use on other voices.**"
    )


WITHIN = " Marks show how far two halves of the speakers of one data set agree, which is about the most to hope for."


def agrees_most(group: str, cosine: float) -> str:
    return f"The effects on **{group}** agree most between the data sets ({true_minus(f'{cosine:.2f}')})."


def loses_most(group: str, within: float, between: float) -> str:
    return (
        f"Those on **{group}** lose most from one data set to the other: they agree by {true_minus(f'{within:.2f}')} "
        f"among speakers of one data set, and by {true_minus(f'{between:.2f}')} between the two. What a model learns "
        f"of {group} from one data set helps it less on other voices than it seems."
    )


AGREEMENT_BY_EMOTION = "The same over all these features, for each emotion against the mean of the emotions."
STRONGEST = (
    "The features in which the emotions differ most in both data sets. An effect is the root mean square over the "
    "emotions, in standard deviations."
)

# What the model learnt from.
RECOGNISED_BY_THE_MODEL = (
    "All clips count here, whatever the filters; models never heard the speakers that they are judged on. How often "
    "people recognise the clips was published for RAVDESS only."
)
NO_SCORES = "There is no shipped model with figures on these data sets."
NO_ANSWERS = "The model’s answers to single clips, and people’s, are there for RAVDESS only."
SCORES = (
    "UAR is the mean over emotions of the share recognised, on speakers that the scored model never heard; guessing "
    "gives the chance level. Then follows the UAR after the model has adapted to 1, 3 and 10 unlabelled clips of the "
    "speaker. The interval is over speakers, and it is given for eight speakers and more. ECE says how far the stated "
    "confidence is off."
)

# Over time.
BAND = {
    "interval": "bands are the 95 % intervals of the means.",
    "spread": "bands hold one standard deviation over clips to either side.",
    "none": "single clips lie around them.",
}
NO_CONTOURS = "This feature table was written before contours were: write it anew with `python -m ser extract`."
RELATIVE_HELP = "Lays deep and high, soft and loud voices over one another, so that only their movement differs."


def contours(band: str, same_words: bool) -> str:
    place = "the same place is about the same word" if same_words else "clips of other sentences share no words"
    return f"Every clip is cut to its speech and stretched to one length: {place}. Lines are means over clips; {band}"


# Map.
#: How to read each map.
MAP = {
    "pca": "Each point is a clip; near points have alike features. PCA shows how clips vary most, whatever the reason.",
    "lda": "LDA looks for the directions that part the labels.",
    "tsne": "Each point is a clip; neighbours are alike. Distances between islands and their sizes mean nothing.",
    "umap": "Each point is a clip; neighbours are alike, and islands near each other are more alike than far ones.",
}
#: What can be done on a map, by what dragging does.
MAP_HINT = {
    "none": "Click a point to {see} the clip. Choose “Draw round” to compare groups of clips.",
    "lasso": "Draw a line round some points to compare these clips with the others. A double click lets go of them.",
    "zoom": "Draw a box to look closer, click a point to {see} it. A double click shows the whole map again.",
}
#: Added where two data sets share a map.
SYMBOLS = " Circles are clips of RAVDESS, diamonds are clips of nEMO."
SCALED_HELP = "Otherwise the map mostly shows the two recording rooms and languages."
MAP_STOPPED = "The map was stopped before it was finished."


def flattering(read: str, labels: str) -> str:
    return (
        f"{read} It was fitted on all these clips, so **it flatters**: {labels} would look parted to some degree "
        "even if there were nothing to find."
    )


def fitted_to_part(read: str, labels: str, fitted: int, shown: int) -> str:
    return (
        f"{read} It was fitted to part {labels} on {fitted} speakers, drawn faint; judge it by the {shown} speakers "
        "in full colour, **whom it never saw**."
    )


def islands(read: str, pulls: str, speaker: str) -> str:
    return f"{read}{pulls} Colour by {speaker}, then by emotion: what forms islands?"


TURN = "In 3-D, drag to turn the map; points cannot be clicked there, so choose a clip here or switch to 2-D."
SET_ASIDE_HELP = "Then draw round others: the two groups are compared."
COMPARISON = (
    "Bars to the right: the clips drawn round have more of it. Cohen’s d counts in standard deviations; 0.8 and "
    "more is a lot."
)

# Clips.
#: How to read each picture of a clip.
PICTURE = {
    "mel": "Bright is loud; stripes are harmonics of the voice, broad bands its vowels.",
    "mfcc": "Row 0 is loudness, low rows the colour of the vowels, high rows fine detail; red is more, blue is less.",
    "chroma": "Which note of the scale the energy falls on, octaves folded together; one bright row is a steady pitch.",
    "contrast": "How far peaks stand above valleys in each band: bright is a clear tone, dark is noise or breath.",
}
NO_AUDIO = (
    "The recordings are not on this machine, only what was measured of them. To hear them, fetch RAVDESS with "
    "`python -m ser download` (208 MB), or set `SER_RAVDESS` to its zip or folder, and start again."
)
NOT_THIS_ONE = "This recording is not on this machine, only what was measured of it."


def browse(and_hear: str) -> str:
    return f"Click a row to see {and_hear}that clip; click a column's title to sort. The filters above narrow it down."


OUT_OF_FOLD = (
    "The out-of-fold answer: what a model with the shipped settings makes of this clip that never heard this actor."
)


def listeners(label: str, intensity: str, sex: str) -> str:
    others = ", ".join(human_baseline.ONE - {label})
    together = f" (counted together with {others})" if label in human_baseline.ONE else ""
    return (
        f"Listeners recognised **{percent(human_baseline.BY_EMOTION[label])}** of all {label} clips{together}, "
        f"{percent(human_baseline.BY_INTENSITY[intensity])} of those of {intensity} intensity and "
        f"{percent(human_baseline.BY_SEX[sex])} of those by {sex} actors."
    )


def listeners_source(source: str) -> str:
    return f"Of clips of this kind, not of this single one. {source}."


NEUTRAL_ROW_HELP = "Neutral was recorded in normal intensity only, so it is the same in both rows."
SIBLINGS = "One line an emotion, from the beginning of speech to its end; gaps are unvoiced."
WAVEFORM = "How far the air moved; taller is louder."
PITCH = "How high the voice is; gaps are unvoiced sounds and silence."
CONTOUR = "From the beginning of speech to its end; gaps are unvoiced."
