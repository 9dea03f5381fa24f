"""Recognise: record or upload a clip and get a prediction."""
