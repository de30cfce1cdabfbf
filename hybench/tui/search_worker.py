"""A process that encodes queries and searches: the only place of the dashboard that loads torch.

It reads a JSON object per line (run, data_dir, dataset, language or empty for all, query, k) and
answers each with one: ``hits`` (rank, language, id, score, text), or ``error``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
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
    query, language = _told(str(request["query"]), opened.encoder.languages, *languages)
    return {"hits": [asdict(hit) for hit in opened.hits(query, int(request["k"]), language)]}


def _told(query: str, known: Sequence[str], *passages: str) -> tuple[str, str | None]:
    """A query and its language, for a model whose vectors depend on it: ``:sw: text``, else the
    language of the passages that are searched.

    Args:
        query: as it was typed.
        known: the languages that the model takes; empty for any text.
        passages: their language, if it was chosen.
    """
    code, colon, rest = query.removeprefix(":").partition(":")
    if colon and code in known:
        return rest, code
    return query, passages[0] if known and passages else None


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
