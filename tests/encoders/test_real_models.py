"""Two real encoders, if they lie beside the checkout: vectors as sentence-transformers has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hybench.config.train import TrainConfig
from hybench.encoders.loading import load_encoder
from hybench.encoders.prompts import TextKind
from hybench.runs.run import Run
from hybench.training.train import train

PROMPTS = {
    "all-MiniLM-L6-v2": {"query": "", "passage": ""},
    "multilingual-e5-small": {"query": "query: ", "passage": "passage: "},
}
KINDS: tuple[TextKind, ...] = ("query", "passage")
TEXTS = [
    "", "?!", "Nairobi is the capital of Kenya.", "Ọjọ́ ọ̀ṣẹ́ Yorùbá.", "東京は日本の首都です。",
    "नई दिल्ली भारत की राजधानी है।", "กรุงเทพมหานครเป็นเมืองหลวงของประเทศไทย", "القاهرة " * 400,
]  # fmt: skip


@pytest.fixture(params=PROMPTS)
def model(request: pytest.FixtureRequest) -> Path:
    folder: Path = Path(__file__).resolve().parents[3] / "models" / request.param
    if not folder.is_dir():
        pytest.skip(f"no {folder}: CONTRIBUTING.md says how to make it")
    return folder


def plain(folder: Path, prompts: dict[str, str]) -> dict[str, Any]:
    """What sentence-transformers itself gives, one text at a time."""
    from sentence_transformers import SentenceTransformer

    encode = SentenceTransformer(str(folder), device="cpu").encode
    return {
        kind: np.stack(
            [encode(text, prompt=prompts[kind], normalize_embeddings=True) for text in TEXTS]
        )
        for kind in KINDS
    }


@pytest.mark.slow
def test_vectors_before_and_after_training(model: Path, toys: Path, tmp_path: Path) -> None:
    prompts = PROMPTS[model.name]
    before = load_encoder(model, "cpu")
    expected = plain(model, prompts)
    for kind in KINDS:
        np.testing.assert_allclose(before.encode(TEXTS, kind), expected[kind], atol=1e-5)
    config = TrainConfig(
        data=("toy",), encoder=str(model), steps=1, batch_size=4, warmup=0.0, validate_every=0
    )
    run = Run(tmp_path / "run")
    list(train(config, run, toys, device="cpu"))
    after, now = load_encoder(run.model, "cpu"), plain(run.model, prompts)
    for kind in KINDS:
        np.testing.assert_allclose(after.encode(TEXTS, kind), now[kind], atol=1e-5)
        assert np.abs(now[kind] - expected[kind]).max() > 1e-4
