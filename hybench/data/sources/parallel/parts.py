"""Find files of parallel sentences: which are parallel with each other, in which languages.

- **lines**: a file per language, aligned by line: Moses (``corpus.en-yo.en`` and
  ``corpus.en-yo.yo``), FLORES-200 (``dev/eng_Latn.dev``), or ``train.en.txt``;
- **ids**: a TSV per language with a header of an id and a text, joined by id: SIB-200
  (``yor_Latn/train.tsv``: index_id, category, text);
- **table**: a file of several languages. TSV with a header of languages, or of two columns without
  one if its name says the languages (sentence-transformers' ``TED2020-en-de-train.tsv.gz``); JSON
  lines or Parquet with columns named by languages, with an object ``translation`` (the hub's OPUS
  sets, LAFAND-MT), or with ``english`` and ``non_english`` (sentence-transformers' sets of the hub:
  ``en-de/train-00000-of-00001.parquet``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import Any

from hybench.data.lines import parse_object, read_lines
from hybench.data.sources.parallel.names import (
    column_languages,
    language_named,
    pair_named,
    split_named,
)
from hybench.errors import DataError

TRANSLATION = "translation"
INDONESIAN = "id"
"""A language, but also what a column of ids is called."""
IDS = (INDONESIAN, "_id", "index_id", "sentence_id")
TEXTS = ("text", "sentence")
TABLES = (".tsv", ".jsonl", ".json", ".ndjson", ".parquet")
"""Suffixes of tables; of any of them but Parquet, gzipped or not."""


@dataclass(frozen=True)
class Part:
    """Sentences that are parallel with each other, of one split.

    Attributes:
        name: what their ids begin with.
        split: train, dev or test.
        form: lines, ids, tsv, json or parquet.
        files: by language; of a table, the same for all.
        columns: of a table, the column of each language; in TSV without a header its number.
        header: whether a TSV has one.
    """

    name: str
    split: str
    form: str
    files: Mapping[str, Path]
    columns: Mapping[str, str | int] = field(default_factory=dict)
    header: bool = True

    def of(self, languages: Iterable[str]) -> tuple[str, ...]:
        """Those of the languages that it has, sorted."""
        return tuple(sorted({*languages} & {*self.files}))


def find_parts(files: Mapping[str, Path], unnamed: str) -> list[Part]:
    """The parts of some files, by name; files of other kinds are left alone.

    Args:
        files: by their paths relative to the folder.
        unnamed: the split of files whose names say none.

    Raises:
        DataError: a table does not say its languages, a file has no translation beside it, or two
            are the same language of one part.
    """
    lines: dict[tuple[str, str], dict[str, Path]] = {}
    ids: dict[str, dict[str, Path]] = {}
    parts = []
    for text, path in files.items():
        name = PurePosixPath(text.removesuffix(".gz"))
        split = split_named(name) or unnamed
        if name.suffix in TABLES:
            part = _table(name, path, split)
            if part.form == "ids":
                [language] = part.files
                _add(ids.setdefault(split, {}), language, path)
            else:
                parts.append(part)
            continue
        stem, of = _text_name(name)
        if of is not None:
            _add(lines.setdefault((stem or split, split), {}), of, path)
    for (stem, split), own in lines.items():
        parts.append(Part(stem, split, "lines", own))
    parts += [Part(split, split, "ids", own) for split, own in ids.items()]
    for part in parts:
        if len(part.files) < 2:
            [path] = part.files.values()
            raise DataError(
                f"{path} has no translation beside it.",
                "Files of one language each are parallel by line (corpus.en and corpus.yo) or by "
                "id (en/train.tsv and yo/train.tsv): add the others, or move it elsewhere.",
            )
    return sorted(parts, key=lambda part: (part.split, part.name))


def _add(files: dict[str, Path], language: str, path: Path) -> None:
    if language in files:
        raise DataError(
            f"{files[language]} and {path} are the same part in {language}.", "Remove one of them."
        )
    files[language] = path


def _text_name(name: PurePosixPath) -> tuple[str, str | None]:
    """A text file's name without its language, empty if nothing else is left; and the language."""
    words = name.name.removesuffix(".txt").split(".")
    folder = name.parent
    language = language_named(words[-1])
    if language is not None:
        return str(folder / ".".join(words[:-1])) if words[1:] else _within(folder), language
    first = language_named(words[0])
    if first is not None and len(words) == 2 and split_named(PurePosixPath(words[1])):
        return _within(folder), first
    return "", None


def _within(folder: PurePosixPath) -> str:
    return "" if folder == PurePosixPath() else str(folder)


def _table(name: PurePosixPath, path: Path, split: str) -> Part:
    """A table as a part; one that is to be joined by id has the form ids and one file.

    Raises:
        DataError: it cannot be read, or does not say its languages.
    """
    pair = pair_named(name)
    form = {".tsv": "tsv", ".parquet": "parquet"}.get(name.suffix, "json")
    columns, own_id = _columns(path, form)
    stem = str(name.with_suffix(""))
    if form == "tsv" and {*columns} & {*IDS} and {*columns} & {*TEXTS}:
        language = _language_of(name)
        if language is not None:
            return Part(stem, split, "ids", {language: path})
    named = column_languages([name for name in columns if name != own_id], pair)
    numbered = dict(enumerate(pair or ())) if form == "tsv" and len(columns) == 2 else {}
    by_column: Mapping[str | int, str] = named or numbered  # type: ignore[assignment]
    if not by_column:
        raise DataError(
            f"{path}: neither its columns ({', '.join(columns)[:80]}) nor its name say at least "
            "two languages.",
            "Name the columns en, yo and so on, or the file or its folder by the two: en-yo.",
        )
    languages = {code: column for column, code in by_column.items()}
    if len(languages) < len(by_column):
        raise DataError(f"{path}: two columns are one language.", "Remove one of them.")
    files = dict.fromkeys(languages, path)
    return Part(stem, split, form, files, languages, header=bool(named))


def _language_of(name: PurePosixPath) -> str | None:
    """The language of a file of one: what its name begins with, or else a folder's name."""
    words = (name.name.partition(".")[0], *reversed(name.parent.parts))
    return next(filter(None, map(language_named, words)), None)


def _columns(path: Path, form: str) -> tuple[list[str], str]:
    """The columns of a table, of a column ``translation`` its own; and that of ids, or nothing.

    Raises:
        DataError: the file cannot be read.
    """
    first: dict[str, Any]
    if form == "tsv":
        lines = [line.split("\t") for _, line in islice(read_lines(path), 2)]
        names, first = lines[0], dict(zip(lines[0], lines[-1], strict=False))
    else:
        first = _first_of_parquet(path) if form == "parquet" else _first_object(path)
        inner = first.get(TRANSLATION)
        if isinstance(inner, dict):
            return [*inner], ""
        names = [*first]
    # As Indonesian it would have a sentence.
    is_id = INDONESIAN in names and " " not in str(first.get(INDONESIAN, "")).strip()
    return names, INDONESIAN if is_id else ""


def _first_object(path: Path) -> dict[str, Any]:
    try:
        return parse_object(next(line for _, line in read_lines(path)))
    except ValueError as error:
        raise DataError(
            f"{path}, line 1: {error}.", "Each line must be an object in braces."
        ) from error


def _first_of_parquet(path: Path) -> dict[str, Any]:
    import polars as pl

    from hybench.files.tables import scan_table

    try:
        frame = scan_table(path).head(1).collect()
    except (OSError, pl.exceptions.PolarsError) as error:
        raise DataError(f"{path} is not a Parquet file.", "Get the file again.") from error
    if frame.is_empty():
        raise DataError(f"{path} has no rows.", "Get the file again, or move it elsewhere.")
    return frame.row(0, named=True)
