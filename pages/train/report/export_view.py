"""The export of a trained model: use it on Recognise, keep it for all visitors, or download it."""

import numpy as np
import streamlit as st

from pages.common import models, resources
from pages.common.inputs import download
from pages.common.server.counters import sentence_of
from pages.train import state
from pages.train.report import texts
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
            # What is kept is open to all visitors, so a model of own clips is not.
            may_keep = visitors_keep_models() and entry.source == "published"
            keep_it = may_keep and st.button(
                "Keep for everyone",
                key="train_keep",
                icon=":material/save:",
                help=texts.KEEP_HELP,
            )
            download(
                "Download the model",
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
            _offer_removal()
        except SerError as error:
            st.error(sentence_of(error), icon=":material/block:")
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
    store = resources.store()
    if name in store.names():
        # Other visitors may be using it, above all the shipped one.
        raise ModelStoreError(texts.name_taken(name))
    answers = out_of_fold_answers(snapshot.judged, entry.run.table) if snapshot.judged is not None else None
    kept = store.save(name, snapshot.model, card(entry, snapshot), answers, overwrite=False)
    state.current().kept[name] = kept.card.sha256
    st.success(texts.kept(name), icon=":material/check_circle:")


def _offer_removal() -> None:
    """Show a button for each model that the visitor kept, which removes it again."""
    kept, store = state.current().kept, resources.store()
    for name in list(kept):
        # The operator may have removed it, and somebody else may have kept another model under its name.
        if name not in store.names() or store.card(name).sha256 != kept[name]:
            del kept[name]
            continue
        if st.button(f"Remove {name}", key=f"train_remove_{name}", icon=":material/delete:", help=texts.REMOVE_HELP):
            store.remove(name)
            del kept[name]
            st.success(texts.removed(name), icon=":material/check_circle:")


def _export(name: str, entry: NamedRun, snapshot: RunSnapshot) -> bytes:
    features = entry.run.table.matrix(snapshot.model.feature_set)
    row = int(np.asarray(snapshot.judged.rows)[0]) if snapshot.judged is not None else 0
    return export_onnx(StoredModel(name or "model", snapshot.model, card(entry, snapshot)), features[row])
