"""Merges of weights, one file per way."""
