"""Files of tabs 3 and 5: what `hybench maps`, `queries` and `search` write, with the commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.runs.run import Run
from hybench.tui.model.export import Outlet, write_text
from hybench.tui.model.heat_map import HeatMapRequest
from hybench.tui.model.queries import Pair
from hybench.tui.model.side_by_side import SideBySide
from hybench.wording.commands import command, folder_word, path_word

if TYPE_CHECKING:
    from hybench.comparison.gather import CompareOptions
    from hybench.comparison.rankings import QueryKey

ENDINGS = (".csv", ".md", ".json")

_Arms = tuple[Sequence[Run], Sequence[Run]]
"""The runs of the reference, which may be none, and of the arm."""


def map_outlet(request: HeatMapRequest) -> Outlet:
    """The map of tab 3."""
    arms = (request.against, request.runs)
    options = _options(arms, request.key, request.metric)

    def text(shape: str) -> str:
        from hybench.api.detailing import map_languages
        from hybench.comparison.language_map_documents import MAP_FORMATS

        return MAP_FORMATS[shape](map_languages(_folders(arms), options))

    return _outlet("maps", text, lambda path: _command("maps", arms, options, "-o", path))


def queries_outlet(pair: Pair, filter_: str, *, best_first: bool) -> Outlet:
    """The list of tab 5: all queries that pass the filter."""
    arms = (pair.left.runs if pair.left else (), pair.right.runs)
    options = _options(arms, pair.key, pair.metric, pair.setting)

    def text(shape: str) -> str:
        from hybench.api.detailing import list_queries
        from hybench.comparison.query_list_documents import QUERY_FORMATS

        found = list_queries(
            _folders(arms), options, filter_=filter_, best_first=best_first, data_dir=pair.data_dir
        )
        return QUERY_FORMATS[shape](found)

    def said(path: Path) -> str:
        words = ["--filter", filter_] if filter_ else []
        words += ["--best-first"] if best_first else []
        return _command("queries", arms, options, *words, "-o", path, data_dir=pair.data_dir)

    return _outlet("queries", text, said)


def rankings_outlet(pair: Pair, query: QueryKey) -> Outlet:
    """Both rankings of a query, those of the first seeds."""
    arms = (pair.left.runs[:1] if pair.left else (), pair.right.runs[:1])
    options = _options(arms, pair.key, "", pair.setting)

    def word() -> str:
        from hybench.comparison.rankings import query_word

        return query_word(query, pair.setting)

    def text(shape: str) -> str:
        from hybench.api.detailing import rank_query
        from hybench.comparison.ranking_documents import RANKING_FORMATS

        found = rank_query(_folders(arms), word(), options, data_dir=pair.data_dir)
        return RANKING_FORMATS[shape](found)

    def said(path: Path) -> str:
        words = ("--query", word(), "-o", path)
        return _command("queries", arms, options, *words, data_dir=pair.data_dir)

    return _outlet("rankings", text, said)


def hits_outlet(found: SideBySide) -> Outlet:
    """The hits of a search, of the runs that have answered."""
    sides = [side for side in found.sides if side.hits is not None]
    asked = found.sides[-1].question

    def text(shape: str) -> str:
        from hybench.comparison.hit_documents import HIT_FORMATS, FoundHits, RunHits

        runs = tuple(RunHits(side.name, side.hits or ()) for side in sides)
        return HIT_FORMATS[shape](FoundHits(asked.query, asked.dataset, runs, found.gold))

    def said(path: Path) -> str:
        runs = [word for side in sides for word in ("--run", path_word(side.question.run))]
        where = ["--data", path_word(asked.data_dir / asked.dataset)]
        where += ["-l", asked.language] if asked.language else []
        spoken = asked.spoken or asked.language
        where += ["--query-language", spoken] if spoken else []
        first, last = ((), ("--", asked.query)) if asked.query[:1] == "-" else ((asked.query,), ())
        return command("search", *first, *runs, *where, "-k", asked.k, "-o", path, *last)

    return _outlet("search", text, said)


def _outlet(name: str, text: Callable[[str], str], said: Callable[[Path], str]) -> Outlet:
    def write(path: Path) -> str:
        write_text(path, text(path.suffix.lower().removeprefix(".")))
        return said(path)

    return Outlet(f"{name}.csv", ENDINGS, write)


def _folders(arms: _Arms) -> list[Path]:
    """The folders of the runs, the reference's first, so that its name is found among them."""
    return [run.path for runs in arms for run in runs]


def _options(arms: _Arms, key: str, metric: str, setting: str = "") -> CompareOptions:
    from hybench.comparison.gather import CompareOptions

    return CompareOptions(
        data=key,
        metric=metric or None,
        setting=setting or None,
        baseline=arms[0][0].name if arms[0] else None,
        group_seeds=any(len(runs) > 1 for runs in arms),
    )


def _command(
    name: str, arms: _Arms, options: CompareOptions, *words: object, **folders: Path
) -> str:
    values = {
        "--data": options.data,
        "--setting": options.setting,
        "--metric": options.metric,
        "--baseline": options.baseline,
    }
    chosen = [word for flag, value in values.items() if value for word in (flag, value)]
    chosen += ["--group-seeds"] if options.group_seeds else []
    return command(name, *map(folder_word, _folders(arms)), *chosen, *words, **folders)
