"""What `hybench tui --demo` does in the background: ``python -m hybench.tui.demo_run FOLDER``."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from importlib import import_module
from pathlib import Path

LANGUAGES = ("ar", "en", "hi", "ja", "sw", "yo")
"""Few, so that the first step comes within seconds; of five scripts."""

STEPS = 1500
"""Of each run: half a minute to look at."""


def run_demo(folder: Path, languages: tuple[str, ...], steps: int) -> None:
    """Prepare the Atlas, then train and evaluate the demo's arms, one after the other.

    Args:
        folder: for data and runs.
        languages: of the Atlas.
        steps: of each training.
    """
    from hybench.concurrency.progress import ignore
    from hybench.demo import demo_study
    from hybench.studies.cell import Place, evaluations, work_on

    place, study = Place(folder / "runs", folder / "data"), demo_study(steps)
    words = ["prepare", "atlas", "--languages", ",".join(languages), "--data-dir"]
    with subprocess.Popen(
        [sys.executable, "-m", "hybench", *words, str(place.data_dir)]
    ) as preparing:
        import_module("sentence_transformers")  # takes as long as the preparation
    if preparing.returncode:
        raise SystemExit(preparing.returncode)
    evaluated = evaluations(study.data, None, place.data_dir)
    for cell in reversed(study.cells):
        validate, checkpoint = max(1, steps // 15), max(1, steps // 3)
        config = replace(cell.config, validate_every=validate, checkpoint_every=checkpoint)
        work_on(cell.name, config, place, evaluated, "auto", lambda: False, ignore, {})


if __name__ == "__main__":
    run_demo(Path(sys.argv[1]), LANGUAGES, STEPS)
