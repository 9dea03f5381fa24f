"""Labels and speakers of the clips in an archive, from file names, folders or tables."""
