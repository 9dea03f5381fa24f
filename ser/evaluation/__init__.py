"""How good a model is: cross-validation, breakdown, diagnostics, significance, human baseline, robustness."""
