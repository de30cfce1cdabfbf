"""The embedded data set: facts from the Unicode CLDR, asked and answered in 18 languages."""

from hybench.data.sources.atlas.source import SOURCE, Atlas

__all__ = ["SOURCE", "Atlas"]
