"""The sentences that visitors of several pages read."""

from ser.data.labels.sources import CSV, FOLDER, SAVED, SOURCES, TYPED

NO_LABEL_TOLD = "Neither a CSV, nor folders, nor the files’ names tell one."
_LABELS_FROM = {
    CSV: "The labels come from the CSV among the files.",
    FOLDER: "The labels are the names of the folders that the clips lie in.",
    TYPED: "All clips have the label that you typed.",
    SAVED: "The labels are those of a saved session.",
}


def labels_from(source: str) -> str:
    rule = f"The labels come from the files’ names, by the rule of {SOURCES.get(source, source)}."
    return _LABELS_FROM.get(source, rule)


def waiting(position: int) -> str:
    """A place in the queue; 1 is the next."""
    you_are = "the next" if position == 1 else f"number {position}"
    return f"Waiting for a free place: you are {you_are} in line. Other work is under way."
