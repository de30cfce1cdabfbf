from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

import pytest

import hybench
from hybench.errors import UsageError
from hybench.planning.machine import Machine, this_machine
from hybench.planning.rates import (
    OPTIONAL,
    UNITS,
    keep_calibration,
    rates_for,
    shipped_rates,
)

pytestmark = pytest.mark.usefixtures("own_cache")

PERFORMANCE = Path(hybench.__file__).parents[1] / "docs" / "performance"
CPU = Machine("a processor", 2, "cpu", "fp32")
CUDA = Machine("a card", 2, "cuda", "bf16")


def test_given_rates_come_before_calibrated_before_shipped_ones() -> None:
    shipped = rates_for(CPU, "encoder").need("static")
    keep_calibration(CPU, "encoder", {"static": 5.0, "open": 7.0})
    assert rates_for(CPU, "another").need("static") == shipped
    own = rates_for(CPU, "encoder", ["open=8"])
    assert (own.need("static"), own.need("open")) == (5.0, 8.0)
    assert own.used["static"].origin.startswith("calibrated on 20")
    assert "a processor, 2 threads, cpu, fp32" in own.used["static"].origin
    assert own.used["open"].origin == "given"


def test_what_nobody_has_measured_is_asked_for() -> None:
    rates = rates_for(CUDA, "encoder")
    assert rates.need("prepare") > 0  # the processor does it
    assert rates.known("watts") is None
    with pytest.raises(UsageError, match="no rate transformer") as raised:
        rates.need("transformer")
    assert "--calibrate" in raised.value.do
    assert rates_for(CUDA, "encoder", ["transformer=2e12"]).need("transformer") == 2e12


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("speed=1", "--rate is 'speed'"),
        ("static=fast", "'fast' is not a number above 0"),
        ("static=0", "'0' is not a number above 0"),
        ("static", "'' is not a number above 0"),
    ],
)
def test_rates_that_are_none_are_refused(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rates_for(CPU, "encoder", [text])


def _figures(name: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads((PERFORMANCE / f"{name}.json").read_text(encoding="utf-8"))
    return value


def _measured(rate: str) -> tuple[str, float] | None:
    """The date and the value that the benchmark's figures give for a rate."""
    if rate in {"static", "static-unspaced"}:
        figures = _figures("encoding_static")
        side = "hybench: passages" + (" in Chinese and Thai" if rate != "static" else "")
        tokens = 10_000 * float(figures["columns"][side]["tokens a text"])
        return figures["date"], tokens / statistics.median(figures["timings"][side]["seconds"])
    if rate == "search":
        figures = _figures("exact_search")
        seconds = statistics.median(figures["timings"]["hybench"]["seconds"])
        return figures["date"], 2 * 2_000 * 200_000 * 384 / seconds
    if rate == "train-static":
        figures = _figures("training_static")
        return figures["date"], 256 / statistics.median(
            figures["timings"]["hybench, adamw"]["seconds"]
        )
    if rate == "start":
        figures = _figures("encoding_transformer")
        return figures["date"], figures["timings"]["hybench"]["prepare_seconds"]
    return None


@pytest.mark.parametrize("rate", ["static", "static-unspaced", "search", "train-static", "start"])
def test_shipped_rates_are_those_that_were_measured(rate: str) -> None:
    [shipped] = [each for _, each in shipped_rates() if each.name == rate]
    found = _measured(rate)
    assert found is not None
    date, value = found
    if date not in shipped.origin:
        pytest.skip(f"the figures were taken again on {date}; the shipped rate is older")
    assert shipped.value == pytest.approx(value, rel=0.02)


def test_every_rate_that_a_plan_needs_is_shipped_for_a_processor() -> None:
    shipped = {rate.name for _, rate in shipped_rates()}
    assert shipped <= {*UNITS}
    assert {*UNITS} - shipped - OPTIONAL == {"watts", "train-transformer"}
    assert all(machine.device == "cpu" for machine, _ in shipped_rates())


def test_this_machine_has_a_name() -> None:
    assert this_machine("cpu", "fp32").processor
