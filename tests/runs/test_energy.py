from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from hybench.errors import UsageError
from hybench.runs import energy
from hybench.runs.energy import WATTS_A_THREAD, WATTS_VARIABLE, EnergyMeter


def ticking(*times: float) -> Callable[[], float]:
    left = iter(times)
    return lambda: next(left)


@pytest.fixture(autouse=True)
def no_counters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(energy, "POWERCAP", tmp_path / "powercap")
    monkeypatch.delenv(WATTS_VARIABLE, raising=False)


def test_without_counters_it_is_watts_times_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("torch.get_num_threads", lambda: 2)
    meter = EnergyMeter("cpu", ticking(10, 12, 15))
    assert meter.source == "24 W"
    assert [meter.take(), meter.take()] == [2 * 2 * WATTS_A_THREAD, 3 * 2 * WATTS_A_THREAD]
    monkeypatch.setenv(WATTS_VARIABLE, "65")
    assert EnergyMeter("cpu", ticking(0, 2)).take() == 130
    monkeypatch.setenv(WATTS_VARIABLE, "many")
    with pytest.raises(UsageError, match=f"{WATTS_VARIABLE} is 'many'"):
        EnergyMeter("cpu")


def test_counters_of_packages_are_read_and_begin_anew(tmp_path: Path) -> None:
    files = []
    for name, value in (("intel-rapl:0", 900), ("intel-rapl:1", 100), ("intel-rapl:0:0", 7)):
        folder = tmp_path / "powercap" / name
        folder.mkdir(parents=True)
        (folder / "max_energy_range_uj").write_text("1000\n")
        files.append(folder / "energy_uj")
        files[-1].write_text(f"{value}\n")
    meter = EnergyMeter("cpu")
    assert meter.source == "rapl"
    files[0].write_text("200\n")  # 300 on, past its range
    files[1].write_text("150\n")
    files[2].write_text("999\n")  # a part of the first
    assert meter.take() == pytest.approx(350e-6)
    assert meter.take() == 0


def test_of_a_gpu_without_nvml_nothing_is_known() -> None:
    meter = EnergyMeter("cuda:0")
    assert (meter.source, meter.take()) == ("", None)
    assert EnergyMeter("mps").take() is None


def test_of_a_gpu_it_is_nvmls_counter(monkeypatch: pytest.MonkeyPatch) -> None:
    """In millijoules, of the card whose UUID torch gives."""
    counter = iter([5_000, 5_000, 8_500])
    asked: list[str] = []

    def handle(uuid: str) -> str:
        asked.append(uuid)
        return "card"

    nvml = SimpleNamespace(
        nvmlInit=lambda: None,
        nvmlDeviceGetHandleByUUID=handle,
        nvmlDeviceGetTotalEnergyConsumption=lambda card: next(counter),
    )
    monkeypatch.setitem(sys.modules, "pynvml", nvml)
    monkeypatch.setattr(
        "torch.cuda.get_device_properties", lambda device: SimpleNamespace(uuid="1b2c")
    )
    meter = EnergyMeter("cuda:0")
    assert (meter.source, asked) == ("nvml", ["GPU-1b2c"])
    assert meter.take() == 3.5
