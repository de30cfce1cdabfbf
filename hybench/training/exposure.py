"""The exposure of a student: what its training has shown, counted batch by batch.

A config sets steps and a batch size; how many pairs these show, how often, and in which languages
also depends on the data. Two arms with the same config fields can see very different things: a
language with few pairs makes small monolingual batches, and is rare in cross-lingual ones.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hybench.sampling import Batch, BatchKind, BatchSampler
from hybench.sampling.streams import Stream


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


@dataclass(frozen=True)
class StreamExposure:
    """How often batches have shown each pair of a stream.

    Attributes:
        set: the data set's name.
        kind: of the stream's batches.
        language: of monolingual batches; else empty.
        pairs: that may be in them.
        batches: of the stream.
        fill: pairs in a batch over the batch size, mean.
        epochs: examples over pairs: how often each was shown on average.
        least: how often the pair was shown that was shown least.
        median: likewise, of the pair in the middle.
        most: likewise.
    """

    set: str
    kind: BatchKind
    language: str
    pairs: int
    batches: int
    fill: float
    epochs: float
    least: int
    median: float
    most: int

    @property
    def uneven(self) -> float:
        """The largest difference from the mean, as a share of it; 0 if all were shown alike."""
        return max(self.most - self.epochs, self.epochs - self.least) / self.epochs


def stream_of(batch: Batch) -> Stream:
    """The stream that a batch comes from."""
    language = int(batch.query_languages[0]) if batch.kind == "mono" else -1
    return Stream(batch.kind, batch.table, language)


def stream_exposures(sampler: BatchSampler, batches: Sequence[Batch]) -> list[StreamExposure]:
    """The exposure of each stream that some batches come from, in the sampler's order."""
    drawn: dict[Stream, list[Batch]] = {}
    for batch in batches:
        drawn.setdefault(stream_of(batch), []).append(batch)
    found = []
    for stream, members in sampler.streams.items():
        if stream not in drawn:
            continue
        table, own = sampler.tables[stream.table], drawn[stream]
        shown = np.bincount(
            np.concatenate([batch.pairs for batch in own]), minlength=len(table.pair_ids)
        )[members.pairs]
        found.append(
            StreamExposure(
                set=table.name,
                kind=stream.kind,
                language=table.languages[stream.language] if stream.kind == "mono" else "",
                pairs=len(shown),
                batches=len(own),
                fill=float(shown.sum()) / (len(own) * sampler.batch_size),
                epochs=float(shown.mean()),
                least=int(shown.min()),
                median=float(np.median(shown)),
                most=int(shown.max()),
            )
        )
    return found


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
