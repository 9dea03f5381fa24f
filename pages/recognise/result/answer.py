"""The answer to one clip in words and bars, with its reliability and warnings."""

import hashlib
from collections.abc import Sequence

import streamlit as st

from pages.common.charts import chart
from pages.common.player import player
from pages.common.server import counters
from pages.recognise import state, texts
from pages.recognise.examples.view import reveal
from pages.recognise.result import session_voice, tracks, trust_view
from pages.recognise.result.sound_view import sound_of
from pages.recognise.state import InputClip
from ser.emotions import described
from ser.errors import SilentError
from ser.evaluation.card_summary import describe_faint, describe_reliability
from ser.figures.clip import probability_figure
from ser.figures.explanation import answers_figure
from ser.inference.clip_features import ClipFeatures
from ser.inference.headline import COURSE, MOST_STRETCHES, NO_SPEECH, UNSURE, Headline, headline
from ser.inference.prediction import Prediction, answer
from ser.model.card import Score
from ser.model.emotion_model import EmotionModel
from ser.model.store import StoredModel
from ser.model.training_clips import LEARNT
from ser.model.voice_profile import VoiceProfile
from ser.text import duration, listed, percent, plain

_QUIET_ROOM = 40.0  # dB
# Warnings after which the clip may hold no speech at all.
_NO_SPEECH = frozenset({"no_voice", "unlike"})


def answer_to(clip: InputClip, clip_features: ClipFeatures, stored: StoredModel) -> Prediction:
    """Return a model's answer to a clip, computed only once."""

    def work() -> Prediction:
        counters.count("answers")
        return answer(clip_features, stored.model, profile=profile_for(clip, stored.model))

    return state.kept(voiced("answer", clip, stored.model), clip, stored.model, work)


def profile_for(clip: InputClip, model: EmotionModel) -> VoiceProfile | None:
    """Return the voice profile in use: the one that the visitor made, or else that of the visitor's other clips.

    It is None where there is neither, or where the model cannot use it.
    """
    profile = state.current().voice
    if profile is None:
        return session_voice.profile_of_others(clip, model)
    return profile if model.adapts and profile.feature_set == model.feature_set else None


def voiced(result: str, clip: InputClip, model: EmotionModel) -> str:
    """Return the name under which a result is kept that depends on the voice profile in use."""
    profile = profile_for(clip, model)
    return result if profile is None else f"{result} {hashlib.sha256(profile.vectors.tobytes()).hexdigest()}"


def show(clip: InputClip, prediction: Prediction, key: str, stored: StoredModel) -> bool:
    """Show the answer to one clip: its headline, how far to trust it, and beside them the bars.

    `key` is the model's. Return whether the emotion is shown; where it is a mere guess, the visitor has to ask for it.
    """
    head = headline(prediction)
    score = stored.card.score_for(prediction.specialists_share, prediction.novelty_p_value)
    words, bars = st.columns([5, 6], gap="medium")
    with words:
        say(prediction, score)
        player(sound_of(clip).wav, name=clip.name, alt=f"The clip {clip.name}", autoplay=clip.origin == state.EXAMPLE)
        reveal(clip, prediction, key, stored)
        adapted = profile_for(clip, stored.model)
        note = " · adapted to your voice" if adapted is not None else ""
        st.caption(f"{plain(clip.name)} · {measured(clip, prediction)}{note}")
        tracks.pick(clip, key="recognise_track")
        # A guess is asked for clip by clip.
        shown = not head.is_guess or st.toggle(texts.GUESS, key=f"recognise_guess_{clip.sha[:12]}")
        if shown:
            trust_view.show(prediction, score, key)
    if shown:
        with bars:
            if head.is_guess:
                st.markdown(texts.guess(emotion_in_words(prediction), percent(prediction.confidence)))
            probability_bars(prediction, "recognise_bars")
            ruled_out = len(prediction.prediction_set) < len(prediction.probabilities)
            if ruled_out and stored.model.trust.general.set_threshold is not None:
                st.caption(describe_faint(score))
    return shown


def measured(clip: InputClip, answered: Prediction) -> str:
    """Return the measured values of a recording, as in "3.2 s, 1.9 s of it speech · voice 31 dB below …"."""
    sound = sound_of(clip)
    values = sound.measured
    doubtful = _NO_SPEECH.intersection(warning.code for warning in answered.warnings)
    # Beside its loudest part, the rest of a long recording may count as a pause. Its timeline judges part by part.
    timeline = state.recall(state.TIMELINE, clip, None)
    spoken = values.speech if timeline is None else timeline.tracks.speech_seconds
    what, source = ("sound", "sound") if doubtful else ("speech", "voice")
    # Digital silence is infinitely far below any voice; above this ratio no difference is audible.
    quiet = (
        "quiet background"
        if values.snr > _QUIET_ROOM
        else f"{max(values.snr, 0):.0f}\N{NO-BREAK SPACE}dB above the background"
    )
    return (
        f"{duration(sound.waveform.seconds)}, {duration(spoken)} of it {what} · "
        f"{texts.voice(values.level, quiet, source)}"
    )


def probability_bars(prediction: Prediction, key: str) -> None:
    """Show the probability of every emotion."""
    chart(
        probability_figure(prediction.probabilities, likely=prediction.prediction_set),
        key=key,
        alt="Probability of each emotion: "
        + ", ".join(f"{label} {percent(prediction.probabilities[label])}" for label in ranked(prediction)),
    )


def before_and_after(before: Prediction, after: Prediction, key: str) -> None:
    """Show the probability of every emotion in two answers, in the order of the second one."""
    order = ranked(after)
    chart(
        answers_figure({"Before": before.probabilities, "After": after.probabilities}, order),
        key=key,
        alt="Probability of each emotion before and after: "
        + ", ".join(
            f"{each} {percent(before.probabilities[each])}, {percent(after.probabilities[each])}" for each in order
        ),
    )


def warn(prediction: Prediction) -> None:
    """Show notes on how the file was decoded and warnings about the recording, if there are any."""
    if prediction.notes:
        st.info(plain(" ".join(prediction.notes)), icon=":material/rule:")
    if prediction.warnings:
        sentences = [plain(warning.sentence) for warning in prediction.warnings]
        text = sentences[0] if len(sentences) == 1 else "\n".join(f"- {sentence}" for sentence in sentences)
        st.warning(text, title="Take this with care", icon=":material/hearing:")


def emotion_in_words(prediction: Prediction) -> str:
    """Return the most probable emotion, as in "😄 happy"."""
    return f"{described(prediction.label).emoji} {prediction.label}"


def headword(prediction: Prediction) -> str:
    """Return an answer in a word or two, as in "😄 happy", "😄 happy?" with warnings, or "🔇 no speech"."""
    head = headline(prediction)
    if head.topic in texts.HEADWORDS:
        return texts.HEADWORDS[head.topic]
    if head.topic == COURSE:
        return " → ".join(described(each.label).emoji for each in head.course[:MOST_STRETCHES])
    return f"{emotion_in_words(prediction)}{'?' if prediction.warnings else ''}"


def summary(prediction: Prediction) -> str:
    """Return an answer in a few words, as in "😄 happy" or "🤔 not sure: calm or sad"."""
    unsure = headline(prediction).topic == UNSURE
    others = f": {listed(candidates(prediction), 'or')}" if unsure else ""
    return f"{headword(prediction)}{others}"


def say(prediction: Prediction, score: Score | None) -> None:
    """Show an answer in words: its headline in large letters, then what else it could be, and warnings."""
    if prediction.learnt:
        st.info(plain(LEARNT), icon=":material/school:")
    head = headline(prediction)
    st.title(_title(head, prediction), anchor=False)
    if text := _below_the_title(head, prediction, score):
        st.markdown(text)
    warn(prediction)


def say_silent(error: SilentError) -> None:
    """Show the headline of a clip without any sound, and why it is silent; there is nothing to guess."""
    st.title(texts.HEADLINES[NO_SPEECH], anchor=False)
    st.markdown(texts.NOTHING_TO_GUESS)
    st.warning(plain(counters.sentence_of(error)), icon=":material/hearing:")


def _title(head: Headline, prediction: Prediction) -> str:
    if head.topic in texts.HEADLINES:
        return texts.HEADLINES[head.topic]
    if head.topic == COURSE:
        sentence = head.sentence()
        return f"{described(head.course[0].label).emoji} {plain(sentence[0].upper() + sentence[1:])}"
    emotion = described(prediction.label)
    word = f':color[{plain(emotion.adjective.capitalize())}]{{foreground="{emotion.colour}"}}'
    doubt = "?" if prediction.warnings else ""
    return f"{emotion.emoji} {word}{doubt} :gray[{percent(prediction.confidence)}]"


def _below_the_title(head: Headline, prediction: Prediction, score: Score | None) -> str:
    if head.is_guess:
        return texts.NO_ANSWER_TO_BELIEVE[head.topic]
    if head.topic == UNSURE:
        return texts.nothing_stands_out(_choice(candidates(prediction)))
    if head.topic == COURSE:
        return texts.course(plain(prediction.label))
    # The share of right answers was measured on clips that the model did not learn from.
    doubtful = bool(prediction.warnings)
    trust = "" if prediction.learnt else describe_reliability(prediction.confidence, score, doubtful=doubtful)
    others = prediction.prediction_set[1:]
    return f"{plain(trust)} {texts.could_also_be(_choice(others)) if others else texts.NOTHING_ELSE}".strip()


def ranked(prediction: Prediction) -> list[str]:
    """Return the emotions, the most probable first."""
    return sorted(prediction.probabilities, key=lambda label: -prediction.probabilities[label])


def candidates(prediction: Prediction) -> list[str]:
    """Return the two or three most probable emotions, as many as the prediction set has."""
    return ranked(prediction)[: min(3, max(2, len(prediction.prediction_set)))]


def _choice(labels: Sequence[str]) -> str:
    """Return emotions as a choice, as in "**calm** or **sad**"."""
    return listed([f"**{plain(label)}**" for label in labels], "or")
