"""Kills processes with SIGKILL at random moments, and checks that resumed work ends the same.

Trainings (hybrid batches, distillation with its own teacher, a transformer with dropout), an index
and an evaluation are killed and started again, until each is done; their weights, vectors and
tables must be those of runs that nobody disturbed, bit by bit.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import shutil
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import write_figures
from benchmarks.measuring import import_all_before_forks

DATA = "small"
LANGUAGES = "en,sw,yo,th"
_SHARED = "--steps 40 --batch-size 64 --vocabulary 2000 --validate-every 5 --checkpoint-every 4"
ARMS = {
    "hybrid": f"{_SHARED} --dimension 128",
    "distill": f"{_SHARED} --dimension 128 --strategy distill --objective kl",
    "tiny": f"{_SHARED} --encoder tiny --dimension 64 --passage-length 32 --query-length 32",
}
_LONGEST = 120.0


@dataclass(frozen=True)
class Moment:
    """When to kill.

    Attributes:
        name: what the process is doing then.
        stage: the command that does it: train, index or eval.
        begins: patterns below the folder of runs; the moment begins when something that matches
            comes or changes, without any at once.
        within: the kill falls at most that many seconds later, at random.
        arms: the arms that have such a moment.
    """

    name: str
    stage: str
    begins: tuple[str, ...]
    within: float
    arms: tuple[str, ...] = tuple(ARMS)


MOMENTS = (
    Moment("start", "train", (), 2.0),
    Moment("training", "train", ("{run}/events.jsonl",), 1.0),
    Moment("writing a checkpoint", "train", ("{run}/checkpoints/.step-*",), 0.02),
    Moment("validation", "train", ("{run}/checkpoints/step-*4",), 0.1),
    Moment("keeping the best weights", "train", ("{run}/checkpoints/.best*",), 0.01),
    Moment("writing the model", "train", ("{run}/.model.*",), 0.02),
    Moment("training the teacher", "train", (".teachers/*/events.jsonl",), 1.0, ("distill",)),
    Moment("caching the teacher", "train", (".cache/teacher-vectors/.*",), 0.05, ("distill",)),
    Moment("indexing", "index", ("{run}/index/*/.*",), 0.2),
    Moment("start of the index", "index", (), 1.0),
    Moment("evaluation", "eval", ("{run}/rankings/.*",), 0.5),
    Moment("end of the evaluation", "eval", ("{run}/results/.*", "{run}/rankings/*t"), 0.05),
)


def _hybench(arguments: Sequence[str], folder: Path) -> int:
    """Run the program in its own process, forked from this one; returns its id.

    Everything heavy has been imported before, so that a random moment is one of work.
    """
    child = os.fork()
    if child:
        return child
    try:
        os.chdir(folder)
        silent = os.open(folder / "talk.txt", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(silent, 1)
        os.dup2(silent, 2)
        sys.argv = ["hybench", *arguments]
        from hybench.cli.main import run

        run()
    except SystemExit as stop:
        os._exit(stop.code if isinstance(stop.code, int) else 1)
    finally:
        os._exit(70)


def _command(stage: str, arm: str, runs: Path) -> list[str]:
    run = runs / arm
    if stage == "train":
        if (run / "config.toml").is_file():
            return ["train", "--resume", "--name", arm, "--runs-dir", runs.name]
        return ["train", "--data", DATA, "--name", arm, "--runs-dir", runs.name, *ARMS[arm].split()]
    graph = ["--dtype", "i8"] if stage == "index" else []
    return [stage, arm, "--data", DATA, "--runs-dir", runs.name, *graph]


def _wait(child: int) -> int:
    """Exit code of a process, or minus the number of the signal that killed it."""
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def _there(runs: Path, run: Path, patterns: Sequence[str]) -> set[tuple[Path, int]]:
    """Files that match the patterns, with the time of their last change."""
    found = set()
    with suppress(OSError):  # folders come and go while they are listed
        for pattern in patterns:
            for path in runs.glob(pattern.format(run=run.name)):
                found.add((path, path.stat().st_mtime_ns))
    return found


def _kill_at(child: int, begun: Callable[[], bool], delay: float) -> bool:
    """Kill a process `delay` seconds after `begun`; False if it ended before."""
    deadline = time.monotonic() + _LONGEST
    at = None
    while at is None or time.monotonic() < at:
        if os.waitpid(child, os.WNOHANG)[0]:
            return False
        if at is None and begun():
            at = time.monotonic() + delay
        if time.monotonic() > deadline:
            break
        time.sleep(0.0002)
    os.kill(child, signal.SIGKILL)
    _wait(child)
    return True


def _finish(stage: str, arm: str, runs: Path) -> None:
    code = _wait(_hybench(_command(stage, arm, runs), runs.parent))
    if code:
        talk = (runs.parent / "talk.txt").read_text(encoding="utf-8").splitlines()
        raise SystemExit(f"{stage} {arm} ended with {code}:\n" + "\n".join(talk[-8:]))


def fingerprint(runs: Path, arm: str) -> dict[str, str]:
    """SHA-256 of all results of a run: weights, optimiser, vectors, graph, tables."""
    run = runs / arm
    patterns = (
        "model/**/*.safetensors",
        "checkpoints/*/*.safetensors",
        "checkpoints/*.safetensors",
    )
    kept = ("index/*/*/vectors.npy", "index/*/*/index.usearch", "results/*.parquet")
    found = {}
    for pattern in (*patterns, *kept, "rankings/*.parquet"):
        for file in sorted(run.glob(pattern)):
            digest = hashlib.sha256(file.read_bytes()).hexdigest()
            found[file.relative_to(run).as_posix()] = digest
    return found


def _work(arm: str, runs: Path, moments: Sequence[Moment], chance: random.Random) -> list[str]:
    """Do all stages of one arm, with a kill at each moment; names of the moments that were hit."""
    hit: list[str] = []
    for stage in ("train", "index", "eval"):
        for moment in (each for each in moments if each.stage == stage):
            child = _hybench(_command(stage, arm, runs), runs.parent)
            # What an earlier kill left behind is not the beginning of this moment.
            old = _there(runs, runs / arm, moment.begins)
            delay = chance.random() * moment.within

            def begun(moment: Moment = moment, old: set[tuple[Path, int]] = old) -> bool:
                return not moment.begins or not _there(runs, runs / arm, moment.begins) <= old

            if _kill_at(child, begun, delay):
                hit.append(moment.name)
        _finish(stage, arm, runs)
    return hit


def run_kills(kills: int, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """Kill until `kills` have fallen.

    Args:
        kills: how many.
        seed: of the moments.
        folder: an empty one to work in.

    Returns:
        Kills by moment; and, for each file that came out otherwise, its arm and path.
    """
    chance = random.Random(seed)
    prepared = ["prepare", "atlas", "--languages", LANGUAGES, "--name", DATA]
    if _wait(_hybench(prepared, folder)):
        raise SystemExit((folder / "talk.txt").read_text(encoding="utf-8"))
    expected: dict[str, dict[str, str]] = {}
    hits: Counter[str] = Counter()
    differing: list[str] = []
    while hits.total() < kills:
        for arm in ARMS:
            if arm not in expected:
                runs = folder / "whole"
                for stage in ("train", "index", "eval"):
                    _finish(stage, arm, runs)
                expected[arm] = fingerprint(runs, arm)
            wanted = [moment for moment in MOMENTS if arm in moment.arms]
            chance.shuffle(wanted)
            cut = folder / "cut"
            fallen = _work(arm, cut, wanted[: kills - hits.total()], chance)
            hits.update(fallen)
            got = fingerprint(cut, arm)
            files = sorted(expected[arm].keys() | got.keys())
            differing += [
                f"{arm}/{file}" for file in files if expected[arm].get(file) != got.get(file)
            ]
            shutil.rmtree(cut)
            print(f"{arm}: {', '.join(fallen)}: {len(files)} files compared", file=sys.stderr)
            if hits.total() >= kills:
                break
    return hits, differing


def main() -> None:
    """Run it as a program; exit code 1 if anything differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kills")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="write what came out there")
    given = parser.parse_args()
    import_all_before_forks()
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        hits, differing = run_kills(given.kills, given.seed, Path(folder))
    seconds = time.monotonic() - begun
    print(f"{hits.total()} kills, {len(differing)} files that differ, {seconds:.0f} s")
    for name, count in sorted(hits.items()):
        print(f"  {count:3d} {name}")
    for file in differing:
        print(f"  differs: {file}")
    if given.save is not None:
        figures = {
            "seed": given.seed,
            "kills": dict(sorted(hits.items())),
            "differing": differing,
            "seconds": round(seconds),
        }
        write_figures("kills", given.save, figures)
    raise SystemExit(1 if differing else 0)


if __name__ == "__main__":
    main()
