"""Read parallel sentences, in blocks of rows: a row has a sentence in each of some languages."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path

import polars as pl

from hybench.data.lines import Problems, fail_line, parse_object, read_lines, string_of
from hybench.data.sources.parallel.parts import IDS, TEXTS, TRANSLATION, Part
from hybench.errors import DataError, UsageError

ROWS = 20_000
"""Rows of a block."""

_QUOTED = re.compile(r'"((?:[^"]|"")*)"')
_FIX = "Fix the file, or get it again."

Row = tuple[int, Sequence[str | None]]
"""The number of a row and its sentences, one per language; None or blank where it lacks one."""


def blocks(part: Part, languages: Sequence[str], problems: Problems) -> Iterator[pl.DataFrame]:
    """Yield the rows of a part: key, document, place as in `hybench.data.bitext`, and languages.

    A row with fewer than two sentences has nulls alone, as nothing in it is parallel; a blank one
    ends a document.

    Args:
        part: the files.
        languages: of the part, at least two.
        problems: collects rows with one sentence.

    Raises:
        DataError: a file is damaged, or files are not aligned.
    """
    if part.form == "ids":
        yield _joined(part, languages, problems)
        return
    read = {"lines": _lines, "tsv": _tsv, "json": _json, "parquet": _parquet}[part.form]
    yield from _framed(part, languages, read(part, languages), problems)


def _framed(
    part: Part, languages: Sequence[str], rows: Iterable[Row], problems: Problems
) -> Iterator[pl.DataFrame]:
    """Frames of rows in order: the document is the same up to a blank row."""
    schema = _schema(languages)
    document = place = 0
    kept: list[tuple[str | int | None, ...]] = []
    for number, given in rows:
        texts = [text.strip() or None if text else None for text in given]
        there = len(texts) - texts.count(None)
        if not there:
            document, place = document + 1, 0
            continue
        if there < 2:
            _tell(part, languages, texts, number, problems)
            texts = [None] * len(texts)
        kept.append((f"{part.name}:{number}", document, place, *texts))
        place += 1
        if len(kept) == ROWS:
            yield pl.DataFrame(kept, schema, orient="row")
            kept = []
    yield pl.DataFrame(kept, schema, orient="row")


def _schema(languages: Sequence[str]) -> dict[str, type[pl.DataType]]:
    own: dict[str, type[pl.DataType]] = dict.fromkeys(languages, pl.String)
    return {"key": pl.String, "document": pl.Int64, "place": pl.Int64, **own}


def _tell(
    part: Part,
    languages: Sequence[str],
    texts: Sequence[str | None],
    number: int,
    problems: Problems,
) -> None:
    [language] = [code for code, text in zip(languages, texts, strict=True) if text is not None]
    problems.add(part.files[language], number, "has no translation")


def _lines(part: Part, languages: Sequence[str]) -> Iterator[Row]:
    read = [read_lines(part.files[language]) for language in languages]
    for number, lines in enumerate(zip_longest(*read), 1):
        if None in lines:
            counts = {code: sum(1 for _ in read_lines(part.files[code])) for code in languages}
            longest, shortest = (
                max(counts, key=counts.__getitem__),
                min(counts, key=counts.__getitem__),
            )
            raise DataError(
                f"{part.files[longest]} has {counts[longest]} lines, {part.files[shortest].name} "
                f"has {counts[shortest]}.",
                "Lines must be aligned in all languages: get the files again.",
            )
        yield number, [line[1] for line in lines if line is not None]


def _tsv(part: Part, languages: Sequence[str]) -> Iterator[Row]:
    path = part.files[languages[0]]
    columns = [part.columns[language] for language in languages]
    for number, cells, header in _tsv_rows(path, header=part.header):
        yield number, [cells[header.index(c) if isinstance(c, str) else c] for c in columns]


def _tsv_rows(path: Path, *, header: bool) -> Iterator[tuple[int, list[str], list[str]]]:
    """Number and cells of each row, and the header; cells may be quoted as in CSV under one."""
    names: list[str] = []
    for number, line in read_lines(path):
        cells = line.split("\t")
        if not names:
            names = cells
            if header:
                continue
        if len(cells) != len(names):
            fail_line(path, number, f"has {len(cells)} columns, not {len(names)}", _FIX)
        if header:
            cells = [_unquoted(cell) for cell in cells]
        yield number, cells, names


def _unquoted(cell: str) -> str:
    match = _QUOTED.fullmatch(cell)
    return match[1].replace('""', '"') if match else cell


def _json(part: Part, languages: Sequence[str]) -> Iterator[Row]:
    path = part.files[languages[0]]
    keys = [str(part.columns[language]) for language in languages]
    for number, line in read_lines(path):
        if not line.strip():
            continue
        try:
            record = parse_object(line)
            texts = record.get(TRANSLATION, record)
            if not isinstance(texts, dict):
                raise ValueError(f"{TRANSLATION!r} is not an object")  # noqa: TRY004, TRY301
            yield number, [string_of(texts, key, "") for key in keys]
        except ValueError as error:
            fail_line(path, number, str(error), _FIX)


def _parquet(part: Part, languages: Sequence[str]) -> Iterator[Row]:
    from pyarrow import ArrowException

    from hybench.files.tables import scan_table, table_chunks

    path = part.files[languages[0]]
    nested = TRANSLATION in scan_table(path).collect_schema()
    columns = [str(part.columns[language]) for language in languages]
    number = 0
    try:
        for frame in table_chunks(path, [TRANSLATION] if nested else columns, ROWS):
            rows = frame.unnest(TRANSLATION) if nested else frame
            for texts in rows.select(pl.col(columns).cast(pl.String)).iter_rows():
                number += 1
                yield number, texts
    except (OSError, ArrowException, pl.exceptions.PolarsError) as error:
        raise DataError(f"{path} cannot be read: {str(error).splitlines()[0]}.", _FIX) from error


def of_language(block: pl.DataFrame, language: str) -> pl.DataFrame:
    """The sentences of one language as `hybench.data.bitext` wants them."""
    source = pl.format("s:{}", "key")
    return block.select("key", "document", "place", source_id=source, text=pl.col(language))


def check_order(part: Part) -> None:
    """Check that the sentences of a part follow each other.

    Raises:
        UsageError: they are joined by ids that are not whole numbers.
    """
    if part.form == "ids":
        path = next(iter(part.files.values()))
        other = next((id_ for id_ in _by_id(path) if not _is_number(id_)), None)
        if other is not None:
            raise UsageError(
                f"--pairs next: {path} has the id {other!r}, which is not a whole number.",
                "Its sentences have no order: use --pairs same.",
            )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _joined(part: Part, languages: Sequence[str], problems: Problems) -> pl.DataFrame:
    """All rows of a part, joined by id; neighbours are those whose ids follow each other."""
    texts = {language: _by_id(part.files[language]) for language in languages}
    ids = [*dict.fromkeys(id_ for own in texts.values() for id_ in own)]
    numbered = all(map(_is_number, ids))
    if numbered:
        ids.sort(key=int)
    document = place = 0
    rows: list[tuple[str | int | None, ...]] = []
    for at, id_ in enumerate(ids):
        follows = at > 0 and numbered and int(id_) == int(ids[at - 1]) + 1
        document, place = (document, place + 1) if follows else (document + 1, 0)
        found = [texts[language].get(id_) for language in languages]
        there = [each for each in found if each is not None]
        if len(there) == 1:
            [language] = [code for code in languages if id_ in texts[code]]
            problems.add(part.files[language], there[0][0], "has no translation")
        parallel = len(there) > 1
        own = [each[1] if each is not None and parallel else None for each in found]
        rows.append((f"{part.name}:{id_}", document, place, *own))
    return pl.DataFrame(rows, _schema(languages), orient="row")


def _by_id(path: Path) -> Mapping[str, tuple[int, str]]:
    """Line and text of each sentence of a file, by id; blank ones are left out."""
    found: dict[str, tuple[int, str]] = {}
    for number, cells, header in _tsv_rows(path, header=True):
        record = dict(zip(header, cells, strict=True))
        id_ = next(record[name] for name in IDS if name in record)
        text = next(record[name] for name in TEXTS if name in record).strip()
        if id_ in found:
            fail_line(path, number, f"has the id {id_!r} of line {found[id_][0]}", _FIX)
        if text:
            found[id_] = number, text
    return found
