"""The models at hand: those that all visitors share, and those that this visitor trained."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import streamlit as st

from pages.common import resources, session
from ser.model.store import DEFAULT_NAME, StoredModel

EXAMPLES_KEY = "for:examples"
"""Key of the model that answers the example clips of actors; it is no name that a kept model can have."""


@dataclass
class ModelState:
    """What the server remembers of a visitor's models.

    Attributes:
        own: the models that the visitor trained, by name; see `adopt`.
        in_use: key of the model that answers on Recognise; None for the shipped one.
    """

    own: dict[str, StoredModel] = field(default_factory=dict)
    in_use: str | None = None

    def held(self) -> tuple:
        """What counts as this visitor's memory."""
        return (self.own,)


def current() -> ModelState:
    """Return this visitor's models."""
    return session.remembered(ModelState)


def adopt(stored: StoredModel) -> None:
    """Make a freshly trained model this visitor's own and let it answer on Recognise from now on."""
    current().own[stored.name] = stored
    current().in_use = own_key(stored.name)


def own_key(name: str) -> str:
    """Key of this visitor's own model `name`, never that of a model which all visitors share."""
    return f"own:{name}"


def keys() -> tuple[str, ...]:
    """Return the keys of all models: the shipped one first, then this visitor's own, then the kept ones."""
    shared = resources.store().names()
    first = tuple(name for name in shared if name == DEFAULT_NAME)
    own = tuple(own_key(name) for name in current().own)
    return first + own + tuple(name for name in shared if name != DEFAULT_NAME)


def load(key: str) -> StoredModel:
    """Return the model behind one of `keys`; a ModelStoreError says why it cannot be used."""
    own = {own_key(name): stored for name, stored in current().own.items()}
    if key in own:
        return own[key]
    return shared(key)


def shared(name: str) -> StoredModel:
    """Return a model that all visitors share, loaded once; a ModelStoreError says why it cannot be used."""
    if name == EXAMPLES_KEY:
        return _for_examples()
    return _load_shared(resources.store().load, name, resources.store().card(name).sha256)


def _for_examples() -> StoredModel:
    """Return the model that answers the example clips of actors, with the scores of the shipped model.

    It is one of the models that these scores come from: each was trained without the actors that it is judged by. Its
    own card has the scores of four actors alone.
    """
    store, name = resources.examples_store(), "examples"
    stored = _load_shared(store.load, name, store.card(name).sha256)
    return replace(stored, card=replace(stored.card, scores=resources.store().card(DEFAULT_NAME).scores))


@st.cache_resource(show_spinner=False, max_entries=8)
def _load_shared(_load: Callable[[str], StoredModel], name: str, sha256: str) -> StoredModel:
    # The hash is part of the key, so that a model which is kept anew is loaded anew.
    return _load(name)
