"""One answer as an HTML page. To get a PDF, print the page."""

from datetime import datetime

from ser.data.data_sets import RAVDESS, corpora_of, credits
from ser.emotions import described
from ser.evaluation.card_summary import describe_recall, describe_reliability
from ser.figures.clip import probability_figure
from ser.figures.explanation import effects_figure
from ser.figures.timeline import emotions_figure, voice_figure
from ser.inference.explanation import Explanation
from ser.inference.headline import COURSE, TITLES, headline
from ser.inference.prediction import Prediction
from ser.inference.timeline import Timeline
from ser.model.card import ModelCard, Score
from ser.model.training_clips import LEARNT
from ser.reports.page import charts_of, render

LIMITS = (
    "This estimates how a voice sounds, not what anyone feels. The shipped model learnt from 33 actors who read "
    "sentences in North American English or Polish; other languages, ages and everyday speech may mislead it. It must "
    "not be used for decisions about people; inferring emotions at work and in schools is prohibited in the European "
    "Union."
)


def report_answer(
    prediction: Prediction,
    explanation: Explanation,
    timeline: Timeline | None,
    *,
    model_name: str,
    card: ModelCard,
    made: datetime,
) -> str:
    """Write an answer down.

    Args:
        prediction: the answer.
        explanation: why.
        timeline: when; None for a short clip.
        model_name: what the model is called.
        card: of the model.
        made: when the report was made.

    Returns:
        An HTML document that needs nothing beside itself.
    """
    ranked = sorted(prediction.probabilities.items(), key=lambda pair: -pair[1])
    *others, last = prediction.prediction_set
    figures = {
        "probabilities": (
            "Probability of each emotion, the numbers of the table below",
            probability_figure(prediction.probabilities, likely=prediction.prediction_set),
        ),
        "effects": ("Effect of each group of features on the answer", effects_figure(explanation)),
    }
    if timeline:
        figures |= {
            "emotions": ("Probability of each emotion over time", emotions_figure(timeline)),
            "voice": ("Level with speech shaded, and pitch, over time", voice_figure(timeline)),
        }
    beside = None if prediction.abstained else describe_recall(prediction.label, _score(prediction, card))
    return render(
        "answer.html",
        title=f"How a voice sounded: {prediction.file}",
        headline=_headline(prediction),
        prediction=prediction,
        model_name=model_name,
        made=f"{made:%d %B %Y, %H:%M}",
        trust=_trust(prediction, card),
        likely=f"{', '.join(others)} or {last}" if others else last,
        known=" ".join(sentence for sentence in (beside, prediction.novelty_sentence) if sentence),
        charts=charts_of(figures),
        probabilities=[(label, f"{100 * share:.1f} %") for label, share in ranked],
        stretches=_stretches(timeline) if timeline else None,
        explanation=explanation,
        effects=[(each.group, f"{100 * each.effect:+.1f} points") for each in explanation.groups],
        measured=[
            (each.name, each.text, f"{each.percentile:.0f} %")
            for group in explanation.groups
            for each in group.measurements
        ],
        model_rows=_model_rows(model_name, card),
        limits=LIMITS,
    )


def _headline(prediction: Prediction) -> str:
    head = headline(prediction)
    if head.topic in TITLES:
        return TITLES[head.topic]
    if head.topic == COURSE:
        sentence = head.sentence()
        return sentence[0].upper() + sentence[1:]
    doubt = "?" if prediction.warnings else ""
    return f"{described(prediction.label).adjective.capitalize()}{doubt} {100 * prediction.confidence:.0f} %"


def _score(prediction: Prediction, card: ModelCard) -> Score | None:
    return card.score_for(prediction.specialists_share, prediction.novelty_p_value)


def _trust(prediction: Prediction, card: ModelCard) -> str:
    if prediction.learnt:
        return LEARNT
    if prediction.abstained:
        return "On unseen voices answers this unsure were wrong more often than right."
    return describe_reliability(prediction.confidence, _score(prediction, card), doubtful=bool(prediction.warnings))


def _stretches(timeline: Timeline) -> list[tuple[str, str]]:
    stretches = [(run.start, run.end, run.label) for run in timeline.stretches()]
    stretches += [(gap.start, gap.end, f"no answer: {gap.reason}") for gap in timeline.gaps]
    return [(f"{start:.1f} to {end:.1f} s", text) for start, end, text in sorted(stretches)]


def _model_rows(model_name: str, card: ModelCard) -> list[tuple[str, str]]:
    rows = [("Model", model_name), ("Features", card.feature_set)]
    score = card.held_out_score
    if score:
        low, high = score.uar_interval
        rows += [
            ("UAR on unseen voices", f"{100 * score.uar:.1f} % (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"),
            ("Guessing would give", f"{100 / len(score.labels):.1f} %"),
            ("Expected calibration error", f"{100 * score.ece:.1f} %"),
        ]
    else:
        rows.append(("UAR on unseen voices", "never judged"))
    if card.trained_on.n_clips:
        rows.append(("Learnt from", f"{card.trained_on.n_clips:,} clips of {len(card.trained_on.actors)} actors"))
    citation = credits(corpora_of(card.trained_on.actors) or (RAVDESS.key,))["citation"]
    return [*rows, ("Made", _day(card.made)), ("Data", citation)]


def _day(moment: str) -> str:
    try:
        return f"{datetime.fromisoformat(moment):%d %B %Y}"
    except ValueError:
        return "unknown"
