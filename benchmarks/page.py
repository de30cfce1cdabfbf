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
    "sharding",
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

_TOKENIZERS = """## Other tokenizers

Measured once, by hand, on 2026-11-30 (AMD EPYC with AVX2, Python 3.11.7): CPU seconds of one run in
one thread, while the machine did other work, so that a fifth more or less says nothing. Texts: the
49,043 passages of MIRACL's Yoruba corpus and the 12,940 queries and passages of XQuAD-R in eight
languages, uncut. WordPiece is that of all-MiniLM-L6-v2, Unigram that of multilingual-e5-small. Ids
are held, text by text, against those that `tokenizers` 0.23.3 gives with the same `tokenizer.json`.

| | released | WordPiece: s | texts with other ids | Unigram: s | texts with other ids |
| --- | --- | --- | --- | --- | --- |
| tokenizers 0.23.3 | 2026-10 | 8.8 | | 11.9 | |
| hybench, with it | | 2.0 | 0 | 11.7 | 90: blanks at the end, as transformers 5 has it |
| tokenizers 1.0.0rc3 | 2026-10 | 1.1 | 0 | 4.5 | 0 |
| kitoken 0.11.1 | 2026-10 | 1.8 | 0, without special tokens | 2.9 | 0, without special tokens |
| tokie 0.1.4 | 2026-07 | 0.8 | 0 | 1.9 | all: `</s>` is missing; else none |
| nanotoken 0.1.0 | 2026-09 | 0.7 | 0 | WordPiece alone | |
| morpheme 0.5.0 | 2026-10 | 4.7 | 0 | 7.8 | 0 |
| budtiktok 0.1.0 | 2026-01 | 2.7 | 2,253 | 6.6 | 4,572 |
| gigatoken 0.10.0 | 2026-07 | BPE alone | | BPE alone | |

None is built in. kitoken's ids are the same on all of these texts, 4.9 and 4.0 times as fast, once
special tokens are added; it would have to be held against `tokenizers` for every model. What
`tokenizers` 1.0 gives, the same ids 8.2 and 2.7 times as fast, needs but its release and a
transformers that allows it: 5.23 asks for less than 0.24. `toks` 0.3.5 on PyPI counts tokens on the
command line; tuetoken 0.1.3 reads models by their id on the hub, and was not tried. Tokenising each
distinct word once, as hybench does for WordPiece, was tried for Unigram on 20,000 of the Yoruba
passages: 2.2 s to 1.1 (516,592 words, 81,411 of them distinct), less than either gives.
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
    parts.append(_TOKENIZERS)
    return "\n".join(parts)


def main() -> None:
    """Write the page."""
    page = render(DOCS / "performance")
    (DOCS / "performance.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
