"""Explore: a data set in charts."""
