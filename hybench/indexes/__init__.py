"""Vectors on disk, exact search over them, and usearch graphs of them."""
