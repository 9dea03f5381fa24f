"""The shared look, and that figures are built in one go."""

import ast
from pathlib import Path

import numpy as np
import pytest

from ser.emotions import LABELS
from ser.figures import style, training
from ser.training.epochs import EpochReport

MODULES = sorted(Path(style.__file__).parent.glob("*.py"))
RNG = np.random.default_rng(0)
ACTUAL = np.array(LABELS)[RNG.integers(8, size=40)]
WATCHED = [RNG.dirichlet(np.ones(8), 40) for _ in range(2)]


@pytest.mark.parametrize("module", MODULES, ids=lambda path: path.name)
def test_no_figure_is_built_setting_by_setting(module):
    """Plotly's methods that add to a figure or update it take several times as long as one dict."""
    nodes = list(ast.walk(ast.parse(module.read_text("utf-8"))))
    changed = [
        node.attr for node in nodes if isinstance(node, ast.Attribute) and node.attr.startswith(("add_", "update_"))
    ]
    imported = [node.module for node in nodes if isinstance(node, ast.ImportFrom)]
    called = [ast.unparse(node.func) for node in nodes if isinstance(node, ast.Call)]
    assert not changed and "plotly.subplots" not in imported
    assert module.name == "style.py" or not [name for name in called if name.startswith("go.")]


def test_settings_are_merged_into_the_shared_look():
    made = style.layout(x="Time (s)", legend={"y": 1.1}, margin={"t": 44}, xaxis={"range": [0, 1]}, bargap=0.2)
    assert made["xaxis"] == style.axis("Time (s)", range=[0, 1]) and made["yaxis"] == style.axis("")
    assert (made["margin"]["t"], made["margin"]["b"], made["bargap"]) == (44, 8, 0.2)
    assert made["showlegend"] and made["legend"]["y"] == 1.1 and made["legend"]["orientation"] == "h"
    assert not style.layout()["showlegend"]


def epochs(count, watched=True):
    return tuple(
        EpochReport(n, 99, 3 / n, n / 100, n / 200 if watched else None, 1.0, max(1, n - 3), n, 1.0)
        for n in range(1, count + 1)
    )


REDRAWN = {
    "loss": lambda count, drawn: training.loss_figure(epochs(count), drawn),
    "uar": lambda count, drawn: training.uar_figure(epochs(count), 8, drawn),
    "uar unwatched": lambda count, drawn: training.uar_figure(epochs(count, watched=False), 8, drawn),
    "answers": lambda count, drawn: training.radviz_figure(WATCHED[count % 2], ACTUAL, LABELS, drawn),
}


@pytest.mark.parametrize("name", REDRAWN)
@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 20), (20, 60)])
def test_a_figure_that_is_drawn_again_is_that_of_its_new_numbers(name, before, after):
    drawn = REDRAWN[name](before, None)
    again = REDRAWN[name](after, drawn)
    assert again.to_json() == REDRAWN[name](after, None).to_json()
    # Where a second curve comes, everything is drawn anew.
    assert (again is drawn) == ((name, before) not in (("loss", 0), ("uar", 0)))
