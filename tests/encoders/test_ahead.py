"""Tokenising ahead: the vectors of `encode`, and the next texts' tokens while the device works."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Event, get_ident
from typing import Any

import numpy as np
import pytest

from hybench.encoders.ahead import encode_parts
from hybench.encoders.encoder import Encoder
from hybench.encoders.kinds.static import static_model
from hybench.encoders.kinds.tiny import tiny_model
from hybench.encoders.options import EncoderOptions
from hybench.encoders.tokens import Tokens
from hybench.errors import UsageError

PARTS = [["red blue green", "", "old new house " * 60], ["àtijọ́ tuntun ilé"], ["红蓝绿", "?!"]]


@pytest.mark.parametrize("make", [static_model, tiny_model])
def test_vectors_are_those_of_encode(make: Callable[..., Any], tokenizer_file: Path) -> None:
    encoder = Encoder(make(tokenizer_file, 16, 40, 1), EncoderOptions(passage_prefix="p: "))
    told: list[int] = []
    found = list(encode_parts(encoder, PARTS, "passage", told.append))
    for part, vectors in zip(PARTS, found, strict=True):
        assert np.array_equal(vectors, encoder.encode(part, "passage"))
    assert told == sorted(told)
    assert told[-1] == 6


def test_tokens_are_kept_where_the_encoder_has_a_folder_for_them(
    tokenizer_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = Encoder(static_model(tokenizer_file, 16, 40, 1))
    whole = list(encode_parts(first, PARTS, "passage", lambda done: None))
    asked = first.encode(PARTS[0], "query")
    first.token_cache = tmp_path
    list(encode_parts(first, PARTS, "passage", lambda done: None))
    first.encode(PARTS[0], "query")
    second = Encoder(static_model(tokenizer_file, 16, 40, 1))
    second.token_cache = tmp_path
    monkeypatch.setattr(second, "tokenize", None)  # it has no need of it
    kept = list(encode_parts(second, PARTS, "passage", lambda done: None))
    for vectors, expected in zip(kept, whole, strict=True):
        np.testing.assert_array_equal(vectors, expected)
    np.testing.assert_array_equal(second.encode(PARTS[0], "query"), asked)


def test_the_next_texts_are_tokenised_while_the_device_has_some(
    tokenizer_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = Encoder(static_model(tokenizer_file, 16, 40, 1))
    tokenize, encode_tokens = encoder.tokenize, encoder.encode_tokens
    second, threads = Event(), set()

    def tokenizing(texts: Sequence[str], kind: Any, *_: Any) -> Tokens:
        threads.add(get_ident())
        if texts == PARTS[1]:
            second.set()
        return tokenize(texts, kind)

    def encoding(tokens: Tokens, *more: Any) -> Any:
        assert second.wait(30)  # while the first part is on the device
        return encode_tokens(tokens, *more)

    monkeypatch.setattr(encoder, "tokenize", tokenizing)
    monkeypatch.setattr(encoder, "encode_tokens", encoding)
    assert len(list(encode_parts(encoder, PARTS, "passage", lambda done: None))) == 3
    assert get_ident() not in threads


def test_a_fault_in_the_thread_is_raised_here(
    tokenizer_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> Tokens:
        raise UsageError("No.", "Try another.")

    encoder = Encoder(static_model(tokenizer_file, 16, 40, 1))
    monkeypatch.setattr(encoder, "tokenize", refuse)
    with pytest.raises(UsageError, match="No"):
        list(encode_parts(encoder, PARTS, "passage", lambda done: None))
