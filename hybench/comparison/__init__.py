"""Comparisons of runs: paired statistics and tables."""
