"""What `hybench tui --demo` does in the background: ``python -m hybench.tui.demo_run FOLDER``."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

LANGUAGES = "ar,en,hi,ja,sw,yo"
"""Few, so that the first step comes within seconds; of five scripts."""

STEPS = 1500
"""Of each run: half a minute to look at."""

ARMS = (("hybrid", "0.5"), ("mono", "1"), ("cross", "0"))
"""Names, and the share of batches in one language."""


def commands(folder: Path) -> Iterator[Sequence[str]]:
    """The commands of hybench, one after the other."""
    folders = ("--data-dir", str(folder / "data"), "--runs-dir", str(folder / "runs"))
    yield ("prepare", "atlas", "--languages", LANGUAGES, *folders[:2])
    for name, alpha in ARMS:
        often = ("--validate-every", "100", "--checkpoint-every", "500")
        size = ("--steps", str(STEPS), "--alpha", alpha)
        yield ("train", "--data", "atlas", "--name", name, *size, *often, *folders)
        yield ("eval", name, "--data", "atlas", *folders)


def main() -> None:
    """Run them; the first that fails ends it."""
    for command in commands(Path(sys.argv[1])):
        subprocess.run([sys.executable, "-m", "hybench", *command], check=True)


if __name__ == "__main__":
    main()
