"""A row's scores by source query, the unit of chance.

Translations of one query are not independent queries: an arm that is lucky with one in Finnish is
likely lucky with it in Swahili. So a row that averages languages is a sum over *sources*: each
brings what its queries add to the mean of the languages' means, in all of its languages and
directions together. In a set without parallel queries every query is a source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from hybench.statistics.pairing import FloatArray, Paired

IntArray = npt.NDArray[np.int64]

_STRATUM = 5
"""Least number of sources in the same languages that form a stratum; smaller ones are merged."""

ROUNDING = 1e-12
"""Values nearer to 0 than this, relative to the largest contribution of a score, are 0."""


@dataclass(frozen=True)
class Moments:
    """Moments of a sum over N sources, estimated from their spread.

    Attributes:
        variance: of the sum.
        third: its third central moment.
        freedom: degrees of freedom of `variance` (Satterthwaite over the strata).
        spread: variance of a source's own value, as if all weighed the same.
    """

    variance: float
    third: float
    freedom: float
    spread: float


@dataclass(frozen=True)
class Strata:
    """Sources that are in the same languages, and so weigh alike.

    Attributes:
        codes: int64 [N], the stratum of each source.
        sizes: f64 [strata], sources in each, at least 2 unless there is only one source.
        weights: f64 [N], what a difference of 1 in all queries of a source adds to the row's.
        left: f64 [N], the share of a source's variance that remains in its contribution after
            centring: 1 - 1/n in a language of n sources.
    """

    codes: IntArray
    sizes: FloatArray
    weights: FloatArray
    left: FloatArray

    def moments(self, contributions: FloatArray) -> Moments | None:
        """Moments of a sum over independent sources.

        Args:
            contributions: f64 [N], centred: language by language they add up to 0.

        Returns:
            None for a single source.
        """
        if len(contributions) < 2:
            return None
        # A source that is a language's only one has no variance left, and carries no information.
        known = self.left > ROUNDING
        squares = np.divide(contributions**2, self.left, where=known, out=np.zeros(len(known)))
        by_stratum = np.bincount(self.codes, squares, len(self.sizes))
        freedoms = np.bincount(self.codes, self.left, len(self.sizes))
        variance = float(by_stratum.sum())
        inside = by_stratum > 0
        freedom = max(1.0, float(freedoms.sum()))
        if variance > 0:
            parts = (by_stratum[inside] / variance) ** 2 / freedoms[inside]
            freedom = float(1 / parts.sum())
        shares = np.bincount(self.codes, self.weights, len(self.sizes))
        spread = float(np.sum(by_stratum * self.sizes / shares))
        count = len(contributions)
        third = float(np.sum(contributions**3)) * count / max(1, count - 1)
        return Moments(variance, third, freedom, spread)

    @property
    def units(self) -> float:
        """Number of sources of the largest weight that would make up the row: at most N."""
        return float(1 / self.weights.max())


@dataclass(frozen=True)
class RowScores:
    """The scores of a row's arms, source by source.

    Attributes:
        arms: positions of the arms, ascending.
        sources: int64 [N], the sources' codes, ascending.
        parts: f64 [N, arms], what each source adds to an arm's mean over languages.
        runs: by arm, f64 [N, runs]: the same for each run, minus its languages' means.
        means: by arm, f64 [runs], each run's mean over languages.
        strata: of the sources.
    """

    arms: tuple[int, ...]
    sources: IntArray
    parts: FloatArray
    runs: tuple[FloatArray, ...]
    means: tuple[FloatArray, ...]
    strata: Strata

    @cached_property
    def centred(self) -> FloatArray:
        """f64 [N, arms], the mean over each arm's `runs`."""
        return np.column_stack([of_arm.mean(axis=1) for of_arm in self.runs])

    def differences(self, arm: int, other: int | None = None) -> FloatArray:
        """f64 [N], what each source adds to an arm's mean minus another's; see `parts`.

        Args:
            arm: position among `arms`.
            other: likewise; None for the arm's own scores.
        """
        return self._rounded(self.parts[:, arm] - (0 if other is None else self.parts[:, other]))

    def moments(self, arm: int, other: int | None = None) -> Moments | None:
        """Moments of an arm's mean minus another's, from chance in the sources alone."""
        own = self.centred[:, arm] - (0 if other is None else self.centred[:, other])
        return self.strata.moments(self._rounded(own))

    def _rounded(self, contributions: FloatArray) -> FloatArray:
        """Set rounding errors of equal numbers to 0: they would look like a spread."""
        scale = np.abs(self.parts).max() if len(self.parts) else 0.0
        return np.where(np.abs(contributions) <= ROUNDING * scale, 0.0, contributions)


def row_scores(languages: Sequence[Paired]) -> RowScores:
    """The scores of a row.

    Args:
        languages: of the row, which all have the same arms; at least one.
    """
    arms = languages[0].arms
    sources, places = _places(languages)
    stacked = [np.hstack([each.values, *each.runs]) for each in languages]
    means = np.mean([scores.mean(axis=0) for scores in stacked], axis=0)
    parts = np.zeros((len(sources), len(arms)))
    centred = np.zeros((len(sources), stacked[0].shape[1] - len(arms)))
    weights, shares = np.zeros((2, len(sources)))
    for scores, place in zip(stacked, places, strict=True):
        scale = 1 / (len(languages) * len(scores))
        own = scores[:, len(arms) :]
        _add(parts, place, scores[:, : len(arms)] * scale)
        _add(centred, place, (own - own.mean(axis=0)) * scale)
        counts = np.bincount(place, minlength=len(sources))
        weights += counts * scale
        shares += counts * scale * counts / len(scores)
    ends = np.cumsum([of_arm.shape[1] for of_arm in languages[0].runs])[:-1]
    return RowScores(
        arms,
        sources,
        parts,
        tuple(np.split(centred, ends, axis=1)),
        tuple(np.split(means[len(arms) :], ends)),
        _strata(places, weights, 1 - shares / weights),
    )


def _places(languages: Sequence[Paired]) -> tuple[IntArray, list[IntArray]]:
    """All sources of the languages, and the positions of each language's queries among them."""
    sources, place = np.unique(
        np.concatenate([each.sources for each in languages]), return_inverse=True
    )
    ends = np.cumsum([len(each.sources) for each in languages])[:-1]
    return sources, list(np.split(place.astype(np.int64), ends))


def _add(total: FloatArray, place: IntArray, rows: FloatArray) -> None:
    """total[place] += rows, also for repeated places."""
    if len(np.unique(place)) == len(place):
        total[place] += rows
        return
    for column in range(total.shape[1]):
        total[:, column] += np.bincount(place, rows[:, column], len(total))


def _strata(places: Sequence[IntArray], weights: FloatArray, left: FloatArray) -> Strata:
    count = len(weights)
    member = np.zeros((count, len(places)), dtype=np.uint8)
    for language, place in enumerate(places):
        member[place, language] = 1
    codes = np.zeros(count, dtype=np.int64)
    if len(places) > 1:
        packed = np.packbits(member, axis=1)
        _, codes, sizes = np.unique(packed, axis=0, return_inverse=True, return_counts=True)
        codes = codes.reshape(-1).astype(np.int64)
        if (sizes < _STRATUM).any():
            largest = int(np.argmax(sizes))
            few = np.flatnonzero(sizes < _STRATUM)
            rest = int(few[0]) if sizes[few].sum() >= _STRATUM else largest
            codes = np.where(np.isin(codes, few), rest, codes)
            _, codes = np.unique(codes, return_inverse=True)
    return Strata(codes.astype(np.int64), np.bincount(codes).astype(np.float64), weights, left)
