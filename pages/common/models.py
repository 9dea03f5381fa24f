"""The models at hand: those that all visitors share, and those that this visitor trained."""

from dataclasses import dataclass, field

import streamlit as st

from pages.common import resources, session
from ser.model.store import DEFAULT_NAME, StoredModel


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
    return _load_shared(name, resources.store().card(name).sha256)


@st.cache_resource(show_spinner=False, max_entries=8)
def _load_shared(name: str, sha256: str) -> StoredModel:
    # The hash is part of the key, so that a model which is kept anew is loaded anew.
    return resources.store().load(name)
