"""Experiments on Train: one run, a search over settings, and what a run costs."""
