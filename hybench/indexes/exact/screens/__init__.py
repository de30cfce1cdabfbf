"""Screens: approximate products of all pairs, each with a bound of how far it is from the score."""
