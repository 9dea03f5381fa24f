"""Experiments on Train: one run, a search over settings, and what a run costs."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "run": ["TrainingRun"],
        "search": ["run_search"],
    },
)
