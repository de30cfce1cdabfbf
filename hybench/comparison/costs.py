"""What the arms of a comparison have cost, read from their logs, indexes and results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hybench.comparison.budgets import compact
from hybench.errors import HybenchError
from hybench.evaluation.results import ResultsInfo
from hybench.files.atomic import MANIFEST
from hybench.files.documents import read_json
from hybench.runs.chain import teachers_of, training_ends
from hybench.runs.events import Event, first_event
from hybench.runs.run import Run
from hybench.runs.tuning import tuning_of
from hybench.wording.text_table import NOT_RUN


@dataclass(frozen=True)
class ArmCost:
    """The cost of an arm: means over its runs; None where any run lacks it.

    Attributes:
        prepare_seconds: of tokenising the training texts; little if they were cached.
        train_seconds: of steps and validations, those of a run that it began with included.
        teacher_seconds: of the teacher's training, if hybench trained it, and of its encoding; None
            without a teacher.
        index_seconds: of encoding and indexing the set's passages.
        search_seconds: of encoding its queries and searching.
        train_tokens: that the student was trained on.
        train_flops: operations of the student's training, of its teacher's work and of mining.
        encode_flops: operations of encoding the set's passages and queries.
        memory_mb: peak of the training, in MiB.
        joules: energy of the student's training, of its teacher's work and of mining.
        power: where the energy is from, of the first run.
        mining_seconds: of mining the run's hard negatives and of scoring them.
        tuning_seconds: of all trials that the arm was tuned with, which are in no other value; None
            without trials.
        tuning_flops: likewise.
        start_seconds: of the runs that it began with, which are in `train_seconds`; None without
            one.
    """

    prepare_seconds: float | None = None
    train_seconds: float | None = None
    teacher_seconds: float | None = None
    index_seconds: float | None = None
    search_seconds: float | None = None
    train_tokens: float | None = None
    train_flops: float | None = None
    encode_flops: float | None = None
    memory_mb: float | None = None
    joules: float | None = None
    power: str = ""
    mining_seconds: float | None = None
    start_seconds: float | None = None
    tuning_seconds: float | None = None
    tuning_flops: float | None = None


_LINES: tuple[tuple[str, str, float], ...] = (
    ("train s", "train_seconds", 1),
    ("of it start s", "start_seconds", 1),
    ("teacher s", "teacher_seconds", 1),
    ("mining s", "mining_seconds", 1),
    ("index s", "index_seconds", 1),
    ("search s", "search_seconds", 1),
    ("train TFLOP", "train_flops", 1e-12),
    ("encode TFLOP", "encode_flops", 1e-12),
    ("tuning s", "tuning_seconds", 1),
    ("tuning TFLOP", "tuning_flops", 1e-12),
    ("peak MB", "memory_mb", 1),
    ("train Wh", "joules", 1 / 3600),
)
"""Lines of tables: their name, the field, and the factor to their unit."""


def read_cost(runs: Sequence[Run], infos: Sequence[ResultsInfo | None]) -> ArmCost:
    """The cost of an arm.

    Args:
        runs: of the arm.
        infos: the manifest of each one's results on the set; None if it has none.
    """
    ends = [training_ends(run.events_file) for run in runs]
    each = [_of_run(*of) for of in zip(runs, infos, ends, strict=True)]
    names = dict.fromkeys(name for values in each for name in values)
    means = {name: _mean([values.get(name) for values in each]) for name in names}
    powers = [end.get("done", {}).get("power") for end in ends]
    power = next((each for each in powers if isinstance(each, str)), "")
    return ArmCost(**{name: value for name, value in means.items() if value}, power=power)


def _of_run(
    run: Run, info: ResultsInfo | None, ends: Mapping[str, Event]
) -> dict[str, float | None]:
    """The known fields of `ArmCost` of one run, given the last events of its log."""
    done, teachers = ends.get("done", {}), teachers_of(ends)
    taught = [part for teacher in teachers for part in _of_teacher(teacher)]
    work = [done, *taught]
    if not all(isinstance(teacher.get("encoding"), dict) for teacher in teachers):
        work.append({})  # of older builds: its encoding is not known
    mined = _of_mining(run)
    work += mined
    values = {
        "prepare_seconds": _number(first_event(run.events_file, "start").get("prepare_seconds")),
        "train_seconds": _number(done.get("seconds")),
        "train_tokens": _number(done.get("tokens")),
        "train_flops": _sum(work, "flops"),
        "memory_mb": _number(done.get("memory_mb")),
        "joules": _sum(work, "joules"),
    }
    if teachers:
        values["teacher_seconds"] = _sum(taught, "seconds")
    if mined:
        values["mining_seconds"] = _sum(mined, "seconds")
    if "initial" in ends:
        values["start_seconds"] = _number(ends["initial"].get("seconds"))
    tuning = tuning_of(run)
    if tuning is not None:
        trials = tuning["tuned"]["trials"]
        values["tuning_seconds"] = _sum(trials, "seconds")
        values["tuning_flops"] = _sum(trials, "flops")
    if info is not None:
        values |= _of_results(run, info)
    return values


def _of_mining(run: Run) -> list[dict[str, Any]]:
    """What mining a run's negatives, and scoring them, cost: parts by language."""
    sources = first_event(run.events_file, "lists").get("sources")
    each = [source for source in sources or () if isinstance(source, dict)]
    return [cost for source in each for cost in source.get("costs", ()) if isinstance(cost, dict)]


def _of_teacher(teacher: dict[str, Any]) -> list[dict[str, Any]]:
    """What a teacher's training, if hybench did it, and its encoding cost."""
    encoding = teacher.get("encoding")
    found = [encoding] if isinstance(encoding, dict) else []
    return [teacher, *found] if teacher.get("trained") else found


def _of_results(run: Run, info: ResultsInfo) -> dict[str, float | None]:
    """The cost of a run's index of a set, and of its results on it."""
    manifests = []
    for path in run.index(info.dataset, "any").parent.glob(f"[!.]*/{MANIFEST}"):
        try:
            manifests.append(read_json(path))
        except HybenchError:
            continue
    encoded = [value for each in manifests if isinstance(value := each.get("cost"), dict)]
    queries = info.costs.get("queries")
    flops = _sum(encoded, "flops") if len(encoded) == len(manifests) else None
    of_queries = queries.flops if queries else None
    seconds = [
        (_number(each.get("encode_seconds")) or 0.0) + (_number(each.get("graph_seconds")) or 0.0)
        for each in manifests
    ]
    return {
        "index_seconds": sum(seconds) if manifests else None,
        "search_seconds": info.seconds or None,
        "encode_flops": None if flops is None or of_queries is None else flops + of_queries,
    }


def _sum(parts: Sequence[dict[str, Any]], key: str) -> float | None:
    """The sum of a value over parts; None if one of them lacks it, or there are none."""
    values = [_number(part.get(key)) for part in parts]
    known = [value for value in values if value is not None]
    return sum(known) if known and len(known) == len(values) else None


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known and len(known) == len(values) else None


def _number(value: Any) -> float | None:
    fits = isinstance(value, (int, float)) and not isinstance(value, bool) and 0 <= value < 1e30
    return float(value) if fits else None


def cost_lines(costs: Sequence[ArmCost | None]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Costs as lines of a table: a name, and a text by arm; lines of which nothing is known are
    left out.
    """
    lines = []
    for name, field, factor in _LINES:
        values = [getattr(each, field, None) for each in costs]
        if any(value is not None for value in values):
            texts = tuple(_text(value, factor) for value in values)
            lines.append((name, texts))
    return tuple(lines)


def _text(value: float | None, factor: float) -> str:
    return NOT_RUN if value is None else compact(value * factor)


def cost_caption(costs: Sequence[ArmCost | None]) -> str:
    """Caption of the lines; empty if there are none."""
    if not cost_lines(costs):
        return ""
    powers = dict.fromkeys(each.power for each in costs if each is not None and each.power)
    estimated = [power for power in powers if power.endswith(" W")]
    measured = [power for power in powers if not power.endswith(" W")]
    said = [f"estimated from {' or '.join(estimated)}"] if estimated else []
    said += [f"measured by {' or '.join(measured)}"] if measured else []
    energy = f" Wh are {' and '.join(said)}." if said else ""
    return f"train s and below: cost, means over runs; TFLOP and Wh include the teacher's.{energy}"
