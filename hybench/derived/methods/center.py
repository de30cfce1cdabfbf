"""Centring: every language's mean becomes zero."""

from __future__ import annotations

from hybench.derived import Affine, Maps, Method
from hybench.derived.options import Settings
from hybench.derived.statistics import Statistics


def center(statistics: Statistics, settings: Settings) -> Maps:  # noqa: ARG001
    """``x - m_l``: less the mean vector of the text's own language (Libovický et al. 2020, arXiv
    2004.05160), of queries and passages.
    """
    return Maps({language: Affine(-statistics.mean(language)) for language in statistics.languages})


METHOD = Method("less the mean vector of the text's language.", center)
