"""Check the layout of JSON lines by the first lines of each file.

A fault of every line is one fault of the file, reported once with the values that were found.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from hybench.data.lines import Problems, parse_object, read_lines
from hybench.data.numbers import read_number, read_relevance
from hybench.data.sources.jsonl.files import Files
from hybench.values.languages import read_language
from hybench.wording.amounts import listed

HEAD = 10
"""Lines of a file that are checked."""

HEADER = ("query-id", "corpus-id", "score")
CORPUS_LANG = "corpus-lang"
"""The header of BEIR's judgements, and of the fourth column with the language of the passage."""

_HEADERS = f"{' '.join(HEADER)!r}, with {CORPUS_LANG!r} or without, or TREC's four columns"

Aliases = dict[str, tuple[str, ...]]

_IDS = ("id", "docid", "doc_id", "pid", "qid", "passage_id", "query_id", "query-id", "corpus-id")
_CORPUS: Aliases = {"_id": _IDS, "text": ("contents", "content", "passage", "body", "document")}
_QUERIES: Aliases = {"_id": _IDS, "text": ("query", "question")}
_PAIRS: Aliases = {
    "_id": _IDS,
    "query": ("anchor", "question", "queries"),
    "passage": ("positive", "pos", "answer", "text", "document", "passages"),
}
"""The keys that every line must have, and their names in other tools."""


def check_layouts(files: Files, problems: Problems) -> None:
    """Add a fault for each file whose lines have another layout."""
    for paths, keys in ((files.corpus, _CORPUS), (files.queries, _QUERIES)):
        for path in paths.values():
            if _check_objects(path, keys, problems):
                _check_values(path, ("_id", "text"), problems)
    if files.pairs is not None and _check_objects(files.pairs, _PAIRS, problems):
        _check_values(files.pairs, ("_id",), problems)
        _check_by_language(files.pairs, problems)
    for path in files.qrels.values():
        fault = _qrels_fault(path)
        if fault:
            problems.add(path, None, fault)


def _head(path: Path) -> list[str]:
    return list(islice((line for _, line in read_lines(path) if line.strip()), HEAD))


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    for line in _head(path):
        try:
            yield parse_object(line)
        except ValueError:
            continue


def _check_objects(path: Path, keys: Aliases, problems: Problems) -> bool:
    """Whether a file has objects with these keys; if not, add a fault that lists its keys."""
    records = list(_objects(path))
    if not records:
        if len(_head(path)) > 1:
            problems.add(path, None, "has no JSON lines: each must be an object in braces")
        return False
    there = set().union(*records)
    lacking = [key for key in keys if all(record.get(key) is None for record in records)]
    if lacking:
        keys_found = ", ".join(repr(key[:40]) for key in list(records[0])[:12]) or "none"
        folded = {key.casefold(): key for key in there - set(lacking)}
        close = {
            key: next((folded[each] for each in (key, *keys[key]) if each in folded), None)
            for key in lacking
        }
        rename = [f"rename {each!r} to {key!r}" for key, each in close.items() if each]
        if rename:
            rename += [f"add {key!r}" for key, each in close.items() if not each]
        missing = " and ".join(map(repr, lacking))
        fault = f"its lines have no {missing}; their keys are {keys_found}"
        problems.add(path, None, "; ".join((fault, " and ".join(rename) or _needs(keys))))
    return not lacking


def _needs(keys: Aliases) -> str:
    return f"each needs {', '.join(map(repr, keys))}"


def _check_values(path: Path, keys: tuple[str, ...], problems: Problems) -> None:
    """Add a fault for each key whose values have another form in every line."""
    records = list(_objects(path))
    for key in keys:
        forms = str if key == "text" else (str, int)
        values = [record[key] for record in records if record.get(key) is not None]
        if len(values) > 1 and not any(
            isinstance(value, forms) and not isinstance(value, bool) for value in values
        ):
            needed = "a string" if key == "text" else "a string or a whole number"
            shown = json.dumps(values[0], ensure_ascii=False)[:40]
            problems.add(path, None, f"its {key!r} must be {needed}; the first one is {shown}")


def _check_by_language(path: Path, problems: Problems) -> None:
    records = list(_objects(path))
    values = {key: [record.get(key) for record in records] for key in ("query", "passage")}
    texts = [key for key, each in values.items() if all(isinstance(one, str) for one in each)]
    if texts:
        fault = f"{' and '.join(map(repr, texts))} must be objects of texts by language"
        problems.add(path, None, f'{fault}, such as {{"yo": "…"}}; its lines have plain texts')


def _qrels_fault(path: Path) -> str:
    """The fault of the columns of judgements; empty if there is none."""
    lines = [split_columns(line) for line in _head(path)]
    first = lines[0] if lines else []
    if tuple(first[:3]) == HEADER:
        return _header_fault(first) or _relevance_fault([each[2:3] for each in lines[1:]])
    if set(HEADER) <= set(first):
        return f"its columns are in another order, {' '.join(first)[:80]!r}; expected {_HEADERS}"
    if all(len(each) == 4 and _is_number(each[3]) for each in lines):
        return _relevance_fault([each[3:] for each in lines])
    if any(len(each) == 4 and _is_relevance(each[3]) for each in lines):
        return ""
    return _unnamed_fault(lines)


def _unnamed_fault(lines: list[list[str]]) -> str:
    """The fault of columns that are not TREC's and have no header of BEIR."""
    first = " ".join(lines[0])[:80]
    for width, header in ((3, HEADER), (4, (*HEADER, CORPUS_LANG))):
        if any(_is_row(columns, width) for columns in lines):
            named = " ".join(header)
            if _is_row(lines[0], width):
                return f"it has {width} columns and no header: make its first line {named!r}"
            return f"its header is {first!r}, not {named!r}"
    return f"begins with {first!r}; expected {_HEADERS}"


def _header_fault(header: list[str]) -> str:
    """The fault of a header that begins as BEIR's does; empty if there is none."""
    if len(header) > 4:
        return f"its header has {len(header)} columns; expected {_HEADERS}"
    if header[3:] in ([], [CORPUS_LANG]):
        return ""
    return (
        f"its fourth column is {header[3][:40]!r}, which is not read; if it is the language of "
        f"the passage, name it {CORPUS_LANG!r}"
    )


def _relevance_fault(columns: list[list[str]]) -> str:
    """The fault if no line has a whole relevance; empty if one has."""
    values = [text for each in columns for text in each]
    if len(values) <= 1 or any(_is_relevance(text) for text in values):
        return ""
    return f"its relevances must be whole numbers, but are {listed([text[:40] for text in values])}"


def split_columns(line: str) -> list[str]:
    """The columns of a line of judgements, separated by tabs, or else by any white space."""
    return line.split("\t") if "\t" in line else line.split()


def _is_row(columns: list[str], width: int) -> bool:
    """Whether columns are BEIR's: query, passage, relevance, and of four the language."""
    if len(columns) != width or not _is_relevance(columns[2]):
        return False
    try:
        return width == 3 or bool(read_language(columns[3]))
    except ValueError:
        return False


def _is_number(text: str) -> bool:
    try:
        read_number(text)
    except ValueError:
        return False
    return True


def _is_relevance(text: str) -> bool:
    try:
        read_relevance(text)
    except ValueError:
        return False
    return True
