"""What tests of every package share."""

from __future__ import annotations

import os
import signal
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import settings

from hybench.encoders.libraries import quiet_libraries
from hybench.encoders.vocabulary import train_tokenizer, transformers_tokenizer
from tests.builders import WORDS, words

# So that a comparison that fails there shows what differs.
pytest.register_assert_rewrite("tests.tui.driving")

# The same examples in each run, so that a test that fails does not depend on the day; HYBENCH_FUZZ
# looks for others, as in `tests.hostile.fuzz`.
settings.register_profile("same", derandomize=True, deadline=timedelta(seconds=20))
if "HYBENCH_FUZZ" not in os.environ:
    settings.load_profile("same")

# As the program does: read when torch is first loaded, by this process and by those it starts.
os.environ.setdefault("GOMP_SPINCOUNT", "1000")

# A shell's background jobs ignore Ctrl-C, and so would the programs that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)


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
