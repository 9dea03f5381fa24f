"""What the server remembers of a visitor of Train: the visitor's own clips, and the workspace with the runs."""

from dataclasses import dataclass, field

from pages.common import session
from pages.common.label_preview import PendingUpload
from pages.train.workspace import Workspace
from ser.jobs import Job
from ser.training.own_clips import OwnClips


@dataclass
class TrainState:
    """What the server remembers.

    Attributes:
        workspace: the runs; alone among these it can be reached from another tab, by its token.
        own_clips: the visitor's labelled clips to learn from.
        pending: uploads whose labels the visitor has not accepted yet, the oldest first.
        extraction_jobs: extract features from clips that were added, the oldest first.
        refused: sentences on what was not added.
        n_uploads: how many uploads there were; each gets a fresh uploader.
        settings_error: why the last file of settings could not be used.
        clicked_cell: the cell of the confusion matrix that was clicked last, as "row,column".
        guided: whether the guided first run is shown; None before that is decided.
        kept: SHA-256 of the models that the visitor kept for all, by name.
    """

    workspace: Workspace | None = None
    own_clips: OwnClips = field(default_factory=OwnClips)
    pending: list[PendingUpload] = field(default_factory=list)
    extraction_jobs: list[Job] = field(default_factory=list)
    refused: tuple[str, ...] = ()
    n_uploads: int = 0
    settings_error: str = ""
    clicked_cell: str | None = None
    guided: bool | None = None
    kept: dict[str, str] = field(default_factory=dict)

    def held(self) -> tuple:
        """What counts as this visitor's memory."""
        runs = self.workspace.entries.values() if self.workspace is not None else ()
        search = self.workspace.search if self.workspace is not None else None
        return (
            self.own_clips,
            self.pending,
            # The tables of the published data sets are those of all visitors.
            [(entry.source != "published" and entry.run.table, entry.run.snapshot()) for entry in runs],
            search and search.snapshot().result,
        )

    def __post_init__(self) -> None:
        """Enter the workspace, if there is one already."""
        if self.workspace is not None:
            self.workspace.enter()

    def use(self, workspace: Workspace) -> None:
        """Leave the workspace so far, and enter another."""
        if workspace is not self.workspace:
            workspace.enter()
            if self.workspace is not None:
                self.workspace.leave()
            self.workspace = workspace

    def __del__(self) -> None:
        """Stop the extraction of features and leave the workspace, because the visitor has left."""
        for job in self.extraction_jobs:
            job.stop()
        if self.workspace is not None:
            self.workspace.leave()


def current() -> TrainState:
    """Return what is remembered of this visitor."""
    return session.remembered(TrainState)
