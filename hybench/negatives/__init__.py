"""Hard negatives: their folders, and which passages answer which query."""
