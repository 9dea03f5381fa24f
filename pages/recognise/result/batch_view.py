"""Many clips: a table to filter and sort, the errors, and one full answer or two side by side."""

from collections.abc import Callable, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from pages.common.charts import chart
from pages.common.inputs import download
from pages.common.player import player
from pages.common.server.counters import sentence_of
from pages.recognise import texts
from pages.recognise.result import answer, timeline_view, why_view
from pages.recognise.result.sound_view import sound_of
from pages.recognise.state import InputClip
from ser.emotions import described
from ser.errors import AudioError, SerError
from ser.figures.explanation import answers_figure
from ser.inference.clip_features import ClipFeatures
from ser.inference.enrolment import adapt
from ser.inference.headline import UNSURE, headline
from ser.inference.prediction import Prediction
from ser.inference.results import Result, to_csv, to_json
from ser.model.store import StoredModel
from ser.text import brief_names, duration, percent, plain

_TABLE, _SHOWN, _BESIDE = "recognise_table", "recognise_shown", "recognise_beside"
_UNSURE, _DOUBTFUL = "not sure", "with warnings"
_SHORTLY = {"no_voice": "no voice", "narrow_band": "dull", "unlike": "unusual"}
_LEARNT = "learnt from this clip"
_NOTED = "see its note"
_REASONS = 8
# Characters; with longer names the emotions would lie beyond the edge of a phone.
_LONGEST_NAME = 20


def show(
    clips: tuple[InputClip, ...],
    clip_features: list[ClipFeatures | AudioError | None],
    stored: StoredModel,
    *,
    in_full: Callable[[InputClip, ClipFeatures], None],
) -> None:
    """Show the table, then the full answer of one clip or two answers side by side."""
    pairs = list(zip(clips, clip_features, strict=True))
    usable = [(clip, features) for clip, features in pairs if isinstance(features, ClipFeatures)]
    predictions = _answers(usable, stored)
    answered = [(clip, features, each) for (clip, features), each in zip(usable, predictions, strict=True)]
    known = dict(zip((id(clip) for clip, _ in usable), predictions, strict=True))
    results = [Result(clip.name, known.get(id(clip), features)) for clip, features in pairs if features]
    errors = [result.outcome for result in results if isinstance(result.outcome, SerError)]
    if answered:
        _table([(clip, prediction) for clip, _, prediction in answered])
        _save(results)
    refuse(errors)
    if not answered:
        return
    first, second = _pick([clip for clip, _, _ in answered])
    if first is not None and second is None:
        in_full(*answered[first][:2])
    elif first is not None:
        _compare(answered[first], answered[second], stored)


def _answers(usable: list[tuple[InputClip, ClipFeatures]], stored: StoredModel) -> list[Prediction]:
    """Return the answers, adapted to the whole batch if the visitor says that there is one speaker."""
    model = stored.model
    if (
        len(usable) > 1
        and model.adapts
        and st.toggle(
            "All from one speaker",
            key="recognise_one_speaker",
            help=texts.ONE_SPEAKER_HELP,
        )
    ):
        return adapt([features for _, features in usable], model)
    return [answer.answer_to(clip, features, stored) for clip, features in usable]


def refuse(errors: Sequence[SerError]) -> None:
    """Show in one box why clips cannot be used; the files to save hold every reason."""
    if not errors:
        return
    if len(errors) == 1:
        st.error(plain(sentence_of(errors[0])), icon=":material/block:")
        return
    sentences = [f"- {plain(sentence)}" for sentence in [sentence_of(error) for error in errors][:_REASONS]]
    if len(errors) > _REASONS:
        sentences.append(texts.more_refused(len(errors) - _REASONS))
    st.error("\n".join(sentences), title=texts.refused_title(len(errors)), icon=":material/block:")


def _table(answered: list[tuple[InputClip, Prediction]]) -> None:
    """Show a row for each answered clip that fits the filter; a click on a row shows its full answer."""
    present = {prediction.label for _, prediction in answered if not _unsure(prediction)}
    groups = [label for label in answered[0][1].probabilities if label in present]
    groups += [_UNSURE] * any(_unsure(prediction) for _, prediction in answered)
    groups += [_DOUBTFUL] * any(prediction.warnings for _, prediction in answered)
    chosen = st.pills(
        "Show only",
        groups,
        selection_mode="multi",
        format_func=lambda group: group if group in (_UNSURE, _DOUBTFUL) else f"{described(group).emoji} {group}",
        key="recognise_filter",
        help=texts.FILTER_HELP,
    )
    indices = [i for i, (_, prediction) in enumerate(answered) if not chosen or _groups_of(prediction) & set(chosen)]
    names = brief_names([clip.name for clip, _ in answered], _LONGEST_NAME)
    rows = [
        {
            "File": names[i],
            "Emotion": answer.headword(prediction),
            "Confidence": 100 * prediction.confidence,
            "Could be": ", ".join(prediction.prediction_set),
            "Length": prediction.seconds,
            "Warnings": ", ".join(
                [_LEARNT] * prediction.learnt
                + [_NOTED] * bool(prediction.notes)
                + [_SHORTLY.get(warning.code, warning.code) for warning in prediction.warnings]
            ),
        }
        for i, (_, prediction) in ((i, answered[i]) for i in indices)
    ]
    st.caption(texts.CLICK_A_ROW)
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        key=_TABLE,
        on_select=partial(_choose, indices),
        selection_mode="single-row",
        alt=f"Answers to {len(rows)} clips",
        # Narrow columns, so that a phone shows them without scrolling sideways.
        column_config={
            "Emotion": st.column_config.TextColumn(width=128),
            "Confidence": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=104),
            "Length": st.column_config.NumberColumn(format="%.1f s", width="small"),
        },
    )


def _unsure(prediction: Prediction) -> bool:
    """Whether the answer is no emotion to rely on."""
    head = headline(prediction)
    return head.is_guess or head.topic == UNSURE


def _groups_of(prediction: Prediction) -> set[str]:
    return {_UNSURE if _unsure(prediction) else prediction.label} | ({_DOUBTFUL} if prediction.warnings else set())


def _choose(indices: list[int]) -> None:
    """Show the full answer of the clip whose row was clicked."""
    rows = st.session_state[_TABLE].selection.rows
    if rows and rows[0] < len(indices):
        st.session_state[_SHOWN] = indices[rows[0]]


def _save(results: list[Result]) -> None:
    with st.container(horizontal=True):
        for name, write, mime in (("CSV", to_csv, "text/csv"), ("JSON", to_json, "application/json")):
            download(
                f"Save as {name}",
                partial(write, results),
                f"answers.{name.lower()}",
                mime,
                key=f"recognise_save_{name.lower()}",
            )


def _pick(clips: list[InputClip]) -> tuple[int | None, int | None]:
    """Let the visitor choose the clip to show in full, and one to compare with; return their indices."""
    if (st.session_state.get(_SHOWN) or 0) >= len(clips):
        st.session_state[_SHOWN] = None
    names = brief_names([clip.name for clip in clips])
    left, right = st.columns(2)
    first = left.selectbox(
        "Full answer of", range(len(clips)), None, names.__getitem__, key=_SHOWN, placeholder="Click a row, or choose"
    )
    others = [i for i in range(len(clips)) if i != first]
    if first is None or not others:
        return first, None
    if st.session_state.get(_BESIDE) not in (None, *others):
        st.session_state[_BESIDE] = None
    second = right.selectbox(
        "Compare with", others, None, names.__getitem__, key=_BESIDE, placeholder="Choose another clip"
    )
    return first, second


def _compare(
    one: tuple[InputClip, ClipFeatures, Prediction], other: tuple[InputClip, ClipFeatures, Prediction], stored
) -> None:
    """Show two answers side by side, and their probabilities in one chart."""
    for column, (clip, _, prediction) in zip(st.columns(2, gap="medium", border=True), (one, other), strict=True):
        with column:
            answer.say(prediction, stored.card.score_for(prediction.specialists_share, prediction.novelty_p_value))
            player(sound_of(clip).wav, name=clip.name, alt=f"The clip {clip.name}")
            st.caption(f"{plain(clip.name)} · {duration(prediction.seconds)}")
    # Clips from different folders may have the same name.
    first, second = brief_names([one[0].name, other[0].name])
    names = (first, second if second != first else f"{second} (the other)")
    both = dict(zip(names, (one[2].probabilities, other[2].probabilities), strict=True))
    order = answer.ranked(one[2])
    chart(
        answers_figure(both, order),
        key="recognise_compared",
        alt="Probability of each emotion in both clips: "
        + "; ".join(
            f"{label} {' and '.join(percent(each.get(label, 0.0)) for each in both.values())}" for label in order
        ),
    )
    for number, (clip, features, _) in enumerate((one, other), start=1):
        box = st.expander(texts.why_and_when(names[number - 1]), key=f"recognise_compared_{number}", on_change="rerun")
        if box.open:
            with box:
                timeline_view.show_if_long(clip, features, stored.model, key=f"recognise_{number}")
                why_view.show(clip, features, stored.model, key=f"recognise_{number}")
