"""The report: the numbers of the answer, nothing from elsewhere, nothing that a file's name could smuggle in."""

import re
from datetime import UTC, datetime

import pytest

from ser.inference.clip_features import extract_clip
from ser.inference.explanation import explain
from ser.inference.prediction import answer
from ser.inference.timeline import follow
from ser.reports.answer_report import report_answer
from ser.steps import finish
from tests.helpers import shipped
from tests.helpers.sounds import file, voice


@pytest.fixture(scope="module")
def parts():
    stored = shipped.stored()
    data = file(voice(5.0), 16_000)
    clip_features = finish(extract_clip(data, stored.model, name="<script>alert(1)</script>.wav"))
    return (
        answer(clip_features, stored.model),
        explain(clip_features, stored.model, shipped.table()),
        finish(follow(data, clip_features, stored.model)),
        stored.card,
    )


def written(parts, timeline=True):
    prediction, why, when, card = parts
    made = datetime(2030, 1, 2, tzinfo=UTC)
    when = when if timeline else None
    return report_answer(prediction, why, when, model_name="shipped <model>", card=card, made=made)


def test_it_has_the_answers_numbers(parts):
    html = written(parts)
    for label, share in parts[0].probabilities.items():
        assert f"<td>{label}</td><td>{100 * share:.1f} %</td>" in html
    for group in parts[1].groups:
        assert group.sentence() in html
        assert f"<td>{group.group}</td><td>{100 * group.effect:+.1f} points</td>" in html
    for warning in parts[0].warnings:
        assert warning.sentence in html
    assert f"{100 * parts[3].scores[0].uar:.1f} %" in html


def test_it_fetches_nothing(parts):
    html = written(parts)
    tags = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert not re.search(r"<(?:link|img|iframe|object|embed)\b", tags)
    assert not re.search(r"<script[^>]+src=", html)
    assert html.count("Plotly.newPlot(") >= 4


def test_a_clips_name_is_text(parts):
    html = written(parts)
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "shipped &lt;model&gt;" in html


def test_a_short_clip_has_no_timeline(parts):
    assert "<h2>When</h2>" in written(parts)
    assert "<h2>When</h2>" not in written(parts, timeline=False)


def test_every_chart_is_described(parts):
    html = written(parts)
    assert len(re.findall(r'<figure role="img" aria-label="[^"]+">', html)) == html.count("<figure") == 4
