"""A folder of mined negatives: a Parquet file per language of the queries, and a manifest."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from hybench.errors import DataError, UsageError
from hybench.files.checksums import sha256_once
from hybench.files.documents import read_json, sha256_json
from hybench.files.tables import Schema, read_table
from hybench.values.names import folder_named
from hybench.values.typed import from_json

FORMAT = 1
NEGATIVES = "negatives.json"
"""The manifest, written last: a folder without it has no negatives."""

_AGAIN = "Mine them again: hybench mine, with --force."

SCHEMA: Schema = {
    "pair_id": pl.String(),
    "rank": pl.Int32(),
    "score": pl.Float32(),
    "positive_score": pl.Float32(),
    "margin": pl.Float32(),
    "relative_margin": pl.Float32(),
    "language": pl.String(),
    "passage_id": pl.String(),
    "source_id": pl.String(),
    "passage": pl.String(),
    "teacher_score": pl.Float32(),
    "teacher_positive": pl.Float32(),
}
"""Columns of a file: a row per query and negative, the queries in the order of the set's pairs.

- ``pair_id``: of the query; the file's name is the query's language.
- ``rank``: in the search, from 1, all passages of its pool counted.
- ``score``, ``positive_score``: of the miner, for the negative and for the query's passage in the
  negative's language (of several the lowest; in the query's language if there is none in the
  negative's).
- ``margin``: positive_score - score; ``relative_margin``: the same as a share of positive_score's
  size.
- ``language``, ``passage_id``, ``source_id``, ``passage``: the negative; ``passage`` is title and
  text together. A passage of a pair has the pair's id.
- ``teacher_score``, ``teacher_positive``: a teacher's cosines of the query with the negative and
  with its own passage in its own language; null without a teacher.
"""


@dataclass(frozen=True)
class NegativesInfo:
    """The content of ``negatives.json``.

    Attributes:
        name: the folder's name.
        dataset: name of the set.
        fingerprint: of the set.
        miner: name of the run, or ``bm25``.
        miner_digest: SHA-256 of the model and how it is used, or of BM25's parameters.
        options: those that decide which negatives there are.
        teacher: the model that scored them; empty without one.
        teacher_digest: SHA-256 of all that decides its vectors.
        counts: by language of the queries: ``queries``; ``negatives``; ``short`` (queries with
            fewer than were asked for); and passages among the hits that were no negatives, by
            reason: ``answers``, ``held_out``, ``margin``, ``score``, ``translations``.
        costs: by language, of mining and of the teacher's scores; in folders of older builds apart,
            and none of BM25's.
        files: SHA-256 of each Parquet file by its name.
        format: version of this layout.
    """

    name: str
    dataset: str
    fingerprint: str
    miner: str
    miner_digest: str
    options: dict[str, Any]
    teacher: str = ""
    teacher_digest: str = ""
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    costs: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def request(self) -> str:
        """Digest of all that decides the negatives and their scores."""
        values = asdict(self)
        own = ("dataset", "fingerprint", "miner", "miner_digest", "options", "teacher_digest")
        return sha256_json({name: values[name] for name in (*own, "format")})

    def to_json(self) -> dict[str, Any]:
        """The manifest as plain JSON values."""
        return asdict(self)


@dataclass(frozen=True)
class Negatives:
    """Mined negatives, opened; tables are read on demand."""

    path: Path
    info: NegativesInfo

    @classmethod
    def open(cls, path: Path) -> Negatives:
        """Open a folder of negatives.

        Raises:
            UsageError: there is none.
            DataError: its manifest cannot be read.
        """
        manifest = path / NEGATIVES
        if not manifest.is_file():
            others = sorted(other.parent.name for other in path.parent.glob(f"[!.]*/{NEGATIVES}"))
            known = f" Mined here: {' '.join(others)}." if others else ""
            raise UsageError(
                f"No negatives {path.name!r} in {path.parent}.",
                f"Mine them: hybench mine RUN --data SET.{known}",
            )
        value = read_json(manifest)
        if value.get("format") != FORMAT:
            raise DataError(f"{manifest} is of another version of hybench.", _AGAIN)
        return cls(path, from_json(NegativesInfo, value, manifest, _AGAIN))

    @property
    def languages(self) -> tuple[str, ...]:
        """Languages of the queries, sorted."""
        return tuple(sorted(name.removesuffix(".parquet") for name in self.info.files))

    def rows(self, language: str) -> pl.DataFrame:
        """The negatives of a language's queries; see `SCHEMA`.

        Raises:
            DataError: the file is missing or damaged.
        """
        file = self.path / f"{language}.parquet"
        try:
            if sha256_once(file) != self.info.files.get(file.name):
                raise DataError(f"{file} is damaged: its checksum differs.", _AGAIN)
            return read_table(file)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise DataError(f"{file} cannot be read: {error}.", _AGAIN) from error


def open_negatives(name: str, root: Path) -> Negatives:
    """Open negatives by the name of their folder below `root`, or by its path.

    Raises:
        UsageError: there are none.
        DataError: their manifest cannot be read.
    """
    return Negatives.open(folder_named(name, root))
