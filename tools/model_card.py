"""The card of the shipped model in the form of Hugging Face, and the tables of scores that README and docs quote.

All figures come from the JSON card in models/.
"""

import json
from pathlib import Path

from ser.emotions import LABELS
from ser.model.card import ModelCard, Score
from ser.text import listed, plural

# UAR in per cent on EmoBox's six folds of RAVDESS, eight emotions: its table 4 (https://arxiv.org/abs/2406.07162).
EMOBOX = (
    ("Whisper large v3", 75.3),
    ("WavLM large", 72.0),
    ("data2vec 2.0 large", 71.2),
    ("HuBERT large", 70.0),
    ("HuBERT base", 65.4),
    ("data2vec 2.0 base", 64.7),
    ("WavLM base", 61.6),
    ("wav2vec 2.0 base", 54.3),
)

# What docs/scores.md says of changed recordings: the words, and the names in `ser.evaluation.recording_changes`.
_SURVIVED = {
    "12 dB more gain, and 12 dB less": ("gain +12 dB", "gain -12 dB"),
    "MP3 64 kbit/s": ("MP3 64k",),
    "AAC 64 kbit/s": ("AAC 64k",),
    "Opus 24 kbit/s": ("Opus 24k",),
    "a telephone line": ("telephone",),
    "a small room": ("small room",),
    "a hall": ("large room",),
    "white noise, babble, hum, 20 dB under the voice": ("white 20 dB", "babble 20 dB", "hum 20 dB"),
    "white noise, babble, hum, 10 dB under the voice": ("white 10 dB", "babble 10 dB", "hum 10 dB"),
}
_DOUBTED = {
    "a telephone line": "telephone",
    "white noise, 10 dB under the voice": "white 10 dB",
    "babble, 10 dB under the voice": "babble 10 dB",
    "a hall": "large room",
}
_NOT_MEASURED = "This was not measured for the present model. `{}` does it."
_MEASURES_CHANGES = "ser evaluate --robustness --to-card"


def scores_table(card: ModelCard) -> str:
    """The score on each data set, with its interval."""
    rows = ["| unseen speakers of | UAR | 95 % interval | by guessing |", "|---|---|---|---|"]
    for score in card.scores:
        low, high = score.uar_interval
        emotions = len(score.labels)
        rows.append(
            f"| {score.data_set}, {emotions} emotions | **{score.uar:.3f}** | {low:.3f} to {high:.3f} "
            f"| {1 / emotions:.3f} |"
        )
    return "\n".join(rows)


def listeners_table(card: ModelCard) -> str:
    """The model beside people who were asked about the same clips."""
    both = card.scores[0].details["as_listeners"]
    rows = (("this model", both["accuracy"]), ("people who were asked", both["listeners_accuracy"]))
    head = "| the same RAVDESS clips, neutral and calm as one | right |\n|---|---|\n"
    return head + "\n".join(f"| {who} | {_percent(right)} |" for who, right in rows)


def standing_table(card: ModelCard) -> str:
    """EmoBox's table with the row of this model, best first."""
    own = f"**this model, {card.n_parameters / 1e6:.1f} million parameters**"
    rows = [*EMOBOX, (own, round(100 * card.scores[0].uar, 1))]
    lines = [
        f"| {name} | **{uar:.1f}** |" if name == own else f"| {name} | {uar:.1f} |"
        for name, uar in sorted(rows, key=lambda row: -row[1])
    ]
    return "\n".join(["| system, eight emotions, six folds of unseen actors | UAR |", "|---|---|", *lines])


def trust_table(card: ModelCard) -> str:
    """How far the answers can be trusted, on the unseen speakers of the first data set."""
    score = card.scores[0]
    more = score.details
    curve = {round(point["answered"], 1): point["right"] for point in more["abstention"]["curve"]}
    by_clips = more["unlabelled_uar_by_clips"]
    rows = (
        ("expected calibration error (ECE)", f"{score.ece:.3f}"),
        ("prediction sets that hold the emotion (meant to: 90 %)", _percent(more["conformal"]["coverage"])),
        ("emotions in a prediction set, on average", f"{more['conformal']['mean_size']:.1f}"),
        ("right among the surest 60 % of its answers", _percent(curve[0.6])),
        ("UAR with two neutral sentences of the speaker", f"{more['enrolled_uar']:.3f}"),
        *((f"UAR with {n} other {plural(int(n), 'clip')} of the speaker", f"{uar:.3f}") for n, uar in by_clips.items()),
        ("UAR adapted to all clips of a speaker at once", f"{more['transductive_uar']:.3f}"),
    )
    return "\n".join(
        ["| on unseen speakers of RAVDESS | |", "|---|---|", *(f"| {what} | {value} |" for what, value in rows)]
    )


def recall_table(card: ModelCard) -> str:
    """Recall of each emotion on each data set."""
    names = " | ".join(score.data_set for score in card.scores)
    lines = [f"| emotion | {names} |", "|---" * (1 + len(card.scores)) + "|"]
    for label in LABELS:
        recalls = [score.details["per_class_recall"].get(label) for score in card.scores]
        lines.append(f"| {label} | " + " | ".join("–" if each is None else f"{each:.2f}" for each in recalls) + " |")
    return "\n".join(lines)


def stranger_table(card: ModelCard) -> str:
    """The scores on a data set that the model never learnt from."""
    score = next((each for each in card.scores if "of_four" in each.details), None)
    if score is None:
        return _NOT_MEASURED.format("ser evaluate --data emodb.zip --corpus emodb --to-card")
    more = score.details
    by_clips = more["unlabelled_uar_by_clips"]
    *clips, most = by_clips
    rows = (
        ("ECE", f"{score.ece:.3f}"),
        (
            f"UAR with {', '.join(clips)} and {most} other clips of the speaker",
            ", ".join(f"{uar:.3f}" for uar in by_clips.values()),
        ),
        (f"UAR over {listed(more['of_four']['labels'])} alone", f"{more['of_four']['uar']:.3f}"),
        ("prediction sets that hold the emotion", _percent(more["conformal"]["coverage"])),
        ("emotions in a prediction set, on average", f"{more['conformal']['mean_size']:.1f}"),
    )
    head = f"| {score.data_set}, {len(score.labels)} emotions | |\n|---|---|\n"
    return head + "\n".join(f"| {what} | {value} |" for what, value in rows)


def survival_table(card: ModelCard) -> str:
    """How many answers keep their label when recordings change."""
    found = card.scores[0].details.get("robustness")
    if found is None:
        return _NOT_MEASURED.format(_MEASURES_CHANGES)
    changes = found["changes"]
    rows = [
        f"| {what} | {', '.join(_whole_percent(changes[name]['same_label']) for name in names)} |"
        for what, names in _SURVIVED.items()
    ]
    return "\n".join([f"| change, for {found['n_clips']} clips | same label |", "|---|---|", *rows])


def doubt_table(card: ModelCard) -> str:
    """How the confidence falls when recordings change."""
    found = card.scores[0].details.get("robustness")
    if found is None:
        return _NOT_MEASURED.format(_MEASURES_CHANGES)
    lines = ["| change | confidence where it stayed | where it changed | too high by |", "|---|---|---|---|"]
    for what, name in _DOUBTED.items():
        change = found["changes"][name]
        confidence = [change[f"confidence_if_{which}"] for which in ("same", "other")]
        shown = " | ".join("–" if each is None else f"{each:.2f}" for each in confidence)
        lines.append(f"| {what} | {shown} | {change['confidence'] - change['uar']:.2f} |")
    return "\n".join(lines)


def model_card(card: ModelCard, text: str) -> str:
    """The card in the form of Hugging Face: YAML front matter, and a text with the tables in it.

    Args:
        card: the model's JSON card.
        text: the text, with a field in braces for each table.
    """
    sexes = card.scores[0].details["uar_by"]["sex"]
    filled = text.format(
        scores=scores_table(card),
        listeners=listeners_table(card),
        trust=trust_table(card),
        recall=recall_table(card),
        women=f"{sexes['female']:.3f}",
        men=f"{sexes['male']:.3f}",
        parameters=f"{card.n_parameters:,}",
        features=f"{len(card.feature_names):,}",
        clips=f"{card.trained_on.n_clips:,}",
        speakers=len(card.trained_on.actors),
        members=card.settings["members"],
        specialists=card.settings["specialists"],
        made=card.made[:10],
        file=card.file,
        sha256=card.sha256,
        citation=card.data["citation"],
    )
    return f"---\n{_front_matter(card)}---\n\n{filled}"


def _front_matter(card: ModelCard) -> str:
    """The YAML that Hugging Face reads. Strings are written as JSON, which is YAML as well."""
    lines = [
        "language: [en, pl]",
        "license: cc-by-nc-sa-4.0",
        "library_name: ser",
        "pipeline_tag: audio-classification",
        "tags: [speech-emotion-recognition, audio, acoustic-features, multi-layer-perceptron]",
        "metrics: [recall, accuracy, f1]",
        "model-index:",
        "  - name: default",
        "    results:",
    ]
    for score in card.scores:
        lines += _result(score)
    return "\n".join(lines) + "\n"


def _result(score: Score) -> list[str]:
    metrics = (
        ("recall", "Unweighted average recall (UAR)", score.uar),
        ("accuracy", "Accuracy", score.details["accuracy"]),
        ("f1", "Macro F1", score.details["macro_f1"]),
        ("ece", "Expected calibration error", score.ece),
    )
    lines = [
        "      - task: {type: audio-classification, name: Speech emotion recognition}",
        f"        dataset: {{type: {score.data_set.lower()}, name: {json.dumps(score.data_set)}, "
        f"config: {json.dumps(score.protocol)}}}",
        "        metrics:",
    ]
    return lines + [
        f"          - {{type: {metric}, name: {json.dumps(name)}, value: {value:.4f}}}"
        for metric, name, value in metrics
    ]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _whole_percent(share: float) -> str:
    return f"{100 * share:.0f} %"


def between(text: str, name: str, table: str, path: Path, *, tool: str = "tools.cards") -> str:
    """`text` with `table` between the comments that begin with “name:” and “end of name”.

    Raises:
        ValueError: the comments are missing.
    """
    start, end = f"<!-- {name}: `python -m {tool}` writes this table -->", f"<!-- end of {name} -->"
    before, found, rest = text.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{path} has no “{start}” and “{end}”.")
    return f"{before}{start}\n{table}\n{end}{after}"
