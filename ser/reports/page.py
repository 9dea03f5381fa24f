"""Reports as HTML pages that need nothing beside themselves: charts, tables and style are written into the page."""

from dataclasses import dataclass

import plotly.graph_objects as go
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_TEMPLATES = Environment(
    loader=PackageLoader("ser.reports"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Chart:
    """A chart in a report.

    Attributes:
        alt: what it shows, for those who do not see it.
        html: the chart.
    """

    alt: str
    html: Markup


def charts_of(figures: dict[str, tuple[str, go.Figure]]) -> dict[str, Chart]:
    """Charts for a report from key → (alternative text, figure); the first one brings plotly's script along."""
    return {
        key: Chart(alt, _html(figure, script=number == 0))
        for number, (key, (alt, figure)) in enumerate(figures.items())
    }


def render(template: str, **values: object) -> str:
    """The page that a template of `ser/reports/templates` makes of some values, all of them escaped."""
    return _TEMPLATES.get_template(template).render(values)


def _html(figure: go.Figure, *, script: bool) -> Markup:
    figure = go.Figure(figure).update_layout(
        template="plotly_white", font={"family": "system-ui, sans-serif", "size": 13}, autosize=True
    )
    # Streamlit's theme leaves the same room between an axis' title and its labels.
    figure.update_yaxes(title_standoff=16)
    # Room for the last number of a colour bar and, above, for its larger letters.
    figure.update_layout(margin_r=28, margin_t=(figure.layout.margin.t or 0) + 8)
    config = {"displayModeBar": False, "responsive": True}
    # Plotly escapes what it writes into its script; the rest of the chart is markup of its own.
    return Markup(figure.to_html(full_html=False, include_plotlyjs=script, config=config))
