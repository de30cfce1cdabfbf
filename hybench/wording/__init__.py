"""Text for people: counts, commands, error messages and tables."""
