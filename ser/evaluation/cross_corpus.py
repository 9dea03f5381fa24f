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
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ser.data.labels.labelled import LabelledClip, LabelledSet
from ser.errors import DatasetError, SerError
from ser.evaluation.shared_labels import restricted, shared_labels
from ser.inference.clip_features import ClipFeatures, extract_whole
from ser.inference.enrolment import adapt
from ser.inference.prediction import answer
from ser.metrics import Evaluation, score, uar
from ser.model.emotion_model import EmotionModel
from ser.steps import Steps
from ser.text import count


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
        transductive_uar: with the model adapted to all clips of each speaker together, 0 to 1; None where the model
            cannot be adapted, or where speakers are not known.
    """

    evaluation: Evaluation
    settings: dict[str, Any]
    reported: tuple[str, ...]
    transductive_uar: float | None

    def to_json(self) -> dict[str, Any]:
        """The scores as plain numbers, lists and dicts."""
        apart = {} if self.transductive_uar is None else {"transductive_uar": self.transductive_uar}
        return self.evaluation.to_json() | {"settings": self.settings, "reported": list(self.reported)} | apart


def score_corpus(corpus: LabelledSet, model: EmotionModel, *, jobs: int = 1) -> Steps[CrossCorpusReport, CrossCorpus]:
    """Let a model answer for every clip of a corpus, and judge the answers.

    Args:
        corpus: opened labelled clips.
        model: the model to judge.
        jobs: processes that share the work.

    Yields:
        A `CrossCorpusReport` for each clip that is scored, in order. Closing the generator ends the work.

    Returns:
        A `CrossCorpus`. Where speakers are not known, every clip counts as a speaker for the interval.

    Raises:
        DatasetError: corpus and model share fewer than two emotions, or not one clip could be used.
    """
    shared = shared_labels(corpus.labels, model.labels)
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
    answers = np.array([list(answer(each, model).probabilities.values()) for each in clip_features])
    evaluation = _judged(scored, answers, model.labels, shared, f"corpus {corpus.source}")
    return CrossCorpus(
        evaluation, model.settings, tuple(reported), _transductive_uar(scored, clip_features, model, shared)
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
    from joblib import Parallel, delayed

    def work() -> Iterator[Any]:
        for clip in clips:
            try:
                data: bytes | str = clip.read()
            except SerError as error:
                data = str(error)
            yield delayed(_extract)(clip.name, data, model)

    results = Parallel(n_jobs=jobs, return_as="generator", batch_size=8, pre_dispatch=16 * jobs)(work())
    extracted = []
    for clip, each in zip(clips, results, strict=True):
        extracted.append((clip, each))
        yield CrossCorpusReport(len(extracted), len(clips), clip.name, each if isinstance(each, str) else None)
    return extracted


def _extract(name: str, data: bytes | str, model: EmotionModel) -> ClipFeatures | str:
    """The features of a clip, or a sentence that says why there are none; a sentence in place of data is returned."""
    if isinstance(data, str):
        return data
    try:
        return extract_whole(data, model, name=name)
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
