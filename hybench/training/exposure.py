"""The exposure of a student: what its training has shown, counted batch by batch.

A config sets steps and a batch size; how many pairs these show, how often, and in which languages
also depends on the data. Two arms with the same config fields can see very different things: a
language with few pairs makes small monolingual batches, and is rare in cross-lingual ones.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hybench.sampling import Batch, BatchSampler


@dataclass(frozen=True)
class Exposure:
    """What batches have shown.

    Attributes:
        examples: pairs of a query and a passage, repeats counted.
        pairs: distinct pairs among them, whatever their languages.
        negatives: other passages that a query was set against in its batch, hard negatives
            included, mean over the examples.
        languages: share of the examples by language, sorted by code; an example whose query and
            passage are in two languages counts half for each.
    """

    examples: int
    pairs: int
    negatives: float
    languages: dict[str, float]

    def to_event(self) -> dict[str, object]:
        """The values for an event, shares to six digits."""
        shares = {language: round(share, 6) for language, share in self.languages.items()}
        return {
            "examples": self.examples,
            "pairs": self.pairs,
            "negatives": round(self.negatives, 3),
            "languages": shares,
        }


def in_batch(batch: Batch) -> int:
    """Pairs of a query and another passage of its batch."""
    return len(batch) * (len(batch) - 1)


class ExposureCounter:
    """Counts batches as they are shown.

    Args:
        sampler: makes the batches.
        against: pairs of a query and another passage that it is set against, of a batch.
    """

    def __init__(self, sampler: BatchSampler, against: Callable[[Batch], int] = in_batch) -> None:
        self._against = against
        self._tables = sampler.tables
        self._seen = [np.zeros(len(table.pair_ids), dtype=np.bool_) for table in self._tables]
        self._sides = [np.zeros(len(table.languages), dtype=np.int64) for table in self._tables]
        self._examples = 0
        self._negatives = 0

    def add(self, batch: Batch) -> None:
        """Count one batch."""
        size = len(batch)
        self._examples += size
        self._negatives += self._against(batch)
        self._seen[batch.table][batch.pairs] = True
        sides = self._sides[batch.table]
        for languages in (batch.query_languages, batch.passage_languages):
            sides += np.bincount(languages, minlength=len(sides))

    @property
    def exposure(self) -> Exposure:
        """The counts so far."""
        sides: dict[str, int] = {}
        for table, counts in zip(self._tables, self._sides, strict=True):
            for language, count in zip(table.languages, counts.tolist(), strict=True):
                sides[language] = sides.get(language, 0) + count
        shown = max(1, self._examples)
        return Exposure(
            examples=self._examples,
            pairs=sum(int(seen.sum()) for seen in self._seen),
            negatives=self._negatives / shown,
            languages={code: count / (2 * shown) for code, count in sorted(sides.items())},
        )


def exposure(
    sampler: BatchSampler, batches: int, against: Callable[[Batch], int] = in_batch
) -> Exposure:
    """The exposure of the first `batches` batches of a training.

    They are drawn again, as each is a pure function of the seed and its number: a resumed training
    counts the same as an uninterrupted one.
    """
    counted = ExposureCounter(sampler, against)
    for number in range(batches):
        counted.add(sampler.batch(number))
    return counted.exposure


def steps_to_show(sampler: BatchSampler, examples: int, accumulation: int) -> int:
    """The fewest steps whose batches have at least `examples` examples.

    Args:
        sampler: makes the batches.
        examples: at least 1.
        accumulation: batches in a step.
    """
    steps = shown = 0
    while shown < examples:
        first = steps * accumulation
        shown += sum(len(sampler.batch(first + part)) for part in range(accumulation))
        steps += 1
    return steps
