"""Act it: the visitor says a sentence with an emotion, and the model says which one it sounds like."""
