"""The views of Explore: each takes the clips that the filters leave and shows one side of them."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.shared import resources
from pages.shared.charts import chart
from pages.shared.filters import FIELDS, Chosen, rows, values_of
from ser.audio import Waveform, decode
from ser.errors import DatasetError
from ser.features import feature_set
from ser.features.feature import Feature
from ser.features.spectra import Spectrogram, chroma, contrast, mel_spectrogram, mfcc
from ser.figures import clip as clip_figures
from ser.figures import dataset as figures
from ser.statistics import Correlations, Projection, Separation, correlate, eta_squared, project, separation
from ser.table import FeatureTable

_ALL = "all groups"
# What the `standard` features hear; pictures of a clip show the same.
_RATE = 16_000


def overview(table: FeatureTable, chosen: Chosen) -> None:
    """How many clips of each kind, and how long they are."""
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("How many", anchor=False)
        field = _pick_field("Count by", "explore_count_by")
        counts = {str(value): int((table.clips[field] == value).sum()) for value in values_of(table.clips, field)}
        chart(
            figures.counts_figure(counts, FIELDS[field]),
            key="explore_counts",
            alt=f"Clips by {FIELDS[field].lower()}: " + ", ".join(f"{kind} {n}" for kind, n in counts.items()),
        )
    with right:
        st.subheader("How long", anchor=False)
        seconds = table.clips["seconds"].to_numpy()
        st.markdown(
            f"From {seconds.min():.2f} to {seconds.max():.2f} s, half of them under {np.median(seconds):.2f} s."
        )
        chart(
            figures.durations_figure(seconds),
            key="explore_durations",
            alt=f"Histogram of the clips' lengths, {seconds.min():.1f} to {seconds.max():.1f} seconds",
        )


def one_feature(table: FeatureTable, chosen: Chosen) -> None:
    """How one feature is spread within each emotion, and what explains it."""
    set_name, group = _pick_features()
    columns = _columns(set_name, group)
    features = feature_set(set_name).features
    column = st.selectbox(
        "Feature",
        columns,
        format_func=lambda i: figures.axis_title(features[i].name, features[i].unit),
        key=f"explore_feature_{set_name}_{group}",
        persist_state="session",
    )
    values = table.matrix(set_name)[:, column]
    chart(
        figures.distribution_figure(values, table.labels, features[column], _names(table)),
        key="explore_distribution",
        alt=f"Distribution of {features[column].name} within each emotion",
    )
    shares = [
        f"the **{word}** explains **{eta_squared(values[:, None], labels)[0]:.0%}** of its variance"
        for word, labels in (("emotion", table.labels), ("actor", table.actors))
        if len(set(labels)) > 1
    ]
    if shares:
        sentence = ", ".join(shares)
        st.markdown(f"{sentence[0].upper()}{sentence[1:]} (eta²) among these {len(table):,} clips.")


def map_of_clips(table: FeatureTable, chosen: Chosen) -> None:
    """Clips on the first two principal components, coloured by a field."""
    set_name, group = _pick_features()
    field = _pick_field("Colour by", "explore_colour_by")
    found = _projection(chosen, set_name, group)
    chart(
        figures.map_figure(
            found,
            table.clips[field].astype(str).to_numpy(),
            [str(value) for value in values_of(table.clips, field)],
            _names(table),
        ),
        key="explore_map",
        alt=f"Map of {len(table)} clips by their two main directions of variation, coloured by {field}",
    )
    across, up = (", ".join(f"`{name}`" for name in axis) for axis in found.pulls)
    st.caption(
        f"Each point is a clip; near points have alike features. Mostly {across} run across, {up} run up. "
        "Colour by actor, then by emotion: whichever forms islands is what the features tell most plainly."
    )


def emotion_or_actor(table: FeatureTable, chosen: Chosen) -> None:
    """What tells emotions, and what merely tells who is speaking."""
    set_name, group = _pick_features()
    found = _separation(chosen, set_name, group)
    chart(
        figures.separation_figure(found),
        key="explore_separation",
        alt="Every feature by the share of its variance that the emotion and that the actor explains",
    )
    st.caption(
        "Each point is a feature. Above the line it tells the emotion more than the speaker; below, it mostly gives "
        f"away who is speaking. Labels drawn at random would explain {found.chance_emotion:.1%} as emotions and "
        f"{found.chance_actor:.1%} as actors."
    )
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader("Tell the emotion", anchor=False)
        _ranking(found, found.best(10), "explore_best")
    with right:
        st.subheader("Merely tell the actor", anchor=False)
        _ranking(found, found.tells_the_actor(10), "explore_actors")


def correlations(table: FeatureTable, chosen: Chosen) -> None:
    """Which features say the same thing twice."""
    set_name, group = _pick_features()
    found = _correlations(chosen, set_name, group)
    chart(
        figures.correlation_figure(found),
        key="explore_correlations",
        alt=f"Correlations between {len(found.features)} features",
    )
    left_out = f" The {found.left_out} features with less are left out." if found.left_out else ""
    st.caption(
        "Red squares rise together, blue ones oppose each other; blocks along the diagonal are families that say much "
        f"the same. Shown are the {len(found.features)} features in which emotions differ most.{left_out}"
    )


def listen(table: FeatureTable, chosen: Chosen) -> None:
    """One clip: its sound and what the features see in it."""
    source = resources.dataset()
    if source is None:
        st.info(
            "The recordings are not on this machine, only the features taken from them. To hear them, fetch RAVDESS "
            "with `python -m ser download` (208 MB), or set `SER_RAVDESS` to its zip or folder, and start again.",
            icon=":material/headphones:",
        )
        return
    clips = table.clips.set_index("name")
    name = st.selectbox(
        "Clip",
        list(clips.index),
        format_func=lambda name: _describe(clips.loc[name]),
        key="explore_clip",
        persist_state="session",
    )
    st.audio(source.read(name), format="audio/wav")
    waveform, pictures = _pictures(name)
    chart(
        clip_figures.waveform_figure(waveform),
        key="explore_waveform",
        alt=f"Waveform of {_describe(clips.loc[name])}, {waveform.seconds:.1f} seconds",
    )
    draw = {"mel": clip_figures.mel_figure, "mfcc": partial(clip_figures.frames_figure, signed=True)}
    for key, picture in pictures.items():
        st.markdown(f"**{picture.name}**")
        chart(
            draw.get(key, clip_figures.frames_figure)(picture),
            key=f"explore_{key}",
            alt=f"{picture.name} of {_describe(clips.loc[name])}",
        )


def _pick_field(label: str, key: str) -> str:
    return st.segmented_control(
        label,
        list(FIELDS),
        format_func=FIELDS.get,
        default="emotion",
        required=True,
        wrap=True,
        key=key,
        persist_state="session",
    )


def _pick_features() -> tuple[str, str]:
    """The feature set and group that the views on features share."""
    left, right = st.columns([2, 5])
    with left:
        set_name = st.segmented_control(
            "Feature set",
            ["standard", "notebook"],
            default="standard",
            required=True,
            key="explore_set",
            persist_state="session",
            help="Standard: what this demo's model hears. Notebook: the 180 averages of the notebook it grew from.",
        )
    groups = [_ALL, *feature_set(set_name).groups]
    with right:
        # A key for each set: a group that the other set lacks must not linger.
        group = st.selectbox("Group", groups, key=f"explore_group_{set_name}", persist_state="session")
    return set_name, group


def _columns(set_name: str, group: str) -> list[int]:
    features = feature_set(set_name).features
    return [i for i, feature in enumerate(features) if group in (_ALL, feature.group)]


def _filtered(chosen: Chosen, set_name: str, group: str) -> tuple[FeatureTable, np.ndarray, list[Feature]]:
    table = resources.table()
    table = table.select(rows(table.clips, chosen))
    columns = _columns(set_name, group)
    features = feature_set(set_name).features
    return table, table.matrix(set_name)[:, columns], [features[i] for i in columns]


# The table is the same for all visitors, so what is computed from it may be shared; a filter is all that names it.
@st.cache_data(show_spinner="Mapping the clips …", max_entries=64)
def _projection(chosen: Chosen, set_name: str, group: str) -> Projection:
    _, matrix, features = _filtered(chosen, set_name, group)
    return project(matrix, features)


@st.cache_data(show_spinner="Comparing emotions and actors …", max_entries=64)
def _separation(chosen: Chosen, set_name: str, group: str) -> Separation:
    table, matrix, features = _filtered(chosen, set_name, group)
    return separation(matrix, features, table.labels, table.actors)


@st.cache_data(show_spinner="Correlating features …", max_entries=64)
def _correlations(chosen: Chosen, set_name: str, group: str) -> Correlations:
    table, matrix, features = _filtered(chosen, set_name, group)
    try:
        weight = eta_squared(matrix, table.labels)
    except DatasetError:  # one emotion is left: nothing to prefer, so the first features are shown
        weight = None
    return correlate(matrix, features, weight=weight)


@st.cache_data(show_spinner="Looking at the clip …", max_entries=64)
def _pictures(name: str) -> tuple[Waveform, dict[str, Spectrogram]]:
    waveform = decode(resources.dataset().read(name), rate=_RATE, name=name)
    pictures = {"mel": mel_spectrogram, "mfcc": mfcc, "chroma": chroma, "contrast": contrast}
    return waveform, {key: see(waveform) for key, see in pictures.items()}


def _ranking(found: Separation, order: np.ndarray, key: str) -> None:
    share = st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width="small")
    chosen = [found.features[i] for i in order]
    st.dataframe(
        pd.DataFrame(
            {
                "Feature": [feature.name for feature in chosen],
                "Emotion": 100 * found.by_emotion[order],
                "Actor": 100 * found.by_actor[order],
                "Group": [feature.group for feature in chosen],
            }
        ),
        hide_index=True,
        column_config={"Emotion": share, "Actor": share},
        key=key,
    )


def _names(table: FeatureTable) -> np.ndarray:
    """What hovering calls each clip."""
    clips = table.clips
    return (clips["name"] + "<br>actor " + clips["actor"].astype(str) + ", " + clips["intensity"]).to_numpy()


def _describe(clip: pd.Series) -> str:
    said = f"“{clip.statement}”, take {clip.repetition}"
    return f"Actor {clip.actor} ({clip.sex}) · {clip.emotion}, {clip.intensity} · {said}"
