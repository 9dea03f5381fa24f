"""The sentences that visitors of Explore read."""

from collections.abc import Mapping, Sequence

import pandas as pd

from ser.data.data_sets import DATA_SETS, RAVDESS, DataSet
from ser.evaluation import human_baseline
from ser.exploration.effect_sizes import Interaction
from ser.features.descriptors import F0_ZERO
from ser.text import count, few, listed, percent, plain, shown_name

MORE = "Options"
TESTED = (
    "The model is the program that answers on Recognise, tested on actors that it never learnt from. People are the "
    "listeners of a study, who heard the same clips. Neutral and calm count as one."
)
#: What each finding means, by its name.
FINDING = {
    "alike_in_both": "Changes that two languages share help a model with new voices.",
    "model_beats_people": TESTED,
    "people_beat_the_model": TESTED,
    "hard_for_both": "Here the bars are mistakes: clips of this emotion that were taken for another one.",
    "easier_if_strong": "Actors said each sentence twice: once in a normal way and once with strong feeling.",
    "easier_if_female": TESTED,
    "depends_on_the_speaker": (
        "A feature is a number that is measured in every clip, such as the mean pitch. Each bar is a group of "
        "features. It shows how many of them differ more from speaker to speaker than from emotion to emotion."
    ),
    "ends_of_sentences": (
        "Each bar shows how much higher or lower the last fifth of the sentence is than the middle fifth. One semitone "
        "is the step to the next key of a piano."
    ),
    "worth_of_a_leak": (
        "This is not the model of this demo. It gives each clip the emotion of the clip that is most like it, and that "
        "is often one of the same speaker. Many published tests use the same speakers for learning and for testing."
    ),
    "loudest": "Each clip is compared with its own speaker, whose mean is 0.",
    "highest": "Each clip is compared with its own speaker, whose mean is 0.",
    "closest_pair": "The bars show the five pairs that are closest. Shorter bars are more alike.",
}


def few_findings(found: str) -> str:
    return f"These clips show {found}. Choose more clips to see others."


# The page, and the visitor's own clips.


def introduction(clips: pd.DataFrame, corpora: Sequence[str]) -> str:
    if tuple(corpora) == (RAVDESS.key,):
        return "RAVDESS: 24 actors say two sentences in eight acted emotions."
    parts = []
    for entry in (DATA_SETS[key] for key in corpora):
        own = clips[clips["corpus"] == entry.key]
        some = f" out of {entry.n_clips:,}" if len(own) < entry.n_clips else ""
        parts.append(
            f"**{entry.title}**: {len(own):,} clips{some} by {own['actor'].nunique()} speakers of {entry.language}, in "
            f"{own['emotion'].nunique()} emotions."
        )
    return " ".join(parts)


def not_on_the_server(entry: DataSet) -> str:
    return (
        f"The recordings of {entry.title} are not on this server, so this clip cannot be played. "
        f"You find the data set at {entry.url}."
    )


def no_clip_fits(filters: str) -> str:
    return f"No clip fits all filters at once: {filters}."


FEATURE_SET_HELP = "Standard: what the model uses. Notebook: the 180 means of the notebook that this demo grew from."
EVERY_FEATURE_HELP = "Most features have only a code name. At first you see those that are easy to picture."


def every_feature(features: int) -> str:
    return f"Offer all {features:,} features"


def compare_every_feature(features: int) -> str:
    return f"Compare all {features:,} features"


def code_names(titles: dict[str, str]) -> str | None:
    """The code names of features that have another name, for the help of a list."""
    lines = [f"- {title}: `{name}`" for name, title in titles.items()]
    return "\n".join(["Code names:", "", *lines]) if lines else None


def code_name(name: str, shown: str) -> str:
    return f" Its code name is `{name}`." if name != shown else ""


UPLOAD = (
    "Upload a **zip** or a **folder** of clips to see them in the same charts. The emotion of each clip can come from "
    "one of three places:\n"
    "- a CSV with the columns `path`, `label` and, if you like, `speaker`\n"
    "- the folders, such as `happy/one.wav` or `happy/anna/one.wav`\n"
    "- the file names of RAVDESS, EMO-DB, SAVEE, TESS, CREMA-D or nEMO"
)


def upload_help(formats: str, clips: int, megabytes: int) -> str:
    return f"{formats}; at most {clips:,} clips and {megabytes} MB."


UPLOAD_PRIVACY = "They stay in this session: nobody else sees them. They are gone when you close the tab."
MEASURING_STOPPED = "You stopped the measuring before it was done."

# Overview.
COUNTS = (
    "Longer bars are more clips. If one bar is much longer, a model can be right often by always giving that emotion."
)
NOBODY_JUDGED = "There is no shipped model, and the study with people has no figures for this."
RECOGNISED = (
    "All clips count here, whatever the filters say. The model was tested on actors that it never learnt from. "
    "Neutral and calm count as one, as in the study with people."
)


def no_people(field: str) -> str:
    return f"The study with people has no figures by {field}."


#: How to read each chart of how clips were recorded, by column.
MEASURE = {
    "seconds": "The length of the whole file, with the silence before and after the voice.",
    "level": "How loud the voice was recorded; 0 is the loudest a file can hold.",
    "noise": "Level of the quietest moments: room and microphone, without voice.",
    "snr": "How far the voice stands above the noise. Under about 15 dB, answers get worse.",
    "silence_before": "From the beginning of the file to the first sound.",
    "silence_after": "From the last sound to the end of the file.",
    "peak": "The largest sample. Clips that touch 1 may be cut off.",
}
STEREO = "two channels where all others have one"
CUT_OFF = "sounds that are louder than the file can hold"
TWINS = "the same bytes as another clip under another name"
NOISY = "a voice less than 15 dB above the noise"
FINDINGS = "Every clip that the filters keep was checked for these faults. Clips with a fault stay in the charts."


def unusual(fault: str, names: Sequence[str], meaning: str) -> str:
    # Names of a visitor's own clips may hold anything.
    files = f" ({few([plain(shown_name(name)) for name in names])})" if names else ""
    return f"- **{fault}**: {count(len(names), 'clip')} with {meaning}{files}" if names else f"- **{fault}**: no clip"


# Features.
#: How to read each shape of a distribution.
SHAPE = {
    "violin": "The thicker the shape, the more clips have that value. The box holds the middle half of them.",
    "box": "The box holds the middle half of the clips. Its line is the median, and the dashes are the mean.",
    "ridge": "The higher the hill, the more clips have that value. The line is the mean.",
}
PITCH_ZERO = f" 0 semitones are {F0_ZERO} Hz, and twelve more are an octave."
FEW_CLIPS = "Each dot is a clip. The box holds the middle half of them, and its line is the median."


def some_few_clips(fewest: int) -> str:
    return f" Where there are fewer than {fewest} clips, each is a dot."


def separation(emotion: str, actor: str, speaker: str) -> str:
    return (
        "Each point is a feature. Above the line, it tells more about the emotion. Below the line, it tells more about "
        f"the speaker. By chance alone, emotions would explain {emotion}, and {speaker}s {actor}."
    )


def variance(shares: Mapping[str, float], clips: int) -> str:
    """How much of a feature's variance each field explains, 0 to 1; the sex's share is part of the speaker's."""
    explained = [f"the **{field}** explains **{percent(share)}**" for field, share in shares.items()]
    speaker = next((field for field in shares if field not in ("emotion", "sex")), None)
    part = ""
    if speaker and "sex" in shares:
        part = f" The sex’s {percent(shares['sex'])} are a part of the {speaker}’s {percent(shares[speaker])}."
    return f"Of how this feature varies among these {clips:,} clips, {listed(explained)} (eta²).{part}"


INTERACTION = (
    "Marks are means, and lines are their 95 % intervals. If all steps are equally long, strong feeling adds the same "
    "to each emotion."
)


def explained(found: Interaction) -> str:
    return (
        f"The **emotion** explains **{percent(found.by_emotion)}** of how these clips differ. The **intensity** adds "
        f"**{percent(found.by_level)}**. What both do as a pair (their interaction) adds "
        f"**{percent(found.by_both)}**. Only the {len(found.crossed)} emotions with both intensities count."
    )


NO_INTERACTION = "To compare intensities, choose clips of two emotions or more in both intensities."


def left_out(features: int) -> str:
    return f" The other {features:,} are left out."


def correlations(features: int, left_out: str) -> str:
    return (
        "Where a square is red, two features rise together. Where it is blue, one falls as the other rises. "
        f"There are {features} features here.{left_out}"
    )


NO_INTENSITY = "Only RAVDESS was recorded in two intensities. Choose RAVDESS alone to see this chart."

NO_ANSWERS = "Answers to single clips are there for RAVDESS only."

# Over time.
BAND = {
    "interval": "The paler bands show how uncertain the lines are (95 % intervals).",
    "spread": "The middle half of the clips lies in the band.",
    "none": "Single clips lie around the lines.",
}
NO_CONTOURS = "The feature table of these clips has no contours, so there is nothing to show over time."
RELATIVE_HELP = "Lays deep and high, soft and loud voices over one another, so that only their movement differs."


def contours(band: str, same_words: bool) -> str:
    words = (
        "The same place is about the same word in all clips."
        if same_words
        else "The sentences differ, so the words do too."
    )
    return (
        f"Every clip runs from its first word to its last. {words} The highest and the lowest quarter of the clips are "
        f"left out at each place, so that errors of measurement do not move a line. {band}"
    )


# Map.
#: How to read each map.
MAP = {
    "pca": (
        "Each point is a clip. Points that lie close are clips with similar features. PCA (principal component "
        "analysis) shows how clips differ most, whatever the reason."
    ),
    "tsne": "Each point is a clip, and its neighbours are alike. Distances between islands mean nothing.",
    "umap": "Each point is a clip, and its neighbours are alike. Islands that lie close are more alike than far ones.",
}
#: What can be done on a map, by what dragging does.
MAP_HINT = {
    "none": "Click a point to {see} the clip. To compare groups, open the options and choose “Select an area”.",
    "lasso": "Draw a line around some points to compare these clips with the others. A double click lets go of them.",
    "zoom": "Draw a box to look closer, or click a point to {see} it. A double click shows the whole map again.",
}
#: Added where two data sets share a map.
SYMBOLS = " Circles are clips of RAVDESS, diamonds are clips of nEMO."
SCALED_HELP = (
    "Takes away each speaker’s own mean and spread, so that the map shows what emotions change. Without it, the map "
    "mostly shows who speaks."
)
MAP_STOPPED = "You stopped the map before it was done."
OWN_CLIPS = (
    "We look for the five clips whose features are most like yours. The star stands in the middle of these five on the "
    "map. You find them here, the nearest first."
)
PUT_YOURSELF_ON_THE_MAP = "Record or upload a clip on Recognise, and come back: it will be on this map."


NO_LDA = "LDA needs clips of at least three emotions, so this is PCA."


def lda(labels: str) -> str:
    return (
        "Each point is a clip. Points that lie close are clips with similar features. The map is drawn so that the "
        f"{labels} lie as far apart as they can (LDA, linear discriminant analysis)."
    )


def scaled(speaker: str) -> str:
    return f"Compare each {speaker} with themselves"


def own_clips(clips: int) -> str:
    return "Your clip on the map" if clips == 1 else f"Your {clips} clips on the map"


def structure(field: str, share: float, by_chance: float, *, some: bool) -> str:
    """How alike neighbours are; `some` says that only some clips are judged, which the sentence before names."""
    return (
        f"Of the ten points nearest to {'such a' if some else 'a'} clip, **{percent(share)}** have the same {field}. "
        f"By chance it would be {percent(by_chance)}."
    )


def flattering(read: str, labels: str) -> str:
    return f"{read} It has seen all these clips, so **it flatters**: any {labels} would look parted to some degree."


def fitted_to_part(read: str, labels: str, fitted: int, shown: int) -> str:
    return (
        f"{read} It learnt the {labels} from {fitted} speakers, whose points are pale. Judge it by the {shown} "
        "speakers in full colour, **whom it has not seen**."
    )


def islands(read: str, pulls: str, speaker: str) -> str:
    return f"{read}{pulls} Colour by {speaker}, then by emotion: what forms islands?"


TURN = "Drag to turn the map. To click on points, choose 2-D in the options."
SET_ASIDE_HELP = "Then select others: the two groups are compared."
COMPARISON = (
    "Where a bar goes to the right, the selected clips have more of it. Cohen’s d counts in standard deviations. "
    "0.8 and more is a lot."
)

# Clips.
#: How to read each picture of a clip.
PICTURE = {
    "mel": "Bright is loud. Stripes are harmonics of the voice, and broad bands are its vowels.",
    "mfcc": "The rows are the colour of the vowels, coarse below and fine above. Red is more, blue is less.",
    "chroma": "Which note of the scale the energy falls on. One bright row is a steady pitch.",
    "contrast": "How far peaks stand above valleys in each band. Bright is a clear tone, dark is noise or breath.",
}
NO_AUDIO = "This recording is not on the server, only what was measured of it."


def browse(and_hear: str) -> str:
    return f"Click a row to see {and_hear}that clip. Click the title of a column to sort."


OUT_OF_FOLD = "This answer comes from a model that never learnt from this actor."


def listeners(label: str, intensity: str, sex: str) -> str:
    others = ", ".join(human_baseline.ONE - {label})
    together = f" (counted together with {others})" if label in human_baseline.ONE else ""
    return (
        f"People recognised **{percent(human_baseline.BY_EMOTION[label])}** of all {label} clips{together}. "
        f"They recognised {percent(human_baseline.BY_INTENSITY[intensity])} of clips of {intensity} intensity, and "
        f"{percent(human_baseline.BY_SEX[sex])} of clips by {sex} actors."
    )


def listeners_source(source: str) -> str:
    return f"These are figures for clips of this kind, not for this one. {source}."


NEUTRAL_ROW_HELP = "Neutral was recorded in normal intensity only, so it is the same in both rows."
SIBLINGS = "One line an emotion, from the first word to the last. Gaps are sounds without pitch."
WAVEFORM = "How far the air moved. Taller is louder."
PITCH = "How high the voice is. Gaps are silence and sounds without pitch."
CONTOUR = "From the first word to the last. Gaps are sounds without pitch."
