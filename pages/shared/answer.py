"""What the model made of a clip, in words and bars, and how far to believe it."""

import streamlit as st

from pages.shared import session
from pages.shared.charts import chart
from pages.shared.session import HeardClip
from pages.shared.sound import sound_of
from pages.shared.words import either, in_ten, length, percent, plain
from ser.emotions import described
from ser.figures.clip import probability_figure
from ser.prediction import Heard, Prediction, answer
from ser.store import StoredModel
from ser.track_record import TrackRecord, track_record


def answer_to(clip: HeardClip, heard: Heard, stored: StoredModel) -> Prediction:
    """Return what a model makes of a clip that was heard, worked out once."""
    known = session.recall("answer", clip, stored.model)
    return known or session.remember("answer", clip, stored.model, answer(heard, stored.model))


def show(clip: HeardClip, found: Prediction, stored: StoredModel, *, key: str = "recognise") -> None:
    """Show the answer to one clip: words and player beside the bars, then what is wrong with the recording."""
    words, bars = st.columns([5, 6], gap="medium", vertical_alignment="center")
    with words:
        say(found, track_record(stored.card))
        st.audio(sound_of(clip).wav, alt=f"The clip {clip.name}")
        st.caption(f"{plain(clip.name)} · {length(found.seconds)}")
    with bars:
        probability_bars(found, f"{key}_bars")
    warn(found)


def probability_bars(found: Prediction, key: str) -> None:
    """Show the probability of every emotion."""
    chart(
        probability_figure(found.probabilities, likely=found.prediction_set),
        key=key,
        alt="Probability of each emotion: "
        + ", ".join(f"{label} {percent(found.probabilities[label])}" for label in ranked(found)),
    )


def warn(found: Prediction) -> None:
    """Say what is wrong with the recording, if anything."""
    if found.warnings:
        sentences = "\n".join(f"- {plain(warning.sentence)}" for warning in found.warnings)
        st.warning(sentences, title="Take this with care", icon=":material/hearing:")


def summary(found: Prediction) -> str:
    """Return an answer in a few words, as in "😄 happy" or "🤔 not sure: calm or sad"."""
    if found.abstained:
        return f"🤔 not sure: {either(candidates(found))}"
    return f"{described(found.label).emoji} {found.label}"


def say(found: Prediction, record: TrackRecord | None) -> None:
    """Put an answer in words: large, in the emotion's colour, with its face; then how often such answers are right."""
    order = ranked(found)
    if found.abstained:
        st.title("🤔 Not sure", anchor=False)
        leading = [f"**{plain(label)}** ({percent(found.probabilities[label])})" for label in candidates(found)]
        st.markdown(
            f"Nothing stands out enough to be trusted: most likely {either(leading)}, but on unseen voices answers "
            "this unsure were wrong more often than right."
        )
    else:
        emotion = described(found.label)
        word = f':color[{plain(emotion.adjective.capitalize())}]{{foreground="{emotion.colour}"}}'
        st.title(f"{emotion.emoji} {word} :gray[{percent(found.confidence)}]", anchor=False)
        st.markdown(f"{_reliability(found, record)} {_others(found, order)}")
    if (sentence := _beside_listeners(found.label, record)) is not None:
        st.caption(sentence)


def ranked(found: Prediction) -> list[str]:
    """Return the emotions, the most probable first."""
    return sorted(found.probabilities, key=lambda label: -found.probabilities[label])


def candidates(found: Prediction) -> list[str]:
    """Return the two or three emotions that lead, as many of them as the prediction set has."""
    return ranked(found)[: min(3, max(2, len(found.prediction_set)))]


def _reliability(found: Prediction, record: TrackRecord | None) -> str:
    """Return how often answers with this confidence are right, as far as that is known."""
    if record is None:
        return "How often such answers are right was never tested on voices that the model had not heard."
    if not record.calibrated:
        return (
            f"Its confidence is {percent(found.confidence)}, but on unseen voices its confidence was "
            f"{percent(record.ece)} off: do not rely on the figure."
        )
    count = in_ten(found.confidence)
    if found.warnings:
        return f"Of good recordings {count} such answers are right, but this one is in doubt: see below."
    return f"{count[0].upper()}{count[1:]} such answers are right on voices like those it was tested on."


def _others(found: Prediction, order: list[str]) -> str:
    """Return what else it could be: the rest of the prediction set, or else the runner-up."""
    if len(found.prediction_set) > 1:
        names = [f"**{plain(label)}** ({percent(found.probabilities[label])})" for label in found.prediction_set[1:]]
        return f"It could also be {either(names)}."
    second = order[1]
    return f"Nothing else is likely; next comes {plain(second)} with {percent(found.probabilities[second])}."


def _beside_listeners(label: str, record: TrackRecord | None) -> str | None:
    """Return how often the model finds this emotion in unseen voices, beside how often people do."""
    emotion = record and record.of(label)
    if not emotion:
        return None
    text = f"Of {' and '.join(map(plain, emotion.names))} clips of unseen actors it finds {percent(emotion.found)}"
    if emotion.listeners is not None:
        text += f"; human listeners find {percent(emotion.listeners)}"
    if emotion.right is not None:
        text += f". When it says {plain(label)}, it is right {percent(emotion.right)} of the time"
    return f"{text}."
