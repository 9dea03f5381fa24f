"""A model judged on another corpus than the one it learnt from: other voices, rooms, sentences, languages.

Problem: the corpus has emotions that the model does not know, and the model some that the corpus lacks. Conventions
(as in cross-corpus studies since Schuller et al. 2010, doi:10.1109/T-AFFC.2010.8): only clips whose emotion both know
are scored; the other emotions of the model are left out of the answer and the probabilities of the rest rescaled to
sum to 1. Where the corpus has no calm, what the model gives to calm counts for neutral, for calm is RAVDESS's second
neutral. Nothing of the corpus is learnt from.

Apart from that stands the transductive score: the model adapted to each speaker by all of the speaker's clips at once,
labels unseen (`ser.inference.enrolment.adapt`). It says what a batch of one voice gains, not what a single clip gets.
"""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np

from ser.data.labels.labelled import LabelledClip, LabelledSet
from ser.errors import DatasetError, SerError
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
        name: this clip's.
        error: why it cannot be used, as a sentence; None if it can.
    """

    done: int
    total: int
    name: str
    error: str | None


@dataclass(frozen=True)
class CrossCorpus:
    """How a model does on another corpus.

    Attributes:
        evaluation: over the emotions that both know; `per_actor_uar` has the speakers that the corpus names.
        settings: the model's, as it was trained.
        reported: what could not be scored and why, in sentences.
        transductive_uar: with the model adapted to each speaker's clips as a whole, 0 to 1; None where it cannot be, or
            where speakers are not known.
    """

    evaluation: Evaluation
    settings: dict
    reported: tuple[str, ...]
    transductive_uar: float | None

    def to_json(self) -> dict:
        """The scores as plain numbers, lists and dicts."""
        apart = {} if self.transductive_uar is None else {"transductive_uar": self.transductive_uar}
        return self.evaluation.to_json() | {"settings": self.settings, "reported": list(self.reported)} | apart


def score_corpus(corpus: LabelledSet, model: EmotionModel, *, jobs: int = 1) -> Steps[CrossCorpusReport, CrossCorpus]:
    """Let a model answer for every clip of a corpus, and judge the answers.

    Args:
        corpus: opened labelled clips.
        model: who answers.
        jobs: processes to share the work.

    Yields:
        A `CrossCorpusReport` for each clip that is scored, in order; close the generator to give up.

    Returns:
        A `CrossCorpus`; speakers that are not known make every clip count as a speaker for the interval.

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
    for clip, found in (yield from _heard(clips, model, jobs)):
        if isinstance(found, str):
            reported.append(found)
        else:
            scored.append(clip)
            clip_features.append(found)
    if not scored:
        raise DatasetError(
            f"Not one of the {len(clips)} clips in {corpus.name} could be used; the first: {reported[-len(clips)]}"
        )
    answers = np.array([list(answer(each, model).probabilities.values()) for each in clip_features])
    evaluation = _judged(scored, answers, model.labels, shared, f"corpus {corpus.source}")
    return CrossCorpus(
        evaluation, model.settings, tuple(reported), _transductive_uar(scored, clip_features, model, shared)
    )


def shared_labels(corpus: tuple[str, ...], model: tuple[str, ...]) -> tuple[str, ...]:
    """The labels that a corpus and a model have in common.

    Example:
        >>> shared_labels(("angry", "bored", "neutral"), ("neutral", "calm", "angry"))
        ('neutral', 'angry')
    """
    known = tuple("neutral" if label == "calm" and "calm" not in corpus else label for label in model)
    shared = tuple(label for label in dict.fromkeys(known) if label in corpus)
    if len(shared) < 2:
        raise DatasetError(
            f"The clips are labelled {', '.join(corpus)}, the model knows {', '.join(model)}; "
            "at least two emotions that both have are needed. Check the labels, or choose another model."
        )
    return shared


def restricted(probabilities: np.ndarray, model: tuple[str, ...], shared: tuple[str, ...]) -> np.ndarray:
    """Probabilities over the shared labels alone.

    Example:
        >>> restricted(np.array([[0.125, 0.25, 0.375, 0.25]]), ("neutral", "calm", "sad", "happy"), ("neutral", "sad"))
        array([[0.5, 0.5]])
    """
    columns = {label: i for i, label in enumerate(shared)}
    kept = np.zeros((len(probabilities), len(shared)))
    for column, label in zip(probabilities.T, model, strict=True):
        place = columns.get("neutral" if label == "calm" and "calm" not in columns else label)
        if place is not None:
            kept[:, place] += column
    total = kept.sum(axis=1, keepdims=True)
    return np.divide(kept, total, out=np.full_like(kept, 1 / len(shared)), where=total > 0)


def _left_out(corpus: LabelledSet, shared: tuple[str, ...]) -> list[str]:
    counts = Counter(clip.label for clip in corpus.clips if clip.label not in shared)
    return [
        f"{count(number, 'clip')} of the emotion {label}, which the model does not know, "
        f"{'are' if number > 1 else 'is'} left out."
        for label, number in sorted(counts.items())
    ]


def _heard(
    clips: list[LabelledClip], model: EmotionModel, jobs: int
) -> Steps[CrossCorpusReport, list[tuple[LabelledClip, ClipFeatures | str]]]:
    from joblib import Parallel, delayed

    def work():
        for clip in clips:
            try:
                data = clip.read()
            except SerError as error:
                data = str(error)
            yield delayed(_extract)(clip.name, data, model)

    results = Parallel(n_jobs=jobs, return_as="generator", batch_size=8, pre_dispatch=16 * jobs)(work())
    found = []
    for clip, each in zip(clips, results, strict=True):
        found.append((clip, each))
        yield CrossCorpusReport(len(found), len(clips), clip.name, each if isinstance(each, str) else None)
    return found


def _extract(name: str, data: bytes | str, model: EmotionModel) -> ClipFeatures | str:
    """What is heard of a clip, or the sentence that says why nothing is; a sentence given is handed on."""
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
        evaluation, per_actor_uar={who: value for who, value in evaluation.per_actor_uar.items() if who in named}
    )


def _transductive_uar(
    clips: list[LabelledClip], clip_features: list[ClipFeatures], model: EmotionModel, shared: tuple[str, ...]
) -> float | None:
    if not model.enrolled or not all(clip.speaker for clip in clips):
        return None
    speakers = np.array([clip.speaker for clip in clips])
    answers = np.zeros((len(clips), len(model.labels)))
    for speaker in np.unique(speakers):
        rows = np.flatnonzero(speakers == speaker)
        adapted = adapt([clip_features[row] for row in rows], model)
        answers[rows] = [list(each.probabilities.values()) for each in adapted]
    predicted = np.array(shared)[restricted(answers, model.labels, shared).argmax(axis=1)]
    return uar(np.array([clip.label for clip in clips]), predicted)
