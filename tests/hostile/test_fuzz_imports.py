"""Any bytes in what others have measured: it is imported, or refused."""

from __future__ import annotations

import json
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from hybench.importing.mteb import import_mteb, read_mteb
from hybench.importing.published import read_means
from hybench.importing.trec_files import find_files
from hybench.importing.trec_run import ImportOptions, import_trec
from hybench.runs.run import Run
from tests.hostile.fuzz import either, fuzzing, refuse, spoilt, spoilt_json
from tests.importing.test_mteb import RESULT


def _imported(path: Path) -> None:
    """Import a result, and read what was written."""
    run = Run(path.parent / "run")
    assert read_mteb(path, "run") == (found := import_mteb(path, run))
    assert found.rows == read_means(run)


@fuzzing()
@given(spoilt_json(RESULT) | spoilt(json.dumps(RESULT).encode()))
def test_results_of_mteb(data: bytes) -> None:
    either(_imported, "R.json", data)


MEANS = {
    "format": 1,
    "scores": [
        {
            "dataset": "miracl",
            "split": "dev",
            "setting": "mono",
            "metric": "nDCG@10",
            "system": "m",
            "source": "s",
            "values": {"yo": 0.5, "sw": 0.25},
        }
    ],
}


@fuzzing()
@given(spoilt_json(MEANS) | spoilt(json.dumps(MEANS).encode()))
def test_means_of_a_run(data: bytes) -> None:
    either(lambda path: read_means(Run(path.parent)), "means.json", data)


@fuzzing(0.5)
@given(
    spoilt(b"q1 Q0 en/p1 1 0.5 tag\nq1 Q0 yo/p2 2 0.25 tag\nq2 Q0 yo/p1 1 1e-3 tag\n"),
    spoilt(b"q1 0 yo/p1 1\nq1 0 en/p2 0\nq2 0 en/p1 3\n"),
    st.sampled_from(["mono", "multi"]),
)
def test_trec_runs_and_judgements(run: bytes, qrels: bytes, setting: str) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "a.run").write_bytes(run)
        (Path(folder) / "a.qrels").write_bytes(qrels)
        files = find_files(f"{folder}/a.run", f"{folder}/a.qrels", setting, ("yo",))
        made = Run(Path(folder) / "runs" / "a")
        refuse(lambda: import_trec(made, files, ImportOptions(name="mine")))
        assert made.config_file.exists() == made.results_info("mine").exists()
