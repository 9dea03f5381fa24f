"""The sentences that visitors of Recognise read."""

from ser.audio.activity import NOISE, NOT_SPEECH, SILENCE, TOO_QUIET
from ser.data.data_sets import DATA_SETS, SHIPPED_CORPORA
from ser.limits import CLIP_SECONDS
from ser.text import duration, percent

# The top of the page, and how clips come in.
INTRODUCTION = "Speak, and see which of eight emotions the *sound* of your voice resembles, and how surely."
NO_CLIP_YET = "The answer appears here. Record a sentence above, or try an example: it takes one click."
NOTHING_USABLE = ":material/error: **Could not use it.** The reason is below; try again."
_LONGEST = "ten minutes" if CLIP_SECONDS == 600 else duration(CLIP_SECONDS)
READY = f":material/radio_button_unchecked: **Ready.** Half a second to {_LONGEST} of speech; a sentence is best."


def thinking(name: str) -> str:
    return f":material/hourglass_top: **Thinking** about {name} …"


def answered(name: str) -> str:
    return f":material/check_circle: **Answered** below: {name}."


def stopped(name: str) -> str:
    return f":material/pause_circle: **Stopped** before {name} was heard to its end."


def not_usable(name: str) -> str:
    return f":material/error: **Could not use it**: {name}. The reason is below; try again."


def stopped_amid(answered: int, clips: int, more: str) -> str:
    return f":material/pause_circle: **Stopped**: answered {answered} of {clips} clips{more}."


def none_usable(clips: int) -> str:
    return f":material/error: **Could not use** any of {clips} clips. The reasons are below; try again."


def answered_many(answered: int, clips: int, more: str) -> str:
    return f":material/check_circle: **Answered** {answered} of {clips} clips{more}."


def recorder_help(quiet_seconds: float) -> str:
    return (
        ":small[Click and speak; it is red while it records. Click again to end; "
        f"{quiet_seconds:.0f}\N{NO-BREAK SPACE}s of quiet end it too.]"
    )


RECORD_HINT = (
    "Say a sentence or two as you feel it. Nothing comes to mind? Read this aloud: *“The kettle is on, and the "
    "train leaves at nine.”*"
)


def upload_label(formats: str) -> str:
    return f"{formats}; up to {_LONGEST} each, or a zip of them"


def too_many(given: int, most: int) -> str:
    return f"{given:,} clips were given; the first {most} are answered. Give the others afterwards."


EXAMPLES = (
    "One sentence, spoken five ways by a **synthetic voice** (eSpeak NG). Nobody felt anything, so there is no "
    "right answer: hear what pace and pitch alone do."
)

# The model that answers.
NO_MODEL = "No model is at hand. Make one on the Train page, or with `python -m ser train`."
NEVER_JUDGED = "This model was never judged on voices that it had not heard: take its answers lightly."


def right_on_unseen_voices(uar: str, emotions: int, low: str, high: str, data_set: str) -> str:
    return (
        f"On voices{data_set} that it never heard it is right for **{uar}** of clips, each of its {emotions} emotions "
        f"counting the same (95 % interval {low} to {high}; guessing: 1 in {emotions})."
    )


def right_on_others(data_set: str, uar: str, emotions: int) -> str:
    return f"On unseen voices of {data_set} it is right for **{uar}** (guessing: 1 in {emotions})."


UAR_HELP = "UAR: how often it is right on voices that it never heard, each emotion counting alike."
ONE_MODEL = "There is one model only. Train your own on the Train page, and it answers here beside it."

# The answer.


def faint_bars(in_ten: str) -> str:
    return f"Faint bars are ruled out: of unseen voices’ clips {in_ten} have their emotion among the others."


def nothing_stands_out(leading: str) -> str:
    return (
        f"Nothing stands out enough: most likely {leading}. On unseen voices, answers this unsure were wrong more "
        "often than right."
    )


def could_also_be(others: str) -> str:
    return f"It could also be {others}."


def nothing_else(second: str, share: str) -> str:
    return f"Nothing else is likely; next comes {second} with {share}."


# Many clips.
ONE_SPEAKER_HELP = (
    "What is usual for this voice is guessed from all clips together. The table and comparisons follow; a clip's "
    "full answer stays its own."
)


def more_refused(clips: int) -> str:
    return f"- and {clips} more, each with its reason in the CSV"


def refused_title(clips: int) -> str:
    return f"{clips} clips could not be used"


FILTER_HELP = "None chosen shows all. A click on a column's head sorts."

# The sound, and the times.
WAVEFORM = "Waveform: how strong the sound is, instant by instant"
MEL_SPECTROGRAM = "Mel spectrogram: how loud each frequency is, spaced as the ear spaces them"
TIMELINE = (
    "The stronger the colour, the more probable; the mark is what leads: **click a mark to hear its stretch.** "
    "Below, speech is shaded: **drag over a stretch to hear it.**"
)


def without_answer(length: str, reasons: str) -> str:
    return f"{length} of it have no answer: {reasons}."


#: Why a stretch of the timeline has no answer.
NO_ANSWER = {
    SILENCE: "there is silence",
    TOO_QUIET: "what is said there is too quiet beside the rest",
    NOISE: "there is nothing but background noise",
    NOT_SPEECH: "what is heard there is not speech",
}
TIMELINE_CSV_HELP = "A line for each window: probabilities, share of speech, median F0 and level."

# The visitor's voice.
NEUTRAL_SENTENCES = (
    "The kettle is on, and the train leaves at nine.",
    "There are four chairs round the table in the kitchen.",
)
CANNOT_ADAPT = (
    "This model cannot adapt to a voice: it learnt from a single speaker, or its features are not scaled. Choose the "
    "shipped model, or train one of several speakers with scaled features."
)


def voice_introduction(first: str, second: str) -> str:
    return (
        "A deep voice sounds calm to whoever does not know it. Read one to five sentences **plainly, without any "
        f"feeling**, such as *“{first}”* or *“{second}”* Then the model compares you with yourself. The profile "
        "stays in this tab's session: nobody else gets it, and closing the tab forgets it."
    )


ADAPTING = (
    "Compares each clip with your other clips of this session, of whatever emotion. Another person’s clips among them "
    "make the answers worse."
)
ADAPTING_HELP = "The last twenty clips count. They stay in this tab’s session, and closing the tab forgets them."
NEUTRAL_PROFILE_FIRST = "Your profile of neutral sentences is in use, and goes before your clips so far."


def adapts_to(others: int, example: bool) -> str:
    if example:
        return "An example has a voice of its own, so this answer is not adapted."
    if not others:
        return "It begins with your second clip."
    return f"Compared with {'your other clip' if others == 1 else f'{others} other clips of yours'}."


def adapting_gains(clips: int, before: float, after: float, data_set: str) -> str:
    known = "one clip is" if clips == 1 else f"{clips} clips are"
    return (
        f"On unseen voices of {data_set}, the UAR is {percent(before, 1)}, and {percent(after, 1)} once {known} known."
    )


NO_NEUTRAL_CLIP = "Record or choose a neutral sentence first."

# The reasons.
NO_REASON = "No group of features carries the answer alone."


def effects(usual: str) -> str:
    return (
        f"Each group of features is put back to what is ordinary {usual}, one at a time, and the model answers "
        "again: what the probability loses is what the group gave. Groups work together, so the effects need not "
        "add up."
    )


ALIKE = "By the distance of all features. What the actors meant, not what you feel."
AUDIO_MISSING = " To hear them here, the RAVDESS audio must be at hand (`python -m ser download`)."

# The report.
REPORT = (
    "Answer, timeline, reasons, warnings and the model's record in one HTML file that opens anywhere, also without "
    "a network. The recording is not in it. For a PDF, print it from the browser."
)

# What everybody should know before believing an answer.
_SPEAKERS = sum(len(DATA_SETS[corpus].speakers) for corpus in SHIPPED_CORPORA)
NOTICE = {
    ":material/shield: What happens to your voice": (
        "A clip goes from your browser to the server that runs this page, is held in its memory while this tab is "
        "open, and is gone when you close it. Nothing is written to disk, kept, passed on or learnt from. Other "
        "visitors see nothing of it."
    ),
    ":material/help: What it cannot know": (
        "It estimates how a voice *sounds*, not what anyone feels. The shipped model learnt from "
        f"{_SPEAKERS} actors who read sentences in North American English or Polish, so other languages, accents, "
        "ages and everyday speech may mislead it. It does not know words, faces or what happened before."
    ),
    ":material/gavel: What it must not be used for": (
        "It is not for decisions about people: not for hiring, grading, selling, policing or medicine. Inferring "
        "emotions at work and in schools is prohibited in the European Union (AI Act, Article 5)."
    ),
}
