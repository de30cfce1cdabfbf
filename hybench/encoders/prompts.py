"""Prompts of a sentence-transformers model, which hybench calls prefixes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

TextKind = Literal["query", "passage"]

PROMPT_NAMES: dict[TextKind, str] = {"query": "query", "passage": "document"}
"""sentence-transformers' own names, used by its encode_query and encode_document."""

_FALLBACKS = {"query": ("query",), "passage": ("document", "passage", "corpus")}


def own_prompt(model: SentenceTransformer, kind: TextKind) -> str:
    """The prompt that a model's files have for a kind of text; empty for none.

    The first that is not empty of those that sentence-transformers looks for; a default prompt of
    the model is for neither queries nor passages.
    """
    prompts = model.prompts or {}
    return next((text for name in _FALLBACKS[kind] if (text := prompts.get(name))), "")
