"""Findings: sentences that hold for a table of clips, each with the numbers and the chart behind it.

There are more findings than are shown. Each looks at the table and says nothing where its condition fails, so another
one takes its place. No finding has a number of its own: all come from the table, the out-of-fold answers or the human
baseline.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from ser.data.table import FeatureTable
from ser.errors import DatasetError
from ser.evaluation import human_baseline
from ser.exploration.agreement import compare_effects, scaled_within, without_speakers
from ser.exploration.effect_sizes import separation
from ser.exploration.evidence import Evidence, Finding, FindingChart
from ser.exploration.leakage import leakage
from ser.features.contours import POINTS, average, relative
from ser.features.feature import GROUPS
from ser.model.out_of_fold import OutOfFoldAnswers
from ser.text import listed, percent

CLEAR_SHARE = 0.05
"""Shares of right answers that are further apart than this differ clearly."""
CLEAR_SEMITONES = 1.0
"""So do pitches, which the ear tells apart from here on."""
CLEAR_DECIBELS = 3.0
"""And levels."""
_CLEAR_AGREEMENT = 0.3  # cosine
_SET = "standard"


def findings(
    table: FeatureTable, answers: OutOfFoldAnswers | None = None, *, most: int = 5, pool: Sequence[str] | None = None
) -> tuple[Finding, ...]:
    """The first `most` findings that hold for these clips, in the order of `POOL`; fewer where fewer hold.

    `answers` are out-of-fold answers to RAVDESS. `pool` limits the search to some names out of `POOL`.
    """
    evidence, found = Evidence(table, answers), []
    for name in POOL if pool is None else pool:
        try:
            finding = POOL[name](evidence)
        except DatasetError:  # too few clips, speakers or emotions for it
            continue
        if finding is not None:
            found.append(finding)
        if len(found) == most:
            break
    return tuple(found)


def _percentages(numbers: Sequence[float]) -> dict[str, float]:
    return {percent(number): number for number in numbers}


def _recognition(evidence: Evidence, name: str, sign: int, sentence: str) -> Finding | None:
    """The emotion in which one side leads by most; `sign` is 1 for the model and -1 for people."""
    model, people = evidence.shares("emotion"), human_baseline.BY_EMOTION
    # Neutral and calm are one emotion here.
    lead = {label: sign * (share - people[label]) for label, share in model.items() if label != "calm"}
    best = max(lead, key=lambda label: lead[label], default=None)
    if best is None or lead[best] < CLEAR_SHARE:
        return None
    called = listed(sorted(human_baseline.ONE), "or") if best in human_baseline.ONE else best
    written = sentence.format(label=called, model=percent(model[best]), people=percent(people[best]))
    chart = _beside_people(model, people)
    return Finding(name, written, _percentages((model[best], people[best])), chart)


def _beside_people(model: Mapping[str, float], people: Mapping[str, float]) -> FindingChart:
    """Shares by group, 0 to 1, of people and of the model; the emotions that count as one have one bar."""
    one = human_baseline.ONE if model.keys() >= human_baseline.ONE else frozenset()
    groups = [label for label in model if label != max(one, default=None)]
    together = ", ".join(label for label in model if label in one)
    series = {"people": tuple(100 * people[x] for x in groups), "model": tuple(100 * model[x] for x in groups)}
    return FindingChart("Recognised (%)", tuple(together if x in one else x for x in groups), series)


def _model_beats_people(evidence: Evidence) -> Finding | None:
    sentence = (
        "The model beats people by most on **{label}**: it recognises {model} of these clips, and people {people}."
    )
    return _recognition(evidence, "model_beats_people", 1, sentence)


def _people_beat_the_model(evidence: Evidence) -> Finding | None:
    sentence = "People beat the model by most on **{label}**: they recognise {people} of these clips, and it {model}."
    return _recognition(evidence, "people_beat_the_model", -1, sentence)


def _hard_for_both(evidence: Evidence) -> Finding | None:
    """The two emotions that people and the model miss most, if they are the same."""
    model, people = evidence.shares("emotion"), human_baseline.BY_EMOTION
    if not model:
        return None
    hardest = [sorted(model, key=lambda label: (share[label], label))[:2] for share in (model, people)]
    if set(hardest[0]) != set(hardest[1]):
        return None
    sentence = f"People and the model struggle with the same emotions: **{listed(sorted(hardest[0]))}**."
    missed = {label: 1 - share for label, share in model.items()}, {label: 1 - people[label] for label in model}
    return Finding("hard_for_both", sentence, {}, replace(_beside_people(*missed), axis="Missed (%)"))


def _depends_on_the_speaker(evidence: Evidence) -> Finding | None:
    """How many features depend more on the speaker than on the emotion, if most do."""
    features = evidence.table.features(_SET)
    found = separation(evidence.table.matrix(_SET), features, evidence.emotions, evidence.speakers)
    speaker = found.by_actor > found.by_emotion
    if speaker.mean() <= 0.5:
        return None
    groups = np.array([feature.group for feature in features])
    shares = {group: 100 * float(speaker[groups == group].mean()) for group in GROUPS if (groups == group).any()}
    written = f"{speaker.sum():,}", f"{len(features):,}"
    return Finding(
        "depends_on_the_speaker",
        f"Most features tell more about **the speaker** than about the emotion: {written[0]} of {written[1]}.",
        {written[0]: float(speaker.sum()), written[1]: float(len(features))},
        FindingChart("More about the speaker (%)", tuple(shares), {"": tuple(shares.values())}),
    )


def _ends_of_sentences(evidence: Evidence) -> Finding | None:
    """The one emotion whose pitch moves the other way at the end of the sentence."""
    if "f0" not in evidence.table.contours or len(evidence.order) < 3:
        return None
    values = relative(evidence.table.contours["f0"], evidence.speakers)
    fifth = POINTS // 5
    moves = {}
    for each in average(values, evidence.emotions, evidence.order):
        middle, end = each.mean[2 * fifth : 3 * fifth], each.mean[-fifth:]
        if np.isfinite(middle).any() and np.isfinite(end).any():
            moves[each.group] = float(np.nanmean(end) - np.nanmean(middle))
    higher = {label for label, move in moves.items() if move > 0}
    alone = higher if len(higher) == 1 else moves.keys() - higher
    # With three emotions or more, only one of the two groups can be a single emotion.
    if len(moves) < 3 or len(alone) != 1 or min(map(abs, moves.values())) < CLEAR_SEMITONES:
        return None
    (label,) = alone
    written, way = f"{abs(moves[label]):.1f}", ("higher", "lower") if label in higher else ("lower", "higher")
    return Finding(
        "ends_of_sentences",
        f"Only **{label}** voices end {way[0]} than the middle of the sentence: by {written} semitones. "
        f"All others end {way[1]}.",
        {written: abs(moves[label])},
        FindingChart("Pitch change (semitones)", tuple(moves), {"": tuple(moves.values())}),
    )


def _worth_of_a_leak(evidence: Evidence) -> Finding | None:
    """What a simple model seems to gain if its test has speakers that it learnt from."""
    # The notebook's features are few enough to fit many times over, and they are those of most public demos.
    found = leakage(evidence.table.matrix("notebook"), evidence.emotions, evidence.speakers)
    if found.leaking - found.held_out < CLEAR_SHARE:
        return None
    # The difference of what the chart shows, or the three numbers would not add up.
    written = f"{round(100 * found.leaking) - round(100 * found.held_out)}"
    return Finding(
        "worth_of_a_leak",
        f"Tested on **speakers that it knows**, a simple model looks {written} points better than it is.",
        {written: 100 * (found.leaking - found.held_out)},
        FindingChart(
            "Right answers (%)",
            ("speakers it learnt from", "new speakers"),
            {"": (100 * found.leaking, 100 * found.held_out)},
        ),
    )


def _alike_in_both(evidence: Evidence) -> Finding | None:
    """The group of features on which the emotion effects of two data sets agree most."""
    clips = evidence.table.clips
    if "corpus" not in clips or clips["corpus"].nunique() != 2:
        return None
    found = compare_effects(
        evidence.table.matrix(_SET),
        evidence.table.features(_SET),
        evidence.emotions,
        evidence.speakers,
        clips["corpus"].to_numpy(dtype=str),
        order=evidence.order,
    )
    by_group = found.by_group
    best = next(iter(by_group))
    if by_group[best] < _CLEAR_AGREEMENT or len(by_group) < 2:
        return None
    written = f"{by_group[best]:.2f}"
    return Finding(
        "alike_in_both",
        f"Emotions change **{best}** most alike in both data sets. The agreement is {written}; 1 would be the same.",
        {written: by_group[best]},
        FindingChart("Agreement (1: the same)", tuple(by_group), {"": tuple(by_group.values())}),
    )


def _loudest(evidence: Evidence) -> Finding | None:
    """The loudest and the softest emotion, against the same speakers' other clips."""
    if "level" not in evidence.table.clips:
        return None
    return _extremes(
        evidence,
        "loudest",
        evidence.table.clips["level"].to_numpy(float),
        CLEAR_DECIBELS,
        "**{high}** clips are the loudest. They are {gap} dB louder than {low} ones by the same speakers.",
        "Level (dB)",
    )


def _highest(evidence: Evidence) -> Finding | None:
    """The emotions with the highest and the lowest pitch."""
    names = [feature.name for feature in evidence.table.features(_SET)]
    return _extremes(
        evidence,
        "highest",
        evidence.table.matrix(_SET)[:, names.index("f0.mean")].astype(float),
        CLEAR_SEMITONES,
        "**{high}** voices are the highest. They lie {gap} semitones over {low} ones of the same speakers.",
        "Pitch (semitones)",
    )


def _extremes(
    evidence: Evidence, name: str, values: np.ndarray, clear: float, sentence: str, axis: str
) -> Finding | None:
    """The emotions with the highest and the lowest mean, each clip less its speaker's mean."""
    if len(evidence.order) < 2:
        return None
    centred = without_speakers(values[:, None], evidence.speakers)[:, 0]
    means = {label: float(centred[evidence.emotions == label].mean()) for label in evidence.order}
    high, low = max(means, key=lambda label: means[label]), min(means, key=lambda label: means[label])
    if means[high] - means[low] < clear:
        return None
    written = f"{means[high] - means[low]:.1f}"
    return Finding(
        name,
        sentence.format(high=high.capitalize(), low=low, gap=written),
        {written: means[high] - means[low]},
        FindingChart(axis, tuple(means), {"": tuple(means.values())}),
    )


def _easier(evidence: Evidence, name: str, column: str, high: str, low: str, sentence: str) -> Finding | None:
    """A kind of clip that is easier for people and for the model than another."""
    model, people = evidence.shares(column), human_baseline.BY_FIELD[column]
    if not {high, low} <= model.keys() or min(share[high] - share[low] for share in (model, people)) < CLEAR_SHARE:
        return None
    written = sentence.format(high=percent(model[high]), low=percent(model[low]))
    return Finding(name, written, _percentages((model[high], model[low])), _beside_people(model, people))


def _easier_if_strong(evidence: Evidence) -> Finding | None:
    return _easier(
        evidence, "easier_if_strong", "intensity", "strong", "normal",
        "**Strong** emotions are easier, for people too: the model recognises {high} of them, {low} of normal ones.",
    )  # fmt: skip


def _easier_if_female(evidence: Evidence) -> Finding | None:
    return _easier(
        evidence, "easier_if_female", "sex", "female", "male",
        "**Women** are easier to read, for people too: the model recognises {high} of their clips, but {low} of men’s.",
    )  # fmt: skip


def _closest_pair(evidence: Evidence) -> Finding | None:
    """The two emotions that are most alike, by the features less the speaker."""
    if len(evidence.order) < 3 or len(np.unique(evidence.speakers)) < 2:
        return None
    unit = scaled_within(evidence.table.matrix(_SET), evidence.speakers)
    means = np.stack([unit[evidence.emotions == label].mean(axis=0) for label in evidence.order])
    distances = np.sqrt(((means[:, None] - means[None]) ** 2).mean(axis=2))
    pairs = {
        (one, other): float(distances[i, j])
        for i, one in enumerate(evidence.order)
        for j, other in enumerate(evidence.order)
        if i < j
    }
    closest = sorted(pairs, key=lambda pair: pairs[pair])[:5]
    return Finding(
        "closest_pair",
        f"No two emotions sound more alike than **{listed(closest[0])}**.",
        {},
        FindingChart(
            "Distance (standard deviations)",
            tuple(f"{one}, {other}" for one, other in closest),
            {"": tuple(pairs[pair] for pair in closest)},
        ),
    )


POOL: dict[str, Callable[[Evidence], Finding | None]] = {
    "alike_in_both": _alike_in_both,
    "model_beats_people": _model_beats_people,
    "people_beat_the_model": _people_beat_the_model,
    "depends_on_the_speaker": _depends_on_the_speaker,
    "ends_of_sentences": _ends_of_sentences,
    "hard_for_both": _hard_for_both,
    "worth_of_a_leak": _worth_of_a_leak,
    "loudest": _loudest,
    "highest": _highest,
    "closest_pair": _closest_pair,
    "easier_if_strong": _easier_if_strong,
    "easier_if_female": _easier_if_female,
}
"""Name of each finding → what looks for it; the first that hold are shown."""
