"""Synthetic runs: configs and results written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
import tomli_w

from hybench.evaluation.results import ResultsInfo
from hybench.files.checksums import sha256_file
from hybench.files.documents import write_json
from hybench.runs.run import Run

Row = tuple[str, str, str, str, str, float | None]
MakeRun = Callable[..., Run]

CONFIG: dict[str, Any] = {
    "kind": "train",
    "strategy": "hybrid",
    "alpha": 0.5,
    "encoder": "static",
    "data": ["atlas"],
    "steps": 600,
    "batch_size": 128,
    "seed": 0,
}


def mono(scores: Mapping[str, Sequence[float]], metric: str = "nDCG@10") -> list[Row]:
    """Rows of the monolingual setting; the i-th score of a language is that of query ``q000i``."""
    return [
        ("mono", language, language, f"q{at:04}", metric, value)
        for language, values in scores.items()
        for at, value in enumerate(values)
    ]


@pytest.fixture
def make_run(tmp_path: Path) -> MakeRun:
    """Write a run with results, see `runs_in`."""
    return runs_in(tmp_path)


def runs_in(root: Path) -> MakeRun:
    """A function that writes a run with results below a folder.

    Its `parallel` takes queries of one id for translations.
    """

    def make(
        name: str,
        rows: Sequence[Row] | None = None,
        *,
        key: str = "atlas",
        config: Mapping[str, Any] | None = None,
        folder: str = "runs",
        parallel: bool = False,
        **info: Any,
    ) -> Run:
        run = Run(root / folder / name)
        run.path.mkdir(parents=True, exist_ok=True)
        given = {**CONFIG, **(config or {})}
        run.config_file.write_text(tomli_w.dumps({k: v for k, v in given.items() if v is not None}))
        if rows is not None:
            schema = ["setting", "query_lang", "corpus_lang", "query_id", "metric", "value"]
            run.results(key).parent.mkdir(exist_ok=True)
            frame = pl.DataFrame(rows, schema=schema, orient="row", infer_schema_length=None)
            if not parallel:
                frame = frame.with_columns(
                    source_id=pl.concat_str("query_lang", pl.lit(":"), "query_id")
                )
            frame.write_parquet(run.results(key))
            manifest = ResultsInfo(
                dataset=key.partition("@")[0],
                fingerprint="f0",
                split="test",
                settings=tuple(sorted({row[0] for row in rows})),
                query_languages=tuple(sorted({row[1] for row in rows})),
                metrics=("nDCG@10", "R@100"),
                depth=1000,
                ranking_depth=100,
                search="exact",
                files={f"../results/{key}.parquet": sha256_file(run.results(key))},
            )
            write_json(run.results_info(key), asdict(replace(manifest, **info)))
        return run

    return make
