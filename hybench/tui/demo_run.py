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
    import hybench
    from hybench.demo import DATASET, demo_study

    data_dir, runs_dir = folder / "data", folder / "runs"
    words = ["prepare", DATASET, "--languages", ",".join(languages), "--data-dir"]
    with subprocess.Popen([sys.executable, "-m", "hybench", *words, str(data_dir)]) as preparing:
        import_module("sentence_transformers")  # takes as long as the preparation
    if preparing.returncode:
        raise SystemExit(preparing.returncode)
    for cell in reversed(demo_study(steps).cells):
        validate, checkpoint = max(1, steps // 15), max(1, steps // 3)
        config = replace(cell.config, validate_every=validate, checkpoint_every=checkpoint)
        trained = hybench.train(config, name=cell.name, data_dir=data_dir, runs_dir=runs_dir)
        hybench.evaluate(trained, DATASET, data_dir=data_dir, runs_dir=runs_dir)


if __name__ == "__main__":
    run_demo(Path(sys.argv[1]), LANGUAGES, STEPS)
