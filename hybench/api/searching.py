"""``hybench.search``: a run's hits for a text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from hybench.api.naming import DataName, FolderName, RunName, the_dataset, the_run
from hybench.api.shown import Shown
from hybench.comparison.hit_documents import FoundHits, RunHits, gold_of
from hybench.hits import Hit, TextSearch
from hybench.values.languages import stored_codes
from hybench.values.typed import typed
from hybench.wording.commands import DATA_DIR, RUNS_DIR
from hybench.wording.text_table import Entry, Line, Sheet

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, repr=False)
class Hits(Shown):
    """What a search found.

    Attributes:
        query: the text that was searched for.
        run: name of the run.
        dataset: name of the set.
        languages: codes of the passages' languages that were searched.
        hits: the best first.
    """

    query: str
    run: str
    dataset: str
    languages: tuple[str, ...]
    hits: tuple[Hit, ...]

    def to_frame(self) -> pl.DataFrame:
        """rank (Int64), language, id, score (Float64), text: a row per hit, the best first."""
        import polars as pl

        schema = {
            "rank": pl.Int64, "language": pl.String, "id": pl.String, "score": pl.Float64,
            "text": pl.String,
        }  # fmt: skip
        return pl.DataFrame([asdict(hit) for hit in self.hits], schema)

    def sheets(self) -> tuple[Sheet, ...]:
        """One table, a line per hit."""
        lines = tuple(
            Line(
                (
                    Entry(str(hit.rank), "quiet"),
                    Entry(hit.language),
                    Entry(hit.id),
                    Entry(f"{hit.score:.3f}"),
                    Entry(hit.text),
                )
            )
            for hit in self.hits
        )
        title = f"{self.query} · {self.run} on {self.dataset} ({' '.join(self.languages)})"
        return (Sheet(title, ("#", "lang", "passage", "score", "text"), 5, lines),)


def search(
    text: str,
    run: RunName,
    data: DataName,
    *,
    languages: Sequence[str] = (),
    query_language: str | None = None,
    k: int = 10,
    memory: int | None = None,
    device: str = "auto",
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
) -> Hits:
    """Search a set for a text with a run's model, exactly, over what the run has indexed.

    Args:
        text: a query in any language.
        run: whose model and index.
        data: the set.
        languages: codes of the passages' languages; empty for all that are indexed.
        query_language: code of the query's language; needed where a model's vectors depend on it.
        k: how many hits.
        memory: bytes that the search may hold; None for half of the machine's.
        device: where the query is encoded: auto, cpu, cuda or cuda:N.
        data_dir: folder of the sets.
        runs_dir: folder of the runs.

    Raises:
        UsageError: there is no such run or set, the run is of a kind without a model, the text is
            empty, or the query's language matters and is not one that the model takes.
        StateError: the run has no model or no up-to-date index of a language.
        DataError: the model or a file of the set or the index is damaged.
    """
    text, k = typed(text, str, "text"), typed(k, int, "k")
    languages = typed(languages, tuple[str, ...], "languages")
    spoken = None if query_language is None else stored_codes([query_language])[0]
    opened, dataset = the_run(run, runs_dir), the_dataset(data, data_dir)
    found = TextSearch.open(opened, dataset, languages, device, memory=memory)
    return Hits(text, opened.name, dataset.name, found.pool.languages, found.hits(text, k, spoken))


def judged(found: Sequence[Hits], data: DataName, data_dir: FolderName = DATA_DIR) -> FoundHits:
    """What runs found for one text, with what is judged relevant for it.

    Args:
        found: of each run, for the same text.
        data: the set that was searched.
        data_dir: folder of the sets.

    Raises:
        DataError: a table of the set is damaged.
    """
    dataset = the_dataset(data, data_dir)
    runs = tuple(RunHits(each.run, each.hits) for each in found)
    text = found[0].query
    return FoundHits(text, dataset.name, runs, gold_of(dataset, text))
