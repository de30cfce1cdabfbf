"""Your own data as JSON lines, in the layout of BEIR or one folder per table.

By language, with any of these files (each also with ``.gz``):

- ``corpus/<lang>.jsonl``: ``{"_id": "p1", "title": "…", "text": "…"}``; title is optional.
- ``queries/<lang>.jsonl``: ``{"_id": "q1", "text": "…", "split": "dev"}``; split is train, dev or
  test; the default is test.
- ``qrels/<lang>.tsv``, by the query's language: BEIR's ``query-id<TAB>corpus-id<TAB>score`` with
  that header and, if passages are in other languages, a fourth column ``corpus-lang``; or
  TREC's four columns ``query 0 passage relevance``. A relevance is whole: ``1`` or ``1.0``.
- ``pairs.jsonl``, for training, each pair in all its languages: ``{"_id": "1", "query": {"en":
  "…", "yo": "…"}, "passage": {"en": "…", "yo": "…"}}``.

Or BEIR's own layout in one language, which an option names: ``corpus.jsonl``,
``queries.jsonl``, ``qrels/{train,dev,test}.tsv``. There a query has the split that judges it; one
without judgements is omitted, as in BEIR's loader.

A passage or query may have a ``source_id``, the same in its translations. A pair's ``source_id``
names its passage and ``query_source_id`` its query: two pairs that share either, or the text of
query or passage, are never in one batch. An id may be a whole number, which is read as its
digits; a language is any code that `hybench.values.languages.read_language` reads.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.download import check_folder, hash_files
from hybench.data.lines import Problems
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import About, SourceKind
from hybench.data.sources.jsonl.files import READ_FROM, Files, find_files, unread_files
from hybench.data.sources.jsonl.layout import check_layouts
from hybench.errors import UsageError
from hybench.values.languages import check_languages, stored_code
from hybench.values.options import languages_option, option
from hybench.wording.amounts import listed

if TYPE_CHECKING:
    from hybench.data.sources.jsonl.tables import Corpus, Ids, Judgement
    from hybench.data.writer import DatasetWriter


@dataclass(frozen=True)
class Jsonl:
    """A folder of JSON lines as a source.

    Attributes:
        from_dir: the folder.
        languages: codes to prepare, None for all; judgements of passages in others are omitted.
        language: the language of BEIR's own layout, which does not name it.
        licence: licence of the texts, in the owner's words.
        skip_bad: how many malformed lines may be skipped; with more, nothing is written.
    """

    from_dir: Path = option("Folder with your files.", argument="DIR")
    languages: tuple[str, ...] | None = languages_option()
    language: str | None = option("Language of a folder in BEIR's own layout.", None)
    licence: str = option("Licence of the texts.", "not stated")
    skip_bad: int = option("Skip and count up to this many malformed lines.", 0)

    def __post_init__(self) -> None:
        if self.skip_bad < 0:
            raise UsageError(f"--skip-bad: {self.skip_bad} is below 0.", "Use 0 or more.")

    def _read(self, problems: Problems) -> tuple[Files, set[str], list[Judgement]]:
        """Find the files, the languages to prepare, and the judgements in them."""
        from hybench.data.sources.jsonl.tables import read_pairs, read_qrels

        files = find_files(check_folder(self.from_dir, "DIR"), self.language)
        check_layouts(files, problems)
        problems.raise_any()
        available = {*files.corpus, *files.queries, *(language for language, _ in files.qrels)}
        if files.pairs is not None:
            available |= read_pairs(files.pairs, None, problems).keys()
        problems.raise_any()
        chosen = available
        if self.languages is not None:
            chosen = set(check_languages(self.languages, available, "--languages"))
        every, files = files, files.only(chosen)
        qrels: list[Judgement] = []
        judged = {language for language, _ in files.qrels}
        for language in files.queries.keys() - judged:
            problems.add(files.queries[language], None, "there are no qrels for its queries")
        for (language, split), path in files.qrels.items():
            rows = read_qrels(path, language, split, problems)
            without_queries = {language} - every.queries.keys()
            searched = {row.passage_lang for row in rows}
            for table, lacking in (
                ("queries", without_queries if rows else set()),
                ("corpus", set() if searched & every.corpus.keys() else searched),
            ):
                if lacking:
                    problems.add(path, None, self._no_table(table, lacking, every))
            qrels.extend(rows)
        problems.raise_any()
        left_out = available - chosen
        return files, chosen, [row for row in qrels if row.passage_lang not in left_out]

    def _no_table(self, table: str, languages: set[str], files: Files) -> str:
        there = unread_files(self.from_dir, files)
        codes = listed(sorted(languages), " ")
        fault = f"there is no {table} table for {codes}; {table} is read from {READ_FROM[table]}"
        return fault + (f"; ignored: {listed(there)}" if there else "")

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        files, languages, qrels = self._read(Problems(self.skip_bad))
        root = self.from_dir
        language = None if self.language is None else stored_code(self.language)
        options: dict[str, Any] = {"languages": sorted(languages), "language": language}
        return DatasetInfo(
            name=root.resolve().name,
            source="jsonl",
            revision="local files",
            licence=self.licence,
            languages=tuple(sorted(languages)),
            settings=_settings(qrels),
            metrics=("nDCG@10", "R@100") if qrels else (),
            depth=1000,
            options=options | ({"skip_bad": self.skip_bad} if self.skip_bad else {}),
            inputs=hash_files(
                {path.relative_to(root).as_posix(): path for path in files.all()}, progress
            ),
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        from hybench.data.sources.jsonl.tables import Corpus, Judgement, read_pairs, read_queries

        problems = Problems(self.skip_bad)
        files, languages, qrels = self._read(problems)
        passages: dict[str, Corpus] = {}
        judged: dict[str, set[str]] = {language: set() for language in files.corpus}
        for row in qrels:
            judged.setdefault(row.passage_lang, set()).add(row.passage_id)
        for language, path in files.corpus.items():
            progress(Progress(f"read {language} passages", 0, None, "passages"))
            corpus = Corpus(path, frozenset(judged[language]), Problems())
            writer.write("passages", language, corpus.frames(progress))
            repeated = writer.repeated("passages", language)
            if repeated:
                corpus = replace(corpus, problems=Problems(), repeated=frozenset(repeated))
                writer.write("passages", language, corpus.frames(progress))
            problems.extend(corpus.problems)
            passages[language] = corpus
        qrels, splits = _judged_splits(qrels, files, problems)
        queries: dict[str, Ids] = {}
        for language, path in files.queries.items():
            deciding = splits.get(language, {}) if self.language is not None else None
            queries[language], frame = read_queries(path, language, deciding, problems)
            writer.write("queries", language, frame)
        qrels = _with_both(qrels, files, queries, passages, problems)
        for language in sorted({row.language for row in qrels}):
            rows = [row for row in qrels if row.language == language]
            writer.write("qrels", language, Judgement.frame(rows))
        if files.pairs is not None:
            progress(Progress("read pairs", 0, None, "pairs"))
            # Their faults were reported when the languages were read.
            for language, frames in read_pairs(files.pairs, languages, Problems()).items():
                writer.write("pairs", language, frames)
        problems.raise_any()
        writer.left_out = problems
        writer.settings = _settings(qrels)


def _settings(qrels: list[Judgement]) -> tuple[str, ...]:
    """The settings with relevant passages."""
    import polars as pl

    from hybench.data.schema import judged_settings

    rows = [(row.language, row.query_id, row.passage_lang, row.relevance) for row in qrels]
    schema = {
        "query_lang": pl.String, "query_id": pl.String, "passage_lang": pl.String,
        "relevance": pl.Int32,
    }  # fmt: skip
    return judged_settings(pl.DataFrame(rows, schema, orient="row"))


def _judged_splits(
    qrels: list[Judgement], files: Files, problems: Problems
) -> tuple[list[Judgement], dict[str, dict[str, str]]]:
    """The judgements without those of a query in a second split; the split of each by language."""
    kept: list[Judgement] = []
    splits: dict[str, dict[str, str]] = {}
    for row in qrels:
        first = splits.setdefault(row.language, {}).setdefault(row.query_id, row.split)
        if first == row.split:
            kept.append(row)
        else:
            fault = f"query {row.query_id!r} is also judged in {first}"
            problems.add(files.qrels[row.language, row.split], row.line, fault)
    return kept, splits


def _with_both(
    qrels: list[Judgement],
    files: Files,
    queries: dict[str, Ids],
    passages: dict[str, Corpus],
    problems: Problems,
) -> list[Judgement]:
    """The judgements whose query and passage both exist.

    If faulty lines are skipped, a judgement of such a line is faulty, too; if they are refused,
    only these lines must be fixed.
    """
    from hybench.data.sources.jsonl.tables import Ids

    kept: list[Judgement] = []
    none = Ids(set(), set())
    for row in qrels:
        query_ids, corpus = queries.get(row.language, none), passages.get(row.passage_lang, none)
        faults = []
        if row.query_id not in (query_ids.found if problems.skip else query_ids.seen):
            faults.append(f"query {row.query_id!r} is not among the queries")
        if row.passage_lang not in passages:
            faults.append(f"there is no corpus for {row.passage_lang!r}")
        elif row.passage_id not in (corpus.found if problems.skip else corpus.seen):
            faults.append(f"passage {row.passage_id!r} is not in the {row.passage_lang} corpus")
        if faults:
            problems.add(files.qrels[row.language, row.split], row.line, ", and ".join(faults))
        elif row.query_id in query_ids.found and row.passage_id in corpus.found:
            kept.append(row)
    return kept


SOURCE = SourceKind(
    """Your own data: BEIR's layout, and parallel training pairs.

    Corpus, queries and qrels by language; the guide describes every file and line.""",
    Jsonl,
    About(
        languages="those of your files",
        licence="yours (--licence)",
        download="nothing",
        revision="SHA-256 of the files",
    ),
)
