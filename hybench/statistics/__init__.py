"""Paired tests, intervals, clusters of queries, seeds and power."""
