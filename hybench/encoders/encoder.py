"""A sentence-transformers model as hybench uses it: tokenised once, batched by token length."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from numpy.typing import NDArray

from hybench.encoders.arithmetic import Work
from hybench.encoders.batching import Batching
from hybench.encoders.languages import languages_of, route_of
from hybench.encoders.options import OWN_WAYS, EncoderOptions, check_one_length
from hybench.encoders.origins import MADE_HERE, Origins
from hybench.encoders.plain import check_equals_plain
from hybench.encoders.precision import FP32, autocast, check_precision
from hybench.encoders.prompts import PROMPT_NAMES, TextKind, own_prompt
from hybench.encoders.token_cache import cached_tokens
from hybench.encoders.tokenizing import TextTokenizer
from hybench.encoders.tokens import Tokens
from hybench.errors import UsageError
from hybench.files.atomic import replacing_folder
from hybench.files.documents import sha256_json

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

# Texts tokenised at once: with more texts, more of their words are equal.
_CHARACTERS_AT_ONCE = 8_000_000
# In training on a CPU: 8 to 32 took about the same, the halves of a batch up to 2.5 times as long.
_TEXTS_A_PASS = 16


class Encoder:
    """Encodes queries and passages with one model.

    Args:
        model: a sentence-transformers model whose first module is StaticEmbedding or Transformer;
            its weights are float32.
        options: prefixes and lengths; None for the model's own.
        origins: where it is from.

    Attributes:
        languages: codes of the languages whose texts it takes, which must be said of each; empty
            for a model whose vectors do not depend on them.
        token_cache: the folder of `cached_tokens` for texts that are encoded; None for no cache.

    Raises:
        UsageError: the model does more with a text than tokenise it.
    """

    def __init__(
        self,
        model: SentenceTransformer,
        options: EncoderOptions = OWN_WAYS,
        origins: Origins = MADE_HERE,
    ) -> None:
        from sentence_transformers.sentence_transformer.modules import (
            Normalize,
            StaticEmbedding,
            Transformer,
        )

        self.model = model
        first = model[0]
        if not isinstance(first, (StaticEmbedding, Transformer)):
            raise UsageError(
                f"The encoder begins with {type(first).__name__}, which hybench cannot train.",
                "Use a checkpoint of a transformer or of static embeddings.",
            )
        self._static = isinstance(first, StaticEmbedding)
        self._tokenizer: Any = first.tokenizer
        if not any(isinstance(module, Normalize) for module in model):
            model.append(Normalize())
        self.origins = origins
        self.precision: str = FP32
        self.token_cache: Path | None = None
        self.languages = languages_of(model)
        asked: dict[TextKind, str | None]
        asked = {"query": options.query_prefix, "passage": options.passage_prefix}
        model.prompts = {**(model.prompts or {})} | {
            PROMPT_NAMES[kind]: own_prompt(model, kind) if given is None else given
            for kind, given in asked.items()
        }
        if self._static:
            check_one_length(options.query_length, options.passage_length)
        self.own_length = self._own_length()
        self._lengths: dict[TextKind, int | None] = {
            "query": self._set_length("query", options.query_length),
            "passage": self._set_length("passage", options.passage_length),
        }
        self._texts = TextTokenizer(self._tokenizer)
        self._batching = Batching(self._static)
        self.work = Work()
        check_equals_plain(model, self.encode, next(iter(self.languages), None))

    def _own_length(self) -> int | None:
        """Most tokens that the model takes; None for no limit."""
        first: Any = self.model[0]
        if self._static:
            cut = self._tokenizer.truncation
            return int(cut["max_length"]) if cut else None
        return None if first.max_seq_length is None else int(first.max_seq_length)

    def _set_length(self, kind: TextKind, wanted: int | None) -> int | None:
        """Set the model's maximum length of a kind of text, for use outside hybench, too."""
        first: Any = self.model[0]
        if self._static:
            if wanted is not None:
                self._tokenizer.enable_truncation(wanted)
            return None
        attribute = "query_length" if kind == "query" else "document_length"
        limit: int | None = getattr(first, attribute, None) or first.max_seq_length
        if wanted is not None:
            limit = min(wanted, self.own_length or wanted)
            setattr(first, attribute, limit)
        return limit

    def prefix(self, kind: TextKind) -> str:
        """The prefix of a kind of text."""
        return self.model.prompts[PROMPT_NAMES[kind]] or ""

    def length(self, kind: TextKind) -> int | None:
        """Most tokens of a kind of text, special ones included; None for no limit."""
        return self._own_length() if self._static else self._lengths[kind]

    @property
    def dimension(self) -> int:
        """Dimension of the vectors."""
        return cast(int, self.model.get_embedding_dimension())

    @property
    def device(self) -> torch.device:
        """The device of the model."""
        return self.model.device

    @property
    def is_static(self) -> bool:
        """Whether it is a bag of token embeddings, not a transformer."""
        return self._static

    def batch_cuts(self, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
        """Where batches begin, of texts sorted by length; see `Batching.cuts`."""
        return self._batching.cuts(lengths, self.device)

    @property
    def tokenizer_definition(self) -> str | None:
        """All that decides the tokens of a text, as text; None if the tokenizer lacks it."""
        return self._texts.definition

    def tokenizing_digest(self, kind: TextKind) -> str | None:
        """SHA-256 of all that decides the tokens of a text; None if that is unknown."""
        own = self._texts.digest
        return None if own is None else sha256_json([own, self.prefix(kind), self._lengths[kind]])

    def tokenize(
        self, texts: Sequence[str], kind: TextKind, progress: Callable[[int], None] | None = None
    ) -> Tokens:
        """Prefix, tokenise and truncate texts.

        Args:
            texts: n texts.
            kind: decides the prefix and the length.
            progress: called with the number of texts done.
        """
        prefix = self.prefix(kind)
        parts: list[Tokens] = []
        ends = np.cumsum([len(text) for text in texts])
        start = done = 0
        while start < len(texts):
            stop = max(start + 1, int(np.searchsorted(ends, done + _CHARACTERS_AT_ONCE, "right")))
            chunk = [prefix + text for text in texts[start:stop]]
            parts.append(self._texts(chunk, self._lengths[kind]))
            start, done = stop, int(ends[stop - 1])
            if progress is not None:
                progress(start)
        return Tokens.concatenate(parts)

    def embed(self, tokens: Tokens, route: str | None = None) -> torch.Tensor:
        """Vectors float [n, dimension] of tokenised texts, with gradients if enabled.

        Args:
            tokens: the texts.
            route: of `languages.route_of`; None for a model without routes.
        """
        import torch

        device = self.device
        features: dict[str, Any]
        if self._static:
            features = {
                "input_ids": torch.from_numpy(tokens.ids).to(device),
                # EmbeddingBag requires both of one integer type.
                "offsets": torch.from_numpy(tokens.offsets[:-1].astype(np.int32)).to(device),
            }
        else:
            ids, mask = tokens.padded(self._tokenizer.pad_token_id or 0)
            features = {
                "input_ids": torch.from_numpy(ids).to(device),
                "attention_mask": torch.from_numpy(mask).to(device),
                "modality": "text",
            }
        if route is not None:
            features["task"] = route
        vectors = cast("torch.Tensor", self.model(features)["sentence_embedding"])
        if self.model.truncate_dim is not None:  # the first dimensions are kept (Matryoshka)
            vectors = torch.nn.functional.normalize(vectors[:, : self.dimension], dim=1)
        return vectors

    def embed_both(self, queries: Tokens, passages: Tokens) -> tuple[torch.Tensor, torch.Tensor]:
        """`embed` of both, in the cheapest number of passes."""
        if not self._static and self.device.type != "cpu":
            # Padded separately: queries are shorter.
            return self.embed(queries), self.embed(passages)
        vectors = self.embed_alone(Tokens.concatenate([queries, passages]))
        return vectors[: len(queries)], vectors[len(queries) :]

    def embed_alone(self, tokens: Tokens) -> torch.Tensor:
        """`embed`; on a CPU a few texts of similar length at a time, which is fastest there."""
        import torch

        if self._static or self.device.type != "cpu":
            return self.embed(tokens)
        order = np.argsort(-tokens.lengths, kind="stable")
        starts = range(0, len(order), _TEXTS_A_PASS)
        parts = [self.embed(tokens.take(order[at : at + _TEXTS_A_PASS])) for at in starts]
        return torch.cat(parts)[torch.from_numpy(np.argsort(order))]

    def use_precision(self, precision: str) -> None:
        """Compute vectors in a precision from now on; weights and vectors stay float32.

        Args:
            precision: fp32, bf16 or fp16.

        Raises:
            UsageError: there is no such precision, or the device lacks it.
        """
        check_precision(precision, str(self.device))
        self.precision = precision

    def encode_tokens(
        self,
        tokens: Tokens,
        progress: Callable[[int], None] | None = None,
        route: str | None = None,
    ) -> NDArray[np.float32]:
        """Vectors float32 [n, dimension] of tokenised texts, L2-normalised, without gradients.

        A batch that does not fit into memory is halved, as are all later ones.

        Raises:
            HybenchError: there is too little memory for a single text.
        """
        import torch

        training = self.model.training
        self.work += Work.of(tokens.lengths)
        self.model.eval()
        try:
            with torch.inference_mode(), autocast(self.precision, self.device):
                return self._batching.encode(
                    tokens, partial(self.embed, route=route), self.dimension, self.device, progress
                )
        finally:
            self.model.train(training)

    def encode(
        self,
        texts: Sequence[str],
        kind: TextKind,
        progress: Callable[[int], None] | None = None,
        language: str | None = None,
    ) -> NDArray[np.float32]:
        """Vectors float32 [n, dimension] of texts, L2-normalised, in the order of `texts`.

        Args:
            texts: n texts, passages with title and text together.
            kind: decides the prefix and the length.
            progress: called with the number of texts encoded.
            language: code of the texts' language, for a model whose vectors depend on it.

        Raises:
            UsageError: they do, and it is not among `languages`.
        """
        route = route_of(self.model, kind, language)
        tokens = cached_tokens(self, texts, kind, self.token_cache)
        return self.encode_tokens(tokens, progress, route)

    def save(self, path: Path) -> None:
        """Write a plain sentence-transformers directory, atomically, replacing an older one."""
        with replacing_folder(path, "modules.json") as folder:
            self.model.save(str(folder), create_model_card=False)
