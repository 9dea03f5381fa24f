"""The selection: the clips that pass the filters, and cached results computed from them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.common import resources
from pages.common.inputs import choose
from pages.explore import sources, texts
from pages.explore.filters import Chosen, fields_of, values_of
from pages.explore.state import UploadedSet, steady_label
from ser.data.data_sets import RAVDESS
from ser.data.table import FeatureTable
from ser.features.feature import Feature
from ser.features.sets import feature_set
from ser.inference.explanation import main_features
from ser.jobs import Job

ALL_GROUPS = "all groups"
_USUAL_SET = "standard"
#: Width of a list of a few words in pixels; two stand side by side on a phone.
SELECT = 168


def feature_columns(set_name: str, group: str) -> list[int]:
    """Return the columns of a feature set that belong to a group."""
    features = feature_set(set_name).features
    return [i for i, feature in enumerate(features) if group in (ALL_GROUPS, feature.group)]


@dataclass(frozen=True)
class Selection:
    """The clips that pass the filters.

    Attributes:
        table: these clips.
        chosen: the filters.
        own: the visitor's own set that they come from; None for published data sets.
        corpora: keys of the data sets that they come from; empty for a visitor's own set.
    """

    table: FeatureTable
    chosen: Chosen
    own: UploadedSet | None = None
    corpora: tuple[str, ...] = sources.ONLY_RAVDESS

    @property
    def owner(self) -> str:
        """Name of the clips in keys of widgets and caches; "" for RAVDESS."""
        if self.own:
            return self.own.key
        return "" if self.corpora == sources.ONLY_RAVDESS else "_".join(self.corpora)

    @property
    def suffix(self) -> str:
        """Ending of the key of a widget whose options depend on where the clips come from."""
        return "_own" if self.own else f"{'_' * bool(self.owner)}{self.owner}"

    @property
    def side_by_side(self) -> bool:
        """Whether the clips are those of several data sets."""
        return len(self.corpora) > 1

    def corpus(self, name: str) -> str:
        """Return the key of a clip's data set."""
        clips = self.table.clips
        return str(clips.loc[clips["name"] == name, "corpus"].iloc[0]) if self.side_by_side else self.corpora[0]

    @property
    def names(self) -> np.ndarray:
        """Names of the clips in hover texts, shape (n_clips,)."""
        clips = self.table.clips
        details = [clips[field].astype(str) for field in ("intensity",) if field in self.fields]
        speaker = f"{self.fields['actor'].lower()} " + clips["actor"].astype(str)
        return (clips["name"] + "<br>" + speaker.str.cat(details, sep=", ")).to_numpy()

    @property
    def fields(self) -> dict[str, str]:
        """Fields to group clips by, with their titles."""
        return fields_of(self.table.clips, self.owner)

    def values(self, field: str) -> np.ndarray:
        """Return the value of a field of each clip as strings, shape (n_clips,)."""
        return self.table.clips[field].astype(str).to_numpy(dtype=str)

    def order(self, field: str) -> list[str]:
        """Return all values of a field as strings, in order."""
        return [str(value) for value in values_of(self.table.clips, field)]

    def features(self, set_name: str, group: str) -> tuple[np.ndarray, list[Feature]]:
        """Return the matrix of a group of features, shape (n_clips, n_features), and its features.

        Features that are easy to picture have the names that people give them.
        """
        columns = feature_columns(set_name, group)
        features, titles = feature_set(set_name).features, main_features(set_name)
        named = [replace(features[i], name=titles.get(features[i].name, features[i].name)) for i in columns]
        return self.table.matrix(set_name)[:, columns], named

    def pictured(self, set_name: str, group: str) -> tuple[np.ndarray, list[Feature]]:
        """Return what `features` does for those that are easy to picture; for all, where hardly any is."""
        matrix, features = self.features(set_name, group)
        titles = set(main_features(set_name).values())
        columns = [i for i, feature in enumerate(features) if feature.name in titles]
        return (matrix[:, columns], [features[i] for i in columns]) if len(columns) > 1 else (matrix, features)

    @property
    def audible(self) -> bool:
        """Whether recordings are available; single ones may be missing."""
        return self.own is not None or (RAVDESS.key in self.corpora and resources.dataset() is not None)

    def read(self, name: str) -> bytes | None:
        """Return the file of a clip; None if its audio is not available."""
        if self.own:
            return self.own.read(name)
        # Of other data sets no recordings are on the server.
        return resources.recording(name) if self.corpus(name) == RAVDESS.key else None

    def kept(self, name: str, *settings: Any, work: Callable[[], Any]) -> Any:
        """Return a result that `work` computes once for these clips and settings; `name` tells results apart."""
        # Published clips are the same for all visitors, so they share the results. Those of own clips stay in the
        # session.
        keep = _own if self.own else _shared
        return keep(self.owner, self.chosen, name, settings, _work=work)

    def job(self, name: str, *settings: Any, steps: Callable[[], Any]) -> Job:
        """Return background work, started once for these clips and settings; `steps` makes the generator."""
        keep = _own_job if self.own else _shared_job
        return keep(self.owner, self.chosen, name, settings, _steps=steps)

    def forget_job(self, name: str, *settings: Any) -> None:
        """Drop a job that stopped or failed, so that it can start again."""
        keep = _own_job if self.own else _shared_job
        keep.clear(self.owner, self.chosen, name, settings)


@st.cache_data(show_spinner=False, max_entries=200)
def _shared(owner, chosen, name, settings, _work):
    return _work()


@st.cache_data(show_spinner=False, max_entries=60, scope="session")
def _own(owner, chosen, name, settings, _work):
    return _work()


@st.cache_resource(show_spinner=False, max_entries=40)
def _shared_job(owner, chosen, name, settings, _steps) -> Job:
    return Job(_steps()).start()


@st.cache_resource(show_spinner=False, max_entries=20, scope="session", on_release=Job.stop)
def _own_job(owner, chosen, name, settings, _steps) -> Job:
    return Job(_steps()).start()


def pick_field(selection: Selection, label: str, key: str) -> str:
    """Ask by which field to count, colour or group."""
    fields = selection.fields
    return st.selectbox(
        label,
        list(fields),
        format_func=fields.get,
        width=SELECT,
        # Other clips may have other fields, so their answer has a key of its own. That on own clips is private.
        key=f"{key}{selection.suffix}",
        **({"persist_state": "session"} if selection.own else {"bind": "query-params"}),
    )


def pick_features() -> tuple[str, str]:
    """Ask for a feature set and group; all views on features share the answer."""
    set_name = choose(
        "Feature set",
        ["standard", "notebook"],
        key="explore_set",
        in_address=True,
        help=texts.FEATURE_SET_HELP,
    )
    groups = [ALL_GROUPS, *feature_set(set_name).groups]
    # Each set has a key of its own, because the other set may not have the same groups.
    group = st.selectbox("Group", groups, key=f"explore_group_{set_name}", bind="query-params")
    return set_name, group


def rare(label: str) -> DeltaGenerator:
    """Return the popover of a view's rare options; the label says what is chosen in it."""
    key = "explore_rare"
    return st.popover(steady_label(key, label), icon=":material/tune:", key=key, on_change="rerun")


def row() -> DeltaGenerator:
    """Return a line of controls side by side."""
    return st.container(horizontal=True, vertical_alignment="bottom", gap="small")


def chosen_features() -> str:
    """Return the label of options that hold the feature set and the group: what is chosen, if it is not the usual."""
    known = st.session_state
    set_name = known.get("explore_set") or st.query_params.get("explore_set", _USUAL_SET)
    group = known.get(f"explore_group_{set_name}") or st.query_params.get(f"explore_group_{set_name}", ALL_GROUPS)
    chosen = [each for each in (set_name, group) if each not in (_USUAL_SET, ALL_GROUPS)]
    return ", ".join(chosen) or texts.MORE
