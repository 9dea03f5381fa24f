"""One network in training: its passes over clips, its optimisers, and the two solvers behind one interface."""
