"""The form for the training settings."""
