"""The export of a trained model: use it on Recognise, keep it for all visitors, or download it."""

import numpy as np
import streamlit as st

from pages.common import models, resources
from pages.common.inputs import download
from pages.train import texts
from pages.train.workspace import NamedRun
from ser.config import visitors_keep_models
from ser.errors import ModelStoreError, SerError
from ser.evaluation.scores import out_of_fold_answers, scores_of
from ser.experiments.run import RunSnapshot
from ser.model.card import ModelCard, card_of
from ser.model.onnx_export import export_onnx
from ser.model.store import StoredModel, checked_name


def take(entry: NamedRun, snapshot: RunSnapshot) -> None:
    """Show the buttons that use, keep and download the model."""
    with st.container(border=True):
        name = st.text_input(
            "Name of the model",
            value="my-model",
            max_chars=40,
            key="train_name",
            persist_state="session",
            help=texts.NAME_HELP,
        )
        with st.container(horizontal=True):
            use_it = st.button("Use on Recognise", type="primary", key="train_use", icon=":material/mic:")
            keep_it = visitors_keep_models() and st.button(
                "Keep",
                key="train_keep",
                icon=":material/save:",
                help=texts.KEEP_HELP,
            )
            download(
                "Take away",
                lambda: _export(name, entry, snapshot),
                f"{name or 'model'}.zip",
                "application/zip",
                key="train_take",
                help=texts.TAKE_AWAY_HELP,
            )
        try:
            if use_it:
                models.adopt(StoredModel(checked_name(name), snapshot.model, card(entry, snapshot)))
                st.success(
                    texts.in_use(name),
                    icon=":material/check_circle:",
                )
            if keep_it:
                _keep(name, entry, snapshot)
        except SerError as error:
            st.error(str(error), icon=":material/block:")
        mine = models.current().own.get(name)
        if mine is not None and mine.model is snapshot.model:
            st.page_link("pages/recognise/page.py", label="Go to Recognise", icon=":material/arrow_forward:")


def card(entry: NamedRun, snapshot: RunSnapshot) -> ModelCard:
    """The card of a run's model, with the scores of its protocols."""
    judged = [each for each in (snapshot.judged, snapshot.counterpart) if each is not None]
    scores = tuple(
        score for each in judged for score in scores_of(each, entry.run.table, snapshot.settings.test_actors)
    )
    return card_of(snapshot.model, snapshot.trained_on, scores)


def _keep(name: str, entry: NamedRun, snapshot: RunSnapshot) -> None:
    if entry.source != "published":
        raise ModelStoreError(texts.KEPT_FOR_ALL)
    store = resources.store()
    if name in store.names():
        # Other visitors may be using it, above all the shipped one.
        raise ModelStoreError(texts.name_taken(name))
    answers = out_of_fold_answers(snapshot.judged, entry.run.table) if snapshot.judged is not None else None
    store.save(name, snapshot.model, card(entry, snapshot), answers)
    st.success(texts.kept(name), icon=":material/check_circle:")


def _export(name: str, entry: NamedRun, snapshot: RunSnapshot) -> bytes:
    features = entry.run.table.matrix(snapshot.model.feature_set)
    row = int(np.asarray(snapshot.judged.rows)[0]) if snapshot.judged is not None else 0
    return export_onnx(StoredModel(name or "model", snapshot.model, card(entry, snapshot)), features[row])
