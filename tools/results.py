"""Writes the pages of docs/results: ``python -m tools.results``, from the runs of the studies.

They are a megabyte each and not kept in the repository; the tables beside them are.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.claims import RESULTS


@dataclass(frozen=True)
class Page:
    """A page of HTML.

    Attributes:
        name: of its file.
        study: whose runs it shows.
        options: of ``hybench compare``.
    """

    name: str
    study: str
    options: tuple[str, ...] = ()


PAGES = (
    Page("real-static", "real-static", ("--data", "xquad-r-articles")),
    Page("atlas-budget-1000", "atlas-budget", ("--where", "steps=1000")),
    Page("atlas-alpha", "atlas-alpha"),
    Page("atlas-scarcity", "atlas-scarcity"),
    Page("real-text", "real-text", ("--data", "xquad-r-articles")),
)


def write_pages(pages: Sequence[Page], runs: Path, out: Path) -> list[str]:
    """Write the pages whose runs there are.

    Args:
        pages: which.
        runs: the folder of the studies' runs.
        out: the folder to write to.

    Returns:
        A line for each page: where it was written, or how to make its runs.

    Raises:
        CalledProcessError: a comparison failed, and has said why.
    """
    said = []
    for page in pages:
        folder, file = runs / page.study, out / f"{page.name}.html"
        if not folder.is_dir():
            said.append(f"{file.name}: no {folder}; hybench study run studies/{page.study}.toml")
            continue
        compare = ["hybench", "-q", "compare", str(folder), "--group-seeds", *page.options]
        subprocess.run([sys.executable, "-m", *compare, "-o", str(file)], check=True)
        said.append(f"{file.name}: written to {file}")
    return said


def main() -> None:
    """Write them all."""
    parser = argparse.ArgumentParser(prog="python -m tools.results")
    parser.add_argument("--runs", type=Path, default=Path("runs"), help="of the studies")
    print(*write_pages(PAGES, parser.parse_args().runs, RESULTS), sep="\n")


if __name__ == "__main__":
    main()
