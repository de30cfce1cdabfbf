"""Find the tables of JSON lines in a folder, and files that look like tables but are not read."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hybench.errors import DataError, UsageError
from hybench.values.languages import read_language
from hybench.wording.amounts import listed

LAYOUT = "corpus/<lang>.jsonl, queries/<lang>.jsonl, qrels/<lang>.tsv; pairs.jsonl; or BEIR's files"

_JSONL = (".jsonl", ".jsonl.gz")
_TSV = (".tsv", ".tsv.gz")
READ_FROM = {
    "corpus": "corpus/<lang>.jsonl, or BEIR's corpus.jsonl",
    "queries": "queries/<lang>.jsonl, or BEIR's queries.jsonl",
    "qrels": "qrels/<lang>.tsv, or BEIR's qrels/<split>.tsv",
    "pairs": "pairs.jsonl, each pair in all its languages",
}
"""The files that each table is read from."""

_DATA = frozenset({
    ".arrow", ".bz2", ".csv", ".feather", ".gz", ".json", ".jsonl", ".ndjson", ".parquet",
    ".qrels", ".trec", ".tsv", ".txt", ".xlsx", ".xz", ".zip", ".zst",
})  # fmt: skip
"""Suffixes of files with data."""


@dataclass(frozen=True)
class Files:
    """The files of a folder by table and language.

    Attributes:
        corpus: passages by language.
        queries: queries by language.
        qrels: judgements by the queries' language and, in BEIR's layout, by split (else "").
        pairs: the training pairs, or None.
    """

    corpus: dict[str, Path] = field(default_factory=dict)
    queries: dict[str, Path] = field(default_factory=dict)
    qrels: dict[tuple[str, str], Path] = field(default_factory=dict)
    pairs: Path | None = None

    def all(self) -> list[Path]:
        """Every file."""
        pairs = [self.pairs] if self.pairs is not None else []
        return [*self.corpus.values(), *self.queries.values(), *self.qrels.values(), *pairs]

    def only(self, languages: set[str]) -> Files:
        """The files of some languages."""
        return Files(
            {code: path for code, path in self.corpus.items() if code in languages},
            {code: path for code, path in self.queries.items() if code in languages},
            {key: path for key, path in self.qrels.items() if key[0] in languages},
            self.pairs,
        )


def find_files(folder: Path, language: str | None) -> Files:
    """Find the tables in a folder of either layout.

    Raises:
        UsageError: there are none, or the language of BEIR's layout is not given.
        DataError: a file's name is not a language or split, a table exists twice, or a file that
            looks like a table would be ignored.
    """
    _check_strays(folder)
    pairs = _one_of([folder / f"pairs{suffix}" for suffix in _JSONL])
    corpus = _one_of([folder / f"corpus{suffix}" for suffix in _JSONL])
    queries = _one_of([folder / f"queries{suffix}" for suffix in _JSONL])
    beir = corpus is not None or queries is not None
    if not beir:
        qrels = _by_language(folder / "qrels", _TSV)
        files = Files(
            _by_language(folder / "corpus", _JSONL),
            _by_language(folder / "queries", _JSONL),
            {(code, ""): path for code, path in qrels.items()},
            pairs,
        )
    elif language is None:
        raise UsageError(
            f"{folder} is in BEIR's layout, which does not name its language.",
            "Name it: --language yo.",
        )
    else:
        code = _named(language)
        files = Files(
            {code: corpus} if corpus else {},
            {code: queries} if queries else {},
            {(code, split): path for split, path in _by_split(folder / "qrels").items()},
            pairs,
        )
    if not files.all():
        there = unread_files(folder, files)
        raise UsageError(
            f"{folder} has no tables" + (f"; it has {listed(there)}." if there else "."),
            f"It expects {LAYOUT}.",
        )
    if language is not None and not beir:
        raise UsageError(
            f"--language: {folder} is not in BEIR's layout.",
            "Omit it: in this layout the names of the files give the language.",
        )
    return files


def unread_files(folder: Path, files: Files) -> list[str]:
    """Paths of files that may have data but are not read, in the folder and its subfolders."""
    folders = [path for path in folder.iterdir() if path.is_dir() and path.name[:1] != "."]
    every = [path for each in (folder, *sorted(folders)) for path in _visible(each)]
    read = set(files.all())
    return [
        path.relative_to(folder).as_posix()
        for path in every
        if path.suffix in _DATA and path not in read
    ]


def _named(language: str) -> str:
    try:
        return read_language(language)
    except ValueError as error:
        raise UsageError(f"--language: {error}.", "Use one such as yo or zh-Hant.") from error


def _one_of(paths: list[Path]) -> Path | None:
    there = [path for path in paths if path.is_file()]
    if len(there) > 1:
        raise DataError(f"{there[0]} and {there[1].name} both exist.", "Remove one of them.")
    return there[0] if there else None


def _by_stem(folder: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """The files with one of the suffixes by the rest of their names."""
    stems = {
        path.name.removesuffix(suffix)
        for path in _visible(folder)
        for suffix in suffixes
        if path.name.endswith(suffix)
    }
    files = {stem: _one_of([folder / f"{stem}{suffix}" for suffix in suffixes]) for stem in stems}
    return {stem: path for stem, path in sorted(files.items()) if path is not None}


def _by_split(folder: Path) -> dict[str, Path]:
    from hybench.data.schema import SPLITS

    files = _by_stem(folder, _TSV)
    for stem in files:
        if stem not in SPLITS:
            raise _misnamed(folder, f"{stem!r} is not {' '.join(SPLITS)}")
    return files


def _by_language(folder: Path, suffixes: tuple[str, ...]) -> dict[str, Path]:
    """The files with one of the suffixes by their languages' codes."""
    files: dict[str, Path] = {}
    for stem, path in _by_stem(folder, suffixes).items():
        try:
            code = read_language(stem)
        except ValueError as error:
            raise _misnamed(folder, str(error)) from error
        if code in files:
            raise DataError(
                f"{files[code]} and {path.name} are both for {code}.", "Remove one, or join them."
            )
        files[code] = path
    return dict(sorted(files.items()))


def _misnamed(folder: Path, reason: str) -> DataError:
    return DataError(
        f"{folder}: in the name of a file, {reason}.", "Rename the file, or move it elsewhere."
    )


def _visible(folder: Path) -> list[Path]:
    """The files of a folder that are not hidden; empty if there is no folder."""
    there = folder.iterdir() if folder.is_dir() else ()
    return sorted(path for path in there if path.is_file() and not path.name.startswith("."))


def _check_strays(folder: Path) -> None:
    """Refuse a file that is named like a table but is in another place or format.

    Raises:
        DataError: there is such a file, and no table of its name next to it.
    """
    for path in _visible(folder):
        table = path.name.partition(".")[0]
        if table == "qrels" or (table in READ_FROM and not _has_table(path, _JSONL)):
            raise _stray(path, table)
    for table in READ_FROM:
        suffixes = _TSV if table == "qrels" else _JSONL
        for path in _visible(folder / table):
            if path.suffix in _DATA and (table == "pairs" or not _has_table(path, suffixes)):
                raise _stray(path, table)


def _has_table(path: Path, suffixes: tuple[str, ...]) -> bool:
    """Whether a file, or one with the same stem next to it, has a table's suffix."""
    stem = path.name.partition(".")[0]
    return any(path.with_name(f"{stem}{suffix}").is_file() for suffix in suffixes)


def _stray(path: Path, table: str) -> DataError:
    form = "tab-separated columns" if table == "qrels" else "one JSON object per line"
    return DataError(
        f"{path} would be ignored: {table} is read from {READ_FROM[table]}.",
        f"Rename it, convert it to {form}, or move it elsewhere.",
    )
