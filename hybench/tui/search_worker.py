"""A process that encodes queries and searches: the only place of the dashboard that loads torch.

It reads a JSON object per line (run, data_dir, dataset, language or empty for all, query, k) and
answers each with one: ``hits`` (rank, language, id, score, text), or ``error``.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import asdict
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder
    from hybench.hits import TextSearch


@lru_cache(maxsize=2)
def _encoder(run: Path) -> Encoder:
    from hybench.indexes.model import load_model_of
    from hybench.runs.run import Run

    return load_model_of(Run.open(run), "cpu")


@lru_cache(maxsize=4)
def _opened(run: Path, dataset: Path, languages: tuple[str, ...]) -> TextSearch:
    from hybench.data.dataset import Dataset
    from hybench.hits import TextSearch
    from hybench.runs.run import Run

    return TextSearch.open(Run.open(run), Dataset.open(dataset), languages, encoder=_encoder(run))


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Search for one query.

    Raises:
        HybenchError: there is no model, no index, or no data set.
    """
    run, dataset = Path(request["run"]), Path(request["data_dir"]) / str(request["dataset"])
    languages = (str(request["language"]),) if request["language"] else ()
    opened = _opened(run, dataset, languages)
    spoken = str(request["spoken"] or request["language"]) or None
    language = spoken if opened.encoder.languages else None
    hits = opened.hits(str(request["query"]), int(request["k"]), language)
    return {"hits": [asdict(hit) for hit in hits]}


def main() -> None:
    """Answer until the pipe is closed."""
    from hybench.wording.error_messages import what_and_do

    # What libraries print must not get between the answers.
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    for line in sys.stdin:
        try:
            said = answer(json.loads(line))
        except Exception as error:  # noqa: BLE001 - the next query may go well
            said = {"error": "\n".join(what_and_do(error))}
        answers.write(json.dumps(said, ensure_ascii=False) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
