"""The shipped table of published numbers: what they are of, and under which conditions."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Literal

Kind = Literal["scores", "words", "counts"]
"""Scores of a model, of BM25, or the size of a set."""


@dataclass(frozen=True)
class Known:
    """A published number.

    Attributes:
        kind: what is measured.
        model: id on the hub, ``bm25``, or empty for the size of a set.
        revision: the hub's commit that was measured; empty if unknown.
        weights: SHA-256 of that commit's ``model.safetensors``; empty if unknown.
        data: name of the set.
        setting: mono, cross or multi; empty for sizes, as the next ones are where they say nothing.
        query_language: code.
        passage_language: code.
        metric: by its name in ir_measures; ``queries`` or ``passages`` for sizes.
        value: in the metric's own unit.
        tolerance: largest difference that is rounding; None if the conditions differ, so that
            nothing can be judged.
        near: the same for a near copy of the model, whose rounded weights move its scores; None if
            that was not measured.
        query_prefix: prefix of every query.
        passage_prefix: prefix of every passage.
        query_length: maximum query length, in tokens; None for the model's own.
        passage_length: likewise for passages.
        prepare: arguments of ``hybench prepare`` that make the set.
        conditions: all else that matters.
        source: where it is published.
    """

    kind: Kind
    model: str
    revision: str
    weights: str
    data: str
    setting: str
    query_language: str
    passage_language: str
    metric: str
    value: float
    tolerance: float | None
    near: float | None
    query_prefix: str
    passage_prefix: str
    query_length: int | None
    passage_length: int | None
    prepare: str
    conditions: str
    source: str

    @property
    def use(self) -> tuple[str, str, int | None, int | None]:
        """How the model is used: both prefixes and both lengths."""
        return self.query_prefix, self.passage_prefix, self.query_length, self.passage_length

    @property
    def what(self) -> str:
        """The model and its prompts; or the set, which is counted."""
        if self.kind == "counts":
            return "the set"
        prompts = [repr(each) for each in (self.query_prefix, self.passage_prefix) if each]
        return f"{self.model.rpartition('/')[2]}{' ' * bool(prompts)}{' '.join(prompts)}"

    @property
    def where(self) -> str:
        """The set and its languages: ``ntrex-bitext en→yo``."""
        if self.query_language == self.passage_language:
            return f"{self.data} {self.query_language}"
        return f"{self.data} {self.query_language}→{self.passage_language}"


@cache
def known_numbers() -> tuple[Known, ...]:
    """The table, in its order."""
    text = (files("hybench.verification") / "known.csv").read_text(encoding="utf-8")
    return tuple(map(_read, csv.DictReader(text.splitlines())))


def _read(row: Mapping[str, str]) -> Known:
    kinds = {item.name: str(item.type) for item in fields(Known)}
    values: dict[str, object] = {}
    for name, text in row.items():
        if "float" in kinds[name]:
            values[name] = float(text) if text else None
        elif "int" in kinds[name]:
            values[name] = int(text) if text else None
        else:
            values[name] = text
    return Known(**values)  # type: ignore[arg-type]
