"""A plan: what there is to do, what it takes by stage, and which rates that rests on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from hybench.encoders.arithmetic import arithmetic
from hybench.encoders.description import describe
from hybench.encoders.encoder import Encoder
from hybench.planning.load import Load
from hybench.planning.machine import Machine
from hybench.planning.rates import OPTIONAL, Rate, Rates
from hybench.planning.stages import Asked, Model, Stage, stages_of
from hybench.wording.amounts import counted


@dataclass(frozen=True)
class Plan:
    """What a set takes with an encoder on a machine.

    Attributes:
        load: the texts.
        model: the encoder.
        machine: whose rates it rests on.
        asked: how the stages are run.
        stages: in their order.
        rates: those that were used.
        not_counted: names of rates that nobody has measured, and that stages do without.
    """

    load: Load
    model: Model
    machine: Machine
    asked: Asked
    stages: tuple[Stage, ...]
    rates: tuple[Rate, ...]
    not_counted: tuple[str, ...]

    @property
    def total(self) -> Stage:
        """All stages: sums, and the highest of their peaks of memory."""
        joules = [stage.joules for stage in self.stages if stage.joules is not None]
        return Stage(
            "all",
            sum(stage.flops for stage in self.stages),
            sum(stage.seconds for stage in self.stages),
            sum(stage.disk for stage in self.stages),
            max(stage.memory for stage in self.stages),
            sum(joules) if len(joules) == len(self.stages) else None,
        )

    @property
    def tokens(self) -> int:
        """Of all passages, special ones included, as the encoder cuts them."""
        return self.load.work("passage").tokens

    def vector_bytes(self, store: str) -> int:
        """Bytes of all vectors on disk, in f32 or f16."""
        size = {"f32": 4, "f16": 2}[store]
        return self.load.passages * self.model.arithmetic.dimension * size

    def notes(self) -> Iterator[str]:
        """What a reader must know, a sentence each."""
        yield f"Tokens: {self.load.counted}."
        f32, f16 = (f"{self.vector_bytes(store) / 1e9:,.2f} GB" for store in ("f32", "f16"))
        yield f"Vectors: {f32} in float32, {f16} in float16 (--store f16)."
        if self.not_counted:
            names = ", ".join(self.not_counted)
            yield f"Not counted, since nobody has measured them here: {names} (--calibrate does)."
        yield "Downloads, and memory that the system uses to keep files, are not counted."

    def to_json(self) -> dict[str, Any]:
        """As JSON values: seconds, bytes, joules."""
        return {
            "data": self.load.name,
            "languages": {
                each.language: {
                    "passages": each.passages.count,
                    "characters": each.passages.characters,
                    "tokens": each.passages.work.tokens,
                    "queries": each.queries.count,
                    "train_queries": each.train_queries,
                }
                for each in self.load.languages
            },
            "encoder": self.model.name,
            "machine": str(self.machine),
            "passages": self.load.passages,
            "tokens": self.tokens,
            "tokens_counted_by": self.load.counted,
            "vectors": {store: self.vector_bytes(store) for store in ("f32", "f16")},
            "stages": [_stage_json(stage) for stage in (*self.stages, self.total)],
            "rates": {
                rate.name: {"value": rate.value, "origin": rate.origin} for rate in self.rates
            },
            "not_counted": list(self.not_counted),
        }

    @property
    def title(self) -> str:
        """What is planned, in one line."""
        own = self.model.arithmetic
        layers = f"{own.layers} layers, " if own.layers else ""
        return (
            f"{self.load.name} with {self.model.name} ({self.model.architecture}, {layers}"
            f"{own.dimension} dimensions) on {self.machine}: "
            f"{counted(self.load.passages, 'passages')}, {counted(self.tokens, 'tokens')}, "
            f"{counted(self.load.queries, 'queries')}"
        )


def _stage_json(stage: Stage) -> dict[str, Any]:
    return {
        "stage": stage.name,
        "flops": stage.flops,
        "seconds": round(stage.seconds, 3),
        "disk_bytes": stage.disk,
        "memory_bytes": stage.memory,
        "joules": None if stage.joules is None else round(stage.joules, 1),
    }


def model_of(name: str, encoder: Encoder) -> Model:
    """What decides the work of an encoder."""
    said = describe(encoder)
    own = arithmetic(encoder.model)
    return Model(name, said.architecture, own, said.parameters, own.layers == 0)


def make_plan(load: Load, model: Model, rates: Rates, asked: Asked) -> Plan:
    """Reckon what a load takes.

    Raises:
        UsageError: a rate is needed that nobody has measured.
    """
    stages = stages_of(load, model, rates, asked)
    missing = tuple(sorted(OPTIONAL - {*rates}))
    used = tuple(rates.used.values())
    return Plan(load, model, rates.machine, asked, stages, used, missing)
