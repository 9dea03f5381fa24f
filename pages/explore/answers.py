"""What models answer to the clips of RAVDESS, always models that never heard the actor."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.common import resources
from pages.common.progress import watch
from pages.explore.filters import values_of
from ser.data.splits import SPEAKER_INDEPENDENT
from ser.errors import SerError
from ser.evaluation import human_baseline
from ser.evaluation.crossvalidation import CrossValidation, cross_validate
from ser.jobs import Job
from ser.model.store import DEFAULT_NAME
from ser.text import percent
from ser.training.trainer import TrainingSettings

# One network instead of several, a copy instead of four and no calibration: half a minute, and a few points weaker.
SETTINGS = TrainingSettings(
    members=1, enrolled_members=0, copies=1, views=False, calibration_folds=0, protocol="emobox"
)
NAME = "small model"
SHIPPED = "shipped model"


@dataclass(frozen=True)
class Answer:
    """What the small model said of one clip when it had not heard the actor.

    Attributes:
        label: the most probable emotion.
        probabilities: emotion → 0 to 1.
    """

    label: str
    probabilities: Mapping[str, float]


class _Board:
    """The one cross-validation that all visitors share, if anybody asked for it."""

    def __init__(self) -> None:
        self.job: Job | None = None
        self.lock = threading.Lock()

    def start(self) -> None:
        with self.lock:
            if self.job is None or self.job.snapshot().state in ("stopped", "failed"):
                self.job = Job(cross_validate(SETTINGS, resources.table())).start()


@st.cache_resource(show_spinner=False)
def _board() -> _Board:
    return _Board()


def answer_to(name: str) -> Answer | None:
    """Return what the small model answers to a clip, or None before it has been asked."""
    found = _found()
    if found is None:
        return None
    rows = np.flatnonzero(resources.table().clips["name"].to_numpy()[found.rows] == name)
    if not rows.size:
        return None
    probabilities = dict(zip(SETTINGS.emotions, found.probabilities[rows[0]].tolist(), strict=True))
    return Answer(max(probabilities, key=probabilities.get), probabilities)


def model_shares(field: str) -> dict[str, dict[str, float]]:
    """How often models are right by kind of clip, counted as the listeners' answers were.

    Args:
        field: of a clip, such as "emotion" or "actor".

    Returns:
        Model → kind → share right: the shipped model's as far as its card tells, then the small model's if it has
        been asked. Of statements and actors the card tells the UAR, and the model's name says so.
    """
    shares = _of_card(field)
    found = _found()
    if found is not None:
        clips = resources.table().clips.iloc[found.rows]
        answered = np.array(SETTINGS.emotions)[found.probabilities.argmax(axis=1)]
        right = human_baseline.right(clips["emotion"].to_numpy(dtype=str), answered)
        kinds = clips[field].to_numpy(dtype=str)
        shares[NAME] = {
            str(kind): float(right[_alike(kinds, str(kind))].mean())
            for kind in values_of(resources.table().clips, field)
        }
    return shares


def offer(place: str) -> None:
    """Offer to let the small model answer every clip, and show how far it is.

    Args:
        place: of the button, for its key.
    """
    board = _board()
    now = board.job and board.job.snapshot()
    if now is None or now.state in ("stopped", "failed"):
        if now is not None and now.error:
            st.info(now.error, icon=":material/info:")
        st.button(
            "Let a model answer every clip",
            on_click=board.start,
            key=f"explore_ask_{place}",
            icon=":material/psychology:",
            help="Trains six small models, each on 20 actors, and asks each about the four actors it never heard. "
            "About half a minute, once for all visitors.",
        )
    elif not now.over:
        watch(board.job, "Six models learn, each to be asked about four actors it never heard", f"answers_{place}")
    elif place != "overview":
        st.caption(
            f"The {NAME}: the shipped model’s settings with one network, {percent(now.result.evaluation.uar, 1)} UAR "
            "on actors that it never heard; every answer is by a model that did not hear this actor."
        )


def _found() -> CrossValidation | None:
    now = _board().job and _board().job.snapshot()
    return now.result if now is not None and now.state == "done" else None


def _card_score() -> dict | None:
    """The shipped model's score on unseen actors, None if there is no model or it was never so judged."""
    try:
        scores = resources.store().card(DEFAULT_NAME)["scores"]
    except SerError:
        return None
    return next((score for score in scores if score["protocol"] in SPEAKER_INDEPENDENT and "confusion" in score), None)


def _of_card(field: str) -> dict[str, dict[str, float]]:
    """What the shipped model's card says of a field, by the model's name; empty if nothing."""
    score = _card_score()
    if score is None:
        return {}
    if field == "emotion":
        return {SHIPPED: human_baseline.as_listeners(np.array(score["confusion"]), score["labels"])}
    kinds = [str(kind) for kind in values_of(resources.table().clips, field)]
    told = {
        SHIPPED: score.get("as_listeners", {}).get(f"by_{field}"),
        f"{SHIPPED} (UAR)": score.get("uar_by", {}).get(field),
    }
    # Counted as people were where the card has it so.
    return next(({who: {kind: of[kind] for kind in kinds if kind in of}} for who, of in told.items() if of), {})


def _alike(kinds: np.ndarray, kind: str) -> np.ndarray:
    """Which clips count for a kind: those of neutral and calm together for both."""
    return np.isin(kinds, list(human_baseline.ONE)) if kind in human_baseline.ONE else kinds == kind
