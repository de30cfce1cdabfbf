"""Curves, colours and texts as lines of styled cells; knows no app."""
