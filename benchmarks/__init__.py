"""hybench beside its peers: one command per question, ratios taken in one run."""
