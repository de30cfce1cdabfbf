"""The whole `hybench demo`, from an empty folder to its tables, in its own process."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from benchmarks.harness import Check, Options, Report, Timing, main

BAR = 60.0
STAGES = ("start", "prepare", "train and evaluate", "compare")


def demo(steps: int | None) -> tuple[list[float], float]:
    """Run it once.

    Args:
        steps: of each arm; None for the demo's own.

    Returns:
        Seconds at which each stage ended; peak memory in MiB.
    """
    with TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hybench", "demo", "--in", str(Path(folder) / "demo")]
        begun = perf_counter()
        process = subprocess.Popen(
            command if steps is None else [*command, "--steps", str(steps)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert process.stderr is not None  # noqa: S101 - for the type checker
        ends, said = [], []
        for line in process.stderr:
            said.append(line)
            if re.match(r"[1-3]/3 ", line):  # a stage begins: the one before has ended
                ends.append(perf_counter() - begun)
        _, status, usage = os.wait4(process.pid, 0)
        ends.append(perf_counter() - begun)
        process.stderr.close()
    if os.waitstatus_to_exitcode(status):
        raise SystemExit(f"hybench demo failed:\n{''.join(said)}")
    return ends, usage.ru_maxrss / 1024


def whole(options: Options) -> Report:
    """Time it."""
    runs = [demo(10 if options.quick else None) for _ in range(options.rounds)]
    timing = Timing(
        seconds=tuple(round(ends[-1], 2) for ends, _ in runs),
        peak_mb=round(max(peak for _, peak in runs), 1),
        prepared_mb=0.0,
        prepare_seconds=0.0,
    )
    ends, _ = min(runs, key=lambda run: abs(run[0][-1] - timing.median))
    spent = [end - begin for begin, end in zip([0.0, *ends], ends, strict=False)]
    stages = {name: f"{seconds:.1f} s" for name, seconds in zip(STAGES, spent, strict=True)}
    return Report(
        title="Whole `hybench demo`: four arms and a teacher, evaluated in 18 languages",
        timings={"hybench demo": timing},
        checks=[Check("hybench demo: seconds", timing.median, "≤", BAR)],
        columns={"hybench demo": stages},
    )


if __name__ == "__main__":
    main("demo", whole, ("sentence-transformers", "tokenizers"), rounds=1)
