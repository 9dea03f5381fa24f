"""Maps: clips as points. A click plays a clip; an area compares the clips in it with the others."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.common import own_clips
from pages.common.inputs import choose
from pages.common.own_clips import AnsweredClip
from pages.common.panel import panel
from pages.common.player import player
from pages.common.progress import Progress, follow
from pages.common.server.counters import sentence_of
from pages.explore import sources, state, texts
from pages.explore.selection import (
    Selection,
    chosen_features,
    feature_columns,
    pick_features,
    pick_field,
    rare,
    row,
)
from pages.explore.views.clip_view import describe, glimpse
from ser.errors import DatasetError
from ser.exploration.agreement import scaled_within
from ser.exploration.effect_sizes import group_differences
from ser.exploration.neighbours import nearest_rows, neighbour_agreement
from ser.exploration.projection import METHODS, SLOW, Projection, ProjectionReport, project
from ser.figures import maps as figures
from ser.figures.dataset import axis_title
from ser.figures.features import group_differences_figure
from ser.jobs import JobSnapshot
from ser.steps import finish
from ser.text import percent, plain, plural

# While dragging draws, Streamlit accepts no clicks, and a phone cannot scroll past the map.
_DRAG = {"none": "Click", "lasso": "Select an area", "zoom": "Zoom"}
_SECONDS = {"tsne": "about 15 s", "umap": "about 20 s"}


def map_of_clips(selection: Selection) -> None:
    """Show the map, and the selected clips below it."""
    with row():
        method = st.selectbox(
            "Map", list(METHODS), format_func=METHODS.get, key="explore_method", bind="query-params", width=120
        )
        field = pick_field(selection, "Colour by", "explore_colour_by")
        with rare(chosen_features()):
            speaker = selection.fields["actor"].lower()
            scaled = st.toggle(
                texts.scaled(speaker), value=True, key="explore_scaled", bind="query-params", help=texts.SCALED_HELP
            )
            drag = choose("Dragging", _DRAG, key="explore_drag", in_address=True)
            dimensions = int(choose("Dimensions", {"2": "2-D", "3": "3-D"}, key="explore_dimensions", in_address=True))
            set_name, group = pick_features()
    if dimensions == 3:
        drag = "none"
    parted = _parted(selection, field, dimensions, scaled) if method == "lda" else ""
    if method == "lda" and not parted:
        st.info(texts.NO_LDA, icon=":material/info:")
        method = "pca"
    found = _projection(selection, set_name, group, method, dimensions, parted, scaled)
    if found is None:
        return
    groups, clips = selection.values(field), selection.table.clips
    title = selection.fields[field]
    points = pd.DataFrame(found.points, columns=list(found.axes))
    share, by_chance = neighbour_agreement(found.points, groups, _judged(found))
    own = _own_on(selection, set_name)
    picked = panel(
        f"Map of {len(clips):,} clips ({METHODS[method]})",
        figures.map_figure(
            found,
            groups,
            selection.order(field),
            selection.names,
            clips["name"].to_numpy(),
            labels=field == "emotion",
            drag=drag,
            symbols=clips["corpus"].map(sources.SYMBOLS).to_numpy() if selection.side_by_side else None,
            own={clip.name: found.points[rows].mean(axis=0) for clip, rows in own},
        ),
        pd.concat([clips[["name", *selection.fields]], points], axis=1),
        key="explore_map",
        alt=f"Map of {len(clips)} clips by {METHODS[method]}, coloured by {title.lower()}",
        read=f"{_read(selection, found, parted)} "
        + texts.structure(title.lower(), share, by_chance, some=_judged(found) is not None)
        + texts.SYMBOLS * selection.side_by_side,
        select=dimensions == 2,
    )
    if own:
        _show_own(selection, own)
    elif not selection.own:
        st.caption(texts.PUT_YOURSELF_ON_THE_MAP)
    if dimensions == 3:
        st.caption(texts.TURN)
    else:
        _show_picked(selection, [name for name in picked if name in set(clips["name"])], drag, set_name, group)


def _show_picked(selection: Selection, picked: list[str], drag: str, set_name: str, group: str) -> None:
    """Show the clip that was clicked, or compare those that were selected with the others."""
    if not picked:
        see = "hear and see" if selection.audible else "see"
        st.info(texts.MAP_HINT[drag].format(see=see), icon=":material/touch_app:")
    elif len(picked) == 1:
        glimpse(selection, picked[0], "map")
    else:
        _compare(selection, picked, set_name, group)


def _parted(selection: Selection, field: str, dimensions: int, scaled: bool) -> str:
    """Return the field whose values LDA separates: that of the colours, or else the emotion; "" if neither can be."""
    # Compared with themselves, all speakers are alike.
    fields = ("emotion",) if scaled and field in ("actor", "sex") else (field, "emotion")
    return next((each for each in fields if len(set(selection.values(each))) > dimensions), "")


def _projection(
    selection: Selection, set_name: str, group: str, method: str, dimensions: int, parted: str, scaled: bool
) -> Projection | None:
    """Return the map; None while it is computed and its progress is on the page."""

    def steps():
        matrix, columns = selection.features(set_name, group)
        if scaled:
            matrix = scaled_within(matrix, selection.values("actor"))
        labels = selection.values(parted) if parted else None
        # The choice of speakers to fit on matters only if the labels are not the speakers themselves.
        speakers = selection.values("actor") if parted != "actor" else None
        return project(matrix, columns, method, dimensions, labels=labels, speakers=speakers)

    settings = (set_name, group, method, dimensions, parted, scaled)
    if method not in SLOW:
        return selection.kept("map", *settings, work=lambda: finish(steps()))
    job = selection.job("map", *settings, steps=steps)
    now = job.snapshot()
    if now.state == "done":
        return now.result
    if not now.over:
        line = f"{METHODS[method]} arranges {len(selection.table):,} clips ({_SECONDS[method]})"
        follow(job, partial(_progress, line), key="explore_stop_map")
        return None
    st.info(sentence_of(now.error_type(now.error)) if now.error else texts.MAP_STOPPED, icon=":material/map:")
    st.button("Draw it again", on_click=selection.forget_job, args=("map", *settings), key="explore_draw_again")
    return None


def _progress(line: str, snapshot: JobSnapshot) -> Progress:
    report: ProjectionReport | None = snapshot.report
    # Projections wait for each other in a queue of their own.
    waits = ", when other work is done" if report and report.stage == "waiting" else ""
    share = report.share if report else 0.0
    return Progress(share, f"{line}{waits} … {percent(share)}")


def _read(selection: Selection, found: Projection, parted: str) -> str:
    if found.method == "lda":
        labels = plural(2, selection.fields[parted].lower()) if parted != "sex" else "sexes"
        if found.fitted.all():
            return texts.flattering(texts.lda(labels), labels)
        speakers = selection.values("actor")
        shown, fitted = (len(set(speakers[rows])) for rows in (~found.fitted, found.fitted))
        return texts.fitted_to_part(texts.lda(labels), labels, fitted, shown)
    pulls = ""
    if found.pulls:
        axes = [f"*{plain(', '.join(axis))}* along axis {i}" for i, axis in enumerate(found.pulls, 1)]
        pulls = f" Mostly {' and '.join(axes)}."
    fields = selection.fields
    return texts.islands(texts.MAP[found.method], pulls, fields["actor"].lower())


def _judged(found: Projection) -> np.ndarray | None:
    """Which points count when a map is judged: those that LDA was not fitted on."""
    return None if found.fitted is None or found.fitted.all() else ~found.fitted


def _own_on(selection: Selection, set_name: str) -> list[tuple[AnsweredClip, np.ndarray]]:
    """Return the visitor's clips of this session, each with the rows of the clips that it is nearest to."""
    matrix = selection.table.matrix(set_name)
    clips = [clip for clip in own_clips.current().answered.values() if clip.feature_set == set_name]
    return [(clip, nearest_rows(clip.vector, matrix)) for clip in clips]


def _show_own(selection: Selection, own: list[tuple[AnsweredClip, np.ndarray]]) -> None:
    """Show the visitor's clips, and the clips that each is nearest to, to listen to."""
    with st.expander(texts.own_clips(len(own)), icon=":material/person_pin_circle:", expanded=True):
        st.caption(texts.OWN_CLIPS)
        names = {number: plain(clip.name) for number, (clip, _) in enumerate(own)}
        number = len(own) - 1
        if len(own) > 1:
            number = st.selectbox("Your clip", list(names), index=number, format_func=names.get, key="explore_own_clip")
        clip, rows = own[number]
        player(clip.data, name=clip.name, alt=f"Your clip {clip.name}")
        for name in selection.table.clips["name"].iloc[rows]:
            st.markdown(describe(selection, name))
            if (data := selection.read(name)) is not None:
                player(data, name=name, alt=f"The clip {name}")


def _compare(selection: Selection, picked: Sequence[str], set_name: str, group: str) -> None:
    """Show two groups of clips: their composition, and the features in which they differ."""
    names = selection.table.clips["name"].to_numpy()
    drawn = np.isin(names, picked)
    aside = np.isin(names, state.current().group_a) & ~drawn
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{drawn.sum():,}** clips selected, compared with the " + (
            f"**{aside.sum():,}** set aside as group A" if aside.any() else f"**{(~drawn).sum():,}** others"
        ))  # fmt: skip
        st.button(
            "Set these aside as group A",
            on_click=_set_aside,
            args=(tuple(picked),),
            key="explore_set_aside",
            help=texts.SET_ASIDE_HELP,
        )
        if aside.any():
            st.button("Compare with all others", on_click=_set_aside, args=((),), key="explore_let_go")
    other = aside if aside.any() else ~drawn
    called = ("Selected", "Group A" if aside.any() else "Others")
    left, right = st.columns(2, gap="large")
    with left:
        _made_of(selection, dict(zip(called, (drawn, other), strict=True)))
    with right:
        _where_they_differ(selection, called, drawn, other, set_name, group)


def _made_of(selection: Selection, groups: Mapping[str, np.ndarray]) -> None:
    """Show what groups of clips are made of; `groups` is name → which clips are in it."""
    field = pick_field(selection, "Made of", "explore_made_of")
    values, title = selection.values(field), selection.fields[field]
    shares = pd.DataFrame({title: selection.order(field)})
    for name, rows in groups.items():
        shares[f"{name} (%)"] = [100 * (values[rows] == value).mean() for value in shares[title]]
    bar = st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width="small")
    st.dataframe(
        shares, hide_index=True, column_config=dict.fromkeys(shares.columns[1:], bar), key="explore_made_of_table"
    )


def _where_they_differ(
    selection: Selection, called: tuple[str, str], first: np.ndarray, second: np.ndarray, set_name: str, group: str
) -> None:
    """Show the features in which two groups of clips differ most; `called` are their names."""
    above = st.container()
    every = st.toggle(
        texts.compare_every_feature(len(feature_columns(set_name, group))),
        key="explore_compare_every",
        bind="query-params",
        help=texts.EVERY_FEATURE_HELP,
    )
    offered = selection.features if every else selection.pictured
    try:
        found = group_differences(*offered(set_name, group), first, second)
    except DatasetError as error:
        st.info(sentence_of(error), icon=":material/info:")
        return
    panel(
        "Where they differ",
        group_differences_figure(found, called),
        pd.DataFrame(
            {
                "Feature": [axis_title(feature.name, feature.unit) for feature in found.features],
                "Cohen's d": found.d,
                f"Mean, {called[0]}": found.first,
                f"Mean, {called[1]}": found.second,
            }
        ),
        key="explore_comparison",
        alt=f"The {len(found.features)} features in which the two groups differ most, by Cohen's d",
        read=texts.COMPARISON,
        above=above,
    )


def _set_aside(names: tuple[str, ...]) -> None:
    """Remember these clips as group A."""
    state.current().group_a = names
