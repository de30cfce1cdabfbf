"""What ``hybench batches`` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.cli.state import console
from hybench.config.train import TrainConfig
from hybench.values.checks import within
from hybench.wording.amounts import counted
from hybench.wording.error_messages import visible
from hybench.wording.text_table import Entry, Line, Sheet

if TYPE_CHECKING:
    from hybench.encoders.prompts import TextKind
    from hybench.sampling import Batch, BatchSampler
    from hybench.training.corpus import PairTexts
    from hybench.training.lists.model import QueryLists

_TEXT = 60
_REASONS = 3
"""At most so many reasons for smaller batches are shown."""


def show_batches(
    config: TrainConfig, data_dir: Path, first: int, count: int, show: int, summary: bool
) -> None:
    """Print batches, or a summary of them.

    Raises:
        UsageError: a number is out of range.
    """
    from hybench.data.dataset import open_datasets
    from hybench.training.corpus import read_pair_texts
    from hybench.training.learner import batch_sampler
    from hybench.training.lists.reading import read_lists

    within("--first", first, 0, 10**9)
    within("--count", count, 1, 10**6)
    within("--show", show, 0, 10**9)
    config = config.resolved()
    datasets = open_datasets(config.data, data_dir)
    texts = read_pair_texts(datasets, config)
    read = read_lists(config, datasets, data_dir, texts)
    lists = None
    if read is not None:
        texts, lists = read.texts, read.lists
    sampler = batch_sampler(config, texts)
    batches = [sampler.batch(number) for number in range(first, first + count)]
    if summary:
        console.show(_summary(texts, sampler, batches))
    else:
        taught = config.has_teacher and config.teacher_reads != "own"
        console.show(
            *(_batch_sheet(texts, sampler, batch, show, taught, lists) for batch in batches)
        )


def _batch_sheet(
    texts: PairTexts,
    sampler: BatchSampler,
    batch: Batch,
    show: int,
    taught: bool,
    lists: QueryLists | None,
) -> Sheet:
    """The first pairs of a batch, as the student and an English teacher read them, each with the
    first of its hard negatives.
    """
    table = texts.tables[batch.table]
    queries, passages = texts.batch_rows(batch)
    columns: list[tuple[str, Sequence[str]]] = [
        ("pair", [table.pair_ids[pair] for pair in batch.pairs[:show]]),
        ("X", [table.languages[code] for code in batch.query_languages[:show]]),
        ("query", [_short(texts.texts["query"][row]) for row in queries[:show]]),
        ("Y", [table.languages[code] for code in batch.passage_languages[:show]]),
        ("passage", [_short(texts.texts["passage"][row]) for row in passages[:show]]),
    ]
    if taught:
        rows = texts.taught_rows(batch, own=False)[0][:show]
        kinds: tuple[TextKind, ...] = ("query", "passage")
        columns += [
            (f"teacher's {kind}", [_short(texts.texts[kind][row]) for row in rows])
            for kind in kinds
        ]
    drawn = None if lists is None else lists.draw(batch, sampler.seed)
    if lists is not None and drawn is not None:
        own = drawn.columns[:show, 0]
        first = [lists.texts[drawn.texts[column]] if column >= 0 else "" for column in own]
        columns.append(("negative", list(map(_short, first))))
    lines = tuple(
        Line(tuple(map(Entry, row))) for row in zip(*(of for _, of in columns), strict=True)
    )
    size = counted(len(batch), "pairs")
    title = f"batch {batch.number} · {batch.kind} · {table.name} · {size}"
    header = tuple(name for name, _ in columns)
    return Sheet(title, header, len(header), lines, notes=_why_smaller(texts, sampler, batch))


def _why_smaller(texts: PairTexts, sampler: BatchSampler, batch: Batch) -> tuple[str, ...]:
    if len(batch) >= sampler.batch_size:
        return ()
    table = texts.tables[batch.table]
    if batch.kind == "mono":
        language = batch.query_languages[0]
        where, suits = f" in {table.languages[language]}", table.present[:, language]
    else:
        least = 1 if batch.kind == "mixed" and sampler.alpha > 0 else 2
        where, suits = "", table.present.sum(axis=1) >= least
    pairs, groups = int(suits.sum()), len(set(table.groups[suits].tolist()))
    shared = (
        ", and pairs that share a query or a passage, directly or through other pairs, are never "
        f"in one batch: {groups:,} at most"
    )
    why = (
        f"{counted(len(batch), 'pairs')} instead of {sampler.batch_size:,}: {table.name} has "
        f"{counted(pairs, 'pairs')}{where} for {batch.kind} batches"
    )
    return (why + (shared if groups < pairs else "") + ".",)


def _summary(texts: PairTexts, sampler: BatchSampler, batches: Sequence[Batch]) -> Sheet:
    """Kinds, sets and languages of batches, counted."""
    kinds: Counter[str] = Counter()
    queries: Counter[str] = Counter()
    passages: Counter[str] = Counter()
    sets: Counter[str] = Counter()
    for batch in batches:
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
    of_kinds = ", ".join(f"{number} {kind}" for kind, number in sorted(kinds.items()))
    of_sets = ", ".join(f"{number} from {name}" for name, number in sorted(sets.items()))
    span = f"batches {batches[0].number} to {batches[-1].number}"
    title = f"{span}: {of_kinds}; {of_sets}; {counted(total, 'pairs')}"
    small = [batch for batch in batches if len(batch) < sampler.batch_size]
    less = f"{counted(len(small), 'batches')} smaller than {sampler.batch_size:,} pairs."
    notes = [less] if small else []
    reasons = dict.fromkeys(note for batch in small for note in _why_smaller(texts, sampler, batch))
    header = ("lang", "queries", "share", "passages", "share")
    return Sheet(title, header, 1, lines, notes=(*notes, *list(reasons)[:_REASONS]))


def _short(text: str) -> str:
    text = visible(" ".join(text.split()))
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
