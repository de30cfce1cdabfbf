"""Encoders: the same vectors as plain sentence-transformers, prefixes and lengths saved along."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import torch

from hybench.encoders.encoder import Encoder
from hybench.encoders.kinds.static import static_model
from hybench.encoders.kinds.tiny import tiny_model
from hybench.encoders.loading import load_encoder
from hybench.encoders.options import EncoderOptions
from hybench.encoders.tokens import Tokens
from hybench.encoders.vocabulary import train_tokenizer
from hybench.errors import DataError, HybenchError, UsageError

TEXTS = ["red blue green", "", "àtijọ́ tuntun ilé", "红蓝绿", "old new house " * 60, "?!"]

Make = Callable[[], Encoder]


@pytest.fixture(params=["static", "tiny", "checkpoint"])
def make(request: pytest.FixtureRequest, tokenizer_file: Path, checkpoint: Path) -> Make:
    prefixes = EncoderOptions(query_prefix="q: ", passage_prefix="p: ")
    lengths = replace(prefixes, query_length=12, passage_length=24)

    def static() -> Encoder:
        return Encoder(static_model(tokenizer_file, 16, 40, 1), prefixes)

    def tiny() -> Encoder:
        return Encoder(tiny_model(tokenizer_file, 16, 40, 1), lengths)

    def loaded() -> Encoder:
        return load_encoder(checkpoint, "cpu", lengths)

    return {"static": static, "tiny": tiny, "checkpoint": loaded}[request.param]


def test_the_saved_model_gives_the_same_vectors_in_plain_sentence_transformers(
    make: Make, tmp_path: Path
) -> None:
    from sentence_transformers import SentenceTransformer

    encoder = make()
    encoder.save(tmp_path / "model")
    plain = SentenceTransformer(str(tmp_path / "model"), device="cpu")
    queries, passages = encoder.encode(TEXTS, "query"), encoder.encode(TEXTS, "passage")
    np.testing.assert_allclose(plain.encode_query(TEXTS), queries, atol=2e-6)
    np.testing.assert_allclose(plain.encode_document(TEXTS), passages, atol=2e-6)
    again = load_encoder(tmp_path / "model", "cpu")
    np.testing.assert_allclose(again.encode(TEXTS, "query"), queries, atol=2e-6)
    assert again.dimension == encoder.dimension == 16


def test_vectors_are_normalised_float32_and_in_order(make: Make) -> None:
    encoder = make()
    vectors = encoder.encode(TEXTS, "passage")
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    for text, vector in zip(TEXTS, vectors, strict=True):
        np.testing.assert_allclose(encoder.encode([text], "passage")[0], vector, atol=2e-6)


def test_both_kinds_embedded_at_once_are_as_one_by_one(make: Make) -> None:
    encoder = make()
    encoder.model.eval()
    words = ["red", "blue", "old house", "green river stone"]
    texts = [" ".join(words[: 1 + n % 4]) + f" {n}" * (n % 5) for n in range(41)]
    queries, passages = encoder.tokenize(texts, "query"), encoder.tokenize(texts[::-1], "passage")
    together = encoder.embed_both(queries, passages)
    for kind, vectors in zip((queries, passages), together, strict=True):
        alone = torch.cat([encoder.embed(kind.take(np.array([row]))) for row in range(41)])
        torch.testing.assert_close(vectors, alone, atol=2e-6, rtol=1e-5)
        assert vectors.requires_grad


def test_prefixes_matter_and_kinds_differ(make: Make) -> None:
    encoder = make()
    queries, passages = encoder.encode(TEXTS, "query"), encoder.encode(TEXTS, "passage")
    assert not np.allclose(queries[0], passages[0], atol=1e-3)


def test_long_texts_are_cut(make: Make) -> None:
    tokens = make().tokenize(["old new house " * 60], "query")
    assert len(tokens.ids) in {12, 40}


def test_progress_counts_texts(make: Make) -> None:
    seen: list[int] = []
    make().encode(TEXTS * 3, "passage", seen.append)
    assert seen[-1] == len(TEXTS) * 3
    assert seen == sorted(seen)


def test_no_texts_give_no_vectors(make: Make) -> None:
    assert make().encode([], "query").shape == (0, 16)


class Memory:
    """Watches the batches that a model gets, and has too little memory for large ones."""

    def __init__(self, encoder: Encoder, tokens: int, error: type[Exception]) -> None:
        self.tokens, self.error = tokens, error
        self.shapes: list[tuple[int, ...]] = []
        encoder.model[0].register_forward_pre_hook(self.look)

    def look(self, module: Any, arguments: tuple[dict[str, Any], ...]) -> None:
        shape = tuple(arguments[0]["input_ids"].shape)
        self.shapes.append(shape)
        if np.prod(shape) > self.tokens:
            raise self.error("DefaultCPUAllocator: not enough memory: you tried to allocate more")


@pytest.mark.parametrize("error", [RuntimeError, MemoryError])
def test_batches_that_do_not_fit_are_halved(make: Make, error: type[Exception]) -> None:
    encoder = make()
    texts = [f"red blue {'green ' * (number % 7)}" for number in range(300)]
    expected = encoder.encode(texts, "passage")
    memory = Memory(encoder, 500, error)
    seen: list[int] = []
    np.testing.assert_allclose(encoder.encode(texts, "passage", seen.append), expected, atol=2e-6)
    assert seen == sorted(set(seen))
    assert seen[-1] == 300
    memory.shapes.clear()
    encoder.encode(texts, "passage")
    assert max(np.prod(shape) for shape in memory.shapes) <= 500


def test_too_little_memory_for_one_text_says_what_to_lower(make: Make) -> None:
    encoder = make()
    Memory(encoder, 3, RuntimeError)
    with pytest.raises(HybenchError, match=r"single text of 2\d tokens") as caught:
        encoder.encode(["old new house " * 7], "passage")
    assert "--passage-length" in caught.value.do


def test_other_errors_of_a_model_are_its_own(make: Make) -> None:
    encoder = make()

    def fail(*_: Any) -> None:
        raise RuntimeError("shapes cannot be multiplied")

    encoder.model.train()
    encoder.model[0].register_forward_pre_hook(fail)
    with pytest.raises(RuntimeError, match="shapes"):
        encoder.encode(["red"], "passage")
    assert encoder.model.training


def test_batches_hold_texts_of_similar_length_within_a_budget(tokenizer_file: Path) -> None:
    encoder = Encoder(tiny_model(tokenizer_file, 16, 40, 1))
    lengths = np.random.default_rng(0).integers(1, 41, 3000)
    memory = Memory(encoder, 10**9, RuntimeError)
    encoder.encode_tokens(Tokens.from_lists([[5] * length for length in lengths.tolist()]))
    assert sum(texts for texts, _ in memory.shapes) == len(lengths)
    computed = [texts * longest for texts, longest in memory.shapes]
    assert max(computed) <= 2048
    assert min(computed[:-1]) > 2048 - 40
    assert sum(computed) <= 1.05 * lengths.sum()


def test_equal_seeds_give_equal_weights(tokenizer_file: Path) -> None:
    for build in (static_model, tiny_model):
        one, same, other = (build(tokenizer_file, 16, 40, seed) for seed in (1, 1, 2))
        states = [model.state_dict() for model in (one, same, other)]
        assert all((states[0][name] == states[1][name]).all() for name in states[0])
        assert any((states[0][name] != states[2][name]).any() for name in states[0])


def test_the_vocabulary_depends_on_the_texts_alone(tmp_path: Path, tokenizer_file: Path) -> None:
    texts = ["one two three", "four five", "ọba ilé"] * 5
    for name in ("a", "b"):
        train_tokenizer(iter(texts), 300, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_pickled_weights_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(checkpoint, folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UsageError, match="no safetensors") as caught:
        load_encoder(folder)
    assert "never loaded" in caught.value.do


def test_remote_code_is_never_run(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "remote"
    shutil.copytree(checkpoint, folder)
    config = folder / "config.json"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace(
            '"model_type": "xlm-roberta"',
            '"model_type": "evil", "auto_map": {"AutoConfig": "evil.C", "AutoModel": "evil.M"}',
        ),
        encoding="utf-8",
    )
    (folder / "evil.py").write_text("raise SystemExit('ran')\n", encoding="utf-8")
    with pytest.raises(
        UsageError, match=r"needs remote code .model type evil., which hybench never"
    ):
        load_encoder(folder)


def test_damaged_weights_are_said(checkpoint: Path, tmp_path: Path) -> None:
    folder = tmp_path / "damaged"
    shutil.copytree(checkpoint, folder)
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:100])
    with pytest.raises((DataError, UsageError), match="cannot be loaded"):
        load_encoder(folder)


def test_a_missing_directory_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="There is no checkpoint"):
        load_encoder(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (404, {"X-Error-Code": "RepoNotFound"}, "was not found, here or on the hub"),
        (401, {"X-Error-Code": "RepoNotFound"}, "was not found, here or on the hub"),
        (403, {"X-Error-Code": "GatedRepo"}, "is gated"),
        (500, {}, "cannot be loaded"),
    ],
)
def test_the_hubs_answers_are_said_at_once(
    monkeypatch: pytest.MonkeyPatch, status: int, headers: dict[str, str], said: str
) -> None:
    class Hub(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            for name, value in {**headers, "Content-Length": "0"}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hub) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        import huggingface_hub

        client = huggingface_hub.HfApi(endpoint=f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setattr(huggingface_hub, "HfApi", lambda: client)
        with pytest.raises((UsageError, DataError), match=said):
            load_encoder("someone/some-model", "cpu")
        server.shutdown()
