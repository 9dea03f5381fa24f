"""The table of clips, one clip in detail, and the same sentence in every emotion."""

from dataclasses import replace
from zlib import crc32

import numpy as np
import pandas as pd
import streamlit as st

from pages.common.panel import csv_button, panel
from pages.common.player import player
from pages.explore import sources, state, texts
from pages.explore.filters import FIELDS
from pages.explore.selection import Selection
from pages.explore.views import answers
from pages.explore.views.clip_view import describe, play, portrait
from ser.audio.decoding.decoder import decode
from ser.audio.playback import RATE
from ser.audio.waveform import wav_bytes
from ser.data.data_sets import RAVDESS
from ser.evaluation import human_baseline
from ser.features.contours import average
from ser.figures import clip as figures
from ser.figures.features import contour_figure
from ser.text import percent, plain

_COLUMNS = {
    "name": "Clip",
    "emotion": "Emotion",
    "data_set": "Data set",
    "intensity": "Intensity",
    "statement": "Statement",
    "repetition": "Take",
    "actor": "Actor",
    "sex": "Sex",
    "seconds": "Length (s)",
    "level": "Level (dBFS)",
    "noise": "Noise (dBFS)",
    "snr": "Above noise (dB)",
}
_PAUSE = 0.4  # seconds between clips that play one after another


def browse(selection: Selection) -> None:
    """Show the table of clips, and the chosen clip below it."""
    clips = selection.table.clips
    there = [column for column in _COLUMNS if column in (selection.fields if column in FIELDS else clips)]
    if "intensity" not in there and "repetition" in there:
        there.remove("repetition")  # where nothing was said twice, the take says nothing
    shown = clips[there].rename(columns=_COLUMNS | selection.fields)
    if not selection.own:
        # Beside the emotion, so that it is seen without scrolling aside.
        for position, (title, values) in enumerate(answers.columns(clips["name"]).items(), 2):
            shown.insert(position, title, values)
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.subheader("Clips", anchor=False, width="content")
        csv_button(shown, "explore_clips")
    st.caption(texts.browse("and hear " if selection.audible else ""))
    number = st.column_config.NumberColumn(format="%.1f")
    event = st.dataframe(
        shown,
        hide_index=True,
        height=280,
        on_select="rerun",
        selection_mode="single-row",
        column_config=dict.fromkeys((title for title in shown if "(" in title), number),
        # Each choice of filters gets a widget of its own, because a selection is a row number, which is another clip in
        # another table.
        key=f"explore_clips_{crc32(repr((selection.owner, selection.chosen)).encode()):08x}",
    )
    rows = event["selection"]["rows"]
    if rows and rows[0] < len(clips):
        state.current().clip = clips["name"].iloc[rows[0]]
    name = state.current().clip
    if name not in set(clips["name"]):
        name = clips["name"].iloc[0]
    st.subheader(describe(selection, name), anchor=False)
    st.caption(plain(name))
    play(selection, name)
    if not selection.own:
        if selection.corpus(name) == RAVDESS.key:
            _answers(selection, name)
        else:
            st.info(texts.NO_ANSWERS, icon=":material/info:")
        _siblings(selection, name)
    portrait(selection, name)


def _answers(selection: Selection, name: str) -> None:
    """Show the out-of-fold answer to a clip, and how often people recognise clips like it."""
    clip = selection.table.clips.set_index("name").loc[name]
    left, right = st.columns(2, gap="large")
    with left:
        st.markdown("**The model’s answer**")
        answer = answers.answer_to(name)
        if answer:
            right_or_not = "right" if answer.label == clip["emotion"] else f"wrong, it was meant {clip['emotion']}"
            st.markdown(f"**{answer.label}** with {percent(answer.probabilities[answer.label])}: {right_or_not}.")
            panel_data = pd.DataFrame(
                {"Emotion": list(answer.probabilities), "Probability": answer.probabilities.values()}
            )
            panel(
                "Probabilities",
                figures.probability_figure(answer.probabilities),
                panel_data,
                key="explore_answer",
                alt=f"Probabilities of the {answers.NAME} for {describe(selection, name)}",
                read=texts.OUT_OF_FOLD,
            )
    with right:
        st.markdown("**People’s answer**")
        label = clip["emotion"]
        st.markdown(texts.listeners(label, clip["intensity"], clip["sex"]))
        st.caption(texts.listeners_source(human_baseline.SOURCE))


def _siblings(selection: Selection, name: str) -> None:
    """Show the same sentence by the same speaker in every emotion, with players if the audio is available."""
    whole = sources.table(selection.corpora)
    clips = whole.clips
    clip = clips.set_index("name").loc[name]
    st.subheader("The same sentence in every emotion", anchor=False)
    # Only RAVDESS was recorded in two intensities.
    intensity = clip["intensity"] and st.segmented_control(
        "Intensity of the row",
        ["normal", "strong"],
        default=clip["intensity"],
        required=True,
        key=f"explore_row_{clip['intensity']}",
        help=texts.NEUTRAL_ROW_HELP,
    )
    same = (clips["actor"] == clip["actor"]) & (clips["statement"] == clip["statement"])
    same &= clips["repetition"] == clip["repetition"]
    same &= (clips["intensity"] == intensity) | (clips["emotion"] == "neutral")
    kin = whole.select(same.to_numpy())
    others = Selection(kin, (("kin", (name, intensity)),), corpora=selection.corpora)
    names = [kin.clips.loc[kin.clips["emotion"] == emotion, "name"].iloc[0] for emotion in others.order("emotion")]
    take = f", take {clip['repetition']}" if intensity else ""
    st.caption(
        f"“{clip.get('sentence', clip['statement'])}”, {selection.fields['actor'].lower()} {clip['actor']}{take}."
    )
    if kin.contours:
        found = average(kin.contours["f0"], others.values("emotion"), others.order("emotion"))
        panel(
            "Pitch side by side",
            contour_figure(found, "Pitch (semitones over 100 Hz)", band="none"),
            pd.concat(
                pd.DataFrame({"Emotion": each.group, "Place (%)": 100 * each.share, "F0 (semitones)": each.mean})
                for each in found
            ),
            key="explore_siblings",
            alt="Pitch over the sentence of the same speaker in each emotion",
            read=texts.SIBLINGS,
        )
    recordings = {one: data for one in names if (data := selection.read(one)) is not None}
    if not recordings:
        return
    emotion_of = kin.clips.set_index("name")["emotion"]
    in_order = ", ".join(emotion_of[one] for one in recordings)
    player(_in_a_row(others, tuple(recordings)), name="the row", alt=f"All in a row: {in_order}")
    st.caption(f"All in a row: {in_order}.")
    for start in range(0, len(recordings), 4):
        for column, one in zip(st.columns(4), list(recordings)[start : start + 4], strict=False):
            with column:
                st.markdown(f"**{emotion_of[one]}**")
                player(recordings[one], name=one, alt=f"The clip {one}, {emotion_of[one]}")


def _in_a_row(selection: Selection, names: tuple[str, ...]) -> bytes:
    """Return one WAV of all these clips, with a short pause between them."""

    def work() -> bytes:
        pause = np.zeros(round(_PAUSE * RATE), np.float32)
        clips = [decode(selection.read(name), rate=RATE, name=name) for name in names]
        samples = np.concatenate([part for clip in clips for part in (clip.samples, pause)])
        return wav_bytes(replace(clips[0], samples=samples))

    return selection.kept("row", names, work=work)
