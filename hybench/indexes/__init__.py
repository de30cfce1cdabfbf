"""Vectors on disk, exact search over them, and usearch graphs beside them."""
