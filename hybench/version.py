"""The version, for what hybench writes down of itself."""

__version__ = "0.1.0"
