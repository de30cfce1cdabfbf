"""Your own data, as JSON lines."""

from hybench.data.sources.jsonl.source import SOURCE, Jsonl

__all__ = ["SOURCE", "Jsonl"]
