"""Many clips: a table to filter and sort, errors beside it, one answer in full or two side by side."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.common.charts import chart
from pages.common.player import player
from pages.recognise import texts
from pages.recognise.result import answer
from pages.recognise.result.sound_view import sound_of
from pages.recognise.state import InputClip
from ser.emotions import described
from ser.errors import AudioError, SerError
from ser.figures.explanation import compared_figure
from ser.inference.clip_features import ClipFeatures
from ser.inference.enrolment import adapt
from ser.inference.prediction import Prediction
from ser.inference.results import Result, to_csv, to_json
from ser.model.store import StoredModel
from ser.text import duration, percent, plain

_TABLE, _SHOWN, _BESIDE = "recognise_table", "recognise_shown", "recognise_beside"
_UNSURE, _DOUBTFUL = "not sure", "with warnings"
_SHORTLY = {"no_voice": "no voice", "narrow_band": "dull", "unlike": "unusual"}
_LEARNT = "learnt from this clip"
_NOTED = "see its note"
_REASONS = 8
_LONGEST_NAME = 30


def show(
    clips: tuple[InputClip, ...],
    clip_features: list[ClipFeatures | AudioError | None],
    stored: StoredModel,
    *,
    in_full: Callable[[InputClip, ClipFeatures], None],
) -> None:
    """Show the table, then one clip's full answer or two beside each other."""
    usable = [
        (clip, sounds) for clip, sounds in zip(clips, clip_features, strict=True) if isinstance(sounds, ClipFeatures)
    ]
    found = _answers(usable, stored)
    answered = [(clip, sounds, each) for (clip, sounds), each in zip(usable, found, strict=True)]
    known = dict(zip((id(clip) for clip, _ in usable), found, strict=True))
    results = [
        Result(clip.name, known.get(id(clip), sounds))
        for clip, sounds in zip(clips, clip_features, strict=True)
        if sounds
    ]
    errors = [result.outcome for result in results if isinstance(result.outcome, SerError)]
    if answered:
        _table([(clip, found) for clip, _, found in answered])
        _save(results)
    refuse(errors)
    if not answered:
        return
    first, second = _pick([clip for clip, _, _ in answered])
    if second is None:
        in_full(*answered[first][:2])
    else:
        _compare(answered[first], answered[second], stored)


def _answers(usable: list[tuple[InputClip, ClipFeatures]], stored: StoredModel) -> list[Prediction]:
    """The answers, adapted to the whole batch if the visitor says that one person speaks in it."""
    model = stored.model
    if (
        len(usable) > 1
        and model.enrolled
        and st.toggle(
            "All from one speaker",
            key="recognise_one_speaker",
            help=texts.ONE_SPEAKER_HELP,
        )
    ):
        return adapt([sounds for _, sounds in usable], model)
    return [answer.answer_to(clip, sounds, stored) for clip, sounds in usable]


def refuse(errors: Sequence[SerError]) -> None:
    """Say why clips cannot be used, in one box; the files that can be saved hold every reason."""
    if not errors:
        return
    if len(errors) == 1:
        st.error(plain(str(errors[0])), icon=":material/block:")
        return
    sentences = [f"- {plain(str(error))}" for error in errors[:_REASONS]]
    if len(errors) > _REASONS:
        sentences.append(texts.more_refused(len(errors) - _REASONS))
    st.error("\n".join(sentences), title=texts.refused_title(len(errors)), icon=":material/block:")


def _table(answered: list[tuple[InputClip, Prediction]]) -> None:
    """Show one row for each clip that has an answer and fits the filter; a click on a row shows it in full."""
    present = {found.label for _, found in answered if not found.abstained}
    kinds = [label for label in answered[0][1].probabilities if label in present]
    kinds += [_UNSURE] * any(found.abstained for _, found in answered)
    kinds += [_DOUBTFUL] * any(found.warnings for _, found in answered)
    chosen = st.pills(
        "Show only",
        kinds,
        selection_mode="multi",
        format_func=lambda kind: kind if kind in (_UNSURE, _DOUBTFUL) else f"{described(kind).emoji} {kind}",
        key="recognise_filter",
        help=texts.FILTER_HELP,
    )
    places = [i for i, (_, found) in enumerate(answered) if not chosen or _kinds_of(found) & set(chosen)]
    rows = [
        {
            "File": _brief(clip.name),
            "Emotion": answer.headword(found),
            "Confidence": 100 * found.confidence,
            "Could be": ", ".join(found.prediction_set),
            "Length": found.seconds,
            "Warnings": ", ".join(
                [_LEARNT] * found.learnt
                + [_NOTED] * bool(found.notes)
                + [_SHORTLY.get(warning.code, warning.code) for warning in found.warnings]
            ),
        }
        for clip, found in (answered[i] for i in places)
    ]
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key=_TABLE,
        on_select=partial(_choose, places),
        selection_mode="single-row",
        alt=f"Answers to {len(rows)} clips",
        # Narrow, for a phone to show them without scrolling aside.
        column_config={
            "Emotion": st.column_config.TextColumn(width=112),
            "Confidence": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=104),
            "Length": st.column_config.NumberColumn(format="%.1f s", width="small"),
        },
    )


def _kinds_of(found: Prediction) -> set[str]:
    return {_UNSURE if found.abstained else found.label} | ({_DOUBTFUL} if found.warnings else set())


def _choose(places: list[int]) -> None:
    """Show the clip whose row was clicked in full."""
    rows = st.session_state[_TABLE].selection.rows
    if rows and rows[0] < len(places):
        st.session_state[_SHOWN] = places[rows[0]]


def _save(results: list[Result]) -> None:
    with st.container(horizontal=True):
        for kind, write, mime in (("CSV", to_csv, "text/csv"), ("JSON", to_json, "application/json")):
            st.download_button(
                f"Save as {kind}",
                partial(write, results),
                file_name=f"answers.{kind.lower()}",
                mime=mime,
                key=f"recognise_save_{kind.lower()}",
                icon=":material/download:",
                on_click="ignore",
            )


def _pick(clips: list[InputClip]) -> tuple[int, int | None]:
    """Let one clip be chosen to be shown in full, and another to be shown beside it; by place."""
    if st.session_state.get(_SHOWN, 0) >= len(clips):
        st.session_state[_SHOWN] = 0
    left, right = st.columns(2)
    first = left.selectbox(
        "Full answer of", range(len(clips)), format_func=lambda i: clips[i].name, key=_SHOWN, help="Or click a row."
    )
    if len(clips) < 2:
        return first, None
    others = [i for i in range(len(clips)) if i != first]
    if st.session_state.get(_BESIDE) not in (None, *others):
        st.session_state[_BESIDE] = None
    second = right.selectbox(
        "Compare with",
        others,
        index=None,
        format_func=lambda i: clips[i].name,
        placeholder="No other clip",
        key=_BESIDE,
    )
    return first, second


def _brief(name: str) -> str:
    """A name's two ends, where all of it would take a phone's whole width."""
    return name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME // 2]}…{name[-_LONGEST_NAME // 2 + 1 :]}"


def _compare(
    one: tuple[InputClip, ClipFeatures, Prediction], other: tuple[InputClip, ClipFeatures, Prediction], stored
) -> None:
    """Show two answers side by side, and their probabilities in one chart."""
    for column, (clip, _, found) in zip(st.columns(2, gap="medium", border=True), (one, other), strict=True):
        with column:
            answer.say(found, stored.card.held_out_score)
            player(sound_of(clip).wav, name=clip.name, alt=f"The clip {clip.name}")
            st.caption(f"{plain(clip.name)} · {duration(found.seconds)}")
    first, second = (_brief(clip.name) for clip, _, _ in (one, other))
    # Clips out of different folders may have one name.
    names = (first, second if second != first else f"{second} (the other)")
    both = dict(zip(names, (one[2].probabilities, other[2].probabilities), strict=True))
    order = answer.ranked(one[2])
    chart(
        compared_figure(both, order),
        key="recognise_compared",
        alt="Probability of each emotion in both clips: "
        + "; ".join(
            f"{label} {' and '.join(percent(each.get(label, 0.0)) for each in both.values())}" for label in order
        ),
    )
