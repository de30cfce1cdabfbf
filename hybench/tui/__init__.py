"""The dashboard: a headless model of run folders, drawing from numpy, and a Textual app on both."""
