"""How fast a machine is: shipped rates with their dates, those calibrated here, and given ones."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path

from hybench.errors import UsageError
from hybench.files.documents import read_json, sha256_json, write_json
from hybench.files.user_cache import user_cache
from hybench.planning.machine import Machine
from hybench.runs.energy import WATTS_A_THREAD
from hybench.values.checks import one_of

UNITS: dict[str, str] = {
    "prepare": "bytes of text/s",
    "static": "tokens/s",
    "static-unspaced": "tokens/s",
    "transformer": "FLOP/s",
    "train-static": "pairs/s",
    "train-transformer": "FLOP/s",
    "search": "FLOP/s",
    "open": "passages/s",
    "queries": "queries/s",
    "graph": "n·ln n/s",
    "start": "s",
    "start-prepare": "s",
    "base": "bytes",
    "watts": "W",
}
"""The unit of each rate; docs/scale.md has what each is of."""

_HOST = frozenset({"prepare", "graph", "start", "base"})
"""Rates of work that the processor does, whatever device encodes."""

OPTIONAL = frozenset({"open", "queries", "start", "start-prepare"})
"""Rates without which a stage counts a little less."""


@dataclass(frozen=True)
class Rate:
    """A rate.

    Attributes:
        name: one of `UNITS`.
        value: in its unit, above 0.
        origin: where, when and with what it was measured.
    """

    name: str
    value: float
    origin: str


class Rates:
    """The rates that a plan reckons with, and those that it has used.

    Args:
        found: by name.
        machine: that they are of.
    """

    def __init__(self, found: Mapping[str, Rate], machine: Machine) -> None:
        self._found, self.machine = dict(found), machine
        self.used: dict[str, Rate] = {}

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def known(self, name: str) -> float | None:
        """A rate's value; None where nobody has measured it."""
        rate = self._found.get(name)
        if rate is None:
            return None
        self.used[name] = rate
        return rate.value

    def need(self, name: str) -> float:
        """A rate's value.

        Raises:
            UsageError: nobody has measured it.
        """
        value = self.known(name)
        if value is None:
            raise UsageError(
                f"There is no rate {name} ({UNITS[name]}) of {self.machine.device} in "
                f"{self.machine.precision}: nobody has measured one.",
                f"Measure it there with --calibrate, or give it: --rate {name}=VALUE.",
            )
        return value


@cache
def shipped_rates() -> tuple[tuple[Machine, Rate], ...]:
    """The shipped rates and what each was measured on."""
    text = files(__package__).joinpath("rates.csv").read_text(encoding="utf-8")
    found = []
    for row in csv.DictReader(text.splitlines()):
        machine = Machine(row["processor"], int(row["threads"]), row["device"], row["precision"])
        origin = f"{machine}, {row['date']}, {row['versions']}: {row['source']}"
        found.append((machine, Rate(row["name"], float(row["value"]), origin)))
    return tuple(found)


def rates_for(machine: Machine, encoder: str, given: Iterable[str] = ()) -> Rates:
    """The rates of a machine: given ones before calibrated ones before shipped ones.

    Args:
        machine: this one, or one with another device.
        encoder: digest of the encoder that a calibration was made with.
        given: texts such as ``transformer=2e12``.

    Raises:
        UsageError: a given one is not a rate, or not a number above 0.
    """
    found = {
        rate.name: rate
        for of, rate in shipped_rates()
        if (of.device, of.precision) == (machine.device, machine.precision) or rate.name in _HOST
    }
    if machine.device == "cpu":
        watts = WATTS_A_THREAD * machine.threads
        found["watts"] = Rate("watts", watts, f"assumed: {WATTS_A_THREAD:g} W a thread")
    found |= read_calibration(machine, encoder)
    found |= {rate.name: rate for rate in map(_given, given)}
    return Rates(found, machine)


def _given(text: str) -> Rate:
    name, _, number = text.partition("=")
    one_of("--rate", name, UNITS)
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise UsageError(
            f"--rate {text}: {number!r} is not a number above 0.",
            f"Write it as {name}=VALUE, in {UNITS[name]}.",
        )
    return Rate(name, value, "given")


def calibration_file(machine: Machine, encoder: str) -> Path:
    """Where the rates that were calibrated on a machine with an encoder are kept."""
    return user_cache("rates") / f"{sha256_json([asdict(machine), encoder])[:16]}.json"


def read_calibration(machine: Machine, encoder: str) -> dict[str, Rate]:
    """The rates that were calibrated on a machine with an encoder; none if none were.

    Raises:
        DataError: their file is damaged.
    """
    file = calibration_file(machine, encoder)
    if not file.is_file():
        return {}
    kept = read_json(file)
    origin = f"calibrated on {kept['date']} ({machine})"
    return {name: Rate(name, float(value), origin) for name, value in kept["rates"].items()}


def keep_calibration(machine: Machine, encoder: str, values: Mapping[str, float]) -> None:
    """Keep calibrated rates with machine and date, in place of older ones."""
    file = calibration_file(machine, encoder)
    file.parent.mkdir(parents=True, exist_ok=True)
    today = datetime.now(UTC).date().isoformat()
    write_json(file, {"machine": asdict(machine), "date": today, "rates": dict(values)})
