"""The worker that searches a share of a pool (`hybench.workers.process`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hybench.files.tables import table_columns
from hybench.indexes.exact.loads import Asked, Found, Load
from hybench.indexes.exact.passes import search_spans
from hybench.indexes.exact.screens.chosen import precisions
from hybench.indexes.exact.spans import Span
from hybench.indexes.manifest import IDS, read_manifest
from hybench.indexes.reader import LanguageIndex
from hybench.workers.process import Tell


@dataclass(frozen=True)
class Share:
    """Rows of a part of a pool.

    Attributes:
        folder: of the part's index.
        part: its number in the pool.
        start: the part's first row in the pool.
        first: the first of these rows in the part.
        last: the row after the last of them.
    """

    folder: str
    part: int
    start: int
    first: int
    last: int

    def span(self) -> Span:
        """These rows, opened."""
        folder = Path(self.folder)
        manifest = read_manifest(folder)
        if manifest is None:
            raise FileNotFoundError(folder)
        vectors = LanguageIndex(folder, manifest).vectors_between(self.first, self.last)
        order = table_columns(folder / IDS, ["order"], self.first, self.last - self.first)
        places = order["order"].to_numpy() + np.uint32(self.start)
        return Span(self.part, self.start + self.first, vectors, places)


class SearchWorker:
    """Searches shares of pools."""

    def work(self, request: dict[str, Any], tell: Tell) -> None:
        """Search the spans of `shares` for the loads of a file, and write what was found."""
        device = request["device"]
        founds = search_spans(
            [Share(**each).span() for each in request["shares"]],
            list(read_loads(Path(request["loads"]))),
            device=device,
            precisions=precisions(device),
            streams=request["streams"],
            tell=tell,
        )
        write_founds(Path(request["found"]), founds)


WORKER = SearchWorker


def write_loads(path: Path, loads: Sequence[Load]) -> None:
    """Write loads to an .npz file."""
    arrays: dict[str, Any] = {"count": np.array(len(loads))}
    for number, load in enumerate(loads):
        arrays |= {
            f"{number} queries": load.queries,
            f"{number} sizes": np.array(load.sizes),
            f"{number} whole": np.array(load.in_whole),
            f"{number} asked": np.stack([load.asked.queries, load.asked.parts]),
            f"{number} keys": load.asked.keys,
        }
    np.savez(path, **arrays)


def read_loads(path: Path) -> Iterator[Load]:
    """The loads that `write_loads` has written."""
    with np.load(path) as file:
        for number in range(int(file["count"])):
            queries, parts = file[f"{number} asked"]
            yield Load(
                file[f"{number} queries"],
                tuple(file[f"{number} sizes"].tolist()),
                Asked(queries, parts, file[f"{number} keys"]),
                bool(file[f"{number} whole"]),
            )


def write_founds(path: Path, founds: Sequence[Found]) -> None:
    """Write what was found to an .npz file."""
    arrays: dict[str, Any] = {}
    for number, found in enumerate(founds):
        arrays[f"{number} better"] = np.stack([found.part_better, found.better])
        arrays |= {f"{number} best {place}": keys for place, keys in enumerate(found.best)}
    np.savez(path, **arrays)


def read_found(path: Path, number: int, sizes: int) -> Found:
    """What was found of a load, of which there are keys of so many sizes."""
    with np.load(path) as file:
        best = [file[f"{number} best {place}"] for place in range(sizes)]
        return Found(best, *file[f"{number} better"])
