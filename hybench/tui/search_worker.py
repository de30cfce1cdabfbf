"""A process that encodes queries and searches: the only place of the dashboard that loads torch.

It reads a JSON object per line (run, data_dir, dataset, language or empty for all, query, k) and
answers each with one: ``hits`` (rank, language, id, score, text), or ``error``.
"""

from __future__ import annotations

import json
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from hybench.encoders.encoder import Encoder
    from hybench.indexes.exact.search import Pool


@lru_cache(maxsize=2)
def _encoder(run: Path) -> Encoder:
    from hybench.encoders.loading import load_encoder
    from hybench.runs.run import Run

    return load_encoder(Run.open(run).model, "cpu")


@lru_cache(maxsize=4)
def _pool(run: Path, dataset: Path, languages: tuple[str, ...]) -> tuple[Pool, tuple[Any, ...]]:
    from hybench.data.dataset import Dataset
    from hybench.indexes.exact.search import Pool
    from hybench.indexes.reader import model_sha256, open_index
    from hybench.runs.run import Run

    opened, of = Run.open(run), Dataset.open(dataset)
    digest = model_sha256(opened)
    indexes = [open_index(opened, of, language, digest) for language in languages]
    pool = Pool([index.part for index in indexes])
    by_language = {index.language: index for index in indexes}
    return pool, tuple(by_language[language] for language in pool.languages)


def indexed_languages(run: Path, dataset: str) -> tuple[str, ...]:
    """The languages that a run has an index of, sorted."""
    from hybench.runs.run import Run

    folder = Run(run).index(dataset, "any").parent
    return tuple(sorted(path.parent.name for path in folder.glob("[!.]*/manifest.json")))


def answer(request: dict[str, Any]) -> dict[str, Any]:
    """Search for one query.

    Raises:
        HybenchError: there is no model, no index, or no data set.
    """
    import numpy as np

    from hybench.data.dataset import Dataset
    from hybench.errors import StateError
    from hybench.tui.model.queries import passage_texts
    from hybench.wording.commands import command, path_word

    run, name = Path(request["run"]), str(request["dataset"])
    dataset = Path(request["data_dir"]) / name
    known = indexed_languages(run, name)
    wanted = (str(request["language"]),) if request["language"] else known
    if not known or not set(wanted) <= set(known):
        index = command("index", path_word(run), "--data", path_word(dataset))
        raise StateError(
            f"Run {run.name} has no index of {name} ({' '.join(wanted) or 'any language'}).",
            f"Index it: {index}. There is: {' '.join(known) or 'none'}.",
        )
    pool, indexes = _pool(run, dataset, wanted)
    vectors = _encoder(run).encode([str(request["query"])], "query")
    hits, _ = pool.search(np.asarray(vectors, np.float32), int(request["k"]))
    found = []
    for rank, (row, score) in enumerate(zip(hits.rows[0], hits.scores[0], strict=True), 1):
        if row >= 0:
            part = int(np.searchsorted(pool.starts, row, side="right")) - 1
            index = indexes[part]
            passage = str(index.ids[int(row) - pool.starts[part]])
            found.append(
                {"rank": rank, "language": index.language, "id": passage, "score": float(score)}
            )
    ids: dict[str, set[str]] = {}
    for hit in found:
        ids.setdefault(hit["language"], set()).add(hit["id"])
    texts = passage_texts(Dataset.open(dataset), ids)
    for hit in found:
        hit["text"] = texts.get((hit["language"], hit["id"]), hit["id"])
    return {"hits": found}


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
