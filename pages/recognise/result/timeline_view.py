"""The timeline of a clip: the leading emotion, level and pitch over time, and a player for any stretch."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.common.charts import chart
from pages.common.inputs import download
from pages.common.player import player
from pages.common.progress import wait_for
from pages.recognise import state, texts
from pages.recognise.result import answer
from pages.recognise.result.sound_view import sound_of
from pages.recognise.state import InputClip
from ser.audio.waveform import wav_bytes
from ser.figures.timeline import emotions_figure, voice_figure
from ser.inference.clip_features import ClipFeatures, FeatureDemand
from ser.inference.timeline import SHORTEST, Timeline, timeline, timeline_features
from ser.model.emotion_model import EmotionModel
from ser.text import duration

_STRETCHES_IN_WORDS = 8


def timeline_of(clip: InputClip, clip_features: ClipFeatures, model: EmotionModel) -> Timeline | None:
    """Return the timeline of a clip, computed only once; None if the clip is too short."""
    if clip_features.seconds <= SHORTEST:
        return None

    def work() -> Timeline:
        bar = st.progress(0.0)
        profile = answer.profile_for(clip, model)
        demand = FeatureDemand.from_model(model)
        show = partial(bar.progress, text="Following the voice …")
        features = state.recall(state.TIMELINE, clip, None)
        if features is None:
            features = wait_for(timeline_features, clip.data, clip_features, demand, show=show)
        bar.empty()
        return timeline(clip_features, features, model, profile=profile)

    return state.kept(answer.voiced("timeline", clip, model), clip, model, work)


def show_if_long(clip: InputClip, clip_features: ClipFeatures, model: EmotionModel, *, key: str = "recognise") -> None:
    """Show the timeline of a clip that is long enough to have one; `key` begins the keys of its widgets."""
    timeline = timeline_of(clip, clip_features, model)
    if timeline is not None and timeline.windows:
        show(clip, timeline, key)


def show(clip: InputClip, timeline: Timeline, key: str) -> None:
    """Show the timeline; a click or a drag in it plays that stretch."""
    st.subheader("When", anchor=False)
    st.markdown(texts.TIMELINE)
    if timeline.gaps:
        silent = sum(gap.end - gap.start for gap in timeline.gaps)
        why = dict.fromkeys(texts.NO_ANSWER[gap.reason] for gap in timeline.gaps)
        st.caption(texts.without_answer(duration(silent), ", ".join(why)))
    st.fragment(_interactive)(clip, timeline, key)


def _interactive(clip: InputClip, timeline: Timeline, widgets: str) -> None:
    """Show the charts, the chosen stretch with its player, and the table; a choice reruns only this part."""
    key = f"{widgets}_stretch_{clip.sha[:12]}"
    emotions, voice = f"{widgets}_timeline", f"{widgets}_voice"
    chart(
        emotions_figure(timeline),
        key=emotions,
        alt=in_words(timeline),
        on_select=partial(_choose, emotions, key, timeline.seconds),
        selection_mode=("points",),
    )
    chart(
        voice_figure(timeline),
        key=voice,
        alt=_voice_in_words(timeline),
        on_select=partial(_choose, voice, key, timeline.seconds),
        selection_mode=("box",),
    )
    whole = (0.0, round(timeline.seconds, 1))
    st.session_state.setdefault(key, whole)
    stretch = st.slider("Part to hear (s)", *whole, step=0.1, key=key, format="%.1f", help="Works by keyboard.")
    if stretch != whole and stretch[1] > stretch[0]:
        part = sound_of(clip).waveform.window(*stretch)
        description = f"From {stretch[0]:.1f} to {stretch[1]:.1f} s of {clip.name}"
        player(wav_bytes(part), name=description, alt=description, autoplay=True)
    with st.expander("As a table", icon=":material/table:"):
        table = _table(timeline)
        formats = {title: "%.1f" if "(s)" in title else "%.0f %%" for title in table if title != "No answer"}
        st.dataframe(
            table,
            hide_index=True,
            column_config={title: st.column_config.NumberColumn(format=form) for title, form in formats.items()},
            key=f"{widgets}_windows",
        )
    download(
        "Save as CSV",
        timeline.to_csv,
        f"{clip.name}-timeline.csv",
        "text/csv",
        key=f"{widgets}_timeline_csv",
        help=texts.TIMELINE_CSV_HELP,
    )


def _choose(chart_key: str, key: str, seconds: float) -> None:
    """Choose the stretch that was clicked or dragged over."""
    selection = st.session_state[chart_key].selection
    if selection.box:
        start, end = sorted(map(float, selection.box[0]["x"]))
    elif selection.points:
        start, end = (
            min(p["customdata"][0] for p in selection.points),
            max(p["customdata"][1] for p in selection.points),
        )
    else:
        return
    st.session_state[key] = (round(max(0.0, start), 1), round(min(seconds, end), 1))


def in_words(timeline: Timeline) -> str:
    """Return the leading emotions, as in "Timeline of the leading emotion: happy from 0 to 6 s, sad from 6 to 12 s"."""
    runs = timeline.stretches()
    stretches = [f"{run.label} from {run.start:.0f} to {run.end:.0f} s" for run in runs[:_STRETCHES_IN_WORDS]]
    more = f", and {len(runs) - _STRETCHES_IN_WORDS} more changes" if len(runs) > _STRETCHES_IN_WORDS else ""
    gaps = "".join(
        f"; no answer from {gap.start:.0f} to {gap.end:.0f} s: {gap.reason}"
        for gap in timeline.gaps[:_STRETCHES_IN_WORDS]
    )
    return f"Timeline of the leading emotion: {', '.join(stretches)}{more}{gaps}"


def _voice_in_words(timeline: Timeline) -> str:
    """Return level and pitch, as in "Level and pitch over time: speech for 21 of 60 s, pitch mostly 90 to 210 Hz"."""
    tracks = timeline.tracks
    known = tracks.f0[~np.isnan(tracks.f0)]
    pitch = f", pitch mostly {np.percentile(known, 10):.0f} to {np.percentile(known, 90):.0f} Hz" if known.size else ""
    return f"Level and pitch over time: speech for {tracks.speech_seconds:.0f} of {timeline.seconds:.0f} s{pitch}"


def _table(timeline: Timeline) -> pd.DataFrame:
    rows = [
        {"From (s)": window.start, "To (s)": window.end}
        | {label: 100 * share for label, share in window.probabilities.items()}
        for window in timeline.windows
    ]
    if timeline.gaps:
        rows += [{"From (s)": gap.start, "To (s)": gap.end, "No answer": gap.reason} for gap in timeline.gaps]
    return pd.DataFrame(sorted(rows, key=lambda row: row["From (s)"]))
