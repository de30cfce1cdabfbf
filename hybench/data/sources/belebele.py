"""Belebele (Bandarkar et al. 2023, arXiv 2308.16884) as retrieval: find the passage of a question.

As MTEB has it (BelebeleRetrieval; ``tasks/retrieval/multilingual/belebele_retrieval.py`` of mteb
2.26): 900 questions on 488 passages of FLORES-200, in 122 languages and scripts. A passage is known
by its ``link``, a question by that and its ``question_number``, in all languages; so the set is
parallel. Questions of one language with the same text are one query, which each of their passages
answers. There is a config per language (``yor_Latn``) with the one split test, and the columns
``link``, ``question_number``, ``flores_passage`` and ``question``, among others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.download import check_folder, hash_files
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import About, SourceKind
from hybench.errors import DataError
from hybench.values.languages import check_languages, read_language
from hybench.values.options import from_dir_option, languages_option

if TYPE_CHECKING:
    import polars as pl

    from hybench.data.sources.hub.repository import HubTable, Repository
    from hybench.data.writer import DatasetWriter

LICENCE = "CC BY-SA 4.0"
REPOSITORY = "mteb/belebele"
REVISION = "979a211276faa22f671e69d096634193567cfd05"
_COLUMNS = ("link", "question_number", "flores_passage", "question")


@dataclass(frozen=True)
class Belebele:
    """Belebele as a source of parallel test queries.

    Attributes:
        languages: codes to prepare, None for all 122.
        from_dir: folder of a copy of the repository with its README.md; None for the hub.
    """

    languages: tuple[str, ...] | None = languages_option()
    from_dir: Path | None = from_dir_option()

    @cached_property
    def _opened(self) -> Repository:
        """The repository, asked for once."""
        from hybench.data.sources.hub.repository import open_repository

        if self.from_dir is not None:
            return open_repository(str(check_folder(self.from_dir)), None)
        return open_repository(REPOSITORY, REVISION)

    @cached_property
    def _tables(self) -> dict[str, HubTable]:
        """The table of each language to prepare."""
        known = {}
        for config in self._opened.configs:
            try:
                known[read_language(config)] = config
            except ValueError:
                continue
        if not known:
            raise DataError(
                f"{self._opened.place} has no config that is named by a language.",
                "Belebele has one per language, such as yor_Latn: get the whole repository.",
            )
        chosen = check_languages(self.languages or tuple(known), known, "--languages")
        return {language: self._opened.table(known[language]) for language in chosen}

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        languages, opened = tuple(self._tables), self._opened
        local = self.from_dir is not None
        return DatasetInfo(
            name="-".join(("belebele", *(languages if self.languages is not None else ()))),
            source="belebele",
            revision="local files" if local else f"{opened.place}@{opened.commit}",
            licence=LICENCE,
            languages=languages,
            settings=("mono", "cross", "multi") if len(languages) > 1 else ("mono",),
            metrics=("nDCG@10", "R@1", "R@10"),
            depth=None,
            options={"languages": list(languages)},
            inputs=hash_files(self._local_files(), progress) if local else {},
        )

    def _local_files(self) -> dict[str, Path]:
        root = Path(self._opened.place)
        files = [Path(file) for table in self._tables.values() for file in table.files]
        return {path.relative_to(root).as_posix(): path for path in files}

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        import polars as pl

        rows = {}
        for done, (language, table) in enumerate(self._tables.items()):
            progress(Progress("read Belebele", done, len(self._tables), "languages"))
            rows[language] = _read(table)
        progress(Progress("read Belebele", len(rows), len(rows), "languages"))
        links = {language: set(own["link"]) for language, own in rows.items()}
        for language, own in rows.items():
            passages = own.unique("link", keep="first", maintain_order=True)
            link = pl.col("link")
            writer.write(
                "passages",
                language,
                passages.select(
                    passage_id=link, title=pl.lit(""), text="flores_passage", source_id=link
                ),
            )
            # The first of the questions with the same text stands for all of them.
            asked = own.with_columns(query_id=pl.col("id").first().over("question"))
            queries = asked.unique("query_id", keep="first", maintain_order=True)
            writer.write(
                "queries",
                language,
                queries.select(
                    "query_id",
                    text="question",
                    source_id=pl.format("q:{}", "query_id"),
                    split=pl.lit("test"),
                ),
            )
            judged = asked.select("query_id", passage_id=link).unique(maintain_order=True)
            answers = [
                judged.filter(link_in(links[other])).with_columns(
                    passage_lang=pl.lit(other), relevance=pl.lit(1, pl.Int32)
                )
                for other in rows
            ]
            writer.write("qrels", language, answers)


def link_in(links: set[str]) -> pl.Expr:
    """Whether a judged passage is one of a language's."""
    import polars as pl

    return pl.col("passage_id").is_in(sorted(links))


def _read(table: HubTable) -> pl.DataFrame:
    """The rows of a language: id, link, flores_passage, question.

    Raises:
        DataError: a column is missing, a value is null, or a question is in two rows.
    """
    import polars as pl

    missing = [name for name in _COLUMNS if name not in table.columns]
    if missing:
        raise DataError(
            f"{table.where} has no column {' and '.join(missing)}.",
            f"It has: {' '.join(table.columns)}. Read the whole repository, at its commit.",
        )
    frames = list(table.frames(table.splits[0], _COLUMNS))
    rows = pl.concat(frames).with_columns(pl.col("question_number").cast(pl.String))
    empty = rows.filter(pl.any_horizontal(pl.all().is_null()))
    rows = rows.with_columns(id=pl.format("{}#{}", "link", "question_number"))
    twice = rows.filter(pl.col("id").is_duplicated())
    if empty.height or twice.height:
        what = "an empty value" if empty.height else f"two questions {twice['id'][0]!r}"
        raise DataError(f"{table.where} has {what}.", "Read the whole repository, at its commit.")
    return rows.select("id", "link", "flores_passage", "question")


SOURCE = SourceKind(
    """Belebele: questions on passages, in 122 languages.

    Parallel, on FLORES-200's passages; as MTEB has it, for tests only.""",
    Belebele,
    About(
        languages="122 languages and scripts: yo, sw, hi-Latn …",
        licence=LICENCE,
        download="up to 3.3 MB a language",
        revision=f"{REPOSITORY}@{REVISION}",
        live=False,
        page=f"https://huggingface.co/datasets/{REPOSITORY}",
    ),
)
