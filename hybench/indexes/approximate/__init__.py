"""Approximate search."""
