"""Maps: clips as points. A click plays a clip; a line drawn round several compares them with the others."""

from collections.abc import Sequence
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from pages.common.inputs import choose
from pages.common.panel import panel
from pages.common.progress import Progress, follow
from pages.explore import sources, state, texts
from pages.explore.clip_view import glimpse
from pages.explore.selection import Selection, pick_features, pick_field
from ser.errors import DatasetError
from ser.exploration.agreement import scaled_within
from ser.exploration.effect_sizes import group_differences
from ser.exploration.projection import METHODS, SLOW, Projection, ProjectionReport, project
from ser.figures import maps as figures
from ser.figures.dataset import axis_title
from ser.figures.features import group_differences_figure
from ser.jobs import JobSnapshot
from ser.steps import finish
from ser.text import percent, plain

# While dragging draws, Streamlit accepts no clicks, and a phone cannot scroll past the map.
_DRAG = {"none": "Click", "lasso": "Draw round", "zoom": "Zoom"}
_SECONDS = {"tsne": "about 15 s", "umap": "about 20 s"}


def map_of_clips(selection: Selection) -> None:
    """Show the map, and the selected clips below it."""
    set_name, group = pick_features()
    left, middle, right = st.columns([4, 2, 4])
    with left:
        method = choose("Map", METHODS, key="explore_method", in_address=True)
    with middle:
        dimensions = int(choose("Dimensions", {"2": "2-D", "3": "3-D"}, key="explore_dimensions", in_address=True))
    with right:
        drag = "none" if dimensions == 3 else choose("On the map", _DRAG, key="explore_drag", in_address=True)
    field = pick_field(selection, "Colour by", "explore_colour_by")
    scaled = selection.side_by_side and st.toggle(
        "Scale each data set by its own mean and spread",
        value=True,
        key="explore_scaled",
        bind="query-params",
        help=texts.SCALED_HELP,
    )
    # LDA separates the labels that the colours show, so that the separation is visible.
    found = _projection(selection, set_name, group, method, dimensions, field if method == "lda" else "", scaled)
    if found is None:
        return
    groups, clips = selection.values(field), selection.table.clips
    title = selection.fields[field]
    points = pd.DataFrame(found.points, columns=list(found.axes))
    picked = panel(
        f"{METHODS[method]} of {len(clips):,} clips",
        figures.map_figure(
            found,
            groups,
            selection.order(field),
            selection.names,
            clips["name"].to_numpy(),
            labels=field == "emotion",
            drag=drag,
            symbols=clips["corpus"].map(sources.SYMBOLS).to_numpy() if selection.side_by_side else None,
        ),
        pd.concat([clips[["name", *selection.fields]], points], axis=1),
        key="explore_map",
        alt=f"Map of {len(clips)} clips by {METHODS[method]}, coloured by {title.lower()}",
        read=_read(selection, found, field) + texts.SYMBOLS * selection.side_by_side,
        select=dimensions == 2,
    )
    if dimensions == 3:
        _pick_by_name(selection)
        return
    picked = [name for name in picked if name in set(clips["name"])]
    if not picked:
        see = "hear and see" if selection.audible else "see"
        st.info(texts.MAP_HINT[drag].format(see=see), icon=":material/touch_app:")
    elif len(picked) == 1:
        glimpse(selection, picked[0], "map")
    else:
        _compare(selection, picked, set_name, group)


def _projection(
    selection: Selection, set_name: str, group: str, method: str, dimensions: int, parted: str, scaled: bool
) -> Projection | None:
    """Return the map; None while it is computed and its progress is on the page."""

    def steps():
        matrix, columns = selection.features(set_name, group)
        if scaled:
            matrix = scaled_within(matrix, selection.values("data_set"))
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
    st.info(now.error or texts.MAP_STOPPED, icon=":material/map:")
    st.button("Draw it again", on_click=selection.forget_job, args=("map", *settings), key="explore_draw_again")
    return None


def _progress(line: str, snapshot: JobSnapshot) -> Progress:
    report: ProjectionReport | None = snapshot.report
    # Projections wait for each other in a queue of their own.
    waits = ", when other work is done" if report and report.stage == "waiting" else ""
    share = report.share if report else 0.0
    return Progress(share, f"{line}{waits} … {percent(share)}")


def _read(selection: Selection, found: Projection, field: str) -> str:
    if found.method == "lda":
        labels = selection.fields[field].lower()
        if found.fitted.all():
            return texts.flattering(texts.MAP["lda"], labels)
        speakers = selection.values("actor")
        shown, fitted = (len(set(speakers[rows])) for rows in (~found.fitted, found.fitted))
        return texts.fitted_to_part(texts.MAP["lda"], labels, fitted, shown)
    pulls = ""
    if found.pulls:
        axes = [f"*{plain(', '.join(axis))}* along axis {i}" for i, axis in enumerate(found.pulls, 1)]
        pulls = f" Mostly {' and '.join(axes)}."
    fields = selection.fields
    return texts.islands(texts.MAP[found.method], pulls, fields["actor"].lower())


def _pick_by_name(selection: Selection) -> None:
    st.caption(texts.TURN)
    name = st.selectbox(
        "Show a clip", selection.table.clips["name"], index=None, key="explore_map_clip", placeholder="None chosen"
    )
    if name:
        glimpse(selection, name, "map")


def _compare(selection: Selection, picked: Sequence[str], set_name: str, group: str) -> None:
    """Show two groups of clips: their composition, and the features in which they differ."""
    names = selection.table.clips["name"].to_numpy()
    drawn = np.isin(names, picked)
    aside = np.isin(names, state.current().group_a) & ~drawn
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{drawn.sum():,}** clips drawn round, compared with the " + (
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
    called = ("Drawn", "Group A" if aside.any() else "Others")
    left, right = st.columns(2, gap="large")
    with left:
        field = pick_field(selection, "Made of", "explore_made_of")
        groups = selection.values(field)
        title = selection.fields[field]
        shares = pd.DataFrame({title: selection.order(field)})
        for name, rows in zip(called, (drawn, other), strict=True):
            shares[f"{name} (%)"] = [100 * (groups[rows] == value).mean() for value in shares[title]]
        bar = st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width="small")
        st.dataframe(
            shares, hide_index=True, column_config=dict.fromkeys(shares.columns[1:], bar), key="explore_made_of_table"
        )
    with right:
        try:
            found = group_differences(*selection.features(set_name, group), drawn, other)
        except DatasetError as error:
            st.info(str(error), icon=":material/info:")
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
        )


def _set_aside(names: tuple[str, ...]) -> None:
    """Remember these clips as group A."""
    state.current().group_a = names
