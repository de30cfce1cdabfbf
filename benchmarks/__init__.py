"""Benchmarks of hybench against its peers: one command per question, ratios within one run."""
