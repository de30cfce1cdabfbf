"""Your own data, as JSON lines."""

from hybench.data.sources.jsonl.source import Jsonl, source

__all__ = ["Jsonl", "source"]
