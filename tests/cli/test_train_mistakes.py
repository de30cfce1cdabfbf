"""Wrong flags of ``hybench train``: each is found before a run is made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import BUDGET, TRAIN, names_in, refused


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--alpha", "1.5"), "--alpha is 1.5."),
        (("--alpha", "-0.1"), "--alpha is -0.1."),
        (("--alpha", "nan"), "--alpha is nan."),
        (("--alpha", "half"), "'--alpha'"),
        (("--steps", "many"), "'--steps'"),
        (("--steps", "1.5"), "'--steps'"),
        (("--steps", "-5"), "--steps is -5."),
        (("--steps", str(10**15)), "--steps is 1000000000000000.\n  It must be at least 0 and at "),
        (("--steps", str(10**30)), "It must be at least 0 and at most 1,000,000,000."),
        (("--vocabulary", str(10**20)), "--vocabulary is 100000000000000000000."),
        (("--accumulation", str(10**15)), "--accumulation is 1000000000000000."),
        (("--dimension", str(10**12)), "--dimension is 1000000000000."),
        (("--batch-size", str(10**15)), "--batch-size is 1000000000000000."),
        (("--seed", str(2**63)), "--seed is 9223372036854775808."),
        (("--data", "toy", "--data", "toy"), "--data names toy twice.\n  Give each name once."),
        (("--data", "toy,data/toy"), "--data toy and --data data/toy are the same set."),
        (("--batch-size", "1"), "--batch-size is 1."),
        (("--seed", "-1"), "--seed is -1."),
        (("--learning-rate", "100"), "--learning-rate is 100.0."),
        (("--vocabulary", "10"), "--vocabulary is 10."),
        (("--strategy", "magic"), "'--strategy': 'magic' is not one of 'hybrid', 'distill'."),
        (("--objective", "magic"), "--objective is 'magic'.\n  Choose one of: cosine kl "),
        (("--mixing", "magic"), "'--mixing': 'magic' is not one of"),
        (("--schedule", "magic"), "'--schedule': 'magic' is not"),
        (("--precision", "fp8"), "'--precision': 'fp8' is not"),
        (("--teacher", "somewhere"), "--strategy hybrid has no teacher"),
        (("--query-length", "9"), "--query-length and --passage-length differ"),
        (("--encoder", "tiny", "--dimension", "18"), "use a multiple of 4"),
        (("--encoder", "./nowhere"), "There is no checkpoint ./nowhere."),
        (("--strategy", "distill", "--teacher", "./nowhere"), "There is no checkpoint ./nowhere."),
        (("--strategy", "distill", "--languages", "de,yo"), "no pairs in en"),
        (("--languages", "xx"), "no training pairs in xx.\n  It has pairs in: de en yo."),
        (
            ("--languages", "en,xx,yy"),
            "no training pairs in xx yy.\n  There are pairs in: de en yo.",
        ),
        (("--objective", "kl"), "--objective is given, but --strategy hybrid has no teacher."),
        (("--contrastive-weight", "1"), "--contrastive-weight is given, but --strategy hybrid"),
        (("--languages", "en", "--alpha", "0"), "no two distinct pairs exist in two languages"),
        (("--data", "nosuch"), "No data set 'nosuch' in data."),
        (("--data", "nowhere/toy"), "No data set 'toy' in nowhere."),
        (("--data", "silent"), "Data set silent has no training pairs."),
        (("--data-dir", "nowhere"), "No data set 'toy' in nowhere."),
        (("--validation", "nosuch"), "No data set 'nosuch' in data."),
        (("--validation", "sentences"), "--validation sentences has no dev split."),
        (("--device", "tpu"), "--device is 'tpu'."),
        (("--device", "cuda:first"), "--device is 'cuda:first'."),
        (("--device", "cuda:99"), "--device cuda:99: this device is not available."),
        (("--name", "字" * 51), "cannot be a folder's name."),
        (("--name", "two words"), "--name: 'two words' cannot be a folder's name."),
        (("--name", "a/b*c"), "--name: 'b*c' cannot be a folder's name."),
        (("--name", ".hidden"), "--name: '.hidden' cannot be a folder's name."),
        (("--name", ".."), "--name: '..' cannot be a folder's name."),
        (("--name", "bm25"), "--name bm25 is kept for the baseline"),
        (("--nosuch", "1"), "--nosuch"),
        (("more",), "more"),
    ],
)
def test_a_wrong_flag(flags: tuple[str, ...], says: str, here: Path) -> None:
    name = () if "--name" in flags else ("--name", "new")
    arguments = TRAIN[:1] + TRAIN[3:] if "--data" in flags else TRAIN
    assert says in refused(2, *arguments, *name, *flags)
    assert names_in(here / "runs") == ["bm25", "hybrid", "mono"]


def test_cuda_where_there_is_none(here: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU here")
    said = refused(2, *TRAIN, "--name", "new", "--device", "cuda")
    assert "--device cuda: this device is not available.\n  Use --device cpu or auto." in said


def test_no_data_set_is_named(here: Path) -> None:
    assert "Add --data SET" in refused(2, "train", *BUDGET, "--name", "new")


@pytest.mark.parametrize("flag", ["--encoder", "--teacher"])
def test_a_pickled_checkpoint_is_never_loaded(flag: str, here: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "pytorch_model.bin").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    strategy = ("--strategy", "distill") if flag == "--teacher" else ()
    said = refused(2, *TRAIN, "--name", "new", *strategy, flag, tmp_path)
    assert "has no safetensors weights" in said
    assert "pickles are never loaded" in said


def test_a_damaged_checkpoint(copied: Path) -> None:
    [weights] = (copied / "runs" / "mono" / "model").rglob("*.safetensors")
    weights.write_bytes(weights.read_bytes()[:100])
    said = refused(
        1, *TRAIN, "--name", "new", "--strategy", "distill", "--teacher", "runs/mono/model"
    )
    assert "runs/mono/model cannot be loaded" in said


def test_a_file_in_the_way_of_the_runs(copied: Path) -> None:
    (copied / "taken").write_text("not a folder")
    assert "Cannot write taken/" in refused(1, *TRAIN, "--name", "new", "--runs-dir", "taken")
    (copied / "runs" / "new").write_text("not a folder")
    assert "Cannot write runs/new" in refused(1, *TRAIN, "--name", "new")


def test_a_damaged_data_set(copied: Path) -> None:
    toy = copied / "data" / "toy"
    (toy / "pairs" / "de.parquet").write_bytes(b"PAR1")
    said = refused(1, *TRAIN, "--name", "new")
    assert "data/toy/pairs/de.parquet cannot be read" in said
    assert "--force" in said
    (toy / "pairs" / "de.parquet").unlink()
    assert "data/toy/pairs/de.parquet cannot be read" in refused(1, *TRAIN, "--name", "new")
    (toy / "dataset.json").write_text("{")
    assert "data/toy/dataset.json cannot be read as JSON" in refused(1, *TRAIN, "--name", "new")


@pytest.mark.process
def test_another_process_holds_the_run(copied: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from hybench.runs.run import Run\n"
        "with Run(Path('runs/mono')).lock(): print('held', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        for command in (
            (*TRAIN, "--name", "mono", "--force"),
            ("train", "--resume", "--name", "mono"),
            ("index", "mono", "--data", "toy"),
            ("eval", "mono", "--data", "toy"),
        ):
            assert "Another process is working on run mono." in refused(1, *command)
        holder.communicate()
    assert (copied / "runs" / "mono" / "model").is_dir()
    assert names_in(copied / "runs") == ["bm25", "hybrid", "mono"]
