"""What a model's tokenizer makes of each language: tokens per word, and how many texts are cut."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from hybench.concurrency.progress import Progress, ProgressCallback, ignore
from hybench.data.dataset import Dataset
from hybench.data.schema import passage_text_expression
from hybench.encoders.encoder import Encoder
from hybench.encoders.prompts import TextKind
from hybench.evaluation.remembered import remembered
from hybench.files.tables import table_chunks
from hybench.runs.run import Run
from hybench.values.scripts import UNSPACED

SAMPLE = 2000
"""Most texts of a kind and language that are tokenised."""

_ROWS = 16_384
"""Passages that are read at a time."""

_UNSPACED = re.compile(f"[{UNSPACED}]")
_MOSTLY = 0.5

_PLURAL: dict[TextKind, str] = {"query": "queries", "passage": "passages"}


@dataclass(frozen=True)
class Fertility:
    """What a tokenizer makes of the texts of one kind in one language; prefixes are not counted.

    Attributes:
        language: code.
        kind: query or passage.
        texts: that were tokenised.
        per_word: tokens per word between white space, the fertility of Rust et al. (2021, arXiv
            2012.15613); None for a language that is mostly in scripts without spaces.
        per_character: tokens per Unicode character.
        per_byte: tokens per byte of UTF-8; both also compare languages without spaces (Petrov et
            al. 2023, arXiv 2305.15425, compare tokens of equal content).
        truncated: share of the texts that are longer than the model takes, prefix and special
            tokens included; 0 without a limit.
    """

    language: str
    kind: TextKind
    texts: int
    per_word: float | None
    per_character: float
    per_byte: float
    truncated: float


def measure_fertility(
    dataset: Dataset,
    encoder: Encoder,
    languages: Sequence[str] = (),
    sample: int = SAMPLE,
    progress: ProgressCallback = ignore,
) -> list[Fertility]:
    """Tokenise a set's queries and passages, or those of its training pairs if it has no others.

    Args:
        dataset: the set.
        encoder: the model.
        languages: codes; empty for all of the set's.
        sample: most texts of a kind and language, taken at equal distances.
        progress: called with the languages done.

    Returns:
        By language and kind, those with texts.

    Raises:
        DataError: a table is damaged.
    """
    tables = {each: dataset.table_languages(each) for each in ("queries", "passages", "pairs")}
    known = sorted({*tables["queries"], *tables["passages"]} or {*tables["pairs"]})
    chosen = [language for language in known if not languages or language in languages]
    count = token_counter(encoder)
    found = []
    for done, language in enumerate(chosen, 1):
        for kind in cast("tuple[TextKind, ...]", ("query", "passage")):
            texts = _sampled(dataset, language, kind, sample)
            if texts:
                found.append(_measured(language, kind, texts, encoder, count))
        progress(Progress("tokenise", done, len(chosen), "languages"))
    return found


@dataclass(frozen=True)
class CutShares:
    """The shares of texts that a model cuts.

    Attributes:
        shares: by kind and language, such as ``passages th``; those where any are.
    """

    shares: dict[str, float]


def cut_shares(
    run: Run, dataset: Dataset, encoder: object, languages: Iterable[str]
) -> dict[str, float]:
    """The shares of texts that a model cuts, by kind and language; none of what is no `Encoder`.

    They are kept beside the run, for other models with the same tokenizer, prefixes and lengths.

    Args:
        run: the model's.
        dataset: the set.
        encoder: the model.
        languages: codes.
    """
    if not isinstance(encoder, Encoder):
        return {}
    chosen = sorted({*languages})
    ways = [encoder.tokenizing_digest(kind) for kind in _PLURAL]
    if None in ways:
        return _cut(dataset, encoder, chosen).shares
    key = [SAMPLE, ways, dataset.info.fingerprint, chosen]
    return remembered(run, "cut", key, CutShares, lambda: _cut(dataset, encoder, chosen)).shares


def _cut(dataset: Dataset, encoder: Encoder, languages: Sequence[str]) -> CutShares:
    return CutShares(
        {
            f"{_PLURAL[each.kind]} {each.language}": round(each.truncated, 4)
            for each in measure_fertility(dataset, encoder, languages)
            if each.truncated
        }
    )


def _sampled(dataset: Dataset, language: str, kind: TextKind, most: int) -> list[str]:
    """At most so many texts of a kind, at equal distances."""
    if kind == "passage" and dataset.table_languages("passages"):
        return _sampled_passages(dataset, language, most)
    if not dataset.table_languages("passages"):
        texts = dataset.pairs(language)[kind]
    else:
        texts = dataset.queries(language)["text"]
    return texts.gather_every(max(1, -(-len(texts) // most))).to_list()


def _sampled_passages(dataset: Dataset, language: str, most: int) -> list[str]:
    """Passages, title and text together; a corpus is read in parts, for it may be large."""
    rows = dataset.info.counts["passages"].get(language, 0)
    if not rows:
        return []
    step = -(-rows // most)
    texts: list[str] = []
    at = 0
    file = dataset.readable_file("passages", language)
    for frame in table_chunks(file, ["title", "text"], _ROWS):
        first = -at % step
        at += frame.height
        if first < frame.height:
            chosen = frame.gather_every(step, first).select(passage_text_expression())
            texts += chosen.to_series().to_list()
    return texts


def _measured(
    language: str,
    kind: TextKind,
    texts: Sequence[str],
    encoder: Encoder,
    count: Callable[[Sequence[str]], tuple[list[int], int]],
) -> Fertility:
    tokens, _ = count(texts)
    whole, special = count([encoder.prefix(kind) + text for text in texts])
    limit = encoder.length(kind)
    characters = sum(map(len, texts))
    unspaced = sum(len(_UNSPACED.findall(text)) for text in texts)
    words = sum(len(text.split()) for text in texts)
    total = sum(tokens)
    cut = 0.0 if limit is None else np.mean([each + special > limit for each in whole])
    return Fertility(
        language,
        kind,
        len(texts),
        None if unspaced > _MOSTLY * characters else total / max(1, words),
        total / max(1, characters),
        total / max(1, sum(len(text.encode()) for text in texts)),
        float(cut),
    )


def token_counter(encoder: Encoder) -> Callable[[Sequence[str]], tuple[list[int], int]]:
    """A function from texts to their numbers of tokens, uncut, and the special tokens of each."""
    from tokenizers import Tokenizer

    first: Any = encoder.model[0]
    own = first.tokenizer
    if isinstance(own, Tokenizer):
        whole = deepcopy(own)
        whole.no_truncation()
        whole.no_padding()
        return lambda texts: (
            [len(each.ids) for each in whole.encode_batch(list(texts), add_special_tokens=False)],
            0,
        )

    def count(texts: Sequence[str]) -> tuple[list[int], int]:
        ids = own(list(texts), add_special_tokens=False, truncation=False, verbose=False)
        return [len(each) for each in ids["input_ids"]], own.num_special_tokens_to_add()

    return count
