"""Other systems' results as runs: TREC rankings, and means of MTEB."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.api.evaluating import Evaluated
from hybench.api.naming import FolderName, the_folder
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.evaluation.evaluate import EvalReport
from hybench.importing.mteb import MtebResult, check_named
from hybench.importing.mteb import import_mteb as import_mteb_result
from hybench.importing.new_run import importing
from hybench.runs.run import Run
from hybench.values.names import check_name
from hybench.wording.commands import RUNS_DIR

if TYPE_CHECKING:
    from hybench.importing.trec_files import TrecFile
    from hybench.importing.trec_run import Imported, ImportOptions


def import_trec(
    files: Sequence[TrecFile],
    options: ImportOptions,
    name: str,
    *,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
) -> tuple[Evaluated, Imported]:
    """Make a run of rankings in TREC's format, scored by hybench's own metrics.

    Args:
        files: which search each file is of (`hybench.importing.trec_files.find_files`).
        options: what they are rankings of.
        name: of the run.
        runs_dir: folder of the runs.
        progress: called after each file.

    Returns:
        The scores, and what was found missing on the way.

    Raises:
        UsageError: the set has no such split, setting or language, or a name cannot be used.
        StateError: a run of that name was made otherwise or has results that are to be kept, or
            another process works on it.
        DataError: a file cannot be read, or has none of the judged queries.
    """
    from hybench.importing.trec_run import import_trec as import_rankings

    run = Run(the_folder(runs_dir) / check_name(name, "--name"))
    with importing(run):
        found = import_rankings(run, files, options, progress)
    return Evaluated(run, EvalReport(found.key, found.info, found.values)), found


def import_mteb(
    result: str | Path,
    name: str | None = None,
    *,
    replace: bool = False,
    runs_dir: FolderName = RUNS_DIR,
) -> tuple[Run, MtebResult]:
    """Make a run of a task's result as mteb writes it: means, shown beside runs and not tested.

    Args:
        result: the JSON.
        name: of the run; None for the model's, in MTEB's layout of folders.
        replace: take the place of means of the same task.
        runs_dir: folder of the runs.

    Raises:
        UsageError: no run can have that name, or none follows from the path.
        StateError: a run of that name was made otherwise or has means of the task, or another
            process works on it.
        DataError: it is not a result of a task that is known here.
    """
    file = the_folder(result)
    run = Run(the_folder(runs_dir) / check_named(name, file))
    with importing(run):
        return run, import_mteb_result(file, run, keep=not replace)
