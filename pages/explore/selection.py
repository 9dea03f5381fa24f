"""What Explore shows at the moment: the clips that the filters leave, and results computed from them, kept."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from pages.common import resources
from pages.explore import texts
from pages.explore.filters import Chosen, fields_of, values_of
from pages.explore.state import ExploredUpload
from ser.data.table import FeatureTable
from ser.features.feature import Feature
from ser.features.sets import feature_set
from ser.jobs import Job

ALL_GROUPS = "all groups"


@dataclass(frozen=True)
class Selection:
    """Clips under the visitor's eyes.

    Attributes:
        table: the clips that the filters leave.
        chosen: the filters.
        own: the visitor's own set that they come from; None for RAVDESS.
    """

    table: FeatureTable
    chosen: Chosen
    own: ExploredUpload | None = None

    @property
    def names(self) -> np.ndarray:
        """What hovering calls each clip, shape (n_clips,)."""
        clips = self.table.clips
        told = [clips[field].astype(str) for field in ("intensity",) if field in clips]
        speaker = ("speaker " if self.own else "actor ") + clips["actor"].astype(str)
        return (clips["name"] + "<br>" + speaker.str.cat(told, sep=", ")).to_numpy()

    @property
    def fields(self) -> dict[str, str]:
        """The fields that clips can be told apart by, with their titles."""
        return fields_of(self.table.clips, self.own.key if self.own else "")

    def kinds(self, field: str) -> np.ndarray:
        """Value of a field of each clip as strings, shape (n_clips,)."""
        return self.table.clips[field].astype(str).to_numpy(dtype=str)

    def order(self, field: str) -> list[str]:
        """All values of a field as strings, in their order."""
        return [str(value) for value in values_of(self.table.clips, field)]

    def columns(self, set_name: str, group: str) -> list[int]:
        """Which columns of a feature set belong to a group."""
        features = feature_set(set_name).features
        return [i for i, feature in enumerate(features) if group in (ALL_GROUPS, feature.group)]

    def features(self, set_name: str, group: str) -> tuple[np.ndarray, list[Feature]]:
        """The matrix of a group of features, shape (n_clips, n_features), and what its columns are."""
        columns = self.columns(set_name, group)
        features = feature_set(set_name).features
        return self.table.matrix(set_name)[:, columns], [features[i] for i in columns]

    @property
    def audible(self) -> bool:
        """Whether there are recordings to play; single ones may be missing all the same."""
        return self.own is not None or resources.dataset() is not None

    def read(self, name: str) -> bytes | None:
        """The file of a clip, or None where the audio is not at hand."""
        return self.own.read(name) if self.own else resources.recording(name)

    def kept(self, what: str, *settings: Any, work: Callable[[], Any]) -> Any:
        """A result, computed once for these clips and settings.

        Args:
            what: names the result.
            *settings: what it depends on beside the clips; hashable.
            work: computes it.
        """
        # All visitors see the same RAVDESS, so its results may be shared; those of own clips stay in the session.
        keep = _own if self.own else _shared
        return keep(self.own and self.own.key, self.chosen, what, settings, _work=work)

    def job(self, what: str, *settings: Any, steps: Callable[[], Any]) -> Job:
        """Work in the background, started once for these clips and settings; shared as results are.

        Args:
            what: names the work.
            *settings: what it depends on beside the clips; hashable.
            steps: makes the generator that does it.
        """
        keep = _own_job if self.own else _shared_job
        return keep(self.own and self.own.key, self.chosen, what, settings, _steps=steps)

    def forget_job(self, what: str, *settings: Any) -> None:
        """Drop a job that was stopped or failed, so that it can be started again."""
        keep = _own_job if self.own else _shared_job
        keep.clear(self.own and self.own.key, self.chosen, what, settings)


@st.cache_data(show_spinner=False, max_entries=200)
def _shared(own, chosen, what, settings, _work):
    return _work()


@st.cache_data(show_spinner=False, max_entries=60, scope="session")
def _own(own, chosen, what, settings, _work):
    return _work()


@st.cache_resource(show_spinner=False, max_entries=40)
def _shared_job(own, chosen, what, settings, _steps) -> Job:
    return Job(_steps()).start()


@st.cache_resource(show_spinner=False, max_entries=20, scope="session")
def _own_job(own, chosen, what, settings, _steps) -> Job:
    return Job(_steps()).start()


def pick_field(selection: Selection, label: str, key: str) -> str:
    """Ask by which field to count, colour or group."""
    fields = selection.fields
    return st.segmented_control(
        label,
        list(fields),
        format_func=fields.get,
        default="emotion",
        required=True,
        wrap=True,
        # Own clips may lack a field, so they keep an answer of their own, and out of the address.
        **(
            {"key": f"{key}_own", "persist_state": "session"} if selection.own else {"key": key, "bind": "query-params"}
        ),
    )


def pick_features() -> tuple[str, str]:
    """Ask which feature set and group to look at; the views on features share the answer."""
    left, right = st.columns([2, 5])
    with left:
        set_name = st.segmented_control(
            "Feature set",
            ["standard", "notebook"],
            default="standard",
            required=True,
            key="explore_set",
            bind="query-params",
            help=texts.FEATURE_SET_HELP,
        )
    groups = [ALL_GROUPS, *feature_set(set_name).groups]
    with right:
        # A key for each set: a group that the other set lacks must not linger.
        group = st.selectbox("Group", groups, key=f"explore_group_{set_name}", bind="query-params")
    return set_name, group
