"""Retrieval sets of the Hugging Face hub, as MTEB lays them out."""

from hybench.data.sources.hub.source import SOURCE, Hub

__all__ = ["SOURCE", "Hub"]
