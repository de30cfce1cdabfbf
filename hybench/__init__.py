"""hybench: an honest bench for ways of training multilingual retrievers."""

__version__ = "0.1.0"
