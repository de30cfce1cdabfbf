"""Planning: what a set takes from its files to its scores, before anything is run."""
