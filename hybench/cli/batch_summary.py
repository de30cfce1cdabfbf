"""What ``hybench batches --summary`` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from hybench.wording.amounts import counted
from hybench.wording.text_table import Entry, Line, Sheet

if TYPE_CHECKING:
    from hybench.sampling import Batch, BatchSampler

_REASONS = 3
"""At most so many reasons for smaller batches are shown."""


def summary_sheets(sampler: BatchSampler, batches: Sequence[Batch]) -> tuple[Sheet, ...]:
    """Batches counted: languages, pairs of languages, and how often each pair was shown."""
    mixed = [batch for batch in batches if batch.kind != "mono"]
    of_pairs = (_language_pairs(sampler, mixed),) if mixed else ()
    return (_languages(sampler, batches), *of_pairs, _exposures(sampler, batches))


def _languages(sampler: BatchSampler, batches: Sequence[Batch]) -> Sheet:
    """Kinds, sets and languages of batches."""
    kinds: Counter[str] = Counter()
    queries: Counter[str] = Counter()
    passages: Counter[str] = Counter()
    sets: Counter[str] = Counter()
    for batch in batches:
        table = sampler.tables[batch.table]
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
    reasons = dict.fromkeys(note for batch in small for note in why_smaller(sampler, batch))
    header = ("lang", "queries", "share", "passages", "share")
    return Sheet(title, header, 1, lines, notes=(*notes, *list(reasons)[:_REASONS]))


def _language_pairs(sampler: BatchSampler, batches: Sequence[Batch]) -> Sheet:
    """Shares of the ordered pairs of languages in batches of several, in percent."""
    counts: Counter[tuple[str, str]] = Counter()
    for batch in batches:
        codes = sampler.tables[batch.table].languages
        for query, passage in zip(batch.query_languages, batch.passage_languages, strict=True):
            counts[codes[query], codes[passage]] += 1
    total = counts.total()
    languages = sorted({code for both in counts for code in both})
    lines = tuple(
        Line((Entry(query), *(Entry(_share(counts[query, each], total)) for each in languages)))
        for query in languages
    )
    title = "languages of queries (rows) and passages (columns), % of the pairs in such batches"
    return Sheet(title, ("lang", *languages), 1, lines)


def _share(count: int, total: int) -> str:
    return f"{100 * count / total:.1f}" if count else "—"


def _exposures(sampler: BatchSampler, batches: Sequence[Batch]) -> Sheet:
    """How often each pair was shown, by set and kind of batches."""
    from hybench.training.exposure import stream_exposures

    lines = tuple(
        Line(
            (
                Entry(each.set),
                Entry(f"{each.kind} {each.language}".strip()),
                Entry(f"{each.batches:,}"),
                Entry(f"{each.fill:.1%}"),
                Entry(f"{each.pairs:,}"),
                Entry(f"{each.least:,}"),
                Entry(f"{each.median:g}"),
                Entry(f"{each.most:,}"),
                Entry(f"{each.epochs:.2f}"),
                Entry(f"{each.uneven:.0%}"),
            )
        )
        for each in stream_exposures(sampler, batches)
    )
    header = (
        *("set", "batches of", "batches", "filled", "pairs"),
        *("least", "median", "most", "mean", "off"),
    )
    title = "how often these batches show each of the pairs that they may have"
    note = (
        "off: the largest difference from the mean, over the mean. Pairs that share a passage with "
        "more others than an epoch has batches are shown less often."
    )
    return Sheet(title, header, 2, lines, notes=(note,))


def why_smaller(sampler: BatchSampler, batch: Batch) -> tuple[str, ...]:
    """Why a batch has fewer pairs than the batch size; empty if it has as many."""
    from hybench.training.exposure import stream_of

    if len(batch) >= sampler.batch_size:
        return ()
    stream = stream_of(batch)
    table, members = sampler.tables[batch.table], sampler.streams[stream]
    where = f" in {table.languages[stream.language]}" if batch.kind == "mono" else ""
    pairs, apart = len(members.pairs), members.apart
    shared = (
        ", and pairs that share a query or a passage are never in one batch: it can have about "
        f"{apart:,}"
    )
    why = (
        f"{counted(len(batch), 'pairs')} instead of {sampler.batch_size:,}: {table.name} has "
        f"{counted(pairs, 'pairs')}{where} for {batch.kind} batches"
    )
    return (why + (shared if apart < pairs else "") + ".",)
