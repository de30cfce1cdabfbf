"""The provenance of a report's numbers: the runs of each arm, their costs, configs, environment."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from shlex import join
from typing import Any

from hybench.comparison.arms import make_arms
from hybench.comparison.budgets import Budget, compact
from hybench.comparison.model import Column, Comparison
from hybench.files.documents import read_json
from hybench.report.view import Body, Datum, Table, language_name
from hybench.runs.derived import shown_config
from hybench.runs.events import Event, read_events
from hybench.runs.notes import read_notes
from hybench.runs.run import Run
from hybench.wording.amounts import counted
from hybench.wording.text_table import NOT_RUN

_APART = frozenset({"seed", "name"})  # fields that differ between the runs of one arm


@dataclass(frozen=True)
class RunFacts:
    """The recorded facts of a run.

    Attributes:
        run: its folder.
        config: its config.toml.
        environment: its environment.json; empty if it has none.
        done: its last ``done`` event; empty if there is none.
        teacher: its last ``teacher`` event; empty if there is none.
        notes: what people noted of it.
    """

    run: Run
    config: dict[str, Any]
    environment: dict[str, Any]
    done: Event
    teacher: Event
    notes: str = ""

    @classmethod
    def read(cls, run: Run) -> RunFacts:
        """Read the facts of a run.

        Raises:
            DataError: a file is not in hybench's form.
        """
        last = {event["event"]: event for event in read_events(run.events_file).events}
        file = run.environment_file
        environment = read_json(file) if file.is_file() else {}
        config = shown_config(run.read_config())
        notes = str(read_notes(run.path))
        return cls(run, config, environment, last.get("done", {}), last.get("teacher", {}), notes)


@dataclass(frozen=True)
class ArmFacts:
    """A column of the comparisons, with the facts of its runs."""

    label: str
    runs: tuple[RunFacts, ...]

    @property
    def config(self) -> dict[str, Any]:
        """The config that the runs share, except the seed."""
        return {key: value for key, value in self.runs[0].config.items() if key not in _APART}

    @property
    def names(self) -> str:
        """The runs' names."""
        return ", ".join(facts.run.name for facts in self.runs)


def arm_facts(runs: Sequence[Run], comparisons: Sequence[Comparison]) -> tuple[ArmFacts, ...]:
    """The arms of all comparisons, in the order of their columns.

    Args:
        runs: the compared runs.
        comparisons: with the names of the arms and their runs.

    Raises:
        DataError: a run's file is not in hybench's form.
        ValueError: the runs of an arm are not among them.
    """
    grouped = {
        (arm.label, tuple(member.run.name for member in arm.members)): [
            member.run for member in arm.members
        ]
        for by_seed in (False, True)
        for arm in make_arms(runs, group_seeds=by_seed)
    }
    columns = dict.fromkeys(column for each in comparisons for column in each.columns)
    facts: dict[Run, RunFacts] = {}
    arms = []
    for column in columns:
        members = grouped.get((column.label, column.runs)) or _named(runs, column)
        if not members:
            raise ValueError(f"the runs of {column.label} are not among those of the report")
        arms.append(ArmFacts(column.label, tuple(_known(facts, run) for run in members)))
    return tuple(arms)


def _named(runs: Iterable[Run], column: Column) -> list[Run]:
    """The runs of an arm by name, for comparisons of only some of the runs."""
    return [run for run in runs if run.name in column.runs]


def _known(facts: dict[Run, RunFacts], run: Run) -> RunFacts:
    if run not in facts:
        facts[run] = RunFacts.read(run)
    return facts[run]


_OF_RUNS = (
    ("train, s", "seconds", 1, 1.0),
    ("examples", "examples", 0, 1.0),
    ("tokens, millions", "tokens", 2, 1e-6),
    ("peak memory, MB", "memory_mb", 0, 1.0),
)
"""Columns from the ends of trainings: name, field, decimals, factor."""

_OF_ARMS = (
    ("tokenise, s", "prepare_seconds", 1, 1.0), ("teacher, s", "teacher_seconds", 1, 1.0),
    ("index, s", "index_seconds", 1, 1.0), ("search, s", "search_seconds", 1, 1.0),
    ("train, TFLOP", "train_flops", None, 1e-12), ("encode, TFLOP", "encode_flops", None, 1e-12),
    ("train, Wh", "joules", None, 1 / 3600),
)  # fmt: skip
"""Columns from `ArmCost`, with the teacher's operations and energy; without decimals, three
digits."""


def cost_table(arms: Sequence[ArmFacts], comparisons: Sequence[Comparison]) -> Table:
    """The cost by arm: means over its runs, and the teacher's cost."""
    costs = {
        column.label: cost
        for each in comparisons
        for column, cost in zip(each.columns, each.costs, strict=False)
    }
    names = ["arm", "runs", *(each[0] for each in (*_OF_RUNS, *_OF_ARMS)), "teacher, examples"]
    rows = [
        (
            Datum(arm.label),
            Datum(str(len(arm.runs))),
            *(_mean(arm, "done", key, decimals, by) for _, key, decimals, by in _OF_RUNS),
            *(
                _number(getattr(costs.get(arm.label), key, None), decimals, by)
                for _, key, decimals, by in _OF_ARMS
            ),
            _mean(arm, "teacher", "examples", 0),
        )
        for arm in arms
    ]
    return Table("Cost by arm, the mean over its runs", tuple(map(Datum, names)), (tuple(rows),))


def _number(value: float | None, decimals: int | None, factor: float) -> Datum:
    if value is None:
        return Datum(NOT_RUN, tone="quiet")
    if decimals is None:
        return Datum(compact(factor * value))
    return Datum(f"{factor * value:,.{decimals}f}")


def _mean(arm: ArmFacts, event: str, key: str, decimals: int, factor: float = 1.0) -> Datum:
    events: list[Event] = [getattr(facts, event) for facts in arm.runs]
    values = [each[key] for each in events if isinstance(each.get(key), (int, float))]
    if not values:
        return _number(None, decimals, factor)
    shown = _number(sum(values) / len(values), decimals, factor)
    few = f" ({counted(len(values), 'runs')})"  # a mean over only some of the runs is marked
    return replace(shown, mark="" if len(values) == len(arm.runs) else few)


def exposure_table(comparisons: Sequence[Comparison]) -> Table | None:
    """The arms' budgets by language; None if no log has them."""
    known = {
        column.label: budget
        for each in comparisons
        for column, budget in zip(each.columns, each.budgets, strict=False)
        if budget is not None and budget.languages is not None
    }
    if not known:
        return None
    codes = sorted({code for budget in known.values() for code in budget.languages or {}})
    counts = {
        "distinct pairs": [budget.pairs for budget in known.values()],
        "negatives per query": [budget.negatives for budget in known.values()],
    }
    rows: Body = tuple(
        (Datum(name), *(Datum(NOT_RUN if each is None else f"{each:,.0f}") for each in values))
        for name, values in counts.items()
    )
    shares: Body = tuple(
        (Datum(code, name=language_name(code)), *(_examples(each, code) for each in known.values()))
        for code in codes
    )
    header = (Datum("examples"), *map(Datum, known))
    return Table("What training showed the arms, by language", header, (shares, rows))


def _examples(budget: Budget, code: str) -> Datum:
    share = (budget.languages or {}).get(code, 0.0)
    return Datum(f"{budget.shown_in(code):,.0f}", mark=f" ({100 * share:.2g} %)")


def run_table(arms: Sequence[ArmFacts]) -> Table:
    """Every run: its arm, seed, folder, machine and the commit and command that made it."""
    noted = any(facts.notes for arm in arms for facts in arm.runs)
    rows = [
        (
            Datum(facts.run.name),
            Datum(arm.label),
            Datum(_shown(facts.config.get("seed"))),
            Datum(_shown(facts.environment.get("device"))),
            Datum(_shown(facts.environment.get("versions", {}).get("hybench"))),
            Datum(_shown(facts.environment.get("git"))[:12]),
            Datum(_command(facts.environment.get("argv")) or NOT_RUN),
            *[Datum(facts.notes or NOT_RUN)] * noted,
        )
        for arm in arms
        for facts in arm.runs
    ]
    header = ("run", "arm", "seed", "device", "hybench", "commit", "command")
    names = map(Datum, (*header, *["notes"] * noted))
    return Table("Every run behind the numbers", tuple(names), (tuple(rows),), False)


def _command(argv: object) -> str:
    """A command line without its program's folder, which is private."""
    if not isinstance(argv, list) or not argv:
        return ""
    program, *arguments = map(str, argv)
    name = Path(program).name
    if name == "worker.py":  # runs from before cells recorded their study's command
        return "a cell of a study"
    return join(["hybench" if name == "__main__.py" else name, *arguments])


def config_tables(arms: Sequence[ArmFacts]) -> tuple[Table, Table]:
    """The config fields that differ between the arms, by arm, and the common ones."""
    trained = [arm for arm in arms if "seed" in arm.runs[0].config] or list(arms)
    keys = dict.fromkeys(key for arm in arms for key in arm.config)
    differ, same = [], []
    for key in keys:
        given = {_shown(arm.config[key]) for arm in arms if key in arm.config}
        unlike = {_shown(arm.config.get(key)) for arm in trained}
        if len(given) > 1 or len(unlike) > 1 or key not in trained[0].config:
            values = [_shown(arm.config.get(key)) for arm in arms]
            differ.append((Datum(key), *map(Datum, values)))
        else:
            same.append((Datum(key), Datum(_shown(trained[0].config.get(key)))))
    seeds = [", ".join(_shown(facts.config.get("seed")) for facts in arm.runs) for arm in arms]
    names = (Datum("runs"), *(Datum(arm.names) for arm in arms))
    rows: Body = (names, (Datum("seeds"), *map(Datum, seeds)), *differ)
    header = (Datum("field"), *(Datum(arm.label) for arm in arms))
    return (
        Table("What differs between the arms", header, (rows,), False),
        Table("What they share", (Datum("field"), Datum("value")), (tuple(same),), False),
    )


def environment_table(arms: Sequence[ArmFacts]) -> Table:
    """Versions and machines; if values differ, each has the names of its runs."""
    facts = dict.fromkeys(each.run.path for arm in arms for each in arm.runs)
    by_path = {each.run.path: each for arm in arms for each in arm.runs}
    flat = [(by_path[path].run.name, _flat(by_path[path].environment)) for path in facts]
    known, rows = [(name, values) for name, values in flat if values], []
    for key in dict.fromkeys(key for _, values in known for key in values):
        found: dict[str, list[str]] = {}
        for name, values in known:
            found.setdefault(values.get(key, NOT_RUN), []).append(name)
        texts = [
            value if len(found) == 1 else f"{value} ({', '.join(names)})"
            for value, names in found.items()
        ]
        rows.append((Datum(key), Datum("; ".join(texts))))
    header = (Datum("what"), Datum("value"))
    return Table("What the runs were made with", header, (tuple(rows),), False)


def _flat(environment: dict[str, Any]) -> dict[str, str]:
    versions = environment.get("versions", {})
    rest = {key: environment.get(key) for key in ("device", "threads", "platform", "processor")}
    return {key: _shown(value) for key, value in {**versions, **rest}.items() if value is not None}


def _shown(value: Any) -> str:
    if value is None:
        return NOT_RUN
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "[]"
    return f"{value:g}" if isinstance(value, float) else str(value) or "“”"
