"""Methods: maps of vectors, one file per method."""
