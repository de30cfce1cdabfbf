"""Published numbers, and whether hybench measures the same."""
