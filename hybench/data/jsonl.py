"""A person's own data, as JSON lines, in the layout of BEIR or one folder per table.

By language, with any of these files (each also as ``.jsonl.gz``):

- ``corpus/<lang>.jsonl``: ``{"_id": "p1", "title": "…", "text": "…"}``; title is optional.
- ``queries/<lang>.jsonl``: ``{"_id": "q1", "text": "…", "split": "dev"}``; split is train, dev or
  test, and test where it is left out.
- ``qrels/<lang>.tsv``, by the query's language: BEIR's ``query-id<TAB>corpus-id<TAB>score`` with
  that header, and where passages are in other languages a fourth column ``corpus-lang``; or
  TREC's four columns ``query 0 passage relevance``.
- ``pairs.jsonl``, for training, each pair in all its languages: ``{"_id": "1", "query": {"en":
  "…", "yo": "…"}, "passage": {"en": "…", "yo": "…"}}``.

Or BEIR's own layout in one language, which is named beside it: ``corpus.jsonl``,
``queries.jsonl``, ``qrels/{train,dev,test}.tsv``. There a query has the split that judges it; one
that nothing judges is left out, as BEIR's loader does.

A passage or query may have a ``source_id``, the same in its translations. A pair's ``source_id``
names its passage and ``query_source_id`` its query: two pairs that share either, or the text of
query or passage, never stand in one batch. A language is a code such as ``yo`` or ``zh-Hant``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from hybench.data.download import check_folder, hash_files
from hybench.data.jsonl_tables import (
    LANGUAGE,
    SPLITS,
    Corpus,
    Judgement,
    read_pairs,
    read_qrels,
    read_queries,
)
from hybench.data.lines import Problems
from hybench.data.schema import DatasetInfo
from hybench.data.writer import DatasetWriter
from hybench.errors import DataError, UsageError
from hybench.languages import check_languages
from hybench.progress import Progress, ProgressCallback

LAYOUT = "corpus/<lang>.jsonl, queries/<lang>.jsonl, qrels/<lang>.tsv; pairs.jsonl; or BEIR's files"
_JSONL = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True)
class Files:
    """The files of a folder by the table and language that they hold.

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


@dataclass(frozen=True)
class Jsonl:
    """A folder of JSON lines as a source.

    Attributes:
        from_dir: the folder.
        languages: codes to prepare, None for all; judgements of passages in others are left out.
        language: the language of BEIR's own layout, which does not say it.
        name: name of the set, None for the folder's.
        licence: licence of the texts, in the owner's words.
    """

    from_dir: Path
    languages: tuple[str, ...] | None = None
    language: str | None = None
    name: str | None = None
    licence: str = "not stated"

    def _read(self) -> tuple[Files, set[str], list[Judgement]]:
        """Find the files, the languages to prepare, and the judgements in them."""
        files = find_files(check_folder(self.from_dir, "DIR"), self.language)
        problems = Problems()
        found = {*files.corpus, *files.queries, *(language for language, _ in files.qrels)}
        if files.pairs is not None:
            found |= read_pairs(files.pairs, None, problems).keys()
        problems.raise_any()
        chosen = found
        if self.languages is not None:
            chosen = set(check_languages(self.languages, found, "--languages"))
        files = files.only(chosen)
        qrels: list[Judgement] = []
        judged = {language for language, _ in files.qrels}
        for language in files.queries.keys() - judged:
            problems.add(files.queries[language], None, "there are no qrels of its queries")
        for (language, split), path in files.qrels.items():
            qrels.extend(read_qrels(path, language, split, problems))
        problems.raise_any()
        left_out = found - chosen
        return files, chosen, [row for row in qrels if row.passage_lang not in left_out]

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.source.Source`."""
        files, languages, qrels = self._read()
        root = self.from_dir
        return DatasetInfo(
            name=self.name or root.resolve().name,
            source="jsonl",
            revision="local files",
            licence=self.licence,
            languages=tuple(sorted(languages)),
            settings=_settings(qrels),
            metrics=("nDCG@10", "R@100") if qrels else (),
            depth=1000,
            options={"languages": sorted(languages), "language": self.language},
            inputs=hash_files(
                {path.relative_to(root).as_posix(): path for path in files.all()}, progress
            ),
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.source.Source`."""
        files, languages, qrels = self._read()
        problems = Problems()
        passages: dict[str, Corpus] = {}
        judged: dict[str, set[str]] = {language: set() for language in files.corpus}
        for row in qrels:
            judged.setdefault(row.passage_lang, set()).add(row.passage_id)
        for language, path in files.corpus.items():
            progress(Progress(f"read {language} passages", 0, None, "passages"))
            corpus = passages[language] = Corpus(path, frozenset(judged[language]), problems)
            writer.write("passages", language, corpus.frames(progress))
            corpus.note_repeated(writer.repeated("passages", language))
        splits = _judged_splits(qrels, files, problems)
        queries: dict[str, dict[str, int]] = {}
        for language, path in files.queries.items():
            deciding = splits.get(language, {}) if self.language is not None else None
            queries[language], frame = read_queries(path, language, deciding, problems)
            writer.write("queries", language, frame)
        _check_judgements(qrels, files, queries, passages, problems)
        for language in sorted({row.language for row in qrels}):
            rows = [row for row in qrels if row.language == language]
            writer.write("qrels", language, Judgement.frame(rows))
        if files.pairs is not None:
            progress(Progress("read pairs", 0, None, "pairs"))
            for language, frames in read_pairs(files.pairs, languages, problems).items():
                writer.write("pairs", language, frames)
        problems.raise_any()


def find_files(folder: Path, language: str | None) -> Files:
    """Find the tables in a folder of either layout.

    Raises:
        UsageError: there are none, or the language of BEIR's layout is not said.
        DataError: a file's name is no language or split, or a table is there twice.
    """
    pairs = _one_of([folder / f"pairs{suffix}" for suffix in _JSONL])
    corpus = _one_of([folder / f"corpus{suffix}" for suffix in _JSONL])
    queries = _one_of([folder / f"queries{suffix}" for suffix in _JSONL])
    if corpus is None and queries is None:
        if language is not None:
            raise UsageError(
                f"--language: {folder} is not in BEIR's layout.",
                "Leave it out: where files are named by language they say it themselves.",
            )
        qrels = _by_stem(folder / "qrels", (".tsv",), None)
        files = Files(
            _by_stem(folder / "corpus", _JSONL, None),
            _by_stem(folder / "queries", _JSONL, None),
            {(code, ""): path for code, path in qrels.items()},
            pairs,
        )
    elif language is None:
        raise UsageError(
            f"{folder} is in BEIR's layout, which does not say its language.",
            "Name it: --language yo.",
        )
    elif LANGUAGE.fullmatch(language) is None:
        raise UsageError(f"--language: {language!r} is no code.", "Use one such as yo or zh-Hant.")
    else:
        files = Files(
            {language: corpus} if corpus else {},
            {language: queries} if queries else {},
            {
                (language, split): path
                for split, path in _by_stem(folder / "qrels", (".tsv",), SPLITS).items()
            },
            pairs,
        )
    if not files.all():
        raise UsageError(f"{folder} holds no tables.", f"It expects {LAYOUT}.")
    return files


def _one_of(paths: list[Path]) -> Path | None:
    there = [path for path in paths if path.is_file()]
    if len(there) > 1:
        raise DataError(f"{there[0]} and {there[1].name} are both there.", "Remove one of them.")
    return there[0] if there else None


def _by_stem(
    folder: Path, suffixes: tuple[str, ...], known: tuple[str, ...] | None
) -> dict[str, Path]:
    """The files with one of the suffixes by their stem: a language, or one of `known`."""
    if not folder.is_dir():
        return {}
    stems = {
        path.name.removesuffix(suffix)
        for path in folder.iterdir()
        for suffix in suffixes
        if path.name.endswith(suffix) and not path.name.startswith(".")
    }
    wrong = sorted(
        stem
        for stem in stems
        if stem not in (known or ()) and (known or not LANGUAGE.fullmatch(stem))
    )
    if wrong:
        expected = " ".join(known) if known else "a language code such as yo or zh-Hant"
        raise DataError(
            f"{folder}: the name {wrong[0]!r} is not {expected}.",
            "Rename the file, or move it away.",
        )
    found = {stem: _one_of([folder / f"{stem}{suffix}" for suffix in suffixes]) for stem in stems}
    return {stem: path for stem, path in sorted(found.items()) if path is not None}


def _settings(qrels: list[Judgement]) -> tuple[str, ...]:
    """Which settings have relevant passages: multi where a query's are of several languages."""
    relevant = [row for row in qrels if row.relevance > 0]
    languages: dict[tuple[str, str], set[str]] = {}
    for row in relevant:
        languages.setdefault((row.language, row.query_id), set()).add(row.passage_lang)
    found = {
        "mono": any(row.passage_lang == row.language for row in relevant),
        "cross": any(row.passage_lang != row.language for row in relevant),
        "multi": any(len(codes) > 1 for codes in languages.values()),
    }
    return tuple(setting for setting, is_there in found.items() if is_there)


def _judged_splits(
    qrels: list[Judgement], files: Files, problems: Problems
) -> dict[str, dict[str, str]]:
    """The split that judges each query, by language; a query of two splits is a problem."""
    splits: dict[str, dict[str, str]] = {}
    for row in qrels:
        first = splits.setdefault(row.language, {}).setdefault(row.query_id, row.split)
        if first != row.split:
            fault = f"query {row.query_id!r} is judged in {first}, too"
            problems.add(files.qrels[row.language, row.split], row.line, fault)
    return splits


def _check_judgements(
    qrels: list[Judgement],
    files: Files,
    queries: dict[str, dict[str, int]],
    passages: dict[str, Corpus],
    problems: Problems,
) -> None:
    for row in qrels:
        path = files.qrels[row.language, row.split]
        if row.query_id not in queries.get(row.language, {}):
            problems.add(path, row.line, f"query {row.query_id!r} is not among the queries")
        if row.passage_lang not in passages:
            problems.add(path, row.line, f"there is no corpus of {row.passage_lang!r}")
        elif row.passage_id not in passages[row.passage_lang].found:
            fault = f"passage {row.passage_id!r} is not in the {row.passage_lang} corpus"
            problems.add(path, row.line, fault)
