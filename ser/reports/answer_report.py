"""One answer as a self-contained HTML page: charts and numbers, nothing fetched from anywhere.

The charts are plotly's own, with its script written into the page, so it opens without a network; every chart has its
numbers in a table beside it. For a PDF, print the page: its style is made for paper as well.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape

import plotly.graph_objects as go

from ser.data import ravdess
from ser.emotions import described
from ser.evaluation.card_summary import beside_people, reliability, track_record
from ser.figures.clip import probability_figure
from ser.figures.explanation import effects_figure
from ser.figures.timeline import emotions_figure, voice_figure
from ser.inference.explanation import Explanation
from ser.inference.prediction import Prediction
from ser.inference.timeline import Timeline
from ser.model.training_clips import LEARNT

LIMITS = (
    "This estimates how a voice sounds, not what anyone feels. The model learnt from 24 actors who read two sentences "
    "in North American English; other languages, ages and everyday speech may mislead it. It must not be used for "
    "decisions about people; inferring emotions at work and in schools is prohibited in the European Union."
)

# On paper a heading stays with what it heads, and no chart or row is cut in two.
PRINTED = "@media print { h2 { break-after: avoid; } figure, tr { break-inside: avoid; } }"
_STYLE = """
:root { color-scheme: light; }
body { font: 16px/1.55 system-ui, sans-serif; color: #1f2733; background: #fff; max-width: 52rem; margin: 2rem auto;
  padding: 0 1.25rem; overflow-wrap: break-word; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2rem 0 .5rem; }
table { border-collapse: collapse; width: 100%; margin: .75rem 0; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid #dde2ea; vertical-align: top; }
td:first-child { min-width: 8rem; } td:last-child { overflow-wrap: anywhere; }
.quiet { color: #5d6878; } figure { margin: 1rem 0; } .note { background: #f3f5f9; border-radius: .75rem;
  padding: .75rem 1rem; }
@media print { body { margin: 0; max-width: none; } }
"""


def report(
    prediction: Prediction,
    explanation: Explanation,
    timeline: Timeline | None,
    *,
    model_name: str,
    card: dict,
    made: datetime,
) -> str:
    """Write an answer down.

    Args:
        prediction: the answer.
        explanation: why.
        timeline: when; None for a short clip.
        model_name: what the model is called.
        card: the model's, as `ser.model.store.StoredModel.card`.
        made: when the report was made.

    Returns:
        An HTML document that needs nothing beside itself.
    """
    parts = [
        f"<h1>{_headline(prediction)}</h1>",
        f'<p class="quiet">{escape(prediction.file)} · {prediction.seconds:.1f} s · answered by the '
        f"{escape(model_name)} on {made:%d %B %Y, %H:%M}</p>",
        _answer(prediction, card),
        _warnings(prediction),
        _when(timeline) if timeline else "",
        _why(explanation),
        _card(model_name, card),
        f'<h2>What this is not</h2><p class="note">{LIMITS}</p>',
    ]
    title = escape(f"How a voice sounded: {prediction.file}")
    return (
        f'<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_STYLE}{PRINTED}</style></head><body><main>{''.join(parts)}</main></body></html>"
    )


def _headline(prediction: Prediction) -> str:
    if prediction.abstained:
        return "Not sure"
    doubt = "?" if prediction.warnings else ""
    return f"{escape(described(prediction.label).adjective.capitalize())}{doubt} {100 * prediction.confidence:.0f} %"


def _answer(prediction: Prediction, card: dict) -> str:
    ranked = sorted(prediction.probabilities.items(), key=lambda pair: -pair[1])
    rows = [(escape(label), f"{100 * share:.1f} %") for label, share in ranked]
    *others, last = (escape(label) for label in prediction.prediction_set)
    likely = f"{', '.join(others)} or {last}" if others else last
    figure = probability_figure(prediction.probabilities, likely=prediction.prediction_set)
    record = track_record(card)
    trust = reliability(prediction.confidence, record, doubtful=bool(prediction.warnings))
    if prediction.learnt:
        trust = LEARNT
    elif prediction.abstained:
        trust = "On unseen voices answers this unsure were wrong more often than right."
    known = [
        None if prediction.abstained else beside_people(prediction.label, record),
        prediction.likeness,
    ]
    return (
        f"<h2>Answer</h2><p>{escape(trust)} Cannot be ruled out: {likely}.</p>"
        f'<p class="quiet">{escape(" ".join(filter(None, known)))}</p>'
        + _figure(figure, "Probability of each emotion, the numbers of the table below", script=True)
        + _table(("Emotion", "Probability"), rows)
    )


def _warnings(prediction: Prediction) -> str:
    if not prediction.sentences:
        return "<h2>Recording</h2><p>Nothing is wrong with it.</p>"
    items = "".join(f"<li>{escape(sentence)}</li>" for sentence in prediction.sentences)
    return f"<h2>Recording: take this with care</h2><ul>{items}</ul>"


def _when(timeline: Timeline) -> str:
    stretches = [(run.start, run.end, run.label) for run in timeline.runs()]
    stretches += [(gap.start, gap.end, f"no answer: {gap.reason}") for gap in timeline.gaps]
    rows = [(f"{start:.1f} to {end:.1f} s", escape(what)) for start, end, what in sorted(stretches)]
    return (
        "<h2>When</h2>"
        + _figure(emotions_figure(timeline), "Probability of each emotion over time")
        + _figure(voice_figure(timeline), "Level with speech shaded, and pitch, over time")
        + _table(("Stretch", "Leading emotion"), rows)
    )


def _why(explanation: Explanation) -> str:
    sentences = "".join(f"<li>{escape(each.sentence())}</li>" for each in explanation.groups)
    effects = [(each.group, f"{100 * each.effect:+.1f} points") for each in explanation.groups]
    measured = [
        (escape(each.name), escape(each.text), f"{each.percentile:.0f} %")
        for group in explanation.groups
        for each in group.measurements
    ]
    return (
        f"<h2>Why</h2><ul>{sentences}</ul>"
        + _figure(effects_figure(explanation), "Effect of each group of features on the answer")
        + _table(("Group of features", f"Effect on the probability of {escape(explanation.label)}"), effects)
        + _table(("Measured", "Value", "Higher than … of the data set"), measured)
    )


def _card(model_name: str, card: dict) -> str:
    record = track_record(card)
    rows = [("Model", escape(model_name)), ("Features", escape(str(card.get("feature_set", "unknown"))))]
    if record:
        low, high = record.uar_interval
        rows += [
            ("UAR on unseen voices", f"{100 * record.uar:.1f} % (95 % interval {100 * low:.0f} to {100 * high:.0f} %)"),
            ("Guessing would give", f"{100 / len(record.labels):.1f} %"),
            ("Expected calibration error", f"{100 * record.ece:.1f} %"),
        ]
    else:
        rows.append(("UAR on unseen voices", "never judged"))
    learnt = card.get("trained_on", {})
    if learnt:
        rows.append(("Learnt from", f"{learnt['n_clips']:,} clips of {len(learnt['actors'])} actors"))
    rows += [("Made", _day(card.get("made"))), ("Data", escape(ravdess.CITATION))]
    return "<h2>The model</h2>" + _table(("", ""), rows)


def _day(moment: object) -> str:
    try:
        return f"{datetime.fromisoformat(str(moment)):%d %B %Y}"
    except ValueError:
        return "unknown"


def _figure(figure: go.Figure, alt: str, *, script: bool = False) -> str:
    """A chart as HTML; the first one of a page brings plotly's script along."""
    # What Streamlit's theme does on the page: room between an axis' title and its labels.
    figure = go.Figure(figure).update_layout(font={"family": "system-ui, sans-serif", "size": 13}, autosize=True)
    figure.update_yaxes(title_standoff=16)
    # Room for a colour bar's last number and, above, for its larger letters.
    figure.update_layout(margin_r=28, margin_t=figure.layout.margin.t + 8)
    html = figure.to_html(
        full_html=False, include_plotlyjs=script, config={"displayModeBar": False, "responsive": True}
    )
    return f'<figure role="img" aria-label="{escape(alt, quote=True)}">{html}</figure>'


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already."""
    top = "".join(f'<th scope="col">{cell}</th>' for cell in head) if any(head) else ""
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table>{f'<thead><tr>{top}</tr></thead>' if top else ''}<tbody>{body}</tbody></table>"
