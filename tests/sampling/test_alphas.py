"""α by step, against the formula of each schedule, and batches that follow it."""

from __future__ import annotations

import numpy as np
import pytest

from hybench.config.alpha import alpha_schedule
from hybench.errors import UsageError
from hybench.sampling.alphas import Alphas
from tests.sampling.test_sampler import same, sampler


def test_linear_goes_from_the_first_step_to_the_last() -> None:
    alphas = Alphas(0.5, alpha_schedule("linear:1:0.2"), steps=5, accumulation=2)
    of = alphas.of(np.arange(14)).tolist()
    assert of == pytest.approx([1, 1, 0.8, 0.8, 0.6, 0.6, 0.4, 0.4, *[0.2] * 6])
    assert list(alphas.range) == [0.2, 1]
    assert Alphas(0.5, alpha_schedule("linear:1:0"), steps=1).of(np.arange(1)).tolist() == [1]


def test_steps_turn_where_they_are_told() -> None:
    alphas = Alphas(0.5, alpha_schedule("steps:3=1,5=0"), steps=9)
    assert alphas.of(np.arange(6)).tolist() == [0.5, 0.5, 1, 1, 0, 0]
    assert list(alphas.range) == [0, 1]
    assert Alphas(0.5, alpha_schedule("steps:1=1")).range == (1.0, 1.0)


@pytest.mark.parametrize(
    "text",
    ["linear", "linear:1", "linear:0:2", "steps:", "steps:3", "steps:0=1", "steps:3=1,3=0",
     "steps:5=1,3=0", "sometimes", "dev:1", "constant:1", "linear:a:b", "steps:x=1", "steps:1=nan"],
)  # fmt: skip
def test_what_cannot_be_read_is_said(text: str) -> None:
    with pytest.raises(UsageError, match="alpha-schedule"):
        alpha_schedule(text)


def test_batches_follow_and_are_those_of_a_constant_where_it_is_one() -> None:
    turned = sampler(alpha=Alphas(1.0, alpha_schedule("steps:101=0"), steps=200))
    kinds = [turned.batch(at).kind for at in range(200)]
    assert kinds == ["mono"] * 100 + ["cross"] * 100
    constant = sampler(alpha=0.5)
    for schedule in (None, "constant", "linear:0.5:0.5", "steps:7=0.5", "dev"):
        made = sampler(alpha=Alphas(0.5, alpha_schedule(schedule), steps=50))
        assert all(same(made.batch(at), constant.batch(at)) for at in range(0, 60, 7))


def test_by_example_alpha_changes_inside_batches() -> None:
    alphas = Alphas(0.5, alpha_schedule("linear:0:1"), steps=200)
    made = sampler(alpha=alphas, mixing="example")
    mono = [(b.query_languages == b.passage_languages).mean() for b in map(made.batch, range(200))]
    assert mono[0] == 0
    assert mono[-1] == 1
    assert np.corrcoef(mono, np.linspace(0, 1, 200))[0, 1] > 0.8


def test_decisions_change_what_follows_and_nothing_before() -> None:
    made = sampler(alpha=Alphas(0.5, alpha_schedule("dev"), steps=9000))
    before = [made.batch(at) for at in range(5000)]
    made.decide([(4500, 1.0)])
    assert all(same(made.batch(at), before[at]) for at in range(4500))
    assert {made.batch(at).kind for at in range(4500, 5000)} == {"mono"}
    made.decide([(4500, 1.0), (4600, 0.0)])
    assert {made.batch(at).kind for at in range(4600, 5000)} == {"cross"}
    anew = sampler(alpha=Alphas(0.5, alpha_schedule("dev"), steps=9000))
    anew.decide([(4500, 1.0), (4600, 0.0)])
    assert all(same(made.batch(at), anew.batch(at)) for at in (0, 4499, 4550, 4700))
    made.decide([])
    assert all(same(made.batch(at), before[at]) for at in range(4400, 5000))
