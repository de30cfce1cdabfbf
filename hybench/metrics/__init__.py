"""Retrieval metrics, ranks and language bias."""
