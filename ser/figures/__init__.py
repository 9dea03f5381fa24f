"""Numbers in, plotly figures out: nothing in here loads, fits or predicts.

`style` is the look that all figures share. `clip`, `explanation` and `timeline` draw one clip and its answer.
`dataset`, `features` and `maps` draw a feature table, and `training`, `report` and `runs` training runs.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "clip": ["mel_figure", "probability_figure", "waveform_figure"],
        "explanation": ["effects_figure"],
        "timeline": ["emotions_figure", "voice_figure"],
        "training": ["confusion_figure", "loss_figure", "uar_figure"],
    },
)
