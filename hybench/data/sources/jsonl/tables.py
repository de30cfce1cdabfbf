"""Read the tables of JSON lines, line by line; faults are collected, not raised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.lines import Problems, check_id, id_of, parse_object, read_lines, string_of
from hybench.data.numbers import read_relevance
from hybench.data.schema import SPLITS, TABLES
from hybench.data.sources.jsonl.layout import CORPUS_LANG, HEADER, split_columns
from hybench.values.languages import read_language

ROWS = 50_000
"""Rows per frame."""


def _records(path: Path, problems: Problems) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the objects of a file with their line numbers; blank lines are ignored."""
    for number, line in read_lines(path):
        if not line.strip():
            continue
        try:
            record = parse_object(line)
        except ValueError as error:
            problems.add(path, number, str(error))
        else:
            yield number, record


def _note_id(ids: dict[str, int], value: str, number: int) -> str:
    """Record the line of an id.

    Raises:
        ValueError: an earlier line has it.
    """
    first = ids.setdefault(value, number)
    if first != number:
        raise ValueError(f"'_id' {value!r} is also in line {first}")
    return value


@dataclass
class Corpus:
    """The passages of one language.

    Attributes:
        path: the file.
        judged: ids to look for; those that exist are in `found`.
        problems: collects faults.
        repeated: ids that several lines have; the first of these counts, the others are faults.
        seen: those of `judged` that any line has, and `found` those of sound lines; both complete
            once `frames` is exhausted.
    """

    path: Path
    judged: frozenset[str]
    problems: Problems
    repeated: frozenset[str] = frozenset()
    seen: set[str] = field(default_factory=set)
    found: set[str] = field(default_factory=set)

    def frames(self, progress: ProgressCallback) -> Iterator[pl.DataFrame]:
        """Yield the passages in frames of `ROWS`."""
        rows: list[tuple[str, str, str, str]] = []
        ids: dict[str, int] = {}
        done = 0
        for number, record in _records(self.path, self.problems):
            try:
                row = self._row(record)
                if row[0] in self.repeated:
                    _note_id(ids, row[0], number)
                rows.append(row)
            except ValueError as error:
                self.problems.add(self.path, number, str(error))
            if len(rows) == ROWS:
                done += ROWS
                progress(Progress(f"read {self.path.name}", done, None, "passages"))
                yield pl.DataFrame(rows, TABLES["passages"], orient="row")
                rows = []
        yield pl.DataFrame(rows, TABLES["passages"], orient="row")

    def _row(self, record: dict[str, Any]) -> tuple[str, str, str, str]:
        passage_id = id_of(record, "_id")
        judged = self.judged & {passage_id}
        self.seen |= judged
        title, text = string_of(record, "title", ""), string_of(record, "text")
        if not (title.strip() or text.strip()):
            raise ValueError("title and text are empty")
        source_id = id_of(record, "source_id", passage_id)
        self.found |= judged
        return passage_id, title, text, source_id


@dataclass(frozen=True)
class Ids:
    """The ids in a file: `seen` in any line, and `found` in a sound one."""

    seen: set[str]
    found: set[str]


def read_queries(
    path: Path, language: str, judged: dict[str, str] | None, problems: Problems
) -> tuple[Ids, pl.DataFrame]:
    """Read the queries of one language.

    Args:
        path: the file.
        language: its language.
        judged: split by query id if the judgements decide it; other queries are omitted.
        problems: collects faults.

    Returns:
        The ids, including those of omitted queries, and the table.
    """
    ids: dict[str, int] = {}
    sound: set[str] = set()
    rows = []
    for number, record in _records(path, problems):
        try:
            query_id = _note_id(ids, id_of(record, "_id"), number)
            text = _text_of(record, "text")
            split = _split_of(record) if judged is None else judged.get(query_id)
            source_id = id_of(record, "source_id", f"q:{language}:{query_id}")
        except ValueError as error:
            problems.add(path, number, str(error))
            continue
        sound.add(query_id)
        if split is not None:
            rows.append((query_id, text, source_id, split))
    return Ids(set(ids), sound), pl.DataFrame(rows, TABLES["queries"], orient="row")


def _text_of(record: dict[str, Any], key: str) -> str:
    text = string_of(record, key)
    if not text.strip():
        raise ValueError(f"{key!r} is empty")
    return text


def _split_of(record: dict[str, Any]) -> str:
    split = string_of(record, "split", "test")
    if split not in SPLITS:
        raise ValueError(f"'split' is {split!r}, not {' '.join(SPLITS)}")
    return split


@dataclass(frozen=True, slots=True)
class Judgement:
    """A line of qrels: `split` is that of its file in BEIR's layout, else empty."""

    line: int
    language: str
    split: str
    query_id: str
    passage_lang: str
    passage_id: str
    relevance: int

    @staticmethod
    def frame(rows: list[Judgement]) -> pl.DataFrame:
        """The rows as a table."""
        columns = TABLES["qrels"]
        values = [tuple(getattr(row, name) for name in columns) for row in rows]
        return pl.DataFrame(values, columns, orient="row")


def read_qrels(path: Path, language: str, split: str, problems: Problems) -> list[Judgement]:
    """Read the judgements of one language's queries, in BEIR's or TREC's columns."""
    rows: list[Judgement] = []
    lines: dict[tuple[str, str, str], int] = {}
    header: list[str] | None = None
    for number, line in read_lines(path):
        columns = split_columns(line)
        if number == 1 and tuple(columns[:3]) == HEADER:
            header = columns
        elif line.strip():
            try:
                query_id, passage_lang, passage_id, relevance = _judgement(columns, header)
            except ValueError as error:
                problems.add(path, number, str(error))
                continue
            key = query_id, passage_lang or language, passage_id
            if lines.setdefault(key, number) != number:
                problems.add(path, number, f"judges the same passage as line {lines[key]}")
                continue
            rows.append(Judgement(number, language, split, *key, relevance))
    return rows


def _judgement(columns: list[str], header: list[str] | None) -> tuple[str, str, str, int]:
    """Query, language of the passage ("" for the query's), passage, and relevance of a line."""
    if header is None and len(columns) == 4:
        query_id, _, passage_id, relevance = columns
        passage_lang = ""
    elif header is not None and len(columns) == len(header):
        query_id, passage_id, relevance, passage_lang = [*columns, ""][:4]
        if len(header) == 4:
            passage_lang = _language(passage_lang, CORPUS_LANG)
    else:
        expected = " ".join(header or ("query", "0", "passage", "relevance"))
        raise ValueError(f"has {len(columns)} columns, not {expected}")
    return (
        check_id(query_id, "query-id"),
        passage_lang,
        check_id(passage_id, "corpus-id"),
        read_relevance(relevance),
    )


def read_pairs(
    path: Path, languages: set[str] | None, problems: Problems
) -> dict[str, list[pl.DataFrame]]:
    """Read the training pairs, by language; None for all languages."""
    ids: dict[str, int] = {}
    rows: dict[str, list[tuple[str, str, str, str, str]]] = {}
    frames: dict[str, list[pl.DataFrame]] = {}

    def flush(language: str) -> None:
        frame = pl.DataFrame(rows[language], TABLES["pairs"], orient="row")
        frames.setdefault(language, []).append(frame)
        rows[language] = []

    for number, record in _records(path, problems):
        try:
            pair_id = _note_id(ids, id_of(record, "_id"), number)
            query_source = id_of(record, "query_source_id", f"q:{pair_id}")
            source = id_of(record, "source_id", f"p:{pair_id}")
            queries, passages = _parallel_texts(record)
        except ValueError as error:
            problems.add(path, number, str(error))
            continue
        for language, query in queries.items():
            if languages is None or language in languages:
                own = rows.setdefault(language, [])
                own.append((pair_id, query_source, source, query, passages[language]))
                if len(own) == ROWS:
                    flush(language)
    for language in rows:
        flush(language)
    return dict(sorted(frames.items()))


def _parallel_texts(record: dict[str, Any]) -> tuple[dict[str, str], dict[str, str]]:
    """The query and the passage of a pair by language."""
    queries, passages = _texts(record, "query"), _texts(record, "passage")
    if queries.keys() != passages.keys():
        raise ValueError("'query' and 'passage' are not in the same languages")
    return queries, passages


def _texts(record: dict[str, Any], key: str) -> dict[str, str]:
    texts = record.get(key)
    if not isinstance(texts, dict) or not texts:
        raise ValueError(f"{key!r} is not an object of texts by language")
    by_language: dict[str, str] = {}
    for written in texts:
        language = _language(written, key)
        if language in by_language:
            raise ValueError(f"{key!r} has two texts in {language}")
        by_language[language] = _text_of(texts, written)
    return by_language


def _language(written: str, key: str) -> str:
    try:
        return read_language(written)
    except ValueError as error:
        raise ValueError(f"in {key!r}, {error}") from error
