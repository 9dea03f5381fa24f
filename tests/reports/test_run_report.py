"""A run's report as HTML and CSV."""

import csv
import io
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from ser.data.table_file import load_tables
from ser.experiments.run import TrainingRun
from ser.reports.run_report import answers_csv, explain_gap, report_run
from ser.steps import finish
from ser.text import percent
from ser.training.presets import PRESETS
from tests.helpers import shipped


@pytest.fixture(scope="module")
def run():
    run = TrainingRun(replace(PRESETS["fast"], epochs=3), shipped.table())
    run.start()
    run.join(60)
    finish(run.judge_other_way())
    return run


def test_every_answer_is_in_the_table(run):
    judged = run.snapshot().judged
    rows = list(csv.DictReader(io.StringIO(answers_csv(judged, run.table))))
    assert len(rows) == judged.evaluation.n_clips == 240
    assert sum(int(row["right"]) for row in rows) / 240 == pytest.approx(judged.evaluation.accuracy)
    for row in rows:
        probabilities = {name[2:]: float(value) for name, value in row.items() if name.startswith("p_")}
        assert sum(probabilities.values()) == pytest.approx(1)
        assert max(probabilities, key=probabilities.get) == row["answered"]


class Page(HTMLParser):
    """What a reader sees, and what the page would fetch."""

    def __init__(self):
        super().__init__()
        self.text, self.fetched, self._hidden = [], [], 0

    def handle_starttag(self, tag, attributes):
        self._hidden += tag in ("script", "style")
        self.fetched += [value for name, value in attributes if name in ("src", "href")]

    def handle_endtag(self, tag):
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self._hidden:
            self.text.append(data)


def test_the_page_tells_all_and_fetches_nothing(run):
    snapshot = run.snapshot()
    page = Page()
    page.feed(report_run("A <b>bold</b> run", snapshot, run.table))
    text = "".join(page.text)
    assert "A <b>bold</b> run" in text and not page.fetched
    assert all(f"{100 * each.evaluation.uar:.1f}\xa0%" in text for each in (snapshot, snapshot.counterpart))
    for title in ("Loss", "Clips by actual and predicted emotion", "Actors", "Hardest clips", "Settings"):
        assert title in text
    assert '"epochs": 3' in text


def test_the_page_tells_the_score_of_each_data_set():
    settings = replace(PRESETS["fast"], epochs=2, corpora=("ravdess", "nemo"), test_actors=(1, 2, 201))
    run = TrainingRun(settings, load_tables(settings.corpora))
    run.start()
    run.join(60)
    snapshot = run.snapshot()
    page = report_run("Both", snapshot, run.table)
    for title, evaluation in (("RAVDESS", snapshot.evaluation), ("nEMO", snapshot.judged.others["nemo"].evaluation)):
        assert f"unseen actors of {title}: UAR <b>{percent(evaluation.uar, 1)}</b>" in page


def test_the_gap_is_explained_only_where_there_is_one(run):
    snapshot = run.snapshot()
    assert "points of accuracy on new voices" in explain_gap(snapshot.leaking, snapshot.unseen)
    assert "no better than the fair one" in explain_gap(snapshot.unseen, snapshot.unseen)
