"""Sets as the hub lays them out: Parquet by config and split, named in the card."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import yaml

Tables = Mapping[str, Mapping[str, pl.DataFrame]]


def write_hub(folder: Path, tables: Tables, **card: Any) -> Path:
    """Write frames by config and split below a folder, and the card that names them."""
    configs = []
    for config, splits in tables.items():
        files = []
        for split, frame in splits.items():
            path = folder / config / f"{split}-00000-of-00001.parquet"
            path.parent.mkdir(parents=True, exist_ok=True)
            frame.write_parquet(path)
            files.append({"split": split, "path": f"{config}/{split}-*"})
        configs.append({"config_name": config, "data_files": files})
    head = yaml.safe_dump({"configs": configs, **card}, sort_keys=False)
    (folder / "README.md").write_text(f"---\n{head}---\n# A set\n", encoding="utf-8")
    return folder


def corpus(*texts: str, first: int = 1) -> pl.DataFrame:
    """Passages ``p1``, ``p2`` …, titled by their ids, beside a column that no one asks for."""
    ids = [f"p{number}" for number in range(first, first + len(texts))]
    return pl.DataFrame(
        {
            "_id": ids,
            "title": [f"T {name}" for name in ids],
            "text": texts,
            "other": [0.5] * len(ids),
        }
    )


def queries(*texts: str, first: int = 1) -> pl.DataFrame:
    """Queries ``q1``, ``q2`` …"""
    ids = [f"q{number}" for number in range(first, first + len(texts))]
    return pl.DataFrame({"_id": ids, "text": texts})


def qrels(*rows: tuple[str, str, float]) -> pl.DataFrame:
    """Judgements of query, passage and score."""
    return pl.DataFrame([*rows], ["query-id", "corpus-id", "score"], orient="row")


def small_tables() -> dict[str, dict[str, pl.DataFrame]]:
    """A set in one language with train and test, its tables named as MTEB does."""
    return {
        "default": {
            "train": qrels(("q1", "p1", 1.0), ("q1", "p2", 0.0), ("q2", "p4", 2.0)),
            "test": qrels(("q3", "p3", 1.0)),
        },
        "corpus": {"corpus": corpus("mto mrefu", "ziwa kubwa", "mlima mrefu", "mji mkuu")},
        "queries": {"queries": queries("mto gani?", "mji gani?", "mlima gani?", "hakuna")},
    }


@pytest.fixture(scope="session", autouse=True)
def _library() -> None:
    """Import `datasets` before any test does: importing it asks ``uname`` for the processor."""
    import datasets  # noqa: F401


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """`small_tables` as a folder, whose card says its language and licence."""
    return write_hub(tmp_path / "small", small_tables(), language=["swh"], license="cc-by-4.0")
