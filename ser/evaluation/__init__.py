"""How good a model is: cross-validation, breakdown, diagnostics, significance, human baseline, robustness."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach(
    __name__,
    submod_attrs={
        "breakdown": ["break_down"],
        "cross_corpus": ["score_corpus"],
        "crossvalidation": ["cross_validate"],
        "diagnostics": ["learning_curve", "permutation_importance"],
        "robustness": ["measure_robustness"],
        "significance": ["compare_runs"],
    },
)
