"""The answer to one clip in words and bars, with its reliability and warnings."""

import hashlib
from collections.abc import Sequence

import streamlit as st

from pages.common.charts import chart
from pages.common.player import player
from pages.recognise import state, texts
from pages.recognise.result import session_voice, tracks
from pages.recognise.result.sound_view import sound_of
from pages.recognise.state import InputClip
from ser.emotions import described
from ser.evaluation.card_summary import describe_recall, describe_reliability, in_ten
from ser.figures.clip import probability_figure
from ser.inference.clip_features import ClipFeatures
from ser.inference.prediction import Prediction, answer
from ser.model.calibration import COVERAGE
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


def show(clip: InputClip, prediction: Prediction, stored: StoredModel, *, key: str = "recognise") -> None:
    """Show the answer to one clip in words, with warnings about the recording, beside the bars."""
    words, bars = st.columns([5, 6], gap="medium")
    with words:
        say(prediction, stored.card.score_for(prediction.specialists_share))
        player(sound_of(clip).wav, name=clip.name, alt=f"The clip {clip.name}")
        adapted = profile_for(clip, stored.model)
        note = " · adapted to your voice" if adapted is not None else ""
        st.caption(f"{plain(clip.name)} · {measured(clip, prediction)}{note}")
        tracks.pick(clip, key=f"{key}_track")
    with bars:
        probability_bars(prediction, f"{key}_bars")
        ruled_out = len(prediction.prediction_set) < len(prediction.probabilities)
        if ruled_out and stored.model.trust.general.set_threshold is not None:
            st.caption(texts.faint_bars(in_ten(COVERAGE)))


def measured(clip: InputClip, answered: Prediction) -> str:
    """Return the measured values of a recording, as in "3.2 s, 1.9 s of it speech · voice at -31 dBFS · …"."""
    sound = sound_of(clip)
    values = sound.measured
    doubtful = _NO_SPEECH.intersection(warning.code for warning in answered.warnings)
    what, source = ("sound", "sound") if doubtful else ("speech", "voice")
    # Digital silence is infinitely far below any voice; above this ratio no difference is audible.
    quiet = (
        "quiet background"
        if values.snr > _QUIET_ROOM
        else f"{max(values.snr, 0):.0f}\N{NO-BREAK SPACE}dB above the background"
    )
    return (
        f"{duration(sound.waveform.seconds)}, {duration(values.speech)} of it {what} · {source} at "
        f"{values.level:.0f}\N{NO-BREAK SPACE}dBFS, {quiet}"
    )


def probability_bars(prediction: Prediction, key: str) -> None:
    """Show the probability of every emotion."""
    chart(
        probability_figure(prediction.probabilities, likely=prediction.prediction_set),
        key=key,
        alt="Probability of each emotion: "
        + ", ".join(f"{label} {percent(prediction.probabilities[label])}" for label in ranked(prediction)),
    )


def warn(prediction: Prediction) -> None:
    """Show notes on how the file was decoded and warnings about the recording, if there are any."""
    if prediction.notes:
        st.info(plain(" ".join(prediction.notes)), icon=":material/rule:")
    if prediction.warnings:
        sentences = [plain(warning.sentence) for warning in prediction.warnings]
        text = sentences[0] if len(sentences) == 1 else "\n".join(f"- {sentence}" for sentence in sentences)
        st.warning(text, title="Take this with care", icon=":material/hearing:")


def headword(prediction: Prediction) -> str:
    """Return an answer in a word or two, as in "😄 happy", "😄 happy?" with warnings, or "🤔 not sure"."""
    doubt = "?" if prediction.warnings else ""
    return "🤔 not sure" if prediction.abstained else f"{described(prediction.label).emoji} {prediction.label}{doubt}"


def summary(prediction: Prediction) -> str:
    """Return an answer in a few words, as in "😄 happy" or "🤔 not sure: calm or sad"."""
    others = f": {listed(candidates(prediction), 'or')}" if prediction.abstained else ""
    return f"{headword(prediction)}{others}"


def say(prediction: Prediction, score: Score | None) -> None:
    """Show an answer in words: the emotion in large letters, then its reliability, warnings and related facts."""
    if prediction.learnt:
        st.info(plain(LEARNT), icon=":material/school:")
    if prediction.abstained:
        st.title("🤔 Not sure", anchor=False)
        st.markdown(texts.nothing_stands_out(_with_shares(prediction, candidates(prediction))))
    else:
        emotion = described(prediction.label)
        word = f':color[{plain(emotion.adjective.capitalize())}]{{foreground="{emotion.colour}"}}'
        doubt = "?" if prediction.warnings else ""
        st.title(f"{emotion.emoji} {word}{doubt} :gray[{percent(prediction.confidence)}]", anchor=False)
        # The share of right answers was measured on clips that the model did not learn from.
        doubtful = bool(prediction.warnings)
        trust = "" if prediction.learnt else describe_reliability(prediction.confidence, score, doubtful=doubtful)
        st.markdown(f"{plain(trust)} {_others(prediction)}".strip())
    warn(prediction)
    known = [None if prediction.abstained else describe_recall(prediction.label, score), prediction.novelty_sentence]
    if any(known):
        st.caption(plain(" ".join(filter(None, known))))


def ranked(prediction: Prediction) -> list[str]:
    """Return the emotions, the most probable first."""
    return sorted(prediction.probabilities, key=lambda label: -prediction.probabilities[label])


def candidates(prediction: Prediction) -> list[str]:
    """Return the two or three most probable emotions, as many as the prediction set has."""
    return ranked(prediction)[: min(3, max(2, len(prediction.prediction_set)))]


def _others(prediction: Prediction) -> str:
    """Return a sentence on the rest of the prediction set, or else on the second most probable emotion."""
    if len(prediction.prediction_set) > 1:
        return texts.could_also_be(_with_shares(prediction, prediction.prediction_set[1:]))
    second = ranked(prediction)[1]
    return texts.nothing_else(plain(second), percent(prediction.probabilities[second]))


def _with_shares(prediction: Prediction, labels: Sequence[str]) -> str:
    """Return emotions as a choice, each with its probability."""
    return listed([f"**{plain(label)}** ({percent(prediction.probabilities[label])})" for label in labels], "or")
