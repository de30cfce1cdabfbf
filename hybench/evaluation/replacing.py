"""Whether an evaluation may replace existing results."""

from __future__ import annotations

from collections.abc import Sequence

from hybench.errors import DataError, StateError
from hybench.evaluation.results import ResultsInfo
from hybench.runs.run import Run

_WAYS = {"ann": "approximate search", "exact": "exact search"}


def check_replaces(
    run: Run,
    key: str,
    made_of: tuple[str, str],
    *,
    search: str,
    settings: Sequence[str],
    languages: Sequence[str],
) -> None:
    """Refuse to replace results that cover more than the new ones, or come from another search.

    Damaged results, and those of another model or of other texts, may be replaced.

    Args:
        run: the run.
        key: the results' name.
        made_of: the set's fingerprint and the model's digest.
        search: of the new ones, as in `ResultsInfo`.
        settings: of the new ones.
        languages: codes of the new ones' queries.

    Raises:
        StateError: the existing ones are of languages or settings that the new ones lack, or of
            another search.
    """
    file = run.results_info(key)
    try:
        old = ResultsInfo.read(file) if file.is_file() else None
    except DataError:
        return
    if old is None or (old.fingerprint, old.model_sha256) != made_of:
        return
    lacking = [code for code in old.query_languages if code not in languages]
    left_out = [setting for setting in old.settings if setting not in settings]
    more = [f"queries in {' '.join(lacking)}"] if lacking else []
    more += [f"settings {' '.join(left_out)}"] if left_out else []
    more += [_WAYS.get(old.search, old.search)] if old.search != search else []
    if more:
        raise StateError(
            f"Run {run.name} has results on {key} that these would replace without covering them: "
            f"{', '.join(more)}.",
            "Replace them anyway with --force, or also evaluate what they cover.",
        )
