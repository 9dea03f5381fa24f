"""One clip in pictures; without its audio, in its contours from the table."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.common import own_clips
from pages.common.panel import panel
from pages.common.player import player
from pages.common.progress import wait_for
from pages.explore import texts
from pages.explore.selection import Selection
from ser.audio.decoding.decoder import decode
from ser.audio.playback import RATE
from ser.audio.waveform import Waveform
from ser.data.data_sets import DATA_SETS, RAVDESS
from ser.features.contours import CONTOURS, POINTS, average
from ser.features.pitch import pitch_track
from ser.features.spectrograms import (
    Spectrogram,
    chroma_spectrogram,
    contrast_spectrogram,
    mel_spectrogram,
    mfcc_spectrogram,
)
from ser.figures import clip as figures
from ser.figures.features import contour_figure, pitch_figure

_PICTURES = {
    "mel": mel_spectrogram,
    "mfcc": mfcc_spectrogram,
    "chroma": chroma_spectrogram,
    "contrast": contrast_spectrogram,
}
_DRAWN = {"mel": figures.mel_figure, "mfcc": partial(figures.frames_figure, signed=True)}


def describe(selection: Selection, name: str) -> str:
    """Return a description of a clip."""
    clip = selection.table.clips.set_index("name").loc[name]
    parts = [f"{selection.fields['actor']} {clip['actor']}"]
    if "sex" in clip:
        parts[0] += f" ({clip['sex']})"
    parts.append(", ".join(str(clip[field]) for field in ("emotion", "intensity") if clip.get(field)))
    if "statement" in clip:
        # Only RAVDESS's sentences were said twice, as were its intensities.
        take = f", take {clip['repetition']}" if clip.get("intensity") and "repetition" in clip else ""
        parts.append(f"“{clip.get('sentence', clip['statement'])}”{take}")
    return " · ".join(parts)


def glimpse(selection: Selection, name: str, key: str) -> None:
    """Show a clip's player and its mel spectrogram."""
    st.markdown(f"**{describe(selection, name)}**")
    if not play(selection, name):
        _contours(selection, name)
        return
    _, pictures = _looked_at(selection, name)
    _picture("mel", pictures["mel"], describe(selection, name), prefix=f"{key}_")


def play(selection: Selection, name: str) -> bool:
    """Show a clip's player, or how to get the audio; return whether there is a player."""
    data = selection.read(name)
    if data is None:
        st.info(_why_not(selection, name), icon=":material/headphones:")
        return False
    player(data, name=name, alt=f"The clip {name}")
    own_clips.open_in_recognise(name, data, key="explore_open")
    return True


def _why_not(selection: Selection, name: str) -> str:
    """Return why a clip cannot be played."""
    if not selection.own and (corpus := selection.corpus(name)) != RAVDESS.key:
        return texts.not_on_the_server(DATA_SETS[corpus])
    return texts.NO_AUDIO


def portrait(selection: Selection, name: str) -> None:
    """Show a clip's waveform, mel spectrogram, F0, MFCC, chroma and spectral contrast."""
    if selection.read(name) is None:
        _contours(selection, name)
        return
    description = describe(selection, name)
    waveform, pictures = _looked_at(selection, name)
    seconds = np.arange(len(waveform.samples)) / waveform.rate
    panel(
        "Waveform",
        figures.waveform_figure(waveform),
        pd.DataFrame({"Time (s)": seconds, "Amplitude (full scale 1)": waveform.samples}),
        key="explore_waveform",
        alt=f"Waveform of {description}, {waveform.seconds:.1f} seconds",
        read=texts.WAVEFORM,
    )
    _picture("mel", pictures["mel"], description)
    track = selection.kept("pitch", name, work=lambda: pitch_track(waveform))
    panel(
        "Pitch",
        pitch_figure(track.times, track.f0, waveform.seconds),
        pd.DataFrame({"Time (s)": track.times, "F0 (Hz)": track.f0, "Periodicity (0 to 1)": track.periodicity}),
        key="explore_pitch",
        alt=f"Fundamental frequency over time of {description}",
        read=texts.PITCH,
    )
    for key in ("mfcc", "chroma", "contrast"):
        _picture(key, pictures[key], description)


def _picture(key: str, picture: Spectrogram, description: str, *, prefix: str = "") -> None:
    panel(
        picture.name,
        _DRAWN.get(key, figures.frames_figure)(picture),
        _frame(picture),
        key=f"explore_{prefix}{key}",
        alt=f"{picture.name} of {description}",
        read=texts.PICTURE[key],
    )


def _frame(picture: Spectrogram) -> pd.DataFrame:
    rows = [f"{picture.row_title} {row}" for row in picture.rows]
    return (
        pd.DataFrame(picture.values.T, columns=rows)
        .assign(**{"Time (s)": picture.times})
        .iloc[:, [-1, *range(len(rows))]]
    )


def _looked_at(selection: Selection, name: str) -> tuple[Waveform, dict[str, Spectrogram]]:
    def work():
        waveform = wait_for(decode, selection.read(name), rate=RATE, name=name)
        return waveform, {key: see(waveform) for key, see in _PICTURES.items()}

    # The pictures do not depend on the filters.
    return replace(selection, chosen=()).kept("pictures", name, work=work)


def _contours(selection: Selection, name: str) -> None:
    if not selection.table.contours:
        return
    row = np.flatnonzero(selection.table.clips["name"].to_numpy() == name)
    position = 100 * (np.arange(POINTS) + 0.5) / POINTS
    for contour, title in (("f0", "Pitch (semitones over 100 Hz)"), ("loudness", "Loudness (dBFS)")):
        values = selection.table.contours[contour][row]
        panel(
            title.split(" (")[0],
            contour_figure(
                average(values, selection.values("emotion")[row], selection.order("emotion")), title, band="none"
            ),
            pd.DataFrame({"Place in the sentence (%)": position, f"{contour} ({CONTOURS[contour]})": values[0]}),
            key=f"explore_one_{contour}",
            alt=f"{title} over the sentence of {describe(selection, name)}",
            read=texts.CONTOUR,
        )
