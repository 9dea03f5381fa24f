"""The examples: clips of actors, which a model answers that did not learn from these actors, and synthetic voices."""
