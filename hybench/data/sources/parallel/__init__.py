"""Parallel sentences of your own or of the hub, in the layouts in use."""

from hybench.data.sources.parallel.source import SOURCE, Parallel

__all__ = ["SOURCE", "Parallel"]
