"""A rehearsal of the whole of MIRACL: prepare → index → eval of a synthetic Wikipedia.

Every stage is a fresh process, whose time and memory are measured; `hybench plan`, calibrated on
the same machine, says beforehand what they will take. The same work is then killed (SIGKILL) at
random moments and begun again until it is done; all files must be those of the work that nobody
disturbed, in one process, in several, and in any other variant.

    python -m benchmarks.rehearsal --passages 200000 2000000 --encoder static --kills 10
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import shutil
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.harness import Check, checks_table, write_figures
from benchmarks.measuring import say
from benchmarks.stages import Measured, killed_after, run_stage
from benchmarks.wiki import LANGUAGES, write_wiki

VARIANTS: dict[str, tuple[str, ...]] = {
    "1": (),
    "2": ("--processes", "2"),
    "ray": ("--engine", "ray"),
}
"""What ``hybench index`` and ``hybench eval`` are told in each variant; the first that is run is
the one that the others are compared with. Ray's cluster is that of RAY_ADDRESS, or one of its
own."""

DATA, RUN = "wiki", "rehearsed"
STAGES = ("prepare", "index", "eval")
_OF_FORECAST = 1.2
_GROWTH = 1.5
_TEXTS = 20_000
_VOCABULARY = 32_000
_DIMENSION, _LONGEST = 256, 256


@dataclass(frozen=True)
class World:
    """A folder with a synthetic Wikipedia and a model.

    Attributes:
        folder: of both.
        passages: how many.
        queries: of each language's dev split.
        encoder: static or transformer.
        memory: what a search may take; None for all that it takes.
    """

    folder: Path
    passages: int
    queries: int
    encoder: str
    memory: str | None = None

    @property
    def source(self) -> Path:
        """MIRACL's files."""
        return self.folder / f"source-{self.passages}"

    @property
    def model(self) -> Path:
        """The model, of random weights."""
        return self.folder / self.encoder / "model"

    def made(self) -> World:
        """Write what is not there yet."""
        if not self.source.is_dir():
            say(f"writing {self.passages:,} passages")
            unfinished = self.source.with_suffix(".part")
            shutil.rmtree(unfinished, ignore_errors=True)
            write_wiki(unfinished, self.passages, self.queries)
            unfinished.rename(self.source)
        if not self.model.is_dir():
            self.model.parent.mkdir(parents=True, exist_ok=True)
            _write_model(self.model.parent, self.source, self.encoder)
        return self

    def command(self, stage: str, place: Path, variant: str) -> list[str]:
        """The arguments of ``hybench`` for a stage; places hold data and runs."""
        folders = ["--data-dir", str(place / "data")]
        if stage == "prepare":
            source = ["--languages", ",".join(LANGUAGES), "--from", str(self.source)]
            return ["prepare", "miracl", *source, "--name", DATA, *folders]
        folders += ["--runs-dir", str(place / "runs")]
        own = ["--exact"]
        if stage == "eval":
            own = [] if self.memory is None else ["--memory", self.memory]
        return [stage, RUN, "--data", DATA, *own, *VARIANTS[variant], *folders]

    def begin(self, place: Path) -> None:
        """Make the run of the model; its process is none of the stages."""
        from hybench.indexes.model import load_model_as_it_is, write_model_run
        from hybench.runs.models import ModelOptions
        from hybench.runs.run import Run

        encoder, config = load_model_as_it_is(self.model, ModelOptions(), "cpu")
        write_model_run(Run(place / "runs" / RUN), encoder, config)


def _write_model(folder: Path, source: Path, encoder: str) -> None:
    from benchmarks.encoding_transformer import write_transformer
    from hybench.data.sources.miracl.source import corpus_files
    from hybench.data.sources.miracl.tables import read_corpus
    from hybench.encoders.kinds.static import static_model
    from hybench.encoders.vocabulary import train_tokenizer

    learned: list[str] = []
    for language in LANGUAGES:
        files = [source / name for name in corpus_files(language)]
        own: list[str] = []
        for frame in read_corpus(language, files, lambda _: None):
            own += frame["text"].to_list()
            if len(own) >= _TEXTS:
                break
        learned += own[:_TEXTS]
    if encoder == "transformer":
        write_transformer(folder, learned, _VOCABULARY)
        return
    tokenizer = folder / "tokenizer.json"
    train_tokenizer(learned, _VOCABULARY, tokenizer)
    static_model(tokenizer, _DIMENSION, _LONGEST, seed=0).save(str(folder / "model"))


def digests(place: Path) -> dict[str, str]:
    """SHA-256 of all tables and vectors that the stages have left."""
    found = {}
    for pattern in ("data/**/*.parquet", "runs/*/index/*/*/*.npy", "runs/**/*.parquet"):
        for file in sorted(place.glob(pattern)):
            with file.open("rb") as opened:
                digest = hashlib.file_digest(opened, "sha256").hexdigest()
            found[file.relative_to(place).as_posix()] = digest
    return found


def undisturbed(world: World, place: Path, variant: str) -> dict[str, Measured]:
    """Run all stages, each in a process of its own."""
    shutil.rmtree(place, ignore_errors=True)
    world.begin(place)
    found = {}
    for stage in STAGES:
        found[stage] = run_stage(world.command(stage, place, variant), place / f"{stage}.txt")
        say(f"{world.passages:,} passages, {variant}: {stage} {found[stage].told}")
    return found


def killed(
    world: World, place: Path, variant: str, usual: dict[str, Measured], kills: int, seed: int
) -> int:
    """Run all stages and kill them `kills` times; how many fell in the last round.

    Work that is done before all kills have fallen is thrown away and begun again.
    """
    chance = random.Random(seed)
    fallen = 0
    while True:
        shutil.rmtree(place, ignore_errors=True)
        world.begin(place)
        for stage in STAGES:
            share = usual[stage].seconds / sum(each.seconds for each in usual.values())
            for _ in range(max(1, round(kills * share))):
                if fallen >= kills:
                    break
                delay = chance.uniform(0.0, usual[stage].seconds)
                command = world.command(stage, place, variant)
                if not killed_after(command, delay, place / f"{stage}.txt"):
                    break
                fallen += 1
                say(f"{variant}: {stage} killed after {delay:.1f} s ({fallen} of {kills})")
            run_stage(world.command(stage, place, variant), place / f"{stage}.txt")
        if fallen >= kills:
            return fallen


def forecast(world: World, place: Path, processes: int) -> dict[str, Any]:
    """What `hybench plan` says, by stage, calibrated with this model and set."""
    import hybench

    options = hybench.PlanOptions(exact=True, calibrate=True, processes=processes, device="cpu")
    planned = hybench.plan(
        DATA, str(world.model), options, data_dir=place / "data", runs_dir=place / "runs"
    ).plan.to_json()
    return {"rates": planned["rates"], **{each["stage"]: each for each in planned["stages"]}}


def rehearse(world: World, variants: Sequence[str], kills: int, seed: int) -> dict[str, Any]:
    """All variants of one size, undisturbed and killed; figures and files that differ."""
    rows, differing, expected, fallen = [], [], None, {}
    for variant in variants:
        whole, cut = (world.folder / f"{name}-{variant}" for name in ("whole", "cut"))
        measured = undisturbed(world, whole, variant)
        said = forecast(world, whole, int(variant) if variant.isdigit() else 1)
        for stage in STAGES:
            row = {"passages": world.passages, "variant": variant, "stage": stage}
            rows.append(row | asdict(measured[stage]) | {"forecast": said[stage]})
        found = digests(whole)
        expected = expected or found
        differing += _unlike(variant, expected, found)
        if kills:
            fallen[variant] = killed(world, cut, variant, measured, kills, seed)
            differing += _unlike(f"{variant}, killed", expected, digests(cut))
            shutil.rmtree(cut)
        shutil.rmtree(whole)
    return {"rows": rows, "kills": fallen, "differing": differing, "files": len(expected or {})}


def _unlike(what: str, expected: dict[str, str], found: dict[str, str]) -> list[str]:
    names = sorted({*expected, *found})
    unlike = [f"{what}: {name}" for name in names if expected.get(name) != found.get(name)]
    say(f"{what}: {len(names)} files compared, {len(unlike)} differ")
    return unlike


def checks_of(found: Sequence[dict[str, Any]]) -> list[Check]:
    """Forecasts within a fifth, memory that is flat from size to size, and no file that differs."""
    rows = [row for each in found for row in each["rows"]]
    checks = [Check("files that differ", sum(len(each["differing"]) for each in found), "≤", 0)]
    largest = max(row["passages"] for row in rows)
    for variant in dict.fromkeys(row["variant"] for row in rows):
        own = [row for row in rows if row["variant"] == variant]
        last = [row for row in own if row["passages"] == largest]
        for what, of in [(row["stage"], [row]) for row in last] + [("all stages", last)]:
            said = sum(row["forecast"]["seconds"] for row in of) / sum(row["seconds"] for row in of)
            name = f"{what}, {variant}: forecast and measured time, the larger ÷ the smaller"
            checks.append(Check(name, max(said, 1 / said), "≤", _OF_FORECAST))
        for row in last:
            before = [one for one in own if one["stage"] == row["stage"] and one is not row]
            if before:
                growth = row["anonymous_mb"] / before[-1]["anonymous_mb"]
                size = f"{row['passages']:,} ÷ {before[-1]['passages']:,} passages"
                name = f"{row['stage']}, {variant}: peak memory, {size}"
                checks.append(Check(name, growth, "≤", _GROWTH))
    return checks


def table(found: Sequence[dict[str, Any]]) -> str:
    """The rows as Markdown."""
    lines = [
        "| passages | variant | stage | s | forecast s | peak MiB | not of files | forecast |",
        "| --- | --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in (row for each in found for row in each["rows"]):
        said = row["forecast"]
        lines.append(
            f"| {row['passages']:,} | {row['variant']} | {row['stage']} | {row['seconds']:.1f} "
            f"| {said['seconds']:.1f} | {row['peak_mb']:,.0f} | {row['anonymous_mb']:,.0f} "
            f"| {said['memory_bytes'] / 2**20:,.0f} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Run it as a program; exit code 1 if a file differs."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rehearsal")
    parser.add_argument("--passages", type=int, nargs="+", default=[20_000], help="sizes, rising")
    parser.add_argument("--queries", type=int, default=500, help="of each language")
    parser.add_argument("--encoder", choices=["static", "transformer"], default="static")
    parser.add_argument("--variants", nargs="+", choices=[*VARIANTS], default=["1", "2"])
    parser.add_argument("--memory", help="of a search, such as 1GiB; by default all that it takes")
    parser.add_argument("--kills", type=int, default=10, help="of each variant, at the last size")
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    parser.add_argument("--folder", type=Path, help="to work in, kept; by default a temporary one")
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="write the figures there")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = (given.folder or Path(temporary)).resolve()
        found = []
        for size in given.passages:
            world = World(folder, size, given.queries, given.encoder, given.memory).made()
            kills = given.kills if size == given.passages[-1] else 0
            found.append(rehearse(world, given.variants, kills, given.seed))
    print(table(found))
    checks = checks_of(found)
    print(f"\n{checks_table(checks)}")
    for name in (name for each in found for name in each["differing"]):
        print(f"differs: {name}")
    if given.save is not None:
        figures = {"encoder": given.encoder, "sizes": found, "checks": [asdict(c) for c in checks]}
        write_figures(f"rehearsal_{given.encoder}", given.save, figures)
    print(json.dumps({"kills": [each["kills"] for each in found]}), file=sys.stderr)
    raise SystemExit(1 if any(each["differing"] for each in found) else 0)


if __name__ == "__main__":
    main()
