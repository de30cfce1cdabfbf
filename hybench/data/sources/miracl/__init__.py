"""MIRACL: Wikipedia passages and judged queries in 18 languages."""

from hybench.data.sources.miracl.source import SOURCE, Miracl

__all__ = ["SOURCE", "Miracl"]
