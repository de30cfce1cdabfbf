"""What ``hybench batches`` prints."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.api.starting import with_start
from hybench.cli.batch_summary import summary_sheets, why_smaller
from hybench.cli.state import console
from hybench.config.train import TrainConfig
from hybench.values.checks import within
from hybench.wording.amounts import counted
from hybench.wording.commands import RUNS_DIR
from hybench.wording.error_messages import visible
from hybench.wording.text_table import Entry, Line, Sheet

if TYPE_CHECKING:
    from hybench.encoders.prompts import TextKind
    from hybench.sampling import Batch, BatchSampler
    from hybench.training.corpus import PairTexts
    from hybench.training.lists.model import QueryLists

_TEXT = 60


def show_batches(
    config: TrainConfig, data_dir: Path, first: int, count: int, show: int, summary: bool
) -> None:
    """Print batches, or a summary of them.

    Raises:
        UsageError: a number is out of range.
    """
    from hybench.data.weighted import open_training_sets
    from hybench.training.batches import batch_sampler
    from hybench.training.corpus import read_pair_texts
    from hybench.training.lists.reading import read_lists

    within("--first", first, 0, 10**9)
    within("--count", count, 1, 10**6)
    within("--show", show, 0, 10**9)
    config = with_start(config, RUNS_DIR).resolved()
    datasets = open_training_sets(config.data, data_dir)
    texts = read_pair_texts(datasets, config)
    read = read_lists(config, datasets, data_dir, texts)
    lists = None
    if read is not None:
        texts, lists = read.texts, read.lists
    sampler = batch_sampler(config, texts)
    batches = [sampler.batch(number) for number in range(first, first + count)]
    if config.schedule_of_alpha.kind == "dev":
        console.talk(f"Shown with --alpha {config.alpha:g}: in training, dev scores decide it.")
    if summary:
        console.show(*summary_sheets(sampler, batches))
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
    return Sheet(title, header, len(header), lines, notes=why_smaller(sampler, batch))


def _short(text: str) -> str:
    text = visible(" ".join(text.split()))
    return text if len(text) <= _TEXT else text[: _TEXT - 1] + "…"
