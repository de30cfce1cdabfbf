"""Writes the tables of README.md and docs/results.md from the files that they are claimed of.

``python -m tools.claims`` puts each between its marks, ``<!-- NAME -->`` and ``<!-- /NAME -->``; a
test sees that they stand there as the files have them. The files are of ``hybench compare -o``.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hybench.wording.amounts import signed

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "docs" / "results"
PAGES = (ROOT / "README.md", ROOT / "docs" / "results.md")

STEPS = (600, 1000, 2400, 4800)
ARMS = {
    "mono": "X-X", "cross": "X-Y", "hybrid": "hybrid α .5", "distill-mse": "distill (mse)",
    "distill-kl": "distill (kl)", "hybrid-kl": "hybrid + kl", "bm25": "BM25",
}  # fmt: skip
ROWS = (
    ("monolingual", "mono", "AVG"),
    ("– low-resource (sw yo te bn th)", "mono", "LOW"),
    ("cross-lingual", "cross", "AVG"),
    ("multilingual pool", "multi", "AVG"),
)

REAL_ARMS = {"base": "as it starts", **{arm: ARMS[arm] for arm in ARMS if arm != "bm25"}}
REAL_SETS = (
    ("xquad-r-articles", "XQuAD-R, unseen articles", ("mono AVG", "cross AVG", "multi AVG")),
    ("mlqa-r-articles", "MLQA-R, unseen articles", ("mono AVG", "cross AVG", "multi AVG")),
    ("miracl-yo", "MIRACL", ("mono yo",)),
    ("sib-200", "SIB-200, bitext", ("cross AVG", "cross LOW")),
)
E5_SETS = (
    *REAL_SETS[:2],
    ("miracl-yo-pool", "MIRACL, judged passages and BM25's", ("mono yo",)),
    REAL_SETS[3],
)
DERIVED_ARMS = {
    "base": "as it starts", "base-shift": "– shifted", "base-whiten": "– whitened",
    "mono": "X-X", "mono-shift": "– shifted", "mono-whiten": "– whitened",
    "cross": "X-Y", "merged": "X-X and X-Y, weights merged",
    "hybrid": "hybrid α .5", "hybrid-shift": "– shifted", "hybrid-whiten": "– whitened",
}  # fmt: skip
ARMS_STEPS = (150, 600)
STATIC_ARMS = {
    "base": "as it starts", "base-whiten": "– whitened",
    "mono": "X-X", "mono-shift": "– shifted", "mono-center": "– centred",
    "mono-procrustes": "– Procrustes", "mono-whiten": "– whitened",
    "cross": "X-Y", "merged": "X-X and X-Y, weights merged", "merged-ties": "– by TIES",
    "hybrid": "hybrid α .5", "hybrid-example": "– both kinds in a batch",
    "hybrid-dev": "– α by dev scores", "mono-to-cross": "– α from 1 to 0",
    "cross-to-mono": "– α from 0 to 1", "hybrid-by-size": "– languages by n^.3",
    "hybrid-negatives": "– with BM25's negatives", "hybrid-shift": "– shifted",
    "hybrid-whiten": "– whitened",
    "distill-mse": "distill (mse)", "distill-kl": "distill (kl)", "hybrid-kl": "hybrid + kl",
    "own-kl": "distill (kl), own language", "mimo": "distill (cosine) and X-Y, .8 and .2",
    "mimo-stages": "– after distilling alone",
}  # fmt: skip
SETTINGS = {
    "mono AVG": "monolingual", "cross AVG": "cross-lingual", "multi AVG": "multilingual pool",
    "mono yo": "monolingual, yo", "cross LOW": "– low-resource",
}  # fmt: skip

Line = dict[str, str]
RealSet = tuple[str, str, tuple[str, ...]]
"""A set, its title, and its rows: a setting and a language."""


def lines_of(name: str) -> list[Line]:
    """The lines of a file of results."""
    with (RESULTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _cells(lines: list[Line], setting: str, row: str, steps: int) -> dict[str, Line]:
    """The lines of a row by the name of their arm."""
    return {
        line["run"].replace(f"-steps{steps}", ""): line
        for line in lines
        if line["setting"] == setting and line["language"] == row and line["kind"] != "hypothesis"
    }


def budget_table() -> list[str]:
    """Averages of the arms at every budget, with the letters of those not told apart."""
    found = {steps: lines_of(f"atlas-budget-{steps}.csv") for steps in STEPS}
    table = [f"| | steps | {' | '.join(ARMS.values())} |", f"|:--|--:|{'--:|' * len(ARMS)}"]
    for title, setting, row in ROWS:
        for steps in STEPS:
            cells = _cells(found[steps], setting, row, steps)
            trained = [cells[arm] for arm in ARMS if cells[arm]["letters"]]
            best = max(float(cell["value"]) for cell in trained)
            texts = [_cell(cells[arm], best) for arm in ARMS]
            name = title if steps == STEPS[0] else ""
            table.append(f"| {name} | {steps:,} | {' | '.join(texts)} |")
    return table


@dataclass(frozen=True)
class RealRow:
    """A row of a study's table.

    Attributes:
        title: the set and the metric.
        setting: in words.
        first: whether it is the set's first.
        cells: texts, one for each arm.
    """

    title: str
    setting: str
    first: bool
    cells: list[str]


def _real_rows(
    study: str,
    arms: Iterable[str],
    sets: Iterable[RealSet],
    suffix: str = "",
    letters: str | None = None,
) -> Iterator[RealRow]:
    """The rows of a study of what is made of a pre-trained model; runs are named ARM + suffix."""
    named = list(arms)
    for name, title, rows in sets:
        lines = lines_of(f"{study}-{name}.csv")
        for row in rows:
            own = [line for line in lines if row == f"{line['setting']} {line['language']}"]
            arms_of = ((line["run"].removesuffix(suffix), line) for line in own)
            cells = {arm: line for arm, line in arms_of if arm in named}
            best = max(float(cell["value"]) for cell in cells.values() if cell["letters"])
            texts = [_cell(cells[arm], best, letters) if arm in cells else "—" for arm in named]
            metric = own[0]["metric"]
            yield RealRow(f"{title}, {metric}", SETTINGS[row], row == rows[0], texts)


def real_table(study: str = "real-static", sets: Iterable[RealSet] = REAL_SETS) -> list[str]:
    """Averages of the arms, one a column.

    Args:
        study: whose files are read.
        sets: that it was evaluated on.
    """
    table = [f"| | | {' | '.join(REAL_ARMS.values())} |", f"|:--|:--|{'--:|' * len(REAL_ARMS)}"]
    for row in _real_rows(study, REAL_ARMS, sets):
        named = row.title if row.first else ""
        table.append(f"| {named} | {row.setting} | {' | '.join(row.cells)} |")
    return table


def arm_lines(
    study: str,
    arms: dict[str, str],
    sets: Iterable[RealSet],
    suffix: str = "",
    letters: str | None = None,
) -> list[str]:
    """Averages of the arms, one a line.

    Args:
        study: whose files are read.
        arms: their titles, by name.
        sets: that it was evaluated on.
        suffix: of the runs' names.
        letters: those that are shown; None for all.
    """
    rows = list(_real_rows(study, arms, sets, suffix, letters))
    table = [
        f"| | {' | '.join(f'{row.title}: {row.setting}' for row in rows)} |",
        f"|:--|{'--:|' * len(rows)}",
    ]
    for at, title in enumerate(arms.values()):
        table.append(f"| {title} | {' | '.join(row.cells[at] for row in rows)} |")
    return table


def _cell(cell: Line, best: float, letters: str | None = None) -> str:
    value = float(cell["value"])
    text = f"{100 * value:.1f}"
    if cell["letters"] and value == best:
        text = f"**{text}**"
    shown = "".join(each for each in cell["letters"] if letters is None or each in letters)
    return f"{text} {shown}".strip()


def hypothesis_table() -> list[str]:
    """What the study was run to conclude, and what became of it at each budget."""
    text = (RESULTS / "atlas-budget-hypotheses.json").read_text(encoding="utf-8")
    rows: dict[tuple[str, str], dict[int, str]] = {}
    for each in json.loads(text)["hypotheses"]["tested"]:
        named, difference = each["hypothesis"], each["difference"]
        value, low, high = (100 * difference[key] for key in ("value", "low", "high"))
        numbers = f"{signed(value)} [{signed(low)}, {signed(high)}]"
        told = f"**{numbers}**" if each["found"] == "shown" else numbers
        place = f"{named['setting']}, {named['row']}"
        rows.setdefault((each["words"], place), {})[each["point"]["steps"]] = told
    table = [
        f"| hypothesis | of | {' | '.join(f'{steps:,}' for steps in STEPS)} |",
        f"|:--|:--|{'--:|' * len(STEPS)}",
    ]
    for (words, place), found in rows.items():
        table.append(f"| {words} | {place} | {' | '.join(found[steps] for steps in STEPS)} |")
    return table


TABLES: dict[str, Callable[[], list[str]]] = {
    "real-e5": partial(real_table, "real-e5", E5_SETS),
    "real-static": real_table,
    "real-derived": partial(arm_lines, "real-derived", DERIVED_ARMS, REAL_SETS[:3]),
    **{
        f"arms-static-{steps}": partial(
            arm_lines, f"arms-static-{steps}", STATIC_ARMS, REAL_SETS, f"-steps{steps}", "a"
        )
        for steps in ARMS_STEPS
    },
    "atlas-budget": budget_table,
    "atlas-budget-hypotheses": hypothesis_table,
}
"""Every table that a page claims, by its mark."""


def with_tables(text: str) -> str:
    """A page with the tables between its marks made anew."""
    for name, table in TABLES.items():
        mark = re.compile(rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)", re.DOTALL)
        if mark.search(text):
            made = "\n".join(table())
            text = mark.sub(lambda found, made=made: f"{found[1]}{made}\n{found[2]}", text)  # type: ignore[misc]
    return text


def main() -> None:
    """Write them."""
    for page in PAGES:
        page.write_text(with_tables(page.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
