"""A model judged on another corpus than the one it learnt from: other voices, rooms, sentences, languages.

The corpus has emotions that the model does not know, and the model knows some that the corpus lacks. As in
cross-corpus studies since Schuller et al. (2010, doi:10.1109/T-AFFC.2010.8), only clips whose emotion both know are
scored. The other emotions of the model are left out of the answer, and the other probabilities are rescaled to sum to
1. Where the corpus has no calm, the probability of calm counts for neutral, because calm is RAVDESS's second neutral.
Nothing is learnt from the corpus.

The transductive score is a score of its own: the model is adapted to each speaker by all of the speaker's clips
together, without their labels (`ser.inference.enrolment.adapt`). It is what a batch of one voice gains, and more than a
single clip gets.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from ser.data.labels.labelled import LabelledClip, LabelledSet
from ser.emotions import NEUTRAL
from ser.errors import DatasetError, SerError
from ser.evaluation.adapting import AdaptingAnswers, Answers
from ser.evaluation.breakdown import PredictionSets, ReliabilityBin, bins_of, sets_over
from ser.evaluation.diagnostics import reliability
from ser.evaluation.shared_labels import restricted, shared_labels
from ser.inference.clip_features import ClipFeatures, FeatureDemand, extract_whole
from ser.inference.enrolment import adapt, mean_vectors
from ser.inference.prediction import Prediction, answer
from ser.metrics import Evaluation, score, uar
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps
from ser.text import count
from ser.workers import side_by_side

#: Most published scores on other data sets are over these emotions.
FOUR = ("angry", "happy", "neutral", "sad")
# Of the clips to adapt by.
_DRAWS = 20


@dataclass(frozen=True)
class CrossCorpusReport:
    """One clip done.

    Attributes:
        done: clips done so far, this one included.
        total: clips in all.
        name: name of this clip.
        error: why it cannot be used, as a sentence; None if it can.
    """

    done: int
    total: int
    name: str
    error: str | None


@dataclass(frozen=True)
class CrossCorpus:
    """The scores of a model on another corpus.

    Attributes:
        evaluation: over the emotions that both know; `per_actor_uar` has the speakers that the corpus names.
        settings: the training settings of the model.
        reported: what could not be scored and why, in sentences.
        unlabelled_uar_by_clips: number of clips of the speaker, whose emotions are not known → UAR on the speaker's
            other clips, mean over 20 draws; empty where `transductive_uar` is None or a speaker has too few clips.
        conformal: the prediction sets; their target holds for speakers of the learnt data sets.
        reliability: confidence against right answers, in bins.
        of_four: the scores over the four emotions that are published most, `FOUR`; None where not all of them are
            scored, or no others are.
        transductive_uar: with the model adapted to all clips of each speaker together, 0 to 1; None where the model
            cannot be adapted, or where speakers are not known.
    """

    evaluation: Evaluation
    settings: dict[str, Any]
    reported: tuple[str, ...]
    transductive_uar: float | None
    unlabelled_uar_by_clips: dict[str, float] = field(default_factory=dict)
    conformal: PredictionSets | None = None
    reliability: tuple[ReliabilityBin, ...] = ()
    of_four: Evaluation | None = None

    def to_json(self) -> dict[str, Any]:
        """The scores as plain numbers, lists and dicts."""
        apart: dict[str, Any] = {"reliability": [asdict(each) for each in self.reliability]}
        if self.conformal is not None:
            apart["conformal"] = asdict(self.conformal)
        if self.of_four is not None:
            apart["of_four"] = self.of_four.to_json()
        if self.transductive_uar is not None:
            apart |= {
                "transductive_uar": self.transductive_uar,
                "unlabelled_uar_by_clips": self.unlabelled_uar_by_clips,
            }
        return self.evaluation.to_json() | {"settings": self.settings, "reported": list(self.reported)} | apart


def score_corpus(
    corpus: LabelledSet, model: EmotionModel, *, jobs: int = 1, emotions: tuple[str, ...] = ()
) -> Steps[CrossCorpusReport, CrossCorpus]:
    """Let a model answer for every clip of a corpus, and judge the answers.

    Args:
        corpus: opened labelled clips.
        model: the model to judge.
        jobs: processes that share the work.
        emotions: which emotions to score; empty for all that both know. Published figures are often over four.

    Yields:
        A `CrossCorpusReport` for each clip that is scored, in order. Closing the generator ends the work.

    Returns:
        A `CrossCorpus`. Where speakers are not known, every clip counts as a speaker for the interval.

    Raises:
        DatasetError: corpus and model share fewer than two emotions, or not one clip could be used.
    """
    wanted = tuple(label for label in corpus.labels if not emotions or label in emotions)
    shared = shared_labels(wanted, model.labels)
    reported = [
        *corpus.reported,
        *corpus.recognised_words(),
        *filter(None, [corpus.disagreement]),
        *_left_out(corpus, shared),
    ]
    clips = [clip for clip in corpus.clips if clip.label in shared]
    scored, clip_features = [], []
    for clip, features in (yield from _extracted(clips, model, jobs)):
        if isinstance(features, str):
            reported.append(features)
        else:
            scored.append(clip)
            clip_features.append(features)
    if not scored:
        raise DatasetError(
            f"Not one of the {len(clips)} clips in {corpus.name} could be used; the first: {reported[-len(clips)]}"
        )
    predictions = [answer(each, model) for each in clip_features]
    answers = np.array([list(each.probabilities.values()) for each in predictions])
    evaluation = _judged(scored, answers, model.labels, shared, f"corpus {corpus.source}")
    known, actual = restricted(answers, model.labels, shared), np.array([clip.label for clip in scored])
    return CrossCorpus(
        evaluation,
        model.settings,
        tuple(reported),
        _transductive_uar(scored, clip_features, model, shared),
        _unlabelled_uar(scored, clip_features, model, shared),
        _prediction_sets(actual, predictions, model.labels, shared),
        bins_of(reliability(known, np.array(shared)[known.argmax(axis=1)] == actual)),
        _of_four(scored, answers, model.labels, shared),
    )


def _left_out(corpus: LabelledSet, shared: tuple[str, ...]) -> list[str]:
    counts = Counter(clip.label for clip in corpus.clips if clip.label not in shared)
    return [
        f"{count(number, 'clip')} of the emotion {label}, which the model does not know, "
        f"{'are' if number > 1 else 'is'} left out."
        for label, number in sorted(counts.items())
    ]


def _extracted(
    clips: list[LabelledClip], model: EmotionModel, jobs: int
) -> Steps[CrossCorpusReport, list[tuple[LabelledClip, ClipFeatures | str]]]:
    def work() -> Iterator[Any]:
        for clip in clips:
            try:
                data: bytes | str = clip.read()
            except SerError as error:
                data = str(error)
            yield clip.name, data

    demand = FeatureDemand.from_model(model)
    results = side_by_side(_extract, work(), jobs=jobs, together=8, ahead=16, shared=(demand,))
    extracted = []
    for clip, each in zip(clips, results, strict=True):
        extracted.append((clip, each))
        yield CrossCorpusReport(len(extracted), len(clips), clip.name, each if isinstance(each, str) else None)
    return extracted


def _extract(demand: FeatureDemand, name: str, data: bytes | str) -> ClipFeatures | str:
    """The features of a clip, or a sentence that says why there are none; a sentence in place of data is returned."""
    if isinstance(data, str):
        return data
    try:
        return extract_whole(data, demand, name=name)
    except SerError as error:
        return str(error)


def _judged(
    clips: list[LabelledClip], answers: np.ndarray, model: tuple[str, ...], shared: tuple[str, ...], protocol: str
) -> Evaluation:
    actual = np.array([clip.label for clip in clips])
    # A clip whose speaker is not known is drawn for the interval by itself.
    speakers = np.array([clip.speaker or f"clip {clip.name}" for clip in clips])
    evaluation = score(actual, restricted(answers, model, shared), shared, speakers, protocol)
    named = {clip.speaker for clip in clips if clip.speaker}
    return replace(
        evaluation, per_actor_uar={name: value for name, value in evaluation.per_actor_uar.items() if name in named}
    )


def _transductive_uar(
    clips: list[LabelledClip], clip_features: list[ClipFeatures], model: EmotionModel, shared: tuple[str, ...]
) -> float | None:
    if not model.adapts or not all(clip.speaker for clip in clips):
        return None
    speakers = np.array([clip.speaker for clip in clips])
    answers = np.zeros((len(clips), len(model.labels)))
    for speaker in np.unique(speakers):
        rows = np.flatnonzero(speakers == speaker)
        adapted = adapt([clip_features[row] for row in rows], model)
        answers[rows] = [list(each.probabilities.values()) for each in adapted]
    predicted = np.array(shared)[restricted(answers, model.labels, shared).argmax(axis=1)]
    return uar(np.array([clip.label for clip in clips]), predicted)


def _prediction_sets(
    actual: np.ndarray, predictions: list[Prediction], known: tuple[str, ...], shared: tuple[str, ...]
) -> PredictionSets:
    in_set = np.array([[label in each.prediction_set for label in known] for each in predictions])
    return sets_over(in_set, known, actual, shared)


def _of_four(
    clips: list[LabelledClip], answers: np.ndarray, known: tuple[str, ...], shared: tuple[str, ...]
) -> Evaluation | None:
    four = tuple(label for label in shared if label in FOUR)
    if len(four) < len(FOUR) or four == shared:
        return None
    kept = [number for number, clip in enumerate(clips) if clip.label in four]
    return _judged([clips[number] for number in kept], answers[kept], known, four, "four emotions")


def _unlabelled_uar(
    clips: list[LabelledClip], clip_features: list[ClipFeatures], model: EmotionModel, shared: tuple[str, ...]
) -> dict[str, float]:
    """By how many clips of whatever emotion the model is adapted; long clips count as the mean of their windows."""
    if not model.adapts or not all(clip.speaker for clip in clips):
        return {}
    actual = np.array([clip.label for clip in clips])
    speakers = np.unique([clip.speaker for clip in clips], return_inverse=True)[1]
    vectors = np.stack([mean_vectors(each, 1 + len(model.views)) for each in clip_features], axis=1)
    inputs = model.inputs(vectors)
    adapting = AdaptingAnswers(model, inputs, model.shares(inputs), np.arange(actual.size), speakers, actual == NEUTRAL)

    def scored(answers: Answers) -> float:
        predicted = np.array(shared)[restricted(answers.probabilities, model.labels, shared).argmax(axis=1)]
        return uar(actual[answers.rows], predicted)

    by_count = adapting.unlabelled(seed=0, draws=_DRAWS)
    return {str(count): float(np.mean([scored(each) for each in draws])) for count, draws in by_count.items()}
