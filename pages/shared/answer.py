"""What the model made of a clip: asked for once, shown in words, bars and pictures."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from pages.shared import session
from pages.shared.charts import chart
from pages.shared.session import HeardClip
from pages.shared.words import either, length, percent, plain
from ser.audio import Waveform, decode, wav_bytes
from ser.emotions import described
from ser.errors import AudioError
from ser.features.spectra import Spectrogram, mel_spectrogram
from ser.figures.clip import mel_figure, probability_figure, waveform_figure
from ser.model import EmotionModel
from ser.prediction import Prediction, predict_windows

# What speech is shown and played at; the `standard` features hear no more than this.
_RATE = 16_000


@dataclass(frozen=True)
class Sound:
    """What is shown and played of one clip, worked out once."""

    sha: str
    waveform: Waveform
    spectrogram: Spectrogram
    wav: bytes


def answer_all(clips: tuple[HeardClip, ...], model: EmotionModel) -> list[Prediction | AudioError]:
    """Return what a model makes of every clip, or why the clip cannot be used; each is worked out once.

    Where there is something to wait for, a bar shows how far it is.
    """
    found = [session.recall(clip, model) for clip in clips]
    if None not in found:
        return found
    bar = st.progress(0.0)
    for place, clip in enumerate(clips):
        count = f" ({place + 1} of {len(clips)})" if len(clips) > 1 else ""
        for share in _work_out(clip, model):
            bar.progress((place + share) / len(clips), f"Listening to {plain(clip.name)}{count} …")
    bar.empty()
    return [session.recall(clip, model) for clip in clips]


def _work_out(clip: HeardClip, model: EmotionModel) -> Iterator[float]:
    """Find and remember the answer to one clip, unless it is known; yield the share done."""
    if session.recall(clip, model) is not None:
        return
    yield 0.0
    try:
        found = yield from predict_windows(clip.data, model, name=clip.name)
    except AudioError as error:
        found = error
    session.remember(clip, model, found)


def present(clips: tuple[HeardClip, ...], found: list[Prediction | AudioError]) -> None:
    """Show what was found: a table first where there are several clips, then one clip's full answer."""
    answered = [(clip, answer) for clip, answer in zip(clips, found, strict=True) if isinstance(answer, Prediction)]
    if answered and len(clips) > 1:
        _table(answered)
    for answer in found:
        if isinstance(answer, AudioError):
            st.error(plain(str(answer)), icon=":material/block:")
    if len(answered) > 1:
        shown = st.selectbox(
            "Full answer of", range(len(answered)), format_func=lambda i: answered[i][0].name, key="recognise_shown"
        )
        _show(*answered[shown])
    elif answered:
        _show(*answered[0])


def _show(clip: HeardClip, found: Prediction) -> None:
    """Show the full answer to one clip: words and player, bars, and the sound itself."""
    sound = _sound(clip)
    words, bars = st.columns([5, 6], gap="medium", vertical_alignment="center")
    with words:
        _say(found)
        st.audio(sound.wav, alt=f"The clip {clip.name}")
        st.caption(f"{plain(clip.name)} · {length(found.seconds)}")
    with bars:
        ranked = sorted(found.probabilities.items(), key=lambda pair: -pair[1])
        chart(
            probability_figure(found.probabilities, likely=found.prediction_set),
            key="recognise_bars",
            alt="Probability of each emotion: " + ", ".join(f"{label} {percent(share)}" for label, share in ranked),
        )
    if found.warnings:
        sentences = "\n".join(f"- {plain(warning.sentence)}" for warning in found.warnings)
        st.warning(sentences, title="Take this with care", icon=":material/hearing:")
    st.subheader("What was heard", anchor=False)
    st.caption("Waveform: how strong the sound is, instant by instant")
    chart(
        waveform_figure(sound.waveform),
        key="recognise_waveform",
        alt=f"Waveform: amplitude over {length(found.seconds)}, {sound.waveform.peak:.2f} of full scale at most",
    )
    st.caption("Mel spectrogram: how loud each frequency is, spaced as the ear spaces them")
    chart(
        mel_figure(sound.spectrogram),
        key="recognise_mel",
        alt="Mel spectrogram: how loud each frequency is over time",
    )


def _table(answered: list[tuple[HeardClip, Prediction]]) -> None:
    """Show one row per clip that has an answer."""
    rows = [
        {
            "File": clip.name,
            "Emotion": _summary(answer),
            "Confidence": 100 * answer.confidence,
            "Length": answer.seconds,
            "Warnings": ", ".join(warning.code.replace("_", " ") for warning in answer.warnings),
        }
        for clip, answer in answered
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key="recognise_table",
        column_config={
            "Confidence": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100),
            "Length": st.column_config.NumberColumn(format="%.1f s", width="small"),
        },
    )


def _summary(found: Prediction) -> str:
    """Return an answer in a few words, as in "😄 happy" or "not sure: calm or sad"."""
    if found.abstained:
        return f"not sure: {either(_candidates(found))}"
    return f"{described(found.label).emoji} {found.label}"


def _say(found: Prediction) -> None:
    """Put an answer in words: large, in the emotion's colour, with its face."""
    if found.abstained:
        st.title("🤔 Not sure", anchor=False)
        leading = [f"**{label}** ({percent(found.probabilities[label])})" for label in _candidates(found)]
        st.markdown(f"Nothing stands out enough to be trusted. The leading candidates are {either(leading)}.")
        return
    emotion = described(found.label)
    word = f':color[{emotion.adjective.capitalize()}]{{foreground="{emotion.colour}"}}'
    st.title(f"{emotion.emoji} {word} :gray[{percent(found.confidence)}]", anchor=False)
    others = [f"**{described(label).adjective}**" for label in found.prediction_set[1:]]
    st.markdown(
        f"The voice sounds {emotion.adjective}, with a confidence of {percent(found.confidence)}. "
        + (f"It could also be {either(others)}." if others else "Nothing else comes near.")
    )


def _candidates(found: Prediction) -> list[str]:
    """Return the two or three emotions that lead, as many of them as the prediction set has."""
    ranked = sorted(found.probabilities, key=lambda label: -found.probabilities[label])
    return ranked[: min(3, max(2, len(found.prediction_set)))]


def _sound(clip: HeardClip) -> Sound:
    """Return what is shown of a clip; the last clip's stays in the visitor's memory, so a rerun decodes nothing."""
    me = session.visitor()
    if me.sound is None or me.sound.sha != clip.sha:
        with st.spinner("Drawing …"):
            waveform = decode(clip.data, rate=_RATE, name=clip.name)
            me.sound = Sound(clip.sha, waveform, mel_spectrogram(waveform), wav_bytes(waveform))
    return me.sound
