"""mMARCO (Bonifacio et al. 2021, arXiv 2108.13897): MS MARCO passages, machine-translated.

The raw files of the hub's ``unicamp-dl/mmarco``, as its loading script no longer runs: version 2,
translated by Google, in 14 languages with one set of ids. In ``data/google`` lie
``collections/chinese_collection.tsv`` (8,841,823 passages),
``queries/train/chinese_queries.train.tsv`` and ``queries/dev/chinese_queries.dev.small.tsv``: lines
of an id, a tab and a text; in ``data`` lie ``qrels.dev.small.tsv`` with TREC's four columns, and
``triples.train.ids.small.tsv`` with the ids of a query, a relevant and another passage.
Sizes are those of ir_datasets (``etc/downloads.json``, ``etc/metadata.json``).

A training pair is a query and a relevant passage of the triples, in all languages; the passages
that are not relevant have no place in a pair. Files are read in blocks: in memory are only the
texts of a language's training pairs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.download import hash_files, hub_files, local_files
from hybench.data.lines import block_lines, fail_line, read_blocks, read_lines
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import SourceKind
from hybench.errors import DataError, UsageError
from hybench.values.checks import once, one_of, within
from hybench.values.languages import check_languages
from hybench.values.options import from_dir_option, languages_option, option

if TYPE_CHECKING:
    import polars as pl

    from hybench.data.writer import DatasetWriter

NAMES = {
    "ar": "arabic", "de": "german", "en": "english", "es": "spanish", "fr": "french",
    "hi": "hindi", "id": "indonesian", "it": "italian", "ja": "japanese", "nl": "dutch",
    "pt": "portuguese", "ru": "russian", "vi": "vietnamese", "zh": "chinese",
}  # fmt: skip
"""What its files call each language."""

REPOSITORY = "unicamp-dl/mmarco"
REVISION = "4618200568100aa0bf7fbf494d8d022e7ecab9a6"
LICENCE = "MS MARCO's terms, non-commercial research; see LICENSE in the repository"
SPLITS = ("train", "dev")
TRIPLES = "data/triples.train.ids.small.tsv"
QRELS = "data/qrels.dev.small.tsv"
LAYOUT = f"the hub's: data/google/collections/chinese_collection.tsv, {QRELS} and so on"
_GET_AGAIN = "Get the file again: it is not as mMARCO published it."


def collection_file(language: str) -> str:
    """Path of a language's passages in the repository."""
    return f"data/google/collections/{NAMES[language]}_collection.tsv"


def queries_file(language: str, split: str) -> str:
    """Path of a language's queries of a split."""
    stem = f"{NAMES[language]}_queries.{split}"
    return f"data/google/queries/{split}/{stem}{'.small' if split == 'dev' else ''}.tsv"


@dataclass(frozen=True)
class Mmarco:
    """mMARCO as a source of parallel training pairs and dev queries.

    Attributes:
        languages: codes to prepare.
        from_dir: folder with the repository's files, None to download them.
        splits: train, dev or both; without dev no passages are written.
        pairs: how many training pairs to keep, those whose queries' ids have the lowest digests;
            None for all.
    """

    published: ClassVar[tuple[int, int]] = (8_841_823, 6_980)
    """Passages and dev queries of each language."""

    languages: tuple[str, ...] | None = languages_option()
    from_dir: Path | None = from_dir_option()
    splits: tuple[str, ...] = option("train, dev or both.", SPLITS)
    pairs: int | None = option("Number of training pairs; by default all.", None)

    def __post_init__(self) -> None:
        if self.languages is None:
            raise UsageError(
                "Each language of mmarco has 8.8 million passages, 2.7 to 7.6 GB.",
                f"Name the languages to prepare: --languages en,zh, of: {' '.join(NAMES)}.",
            )
        object.__setattr__(self, "languages", check_languages(self.languages, NAMES, "--languages"))
        once("--splits", self.splits)
        for split in self.splits:
            one_of("--splits", split, SPLITS)
        if self.pairs is not None:
            within("--pairs", self.pairs, 1, 10**9)

    def _files(self, progress: ProgressCallback) -> tuple[dict[str, Path], str]:
        names = {"train": [TRIPLES], "dev": [QRELS]}
        shared = [name for split in SPLITS if split in self.splits for name in names[split]]
        own = [
            name
            for language in self.languages or ()
            for name in (
                collection_file(language),
                *(queries_file(language, split) for split in SPLITS if split in self.splits),
            )
        ]
        if self.from_dir is not None:
            return local_files(self.from_dir, [*shared, *own], LAYOUT), "local files"
        files, commit = hub_files(REPOSITORY, [*shared, *own], REVISION, LAYOUT, progress)
        return files, f"{REPOSITORY}@{commit}"

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        files, revision = self._files(progress)
        languages = self.languages or ()
        tested = "dev" in self.splits
        settings = ("mono", "cross", "multi") if len(languages) > 1 else ("mono",)
        return DatasetInfo(
            name="-".join(("mmarco", *languages)),
            source="mmarco",
            revision=revision,
            licence=LICENCE,
            languages=languages,
            settings=settings if tested else (),
            metrics=("RR@10", "nDCG@10", "R@100") if tested else (),
            depth=1000 if tested else None,
            options={"splits": sorted(self.splits), "pairs": self.pairs},
            inputs=hash_files(files, progress),
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        import polars as pl

        from hybench.data.judged_pairs import KeptPassages
        from hybench.data.schema import TABLES

        files, _ = self._files(progress)
        languages = self.languages or ()
        relevant = pl.DataFrame(schema={"query_id": pl.String, "passage_id": pl.String})
        if "train" in self.splits:
            relevant = _drawn(_positives(files[TRIPLES], progress), self.pairs)
        judged = _read_qrels(files[QRELS]) if "dev" in self.splits else None
        for language in languages:
            kept = KeptPassages(relevant["passage_id"].unique())
            collection = files[collection_file(language)]
            passages = kept.passing(_passages(collection, language, progress))
            if judged is not None:
                writer.write("passages", language, passages)
                asked = _read_queries(files[queries_file(language, "dev")], None)
                source = pl.format("q:{}", "query_id")
                writer.write(
                    "queries", language, asked.with_columns(source_id=source, split=pl.lit("dev"))
                )
                answers = [judged.with_columns(passage_lang=pl.lit(code)) for code in languages]
                writer.write("qrels", language, answers)
                self._check(writer, language)
            else:
                for _ in passages:
                    pass
            if "train" in self.splits:
                wanted = relevant["query_id"].unique()
                asked = _read_queries(files[queries_file(language, "train")], wanted)
                pairs = _pairs(relevant, asked, kept.frame, collection)
                writer.write("pairs", language, pairs.select(*TABLES["pairs"]))

    def _check(self, writer: DatasetWriter, language: str) -> None:
        passages, queries = self.published
        measured = (writer.counts["passages"][language], writer.counts["queries"][language])
        if measured != (passages, queries):
            raise DataError(
                f"mMARCO ({language}) has {measured[0]:,} passages and {measured[1]:,} queries; "
                f"published are {passages:,} and {queries:,}.",
                "A file was changed or cut short: get it again.",
            )


def _passages(path: Path, language: str, progress: ProgressCallback) -> Iterator[pl.DataFrame]:
    """Yield the passages of a language, a frame per block of its file."""
    import polars as pl

    done = 0
    for number, block in read_blocks(path):
        frame = _texts(path, number, block, "passage_id")
        done += frame.height
        progress(Progress(f"read {language} passages", done, None, "passages"))
        yield frame.with_columns(title=pl.lit(""), source_id=pl.format("p:{}", "passage_id"))


def _texts(path: Path, number: int, block: bytes, key: str) -> pl.DataFrame:
    """Ids and texts of a block of lines."""
    import polars as pl

    rows = []
    for at, line in block_lines(path, number, block):
        id_, tab, text = line.partition("\t")
        if not tab:
            fail_line(path, at, "is not an id, a tab and a text", _GET_AGAIN)
        rows.append((id_, text.strip()))
    return pl.DataFrame(rows, {key: pl.String, "text": pl.String}, orient="row")


def _read_queries(path: Path, wanted: pl.Series | None) -> pl.DataFrame:
    """query_id and text of a file's queries: all, or those that are wanted."""
    import polars as pl

    frames = []
    for number, block in read_blocks(path):
        frame = _texts(path, number, block, "query_id")
        there = pl.lit(value=True) if wanted is None else pl.col("query_id").is_in(wanted.implode())
        frames.append(frame.filter(there))
    return pl.concat(frames)


def _read_qrels(path: Path) -> pl.DataFrame:
    """query_id, passage_id and relevance of the dev judgements."""
    import polars as pl

    rows = []
    for number, line in read_lines(path):
        columns = line.split()
        if len(columns) != 4 or columns[3] != "1":
            fail_line(path, number, "is not 'query 0 passage 1'", _GET_AGAIN)
        rows.append((columns[0], columns[2], 1))
    schema = {"query_id": pl.String, "passage_id": pl.String, "relevance": pl.Int32}
    return pl.DataFrame(rows, schema, orient="row")


def _positives(path: Path, progress: ProgressCallback) -> pl.DataFrame:
    """The distinct queries and relevant passages of the triples, in their order."""
    import polars as pl

    names = ["query_id", "passage_id", "other"]
    found, done = pl.DataFrame(schema=dict.fromkeys(names[:2], pl.String)), 0
    for number, block in read_blocks(path):
        try:
            rows = pl.read_csv(
                block, separator="\t", has_header=False, new_columns=names, quote_char=None,
                schema_overrides=[pl.String] * 3, encoding="utf8",
            )  # fmt: skip
        except pl.exceptions.PolarsError:
            rows = pl.DataFrame()
        if rows.width != len(names) or rows.null_count().sum_horizontal().item():
            fail_line(path, number, "or one after it is not three ids", _GET_AGAIN)
        found = pl.concat([found, rows.select(names[:2])]).unique(maintain_order=True)
        done += rows.height
        progress(Progress("read triples", done, None, "triples"))
    return found


def _drawn(relevant: pl.DataFrame, pairs: int | None) -> pl.DataFrame:
    """The first `pairs` rows by the digests of their queries' ids; None for all, as they are."""
    import polars as pl

    if pairs is None:
        return relevant
    from hashlib import sha256

    digest = [sha256(id_.encode()).hexdigest() for id_ in relevant["query_id"]]
    ordered = relevant.with_columns(digest=pl.Series(digest)).sort("digest", maintain_order=True)
    return ordered.head(pairs).drop("digest")


def _pairs(
    relevant: pl.DataFrame, queries: pl.DataFrame, passages: pl.DataFrame, path: Path
) -> pl.DataFrame:
    """The training pairs of a language.

    Raises:
        DataError: a query or passage of the triples is not among the language's.
    """
    import polars as pl

    pairs = (
        relevant.join(queries.rename({"text": "query"}), "query_id", "left", maintain_order="left")
        .join(
            passages.select("passage_id", passage="text"),
            "passage_id",
            "left",
            maintain_order="left",
        )
        .with_columns(
            pair_id=pl.format("{}:{}", "query_id", "passage_id"),
            query_source_id=pl.format("q:{}", "query_id"),
            source_id=pl.format("p:{}", "passage_id"),
        )
    )
    lost = pairs.filter(pl.col("query").is_null() | pl.col("passage").is_null())
    if lost.height:
        raise DataError(
            f"{path}, or its queries, lack passage {lost['passage_id'][0]!r} or query "
            f"{lost['query_id'][0]!r} of the triples.",
            "A file was cut short: get it again.",
        )
    return pairs


SOURCE = SourceKind(
    """mMARCO: MS MARCO machine-translated into 14 languages, parallel, to train and to test on.

    8.8 million passages a language; --splits train writes pairs alone.""",
    Mmarco,
)
