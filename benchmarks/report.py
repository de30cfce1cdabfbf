"""The report of a benchmark: its table, its requirements, and the file that stores them."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Literal

from benchmarks.measuring import Timing


@dataclass(frozen=True)
class Check:
    """A requirement, and the measured value."""

    what: str
    value: float
    relation: Literal["≥", "≤"]
    bar: float

    @property
    def holds(self) -> bool:
        """Whether the requirement is met; NaN meets none."""
        return self.value >= self.bar if self.relation == "≥" else self.value <= self.bar


@dataclass(frozen=True)
class Report:
    """The report of a benchmark.

    Attributes:
        title: what was done, with its sizes.
        timings: by the sides' names, in the order of the table.
        checks: the bars.
        unit: what `amount` counts, such as queries; empty where a rate says nothing.
        amount: of it in one run.
        notes: sentences for the reader, about the data, the settings, what was omitted.
        columns: further figures by the sides' names, then by column.
    """

    title: str
    timings: Mapping[str, Timing]
    checks: Sequence[Check] = ()
    unit: str = ""
    amount: float = 0.0
    notes: Sequence[str] = ()
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def speedup(
    timings: Mapping[str, Timing], ours: str, peer: str, bar: float, what: str = "time"
) -> Check:
    """Ratio of the median times of `peer` and `ours`, which must be at least `bar`."""
    value = timings[peer].median / timings[ours].median
    return Check(f"{what}: {peer} ÷ {ours}", value, "≥", bar)


def memory_share(timings: Mapping[str, Timing], ours: str, peer: str, bar: float) -> Check:
    """The share of `peer`'s peak memory that `ours` takes, which must be `bar` at most."""
    value = timings[ours].peak_mb / timings[peer].peak_mb
    return Check(f"peak memory: {ours} ÷ {peer}", value, "≤", bar)


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()


def machine() -> dict[str, Any]:
    """The machine of the figures, without names."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cpu": _processor(),
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30, 1),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release().partition('-')[0]}",
    }


def _versions(packages: Sequence[str]) -> dict[str, str]:
    found = {}
    for name in sorted({"hybench", "numpy", "polars", "torch", *packages}):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def checks_table(checks: Sequence[Check]) -> str:
    """The requirements and the measured values, as Markdown."""
    lines = ["| bar | measured | asked for | |", "| --- | --- | --- | --- |"]
    for check in checks:
        verdict = "met" if check.holds else "**not met**"
        lines.append(
            f"| {check.what} | {check.value:.3g} | {check.relation} {check.bar:g} | {verdict} |"
        )
    return "\n".join(lines)


def table(report: Report) -> str:
    """The report as Markdown."""
    extra = list(dict.fromkeys(name for row in report.columns.values() for name in row))
    rate = [f"{report.unit}/s"] if report.unit else []
    cpu = ["CPU s"] if any(timing.cpu_seconds for timing in report.timings.values()) else []
    header = ["", "median s", "min – max", *cpu, *rate, "peak MiB", *extra]
    lines = [f"| {' | '.join(header)} |", f"|{' --- |' * len(header)}"]
    for name, timing in report.timings.items():
        cells = [
            name,
            f"{timing.median:.4g}",
            f"{min(timing.seconds):.4g} – {max(timing.seconds):.4g}",
            *(["" if timing.cpu is None else f"{timing.cpu:.4g}"] if cpu else []),
            *([f"{report.amount / timing.median:,.0f}"] if rate else []),
            f"{timing.peak_mb:,.0f}",
            *(report.columns.get(name, {}).get(column, "") for column in extra),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    if report.checks:
        lines += ["", checks_table(report.checks)]
    return "\n".join([f"### {report.title}", "", *lines, "", *report.notes])


def save(report: Report, name: str, folder: Path, packages: Sequence[str]) -> Path:
    """Write a report with its date, machine and versions to ``{folder}/{name}.json``."""
    return write_figures(name, folder, {"versions": _versions(packages), **asdict(report)})


def write_figures(name: str, folder: Path, figures: Mapping[str, Any]) -> Path:
    """Write figures with their date and machine to ``{folder}/{name}.json``."""
    value = {
        "name": name,
        "date": datetime.now(UTC).date().isoformat(),
        "machine": machine(),
        **figures,
    }
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    path.write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path
