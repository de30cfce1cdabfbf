"""Known answers: what a stage takes, from rates that are round numbers."""

from __future__ import annotations

from dataclasses import replace

import pytest

from hybench.encoders.arithmetic import Arithmetic, Work
from hybench.errors import UsageError
from hybench.indexes.approximate.graph import GraphOptions, node_bytes
from hybench.planning.load import LanguageLoad, Load, Texts
from hybench.planning.machine import Machine
from hybench.planning.plan import make_plan
from hybench.planning.rates import Rate, Rates
from hybench.planning.stages import Asked, Model, stages_of

MACHINE = Machine("a processor", 2, "cpu", "fp32")
PASSAGES = Texts(1000, 100_000, 200_000, Work(1000, 30_000, 2_000_000))
QUERIES = Texts(10, 400, 400, Work(10, 100, 1_200))
LOAD = Load(
    "set",
    (LanguageLoad("en", PASSAGES, QUERIES), LanguageLoad("th", PASSAGES, QUERIES)),
    ("mono",),
    100,
    "by hand",
)
STATIC = Model("static", "StaticEmbedding", Arithmetic(64, table=64), 640_000, static=True)
TRANSFORMER = Model(
    "small", "BertModel", Arithmetic(64, layers=2, width=64, body=100_000), 700_000, static=False
)
VALUES = {
    "prepare": 1e5, "static": 1e4, "static-unspaced": 5e3, "transformer": 1e9, "search": 1e6,
    "graph": 1e3, "start": 2.0, "base": 1e8, "watts": 10.0, "train-static": 50.0,
    "train-transformer": 1e8,
}  # fmt: skip


def rates(**changed: float) -> Rates:
    return Rates({name: Rate(name, value, "given") for name, value in (VALUES | changed).items()},
                 MACHINE)  # fmt: skip


def test_static_embeddings_take_time_by_tokens_and_script() -> None:
    prepare, index, evaluation = stages_of(LOAD, STATIC, rates(), Asked())
    assert prepare.seconds == pytest.approx(400_000 / 1e5)
    assert index.seconds == pytest.approx(2 + 30_000 / 1e4 + 30_000 / 5e3)
    assert index.flops == 64 * 60_000
    products = 2 * 64 * (10 * 1000 + 10 * 1000)
    assert evaluation.seconds == pytest.approx(2 + products / 1e6)
    assert evaluation.flops == products + 64 * 200
    assert index.joules == pytest.approx(10 * index.seconds)


def test_a_transformer_takes_time_by_its_operations() -> None:
    _, index, _ = stages_of(LOAD, TRANSFORMER, rates(), Asked())
    flops = TRANSFORMER.arithmetic.forward(LOAD.work("passage"))
    assert flops == 2 * 100_000 * 60_000 + 4 * 2 * 64 * 4_000_000
    assert index.flops == flops
    assert index.seconds == pytest.approx(2 + flops / 1e9)


def test_several_processes_load_the_model_each() -> None:
    one, two = (stages_of(LOAD, STATIC, rates(), Asked(processes=number))[1] for number in (1, 2))
    assert two.seconds - one.seconds == pytest.approx(2)
    assert two.memory > 3 * 1e8


def test_vectors_take_half_the_disk_in_float16_and_graphs_come_on_top() -> None:
    whole, half = (
        stages_of(LOAD, STATIC, rates(), Asked(store))[1].disk for store in ("f32", "f16")
    )
    assert whole - half == 2000 * 64 * 2
    graph = stages_of(LOAD, STATIC, rates(), Asked(graph=GraphOptions()))[2]
    assert (graph.name, graph.disk) == ("graph", 2000 * node_bytes(64, GraphOptions()))


def test_in_one_pool_every_query_meets_every_passage() -> None:
    pooled = replace(LOAD, settings=("mono", "multi"))
    assert pooled.products == 2 * LOAD.products
    own, other = (stages_of(each, STATIC, rates(), Asked())[-1] for each in (LOAD, pooled))
    assert other.seconds - own.seconds == pytest.approx(2 * 64 * LOAD.products / 1e6)


def test_a_training_takes_time_by_its_pairs() -> None:
    asked = Asked(examples=5000, batch_size=100)
    assert stages_of(LOAD, STATIC, rates(), asked)[1].seconds == pytest.approx(2 + 5000 / 50)
    own = stages_of(LOAD, TRANSFORMER, rates(), asked)[1]
    pairs = Work(5000, 5000 * 10, 5000 * 120) + Work(5000, 5000 * 30, 5000 * 2000)
    assert own.flops == TRANSFORMER.arithmetic.training(pairs, 5000 * 100)
    assert own.seconds == pytest.approx(2 + own.flops / 1e8)


def test_what_was_measured_beside_searching_is_counted_if_it_was() -> None:
    plain = make_plan(LOAD, STATIC, rates(), Asked())
    more = make_plan(LOAD, STATIC, rates(open=1000.0, queries=4.0), Asked())
    assert more.total.seconds - plain.total.seconds == pytest.approx(2000 / 1000 + 20 / 4)
    assert (plain.not_counted, more.not_counted) == (
        ("open", "queries", "start-prepare"),
        ("start-prepare",),
    )


def test_the_total_has_the_highest_peak_and_all_else_summed() -> None:
    plan = make_plan(LOAD, STATIC, rates(), Asked())
    assert plan.total.memory == max(stage.memory for stage in plan.stages)
    assert plan.total.disk == sum(stage.disk for stage in plan.stages)
    assert plan.total.joules == pytest.approx(10 * plan.total.seconds)


def test_a_missing_rate_is_named() -> None:
    without = {name: Rate(name, value, "") for name, value in VALUES.items() if name != "search"}
    with pytest.raises(UsageError, match="There is no rate search"):
        stages_of(LOAD, STATIC, Rates(without, MACHINE), Asked())
