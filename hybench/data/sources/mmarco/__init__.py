"""mMARCO: MS MARCO passages, machine-translated into 14 languages."""

from hybench.data.sources.mmarco.source import SOURCE, Mmarco

__all__ = ["SOURCE", "Mmarco"]
