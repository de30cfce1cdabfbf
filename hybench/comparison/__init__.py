"""Runs beside each other: paired statistics and tables."""
