"""Several processes that search an index: the bits of one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hybench.evaluation.evaluate import evaluate
from hybench.evaluation.scope import EvalOptions
from hybench.indexes import search_crew, search_worker
from hybench.indexes.exact import passes, spans
from hybench.indexes.exact.results import Request, Wanted
from hybench.indexes.exact.search import Pool
from hybench.indexes.options import IndexOptions
from hybench.indexes.reader import open_index
from hybench.indexes.search_crew import SearchCrew
from hybench.indexes.writer import build_index
from hybench.workers.engine import make_pool
from tests.indexes.exact.test_passes import same
from tests.indexes.fakes import HashedWords, run_with_model
from tests.indexes.test_writer import tiny


@pytest.mark.process
@pytest.mark.slow
def test_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spans, "PASSAGE_BLOCK", 90)  # here; the processes read other blocks
    monkeypatch.setattr(search_crew, "PASSAGE_BLOCK", 90)
    monkeypatch.setattr(passes, "FEW", 1)
    run, dataset = run_with_model(tmp_path), tiny(tmp_path / "data")
    options = IndexOptions(exact=True, shard_rows=64, store="f16")
    build_index(run, dataset, HashedWords(), options)
    parts = [open_index(run, dataset, language).part for language in ("sw", "yo")]
    queries = HashedWords().encode([f"w{number} w{number // 2}" for number in range(70)], "query")
    wanted = Wanted(np.arange(70), np.arange(70) * 4)
    requests = [
        Request(queries, [20, 1], 30, wanted),  # hashed words tie often
        Request(queries[:5], [300, 2], None),
    ]
    pool = Pool(parts)
    expected = list(pool.search_all(requests))
    with SearchCrew(make_pool(search_worker.__name__, "cpu", 2)) as crew:
        together = Pool(parts, crew=crew)
        assert not crew.worth(together, [])
        monkeypatch.setattr(search_crew, "WORTH", 0)
        assert not crew.worth(Pool([replace(parts[0], folder=None)]), [])
        told: list[int] = []
        found = list(together.search_all(requests, told.append))
    for one, other in zip(found, expected, strict=True):
        same(one, other)
    assert max(told) == len(pool)
    values = [
        evaluate(run, dataset, HashedWords(), EvalOptions(memory=memory)).values
        for memory in (None, 10**9)
    ]
    assert values[0].equals(values[1])
