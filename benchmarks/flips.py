"""Flips bits in every file of a data set and a run, and checks the program's reaction.

After each flip, every command that reads the file is run. It must refuse, in words of its own, or
give what it gives of whole files, or say on stderr what it left out: a bit that changes what a
command shows, without a word, is a fault, and so is "this is a bug in hybench".
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import shutil
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.harness import write_figures
from benchmarks.measuring import import_all_before_forks
from hybench.files.checksums import sha256_file

LANGUAGES = {"en": ("red", "blue", "old", "new"), "de": ("rot", "blau", "alt", "neu")}
_BUDGET = "--steps 8 --batch-size 8 --dimension 16 --vocabulary 300 --validate-every 4"
_TRAIN = f"train --data small {_BUDGET} --checkpoint-every 4 --name"
MAKE = (
    "prepare jsonl own --name small",
    f"{_TRAIN} mono --alpha 1",
    f"{_TRAIN} hybrid --alpha 0.5",
    "index mono --data small",
    *(f"eval {run} --data small" for run in ("mono", "hybrid", "bm25")),
)
READ = {
    "data/small": (
        "info --check data/small",
        "batches --data small --batch-size 8 --count 2 --show 8",
        "eval bm25 --data small --name again",
        "eval mono --data small",
        f"{_TRAIN} new",
    ),
    "runs/mono": (
        "info --check runs/mono",
        "status --json",
        "compare runs --data small --format json",
        "compare runs --data small --format html",
        "compare runs --data small --curve alpha --format csv",
        "eval mono --data small --export-trec trec",
        "train --resume --name mono",
    ),
    "runs/.cache": (f"{_TRAIN} new",),
}
"""Commands by the folder whose files they read, one after the other after each flip."""

MADE = ("runs/*/model/*.safetensors", "runs/*/results/*.parquet", "runs/*/rankings/*", "trec/*")
"""Output of commands that must be the same as without a flip."""


@dataclass(frozen=True)
class Output:
    """The result of a command.

    Attributes:
        code: its exit code.
        out: what it gave, without times and ages.
        err: what it said, likewise.
        made: checksums of `MADE` after it, but for the file with the flip.
    """

    code: int
    out: str
    err: str
    made: Mapping[Path, str] = field(default_factory=dict)


def _write_source(folder: Path) -> None:
    """A parallel set of 64 sums in words, of which 16 are held out."""

    def lines(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")

    texts = {
        code: [f"{a} {b} {c}" for a in words for b in words for c in words]
        for code, words in LANGUAGES.items()
    }
    pairs = [
        {"_id": f"a{at}", **{side: {code: text[at] for code, text in texts.items()}
                             for side in ("query", "passage")}}
        for at in range(48)
    ]  # fmt: skip
    lines(folder / "pairs.jsonl", pairs)
    for code, text in texts.items():
        passages = [{"_id": f"p{at}", "text": each} for at, each in enumerate(text)]
        lines(folder / "corpus" / f"{code}.jsonl", passages)
        queries = [
            {"_id": f"q{at}", "text": text[at], "split": "dev" if at < 56 else "test"}
            for at in range(48, 64)
        ]
        lines(folder / "queries" / f"{code}.jsonl", queries)
        qrels = folder / "qrels" / f"{code}.tsv"
        qrels.parent.mkdir(exist_ok=True)
        judged = (f"q{at} 0 p{at} 1\n" for at in range(48, 64))
        qrels.write_text("".join(judged), encoding="utf-8")


def hybench(command: str, folder: Path) -> Output:
    """Run a command in its own process, forked from this one."""
    streams = [folder.parent / "out.txt", folder.parent / "err.txt"]
    child = os.fork()
    if not child:
        try:
            os.chdir(folder)
            for number, path in enumerate(streams, 1):
                os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
            sys.argv = ["hybench", *command.split()]
            from hybench.cli.main import run

            run()
        except SystemExit as stop:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(stop.code if isinstance(stop.code, int) else 1)
        finally:
            os._exit(70)
    _, status = os.waitpid(child, 0)
    out, err = (_timeless(path.read_text(encoding="utf-8", errors="replace")) for path in streams)
    return Output(os.waitstatus_to_exitcode(status), out, err)


def _timeless(text: str) -> str:
    """Messages without parts that vary: seconds, rates, ages, dates."""
    text = re.sub(r'("(age|seconds_left|steps_per_second)": )[^,\n]+', r"\1_", text)
    text = re.sub(r"\d{4}-\d\d-\d\d", "_", text)
    return re.sub(r"\d+(\.\d+)?(?= (s|ms|min|h|steps/s)\b)|\d\d:\d\d(:\d\d)?", "_", text)


def judge(said: Output, whole: Output) -> str:
    """The effect of a damaged file on a command: nothing, a refusal, a warning, or a fault."""
    if "bug in hybench" in said.err or "Traceback" in said.err or said.code not in {0, 1, 2}:
        return "bug"
    if said.code:
        return "refused"
    same = all(whole.made.get(path, digest) == digest for path, digest in said.made.items())
    if said.out == whole.out and same:
        return "same"
    # Of damaged logs and configs, status and compare tell in their tables.
    words = re.compile(r'"torn": [1-9]|its checksum differs|cannot be read as TOML|is not known')
    in_data = len(words.findall(said.out)) > len(words.findall(whole.out))
    return "told" if said.err != whole.err or in_data else "silent"


def run_flips(
    flips: int, seed: int, folder: Path, most: int | None = None
) -> tuple[Counter[str], list[str]]:
    """Flip bits in every file, so many each.

    Args:
        flips: in a file.
        seed: of the places.
        folder: an empty one to work in.
        most: files of each folder, drawn by the seed; None for all.

    Returns:
        How often each came of a command; and a line on each fault.
    """
    chance = random.Random(seed)
    made = folder / "made"
    _write_source(made / "own")
    for command in MAKE:
        said = hybench(command, made)
        if said.code:
            raise SystemExit(f"{command} ended with {said.code}:\n{said.err}")
    came: Counter[str] = Counter()
    faults: list[str] = []
    for top, commands in READ.items():
        whole = _read(commands, made, folder / "work", None)
        files = sorted(path for path in (made / top).rglob("*") if path.is_file())
        files = [path for path in files if path.stat().st_size]
        if most is not None:
            files = sorted(chance.sample(files, min(most, len(files))))
        for file in files:
            where = file.relative_to(made)
            for _ in range(flips):
                place = chance.randrange(file.stat().st_size), chance.randrange(8)
                found = _read(commands, made, folder / "work", (where, *place))
                for command, said in found.items():
                    verdict = judge(said, whole[command])
                    came[verdict] += 1
                    if verdict in {"bug", "silent"}:
                        line = f"{where}, byte {place[0]}, bit {place[1]}: {command}: {verdict}"
                        faults.append(line)
                        print(line, said.err[-300:], sep="\n", file=sys.stderr)
            print(f"{where}: {dict(came)}", file=sys.stderr)
    return came, faults


def _read(
    commands: Sequence[str], made: Path, work: Path, flip: tuple[Path, int, int] | None
) -> dict[str, Output]:
    """Run the commands on a copy of the files with a flipped bit, until one repairs it."""
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(made, work)
    if flip is not None:
        where, place, bit = flip
        data = bytearray((work / where).read_bytes())
        data[place] ^= 1 << bit
        (work / where).write_bytes(data)
    said = {}
    for command in commands:
        one = hybench(command, work)
        files = {path.relative_to(work): path for name in MADE for path in work.glob(name)}
        if flip is not None:
            files.pop(flip[0], None)
        said[command] = replace(one, made={name: sha256_file(files[name]) for name in files})
    return said


def main() -> None:
    """Run it as a program; exit code 1 if there is a fault."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.flips")
    parser.add_argument("--flips", type=int, default=20, help="in each file")
    parser.add_argument("--seed", type=int, default=0, help="of the places")
    parser.add_argument("--files", type=int, help="at most so many of each folder; all by default")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="write what came out there")
    given = parser.parse_args()
    import_all_before_forks()
    begun = time.monotonic()
    with TemporaryDirectory() as folder:
        came, faults = run_flips(given.flips, given.seed, Path(folder), given.files)
    seconds = time.monotonic() - begun
    print(f"{came.total()} commands after a flip, {len(faults)} faults, {seconds:.0f} s")
    for name, count in sorted(came.items()):
        print(f"  {count:5d} {name}")
    for fault in faults:
        print(f"  {fault}")
    if given.save is not None:
        figures = {
            "seed": given.seed,
            "flips": given.flips,
            "came": dict(sorted(came.items())),
            "faults": faults,
            "seconds": round(seconds),
        }
        write_figures("flips", given.save, figures)
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
