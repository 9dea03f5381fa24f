"""Reports as HTML pages: one answer, or one training run."""
