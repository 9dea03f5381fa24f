"""What the model made of a clip, in words and bars, and how far to believe it."""

import hashlib

import streamlit as st

from pages.common.charts import chart
from pages.common.player import player
from pages.recognise import state, texts
from pages.recognise.result import tracks
from pages.recognise.result.sound_view import sound_of
from pages.recognise.state import InputClip
from ser.emotions import described
from ser.evaluation.card_summary import beside_people, in_ten, reliability
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
# What makes it doubtful that anybody speaks.
_NO_SPEECH = frozenset({"no_voice", "unlike"})


def answer_to(clip: InputClip, clip_features: ClipFeatures, stored: StoredModel) -> Prediction:
    """Return what a model makes of a clip that was heard, worked out once."""

    def work() -> Prediction:
        return answer(clip_features, stored.model, profile=profile_for(stored.model))

    return state.kept(voiced("answer", stored.model), clip, stored.model, work)


def profile_for(model: EmotionModel) -> VoiceProfile | None:
    """Return the visitor's voice profile if this model can use it."""
    profile = state.current().voice
    return profile if profile is not None and model.enrolled and profile.feature_set == model.feature_set else None


def voiced(result: str, model: EmotionModel) -> str:
    """Return the name under which a result is kept that depends on the voice profile in use."""
    profile = profile_for(model)
    return result if profile is None else f"{result} {hashlib.sha256(profile.vectors.tobytes()).hexdigest()}"


def show(clip: InputClip, found: Prediction, stored: StoredModel, *, key: str = "recognise") -> None:
    """Show the answer to one clip: in words, with what is wrong with the recording, beside the bars."""
    words, bars = st.columns([5, 6], gap="medium")
    with words:
        say(found, stored.card.held_out_score)
        player(sound_of(clip).wav, name=clip.name, alt=f"The clip {clip.name}")
        adapted = profile_for(stored.model)
        told = " · adapted to your voice" if adapted is not None else ""
        st.caption(f"{plain(clip.name)} · {measured(clip, found)}{told}")
        tracks.pick(clip, key=f"{key}_track")
    with bars:
        probability_bars(found, f"{key}_bars")
        if stored.model.trust(None).set_threshold is not None and len(found.prediction_set) < len(found.probabilities):
            st.caption(texts.faint_bars(in_ten(COVERAGE)))


def measured(clip: InputClip, answered: Prediction) -> str:
    """Return what was measured of a recording, as "3.2 s, 1.9 s of it speech · voice at -31 dBFS · …"."""
    sound = sound_of(clip)
    found = sound.measured
    doubtful = _NO_SPEECH.intersection(warning.code for warning in answered.warnings)
    what, source = ("sound", "sound") if doubtful else ("speech", "voice")
    # A digital silence is infinitely far below any voice; beyond this nobody hears a difference.
    quiet = (
        "quiet background"
        if found.snr > _QUIET_ROOM
        else f"{max(found.snr, 0):.0f}\N{NO-BREAK SPACE}dB above the background"
    )
    return (
        f"{duration(sound.waveform.seconds)}, {duration(found.speech)} of it {what} · {source} at "
        f"{found.level:.0f}\N{NO-BREAK SPACE}dBFS, {quiet}"
    )


def probability_bars(found: Prediction, key: str) -> None:
    """Show the probability of every emotion."""
    chart(
        probability_figure(found.probabilities, likely=found.prediction_set),
        key=key,
        alt="Probability of each emotion: "
        + ", ".join(f"{label} {percent(found.probabilities[label])}" for label in ranked(found)),
    )


def warn(found: Prediction) -> None:
    """Say how the file was read, where that matters, and what is wrong with the recording, if anything."""
    if found.notes:
        st.info(plain(" ".join(found.notes)), icon=":material/rule:")
    if found.warnings:
        sentences = [plain(warning.sentence) for warning in found.warnings]
        text = sentences[0] if len(sentences) == 1 else "\n".join(f"- {sentence}" for sentence in sentences)
        st.warning(text, title="Take this with care", icon=":material/hearing:")


def headword(found: Prediction) -> str:
    """Return an answer in a word or two, as in "😄 happy", "😄 happy?" with warnings, or "🤔 not sure"."""
    doubt = "?" if found.warnings else ""
    return "🤔 not sure" if found.abstained else f"{described(found.label).emoji} {found.label}{doubt}"


def summary(found: Prediction) -> str:
    """Return an answer in a few words, as in "😄 happy" or "🤔 not sure: calm or sad"."""
    return f"{headword(found)}: {listed(candidates(found), 'or')}" if found.abstained else headword(found)


def say(found: Prediction, score: Score | None) -> None:
    """Put an answer in words: large, in the emotion's colour, with its face; then how far to believe it, and why."""
    if found.learnt:
        st.info(plain(LEARNT), icon=":material/school:")
    if found.abstained:
        st.title("🤔 Not sure", anchor=False)
        leading = [f"**{plain(label)}** ({percent(found.probabilities[label])})" for label in candidates(found)]
        st.markdown(texts.nothing_stands_out(listed(leading, "or")))
    else:
        emotion = described(found.label)
        word = f':color[{plain(emotion.adjective.capitalize())}]{{foreground="{emotion.colour}"}}'
        doubt = "?" if found.warnings else ""
        st.title(f"{emotion.emoji} {word}{doubt} :gray[{percent(found.confidence)}]", anchor=False)
        # How often such answers are right is known of clips that the model did not learn from.
        trust = "" if found.learnt else reliability(found.confidence, score, doubtful=bool(found.warnings))
        st.markdown(f"{plain(trust)} {_others(found)}".strip())
    warn(found)
    known = [None if found.abstained else beside_people(found.label, score), found.novelty_sentence]
    if any(known):
        st.caption(plain(" ".join(filter(None, known))))


def ranked(found: Prediction) -> list[str]:
    """Return the emotions, the most probable first."""
    return sorted(found.probabilities, key=lambda label: -found.probabilities[label])


def candidates(found: Prediction) -> list[str]:
    """Return the two or three emotions that lead, as many of them as the prediction set has."""
    return ranked(found)[: min(3, max(2, len(found.prediction_set)))]


def _others(found: Prediction) -> str:
    """Return what else it could be: the rest of the prediction set, or else the runner-up."""
    if len(found.prediction_set) > 1:
        names = [f"**{plain(label)}** ({percent(found.probabilities[label])})" for label in found.prediction_set[1:]]
        return texts.could_also_be(listed(names, "or"))
    second = ranked(found)[1]
    return texts.nothing_else(plain(second), percent(found.probabilities[second]))
