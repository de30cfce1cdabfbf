"""What work cost, whatever encoded in it."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest

from hybench.encoders.arithmetic import arithmetic
from hybench.encoders.encoder import Encoder
from hybench.encoders.loading import load_encoder
from hybench.encoders.options import EncoderOptions
from hybench.runs import energy
from hybench.runs.cost import Cost
from hybench.runs.metering import Meter


@pytest.fixture(autouse=True)
def no_counters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy, "POWERCAP", tmp_path / "powercap")
    monkeypatch.setenv(energy.WATTS_VARIABLE, "10")


@pytest.fixture
def encoder(checkpoint: Path) -> Encoder:
    return load_encoder(checkpoint, "cpu", EncoderOptions("query: ", "", 6, 64))


@pytest.fixture
def other(checkpoint: Path) -> Encoder:
    return load_encoder(checkpoint, "cpu", EncoderOptions("", "", 6, 64))


def test_two_encoders_take_one_time(encoder: Encoder, other: Encoder) -> None:
    meter = Meter(encoder, other, clock=count(step=2).__next__)
    began = encoder.work, other.work
    encoder.encode(["one text", "two"], "query")
    other.encode(["three texts are here"], "passage")
    done = [each.work - before for each, before in zip((encoder, other), began, strict=True)]
    cost = meter.cost()
    assert cost.tokens == sum(each.tokens for each in done) > done[0].tokens > 0
    flops = [
        arithmetic(each.model).forward(work)
        for each, work in zip((encoder, other), done, strict=True)
    ]
    assert cost.flops == sum(flops)
    # The clock is asked by the energy's meter and by this one, at both ends.
    assert (cost.seconds, cost.joules) == (2.0, 60.0)


def test_work_without_an_encoder_is_the_processors() -> None:
    assert Meter(clock=count(step=2).__next__).cost() == Cost(2.0, 0, 0, 60.0, "10 W")


def test_of_what_is_no_encoder_only_the_time_is_known(encoder: Encoder) -> None:
    assert Meter(encoder, object(), clock=count(step=2).__next__).cost() == Cost(2.0)
