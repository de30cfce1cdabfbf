"""What lies behind a comparison's means: pairs of languages, queries, and their rankings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hybench.api.comparing import choose_runs
from hybench.api.naming import FolderName, RunsName, the_folder, the_options
from hybench.comparison.gather import CompareOptions
from hybench.wording.commands import DATA_DIR, RUNS_DIR

if TYPE_CHECKING:
    from hybench.comparison.language_maps import LanguageMap
    from hybench.comparison.query_lists import QueryList
    from hybench.comparison.rankings import RankingPair


def map_languages(
    runs: RunsName | Sequence[RunsName],
    options: CompareOptions | None = None,
    *,
    runs_dir: FolderName = RUNS_DIR,
) -> tuple[LanguageMap, ...]:
    """Query language × passage language of each arm, or of its difference from the baseline.

    Args:
        runs: runs, or folders of runs.
        options: data, metric, baseline (None: no differences), group_seeds and languages count.
        runs_dir: folder of the runs.

    Raises:
        UsageError: there is no such run, or a choice in the options does not exist here.
        StateError: no run has the results, or none of them has a value of the metric.
        DataError: a config or results file is not what hybench writes.
    """
    from hybench.comparison.language_maps import language_maps

    return language_maps(choose_runs(runs, None, runs_dir)[0], the_options(options, CompareOptions))


def list_queries(
    runs: RunsName | Sequence[RunsName],
    options: CompareOptions | None = None,
    *,
    filter_: str = "",
    best_first: bool = False,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
) -> tuple[QueryList, ...]:
    """The queries of each arm beside the baseline's, the worst first; an arm alone has its values.

    Args:
        runs: runs, or folders of runs.
        options: data, setting (None: the first that there is), metric, baseline and group_seeds
            count.
        filter_: such as ``lang:yo Δ<-20 king``.
        best_first: whether the best come first.
        data_dir: folder of the prepared sets, for the texts.
        runs_dir: folder of the runs.

    Raises:
        UsageError: there is no such run, a choice in the options does not exist here, or the filter
            is not understood.
        StateError: no run has the results.
        DataError: a config or results file is not what hybench writes.
    """
    from hybench.comparison.query_lists import query_lists

    return query_lists(
        choose_runs(runs, None, runs_dir)[0],
        the_options(options, CompareOptions),
        the_folder(data_dir),
        filter_,
        best_first=best_first,
    )


def rank_query(
    runs: RunsName | Sequence[RunsName],
    query: str,
    options: CompareOptions | None = None,
    *,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
) -> tuple[RankingPair, ...]:
    """The rankings of a query by each arm's first run beside the baseline's.

    Args:
        runs: runs, or folders of runs.
        query: ``LANG:ID``; in the setting cross ``LANG:IN:ID``.
        options: data, setting (None: the first that there is), baseline and group_seeds count.
        data_dir: folder of the prepared sets, for the texts.
        runs_dir: folder of the runs.

    Raises:
        UsageError: there is no such run, or a choice in the options does not exist here.
        StateError: no run has the results, or they have no such query.
        DataError: a config or results file is not what hybench writes.
    """
    from hybench.comparison.rankings import ranking_pairs

    return ranking_pairs(
        choose_runs(runs, None, runs_dir)[0],
        the_options(options, CompareOptions),
        the_folder(data_dir),
        query,
    )
