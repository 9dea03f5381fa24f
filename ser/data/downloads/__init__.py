"""Downloads of published data sets, which go on where they were interrupted."""
