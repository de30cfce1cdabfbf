"""What ``hybench batches`` prints."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hybench.amounts import counted
from hybench.checks import within
from hybench.cli.state import console
from hybench.config import TrainConfig
from hybench.failures import visible
from hybench.sheet import Entry, Line, Sheet

_TEXT = 60


def show_batches(
    config: TrainConfig, data_dir: Path, first: int, count: int, show: int, summary: bool
) -> None:
    """Print batches, or what is in them on the whole.

    Raises:
        UsageError: a number is out of range.
    """
    from hybench.data.schema import open_datasets
    from hybench.training.corpus import read_pair_texts
    from hybench.training.learner import batch_sampler

    within("--first", first, 0, 10**9)
    within("--count", count, 1, 10**6)
    within("--show", show, 0, 10**9)
    config = config.resolved()
    datasets = open_datasets(config.data, data_dir)
    texts = read_pair_texts(datasets, config)
    sampler = batch_sampler(config, texts)
    chosen = [sampler.batch(number) for number in range(first, first + count)]
    if not summary:
        for batch in chosen:
            table = texts.tables[batch.table]
            query_rows, passage_rows = texts.batch_rows(batch)
            lines = tuple(
                Line(
                    (
                        Entry(table.pair_ids[batch.pairs[row]]),
                        Entry(table.languages[batch.query_languages[row]]),
                        Entry(_short(texts.texts["query"][query_rows[row]])),
                        Entry(table.languages[batch.passage_languages[row]]),
                        Entry(_short(texts.texts["passage"][passage_rows[row]])),
                    )
                )
                for row in range(min(show, len(batch)))
            )
            size = counted(len(batch), "pairs")
            title = f"batch {batch.number} · {batch.kind} · {table.name} · {size}"
            console.show(Sheet(title, ("pair", "X", "query", "Y", "passage"), 5, lines))
        return
    kinds: Counter[str] = Counter()
    queries: Counter[str] = Counter()
    passages: Counter[str] = Counter()
    sets: Counter[str] = Counter()
    for batch in chosen:
        table = texts.tables[batch.table]
        kinds[batch.kind] += 1
        sets[table.name] += 1
        queries.update(table.languages[code] for code in batch.query_languages)
        passages.update(table.languages[code] for code in batch.passage_languages)
    total = sum(queries.values())
    lines = tuple(
        Line(
            (
                Entry(code),
                Entry(f"{queries[code]:,}"),
                Entry(f"{queries[code] / total:.1%}"),
                Entry(f"{passages[code]:,}"),
                Entry(f"{passages[code] / total:.1%}"),
            )
        )
        for code in sorted(queries | passages)
    )
    told = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    drawn = ", ".join(f"{number} from {name}" for name, number in sorted(sets.items()))
    title = f"batches {first} to {first + count - 1}: {told}; {drawn}; {counted(total, 'pairs')}"
    console.show(Sheet(title, ("lang", "queries", "share", "passages", "share"), 1, lines))


def _short(text: str) -> str:
    text = visible(" ".join(text.split()))
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
