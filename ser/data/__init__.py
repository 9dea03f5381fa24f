"""Data sets: RAVDESS, its feature table and download, archives, labelled clips and evaluation splits."""
