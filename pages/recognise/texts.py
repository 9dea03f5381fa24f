"""The sentences that visitors of Recognise read."""

from ser.audio.activity import NOISE, NOT_SPEECH, SILENCE, TOO_QUIET
from ser.data.data_sets import NEMO, RAVDESS
from ser.inference.headline import NO_SPEECH, TITLES, UNLIKE, UNSURE
from ser.limits import CLIP_SECONDS
from ser.text import duration, percent

# The top of the page, and how clips come in.
INTRODUCTION = (
    "Say a sentence. The model tells you which of eight emotions your voice *sounds* like, and how sure it is."
)
NO_CLIP_YET = "The answer appears here. Record a sentence above, or play an example with one click."
NOTHING_USABLE = ":material/error: **Could not use it.** The reason is below."
_LONGEST = "ten minutes" if CLIP_SECONDS == 600 else duration(CLIP_SECONDS)
READY = (
    "**Ready.** Click the microphone and speak. Click again to finish.  \n"
    ":small[Need words? Say: *“The kettle is on, and the train leaves at nine.”*]"
)


def thinking(name: str) -> str:
    return f":material/hourglass_top: **Working** on {name} …"


def answered(name: str) -> str:
    return f":material/check_circle: **Done.** The answer to {name} is below."


def stopped(name: str) -> str:
    return f":material/pause_circle: **Stopped** before the end of {name}."


def not_usable(name: str) -> str:
    return f":material/error: **Could not use** {name}. The reason is below."


def stopped_amid(answered: int, clips: int, more: str) -> str:
    return f":material/pause_circle: **Stopped.** Answered {answered} of {clips} clips{more}."


def none_usable(clips: int) -> str:
    return f":material/error: **Could not use** any of the {clips} clips. The reasons are below."


def answered_many(answered: int, clips: int, more: str) -> str:
    return f":material/check_circle: **Done.** Answered {answered} of {clips} clips{more}."


KEPT = "Press Clear, reload, or close the tab to remove your clips from the server."
CLEAR_HELP = "Remove your clips and their answers."


def upload_label(formats: str) -> str:
    return f"{formats}; up to {_LONGEST} each, or a zip of them"


def too_many(given: int, most: int) -> str:
    return f"{given:,} clips were given; the first {most} are answered. Give the others afterwards."


# The model that answers.
NO_MODEL = "There is no model yet. Make one on the Train page."
MODELS = (
    "The model turns your voice into an answer. Another model may give another answer. A model that you train on the "
    "Train page is listed here too."
)
A_STAND_IN = "a copy"
STANDS_IN = (
    "The shipped model knows this actor’s voice, which would make it too easy. So a copy of it answers, and it was "
    "trained without this actor."
)
NEVER_JUDGED = "Nobody has tested this model on new voices. Take its answers lightly."


def model(name: str) -> str:
    return f"Model: {name}"


def right_on_unseen_voices(uar: str, emotions: int, data_set: str) -> str:
    return (
        f"With new voices{data_set}, it is right **{uar}** of the time. Its {emotions} emotions count the same. "
        f"Guessing would be right once in {emotions} times."
    )


def interval(low: str, high: str) -> str:
    return f"With other voices the figure could be anything from {low} to {high} (95 % interval)."


def right_on_others(data_set: str, uar: str, emotions: int) -> str:
    return (
        f"With new voices of {data_set}, it is right **{uar}** of the time. There, guessing would be right once in "
        f"{emotions} times."
    )


UAR_HELP = "How often it is right with voices that it never heard. Each emotion counts the same (UAR)."
ONE_MODEL = "This is the only model. Train your own on the Train page, and it answers here as well."


def asking(number: int, models: int, name: str) -> str:
    return f"Asking model {number} of {models}: the {name} …"


# The answer.
_MARKS = {NO_SPEECH: "🔇", UNLIKE: "❓", UNSURE: "🤔"}
HEADLINES = {topic: f"{mark} {TITLES[topic]}" for topic, mark in _MARKS.items()}
HEADWORDS = {NO_SPEECH: "🔇 no speech", UNLIKE: "❓ unlike speech", UNSURE: "🤔 not sure"}
NO_ANSWER_TO_BELIEVE = {
    NO_SPEECH: "The model still has a guess, but do not believe it. A whisper can look like this too.",
    UNLIKE: "The model still has a guess, but do not believe it.",
}
NOTHING_TO_GUESS = "The model has nothing to guess from."
GUESS = "Show the model’s guess"


def guess(emotion: str, confidence: str) -> str:
    return f"The guess: **{emotion}** with {confidence}."


def nothing_stands_out(candidates: str) -> str:
    return f"No emotion stands out. It could be {candidates}."


def could_also_be(others: str) -> str:
    return f"Or it could be {others}."


NOTHING_ELSE = "No other emotion is likely."


def course(label: str) -> str:
    return f"Taken as a whole, the clip sounds most like **{label}**. “When” below shows every part."


# How far to trust an answer.
ALL_SUCH_CLIPS = "For this answer, the sentence above counts. The figures here are about all clips of its kind."
TRUST = "**How far can I trust this?** See what tests say"
UNSURE_OR_GUESS = "In tests, answers this unsure were wrong more often than right."
ONLY_IF_SURE = "Suppose it answers only if it is at least this sure:"
TEST_CLIPS = (
    "Measured on actors who read sentences (RAVDESS). Every clip was answered by a model that had not heard its "
    "speaker. With everyday speech, expect less."
)


def sure_answers(answered: str, right: str | None, without: str, this_one: bool) -> str:
    """What answering only when sure would bring; `without` is the share of right answers if it always answers."""
    if right is None:
        return "The model would answer no test clip at all."
    return (
        f"The model would answer **{answered}** of the test clips, and **{right}** of its answers would be right. If "
        f"it answered all clips, {without} would be right. It would {'also' if this_one else 'not'} answer this clip."
    )


# Many clips.
CLICK_A_ROW = "Click a row to see its full answer below. Click the head of a column to sort."
ONE_SPEAKER_HELP = (
    "The model learns what is normal for this voice from all the clips together. This changes the table and the "
    "comparison. The full answer to a clip stays as it is."
)


def more_refused(clips: int) -> str:
    return f"- and {clips} more; the CSV has the reason for each"


def refused_title(clips: int) -> str:
    return f"{clips} clips could not be used"


def why_and_when(name: str) -> str:
    return f"When and why: {name}"


FILTER_HELP = "Choose none to see all."

# The sound, and the times.
WAVEFORM = "Waveform: how loud the sound is at each moment"
MEL_SPECTROGRAM = "Mel spectrogram: how loud each frequency is. The frequencies are spaced as the ear hears them."
TIMELINE = (
    "A stronger colour means more probable. The marks show the leading emotion: **click one to hear its part.** In the "
    "second chart, speech is shaded: **drag over a part to hear it.**"
)


def voice(level: float, quiet: str, what: str) -> str:
    return f"{what} {max(-level, 0):.0f}\N{NO-BREAK SPACE}dB below the loudest possible, {quiet}"


def without_answer(length: str, reasons: str) -> str:
    return f"{length} of the clip have no answer: {reasons}."


#: Why a stretch of the timeline has no answer.
NO_ANSWER = {
    SILENCE: "there is silence",
    TOO_QUIET: "the speech there is much quieter than the rest",
    NOISE: "there is nothing but background noise",
    NOT_SPEECH: "the sound there is not speech",
}
TIMELINE_CSV_HELP = "One line for each window, with its probabilities, share of speech, median F0 and level."

# The visitor's voice.
VOICE = "My voice: show the model how you usually sound"
NEUTRAL_SENTENCES = (
    "The kettle is on, and the train leaves at nine.",
    "There are four chairs round the table in the kitchen.",
)
CANNOT_ADAPT = (
    "This model cannot learn your voice. It learnt from a single speaker, or its features are not scaled. Choose the "
    "shipped model, or train one with several speakers and scaled features."
)


def voice_introduction(first: str, second: str) -> str:
    return (
        "If your voice is naturally deep, the model may hear it as calm. Read one to five sentences **plainly, without "
        f"any feeling**. For example: *“{first}”* or *“{second}”* Then the model compares you with yourself. "
        "The server keeps your profile only while this tab is open."
    )


NO_PROFILE = "The model does not know your voice yet. Open “My voice” below the microphone and read a sentence."
ADAPTING = (
    "The model compares each clip with your other clips, whatever their emotion. Clips of another person make the "
    "answers worse."
)
ADAPTING_HELP = "Your last twenty clips count. They stay in this tab, and closing the tab deletes them."
NEUTRAL_PROFILE_FIRST = "The profile of your neutral sentences is in use, instead of your clips so far."


def adapts_to(others: int, example: bool) -> str:
    if example:
        return "An example has a voice of its own, so this answer is not adapted."
    if not others:
        return "It begins with your second clip."
    return f"Compared with {'your other clip' if others == 1 else f'{others} other clips of yours'}."


def adapting_gains(clips: int, before: float, after: float, data_set: str) -> str:
    known = "one clip" if clips == 1 else f"{clips} clips"
    return (
        f"In tests with new voices of {data_set}, the UAR is {percent(before, 1)} without this. With {known} of the "
        f"speaker it is {percent(after, 1)}."
    )


NO_NEUTRAL_CLIP = "Record or choose a neutral sentence first."

# Change the voice.
CHANGE = (
    "Move a slider: the changed clip and its answer appear below. Each slider moves one thing and leaves the others "
    "about as they are. The change leaves small traces in the sound. Part of a new answer may come from these."
)
BOTH_ADAPTED = "Both answers are adapted to your voice."
SIZE = "Voice size: pitch and formants (semitones)"
PITCH = "Pitch alone (semitones)"
PACE = "Pace (1 is as recorded)"
BRIGHTNESS = "Brightness (dB an octave)"
HISS = "Noise (dB added)"
LOUDNESS = (
    "There is no slider for loudness: every clip is brought to one level, and only the rise and fall of loudness "
    "counts. A long clip is cut to its first six seconds."
)

# The reasons.
NO_REASON = "No single group of features decides this answer."


def effects(usual: str, group: str, label: str, points: float) -> str:
    """How to read the chart of reasons, with its strongest group and that group's effect as an example."""
    way = "fewer" if points > 0 else "more"
    return (
        f"If the {group} were normal {usual}, {label} would get {abs(points):.0f} points {way}. So it is with each "
        "bar. Blue bars speak for this emotion, orange ones against it. They do not add up, because each group is "
        "tested on its own. The list names the emotion that a group helps most, which can be another one."
    )


NEMO_MISSING = " The recordings of nEMO are not part of this demo, so they cannot be played here."
ALIKE = "These clips have the most similar features. The emotion is the one that the actor meant."
AUDIO_MISSING = " This server has no recordings of them to play."

# The report.
REPORT = (
    "Save the answer, its timeline, the reasons and the warnings as one HTML file. It opens anywhere, also without a "
    "network. Your recording is not in it. To get a PDF, print it from the browser."
)

# What everybody should know before believing an answer.
NOTICE_LINE = (
    "The server drops your clip when you close this tab. The answer is an estimate, and not for decisions about people."
)
NOTICE = {
    ":material/shield: What happens to your voice": (
        "Your clip goes to the server that runs this page. The server keeps it in memory while this tab is open, and "
        "then drops it. It writes nothing to disk, and no model is trained with it. Other visitors cannot see or hear "
        "it."
    ),
    ":material/help: What it cannot know": (
        "It estimates how a voice *sounds*, not what a person feels. The shipped model learnt from "
        f"actors who read sentences: {len(RAVDESS.speakers)} in North American English (RAVDESS) and "
        f"{len(NEMO.speakers)} in Polish (nEMO). With other languages, accents and ages, and with everyday speech, it "
        "may be wrong more often. It does not know the words or the face."
    ),
    ":material/gavel: What it must not be used for": (
        "Never use it to decide about people: not in hiring, grading, sales, policing or medicine. In the European "
        "Union, the law bans it at work and in schools (AI Act, Article 5)."
    ),
}
