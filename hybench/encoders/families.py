"""What the authors of well-known retrievers say of prompts and pooling, where no file says it.

A checkpoint's own files always come first. A family is recognised by the name that the checkpoint
is called by: its id on the hub, or its folder.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from hybench.encoders.checkpoint import Checkpoint


@dataclass(frozen=True)
class Family:
    """Models that are used alike.

    Attributes:
        name: what it is called.
        pattern: of the last part of its models' names, in lower case.
        pooling: one of `hybench.encoders.options.POOLINGS`.
        query_prefix: what its authors put before queries.
        passage_prefix: what they put before passages.
        source: where they say so.
    """

    name: str
    pattern: str
    pooling: str
    query_prefix: str
    passage_prefix: str
    source: str


_SEARCH = "Given a web search query, retrieve relevant passages that answer the query"
_REPRESENT = "Represent this sentence for searching relevant passages: "
_CARD = "https://huggingface.co/"

FAMILIES = (
    Family(
        "E5-instruct",
        r"multilingual-e5-large-instruct",
        "mean",
        f"Instruct: {_SEARCH}\nQuery: ",
        "",
        f"{_CARD}intfloat/multilingual-e5-large-instruct",
    ),
    Family(
        "E5",
        r"(multilingual-)?e5-(small|base|large)(-v2|-unsupervised)?",
        "mean",
        "query: ",
        "passage: ",
        "arXiv 2212.03533, 2402.05672",
    ),
    Family("BGE-M3", r"bge-m3(-unsupervised|-retromae)?", "cls", "", "", "arXiv 2402.03216"),
    Family(
        "BGE (English)",
        r"bge-(small|base|large)-en(-v1\.5)?",
        "cls",
        _REPRESENT,
        "",
        f"{_CARD}BAAI/bge-base-en-v1.5",
    ),
    Family(
        "Arctic 2",
        r"snowflake-arctic-embed-(m|l)-v2\.0",
        "cls",
        "query: ",
        "",
        f"{_CARD}Snowflake/snowflake-arctic-embed-l-v2.0",
    ),
    Family(
        "Arctic",
        r"snowflake-arctic-embed-(xs|s|m|l)(-v1\.5)?",
        "cls",
        _REPRESENT,
        "",
        f"{_CARD}Snowflake/snowflake-arctic-embed-m",
    ),
    Family(
        "Nomic",
        r"(nomic|modernbert)-embed-(text-v[0-9.]+(-moe)?|base|large)",
        "mean",
        "search_query: ",
        "search_document: ",
        f"{_CARD}nomic-ai/modernbert-embed-base",
    ),
    Family(
        "Qwen3-Embedding",
        r"qwen3-embedding-[0-9.]+b",
        "last",
        f"Instruct: {_SEARCH}\nQuery:",
        "",
        f"{_CARD}Qwen/Qwen3-Embedding-0.6B",
    ),
    Family(
        "EmbeddingGemma",
        r"embeddinggemma-300m.*",
        "mean",
        "task: search result | query: ",
        "title: none | text: ",
        f"{_CARD}google/embeddinggemma-300m",
    ),
    Family("GTE", r"gte-(multilingual|modernbert)-base", "cls", "", "", "arXiv 2407.19669"),
    Family("LaBSE", r"labse", "cls", "", "", "arXiv 2007.01852"),
    Family("mDPR (tied)", r"mdpr-.*", "cls", "", "", "arXiv 2108.08787"),
    Family("mContriever", r"m?contriever(-msmarco)?", "mean", "", "", "arXiv 2112.09118"),
    Family("Sentence-T5, GTR", r"(sentence|gtr)-t5-\w+", "mean", "", "", "arXiv 2112.07899"),
    Family(
        "MiniLM",
        r"(all|paraphrase-multilingual)-(minilm-l(6|12)-v[12]|mpnet-base-v2)",
        "mean",
        "",
        "",
        "arXiv 1908.10084, 2004.09813",
    ),
)
"""Specific names come before general ones."""


def family_of(checkpoint: Checkpoint) -> Family | None:
    """The family of a checkpoint by its name; None if it is of none that is known here."""
    called = checkpoint.name.partition("@")[0].rstrip("/").rpartition("/")[2].lower()
    return next((each for each in FAMILIES if re.fullmatch(each.pattern, called)), None)
