"""Train: choose settings, train a network, judge it and use it."""
