"""``docs/performance.md`` from the figures in ``docs/performance/``, without manual edits."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.harness import Check, Report, Timing, checks_table, table
from benchmarks.scaling import Row
from benchmarks.scaling import table as scaling_table

DOCS = Path(__file__).resolve().parents[1] / "docs"

ORDER = (
    "metrics",
    "training_static",
    "training_large_vocabulary",
    "training_tiny",
    "gradient_cache",
    "encoding_static",
    "encoding_transformer",
    "exact_search",
    "approximate_search",
    "bm25",
    "demo",
    "startup",
    "dashboard",
    "statistics",
)

_BEGIN = """# Performance

This page is written by `python -m benchmarks.page` from the figures in `docs/performance/`.

Every table comes from one command, `python -m benchmarks.NAME`, which runs hybench and its peers in
turn, each in a process of its own, on the same data and in one run, checks that they give the same
answer, and prints medians, ratios of medians and peak memory. `--assert` makes it fail below its
bars, `--save docs/performance` writes its figures here, `--quick` only shows that it works. The
peers come with `pip install -e '.[bench]'`; hybench itself needs none of them.

No other work of weight ran while they were taken, but for tests beside the kills and the first
stages of the last table of sizes. The machines are virtual: their speed drifts by up to a third
within hours, and another host may have another processor. Ratios of one run hold better than
times, but where hybench uses both cores and a peer one, or other instructions than it, they differ
from host to host by as much.

No GPU was at hand. `python -m benchmarks.gpu` measures there, in at most eight minutes, encoding
and training of the shapes of XLM-R base and multilingual-e5-small in bf16 beside
sentence-transformers, and checks exact search, 16 bits and resuming against the CPU; here it ran
with `--quick` alone, which measures nothing.
"""


def _origin(value: Mapping[str, Any], command: str) -> str:
    machine = value["machine"]
    versions = value.get("versions", {})
    with_versions = f" {', '.join(f'{name} {one}' for name, one in versions.items())}."
    return (
        f"`{command}`, {value['date']}: {machine['cores']} cores ({machine['cpu']}), "
        f"{machine['memory_gib']:.0f} GiB, Python {machine['python']}."
        f"{with_versions if versions else ''}"
    )


def _report(value: Mapping[str, Any]) -> str:
    report = Report(
        title=value["title"],
        timings={
            name: Timing(**{**timing, "seconds": tuple(timing["seconds"])})
            for name, timing in value["timings"].items()
        },
        checks=[Check(**check) for check in value["checks"]],
        unit=value["unit"],
        amount=value["amount"],
        notes=value["notes"],
        columns=value["columns"],
    )
    head, _, body = table(report).partition("\n")
    origin = _origin(value, f"python -m benchmarks.{value['name']}")
    return f"#{head.removeprefix('##')}\n\n{origin}\n{body}".rstrip() + "\n"


def _scaling(value: Mapping[str, Any]) -> str:
    rows = [Row(**row) for row in value["rows"]]
    return "\n".join(
        [
            "## Cost against size\n",
            _origin(value, "python -m benchmarks.scaling"),
            "\n![Time and peak memory against size](performance/scaling.svg)\n",
            scaling_table(rows),
            "",
            checks_table([Check(**check) for check in value["checks"]]),
            "",
        ]
    )


def _kills(value: Mapping[str, Any]) -> str:
    kills = value["kills"]
    outcome = "none" if not value["differing"] else f"**{len(value['differing'])}**"
    return "\n".join(
        [
            "## Killed at random\n",
            _origin(value, "python -m benchmarks.kills"),
            (
                f"\n{sum(kills.values())} times a process was killed with SIGKILL and started "
                "again. Files (weights, optimiser, vectors, graphs, results, rankings) that differ "
                f"from those of undisturbed runs, or were left lying about: {outcome}.\n"
            ),
            "| killed during | times |\n| --- | --- |",
            *(f"| {name} | {count} |" for name, count in kills.items()),
            "",
        ]
    )


def _flips(value: Mapping[str, Any]) -> str:
    came, faults = value["came"], value["faults"]
    return "\n".join(
        [
            "## Bits flipped\n",
            _origin(value, "python -m benchmarks.flips"),
            (
                f"\n{value['flips']} bits in turn in each file of a data set, of a run with all it "
                "can have, and of the cache; after each flip, every command that reads the file. "
                "Faults (a change of what is shown or made without a word, or “this is a bug in "
                f"hybench”): {f'**{len(faults)}**' if faults else 'none'}.\n"
            ),
            "| what the command did | times |\n| --- | --- |",
            *(f"| {_CAME[name]} | {count:,} |" for name, count in came.items()),
            "",
        ]
    )


_CAME = {
    "bug": "called it a bug in hybench",
    "refused": "refused, and named the file",
    "same": "gave and made what it does of whole files: it does not read that one, or made it anew",
    "silent": "gave or made something else without a word",
    "told": "left something out and said so",
}


def render(folder: Path) -> str:
    """The page, from the JSON files in a folder; a benchmark without one is omitted."""
    parts = [_BEGIN]
    makers = dict.fromkeys(ORDER, _report)
    makers |= {"scaling": _scaling, "kills": _kills, "flips": _flips}
    for name, make in makers.items():
        file = folder / f"{name}.json"
        if file.is_file():
            parts.append(make(json.loads(file.read_text(encoding="utf-8"))))
    return "\n".join(parts)


def main() -> None:
    """Write the page."""
    page = render(DOCS / "performance")
    (DOCS / "performance.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
