"""How far an answer can be trusted: what tests say of such answers, and what answering only when sure would bring."""

import numpy as np
import streamlit as st

from pages.common import resources
from pages.common.models import EXAMPLES_KEY
from pages.recognise import texts
from ser.evaluation.card_summary import describe_recall
from ser.evaluation.selective import sure_answers
from ser.inference.headline import headline
from ser.inference.prediction import Prediction
from ser.model.card import Score
from ser.model.store import DEFAULT_NAME
from ser.text import percent, plain

_STEP = 5  # per cent


def show(prediction: Prediction, score: Score | None, key: str) -> None:
    """Show what is known of such answers; `key` is the model's."""
    box = st.expander(texts.TRUST, icon=":material/rule:", key="recognise_trust", on_change="rerun")
    if not box.open:
        return
    with box:
        if prediction.abstained or headline(prediction).is_guess:
            st.markdown(texts.UNSURE_OR_GUESS)
        else:
            known = describe_recall(prediction.label, score)
            st.markdown(f"{texts.ALL_SUCH_CLIPS} {plain(known)}" if known else texts.NEVER_JUDGED)
        if prediction.novelty_sentence:
            st.markdown(plain(prediction.novelty_sentence))
        # The model of the examples is one of those that gave these answers.
        if key in (DEFAULT_NAME, EXAMPLES_KEY) and resources.out_of_fold() is not None:
            st.fragment(_only_if_sure)(prediction.confidence)


def _only_if_sure(confidence: float) -> None:
    """Show how many clips would be answered, and how many rightly, if unsure answers were left out."""
    answers = resources.out_of_fold()
    if answers is None:
        return
    least = st.slider(texts.ONLY_IF_SURE, 0, 95, 50, _STEP, format="%d %%", key="recognise_least") / 100
    known = resources.table().clips.set_index("name")["emotion"]
    actual = known.loc[answers.names].to_numpy(dtype=np.str_)
    counts = sure_answers(answers, actual, least)
    right = percent(counts.right / counts.answered) if counts.answered else None
    without = percent(sure_answers(answers, actual, 0.0).right / counts.clips)
    st.markdown(texts.sure_answers(percent(counts.answered / counts.clips), right, without, confidence >= least))
    st.caption(texts.TEST_CLIPS)
