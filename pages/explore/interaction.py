"""The chart of one feature by emotion and a second field."""

import pandas as pd
from streamlit.delta_generator import DeltaGenerator

from pages.common.panel import panel
from ser.exploration.effect_sizes import Interaction
from ser.features.feature import Feature
from ser.figures.features import interaction_figure


def interaction_panel(
    title: str,
    found: Interaction,
    feature: Feature,
    *,
    field: str,
    key: str,
    read: str,
    above: DeltaGenerator | None = None,
) -> None:
    """Show the means of a feature by emotion and by a second field, which `field` names."""
    unit = f" ({feature.unit})" if feature.unit else ""
    cells = [
        (emotion, level, found.means[i, j], found.errors[i, j])
        for i, emotion in enumerate(found.emotions)
        for j, level in enumerate(found.levels)
    ]
    panel(
        title,
        interaction_figure(found, feature),
        pd.DataFrame(cells, columns=["Emotion", field, f"Mean{unit}", f"Half of the 95 % interval{unit}"]),
        key=key,
        alt=f"Mean of {feature.name} by emotion, {' and '.join(found.levels)}, with 95 % intervals",
        read=read,
        above=above,
    )
