"""A miniature of the work: passages of a set, or invented ones, as small sets in a folder."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hybench.data.dataset import Dataset
from hybench.data.frames import Frames
from hybench.data.preparation import prepare
from hybench.data.sources.miracl.source import Miracl, corpus_files, judgement_files
from hybench.indexes.shard_encoding import CHUNK
from hybench.planning.invented import invented_texts
from hybench.planning.load import Load, sample_passages

MOST = 3 * CHUNK
"""Most passages of a miniature: as many of the chunks that are encoded at a time."""

QUERIES = 512
"""Most queries."""

_QUERY_WORDS = 6
_ONE_FILE = "yo"
"""A language of MIRACL whose corpus is one file."""


def miniature_texts(
    load: Load, dataset: Dataset | None, language: str, most: int = MOST
) -> list[str]:
    """At most so many passages of a language.

    Args:
        load: that is planned.
        dataset: it, prepared; None where passages are invented.
        language: code of one of its languages.
        most: passages.
    """
    if dataset is not None:
        return sample_passages(dataset, language, most)
    own = next(each for each in load.languages if each.language == language)
    return invented_texts(language, most, own.passages.characters / own.passages.count)


@dataclass(frozen=True)
class Miniature:
    """Small sets of passages in one language.

    Attributes:
        folder: where they are made.
        language: code.
        texts: passages.
        depth: hits of a ranking that count.
    """

    folder: Path
    language: str
    texts: Sequence[str]
    depth: int

    def prepared(self, count: int) -> Dataset:
        """A set of the first passages, with queries of their words, and pairs of both."""
        texts, code = self.texts[:count], self.language
        ids = [f"{number:07d}#0" for number in range(count)]
        asked = [*range(0, count, max(1, count // QUERIES))][:QUERIES]
        queries = [" ".join(texts[at].split()[:_QUERY_WORDS]) for at in asked]
        passages = pl.DataFrame({"passage_id": ids, "text": [*texts]})
        pairs = pl.DataFrame(
            {
                "pair_id": [ids[at] for at in asked],
                "query": queries,
                "passage": [texts[at] for at in asked],
            }
        )
        judged = pl.DataFrame({"query_id": [f"q{at}" for at in asked]})
        own = pl.lit(code).alias("language")
        source = Frames(
            f"{code}-{count}",
            passages=passages.with_columns(own),
            queries=judged.with_columns(own, text=pl.Series(queries)),
            qrels=judged.with_columns(own, passage_id=pairs["pair_id"]),
            pairs=pairs.with_columns(own),
            depth=self.depth,
        )
        return prepare(source, self.folder / "data").dataset

    def files(self, count: int) -> Miracl:
        """The first passages in MIRACL's files, to be prepared."""
        folder = self.folder / f"miracl-{count}"
        [corpus] = corpus_files(_ONE_FILE)
        topics, qrels = judgement_files(_ONE_FILE, "dev")
        for name in (corpus, topics, qrels):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with gzip.open(folder / corpus, "wt", encoding="utf-8", compresslevel=6) as file:
            for number, text in enumerate(self.texts[:count]):
                record = {"docid": f"{number}#0", "title": "", "text": text}
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
        (folder / topics).write_text("q\ttopic\n", encoding="utf-8")
        (folder / qrels).write_text("q\tQ0\t0#0\t1\n", encoding="utf-8")
        return Miracl((_ONE_FILE,), folder)


def prepare_words(source: Miracl, data_dir: Path) -> tuple[str, ...]:
    """The arguments of ``hybench`` that prepare the files of a miniature."""
    files = ("--from", str(source.from_dir), "--languages", *source.languages)
    return ("prepare", "miracl", *files, "--data-dir", str(data_dir))
