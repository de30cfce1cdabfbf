"""Your own data, as JSON lines."""
