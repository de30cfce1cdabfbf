"""What tests of every package share."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from hybench.encoders.libraries import quiet_libraries
from hybench.encoders.vocabulary import train_tokenizer, transformers_tokenizer
from tests.builders import WORDS, Toy, toy_dataset, words
from tests.cli.program import TRAIN, works
from tests.data.conftest import write_lines
from tests.forking import Forked, loaded_libraries
from tests.marking import (
    _processes_are_marked,
    pytest_collection_modifyitems,
    pytest_runtest_teardown,
)
from tests.waiting import HANG

__all__ = [
    "_processes_are_marked",
    "pytest_collection_modifyitems",
    "pytest_runtest_teardown",
]

# So that a comparison that fails there shows what differs.
pytest.register_assert_rewrite("tests.tui.driving")

# The same examples in each run, so that a test that fails does not depend on the day; HYBENCH_FUZZ
# looks for others, as in `tests.hostile.fuzz`.
settings.register_profile("same", derandomize=True, deadline=timedelta(seconds=HANG))
if "HYBENCH_FUZZ" not in os.environ:
    settings.load_profile("same")

# As the program does: read when torch is first loaded, by this process and by those it starts.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

# A shell's background jobs ignore Ctrl-C, those under nohup the end of their terminal, and so would
# the programs that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data beside the checkout; tests that need it skip where it is absent."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}")
    return folder


@pytest.fixture(scope="session")
def tokenizer_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("tokenizer") / "tokenizer.json"
    texts = [words(language, number) for language in WORDS for number in range(60)]
    train_tokenizer(texts, 400, path)
    return path


@pytest.fixture(scope="session")
def checkpoint(tokenizer_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random XLM-R in Hugging Face's own layout: no sentence-transformers files."""
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaModel

    quiet_libraries()
    path = tmp_path_factory.mktemp("checkpoint") / "xlmr"
    tokenizer = transformers_tokenizer(tokenizer_file, 64)
    config = XLMRobertaConfig(
        vocab_size=len(tokenizer),
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=80,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch.manual_seed(0)
    XLMRobertaModel(config, add_pooling_layer=False).save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


@pytest.fixture(scope="session", autouse=True)
def _no_settings_of_ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("HYBENCH_")]:
            patch.delenv(name)
        patch.setenv("COLUMNS", "80")
        # What the dashboard remembers.
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        yield


@pytest.fixture(scope="session")
def popen() -> Iterator[type[subprocess.Popen[Any]]]:
    """What starts Python programs as forks that need not load any library, where it can."""
    if sys.platform != "linux":
        yield subprocess.Popen
        return
    with loaded_libraries():
        yield Forked


@pytest.fixture
def forked(popen: type[subprocess.Popen[Any]], monkeypatch: pytest.MonkeyPatch) -> None:
    """Every Python program that this process starts is such a fork."""
    monkeypatch.setattr(subprocess, "Popen", popen)


@pytest.fixture(scope="session")
def toys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data sets toy, silent (no pairs) and sentences (no queries). Not to be changed."""
    root = tmp_path_factory.mktemp("toys")
    for toy in (Toy(), Toy(train=0, name="silent"), Toy(held_out=0, name="sentences")):
        toy_dataset(root, toy)
    return root


@pytest.fixture(scope="session")
def workshop(toys: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `toys` in data/; evaluated runs mono, hybrid and bm25 in runs/, made by the program
    itself, and an unfinished one in other/. Not to be changed: see `copied`.
    """
    root = tmp_path_factory.mktemp("workshop")
    shutil.copytree(toys, root / "data")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for name, alpha in (("mono", 1), ("hybrid", 0.5)):
            works(*TRAIN, "--name", name, "--alpha", alpha)
            works("eval", name, "--data", "toy")
        works("eval", "bm25", "--data", "toy")
    unfinished = root / "other" / "unfinished"
    unfinished.mkdir(parents=True)
    shutil.copy(root / "runs" / "mono" / "config.toml", unfinished)
    return root


@pytest.fixture
def here(workshop: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The workshop as the working directory, for commands that change nothing in it."""
    monkeypatch.chdir(workshop)
    return workshop


@pytest.fixture
def copied(workshop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the workshop as the working directory."""
    root = tmp_path / "copy"
    shutil.copytree(workshop, root)
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user's cache of the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def miracl_dir(tmp_path: Path) -> Path:
    """A mirror with a tiny Swahili collection: five passages, two queries a split."""
    root = tmp_path / "mirror"
    stem = root / "miracl-v1.0-sw"
    write_lines(
        root / "miracl-corpus-v1.0-sw" / "docs-0.jsonl.gz",
        *({"docid": f"{n}#0", "title": f"T{n}", "text": f"maandishi {n}"} for n in range(4)),
        {"docid": "4#0", "title": "", "text": "bila\u2028jina"},
    )
    for split, first in (("train", 1), ("dev", 3)):
        topics = [f"{first}#0\tSwali {first}?", f"{first + 1}\tSwali {first + 1}?"]
        write_lines(stem / "topics" / f"topics.miracl-v1.0-sw-{split}.tsv", *topics)
        judgements = [
            f"{first}#0\tQ0\t1#0\t1",
            f"{first}#0\tQ0\t2#0\t0",
            f"{first + 1}\tQ0\t4#0\t1",
        ]
        write_lines(stem / "qrels" / f"qrels.miracl-v1.0-sw-{split}.tsv", *judgements)
    return root
