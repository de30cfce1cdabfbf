"""Vectors from elsewhere and to elsewhere, with their ids."""
