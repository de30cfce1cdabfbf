"""One run whole: its config, environment and encoder, its events and alarms, its log and cost."""

from __future__ import annotations

import re
import shlex
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from hybench.errors import DataError
from hybench.files.documents import read_json
from hybench.runs.derived import shown_config
from hybench.runs.events import Event, every_event, first_event, newest_events
from hybench.runs.log_end import number
from hybench.runs.run import LOGS, Run, list_results
from hybench.tui.draw.text import ago, fit, short, width_of, wrap
from hybench.tui.model.arms import value_text
from hybench.tui.model.run_view import RunView
from hybench.wording.error_messages import what_and_do

Paragraphs = list[tuple[str, str]]
"""Paragraphs and their tones."""

MOST_EVENTS, MOST_ALARMS, MOST_LINES = 200, 50, 200
"""Of events, alarms and lines of output, so many are shown, the last ones."""

_COLUMN = 24
"""Cells of a run's value beside others'."""

_OUTPUT = 1 << 16
"""Bytes of a process's output that are read, from its end."""

_CONTROLS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

_TONES = {"alarm": "warn", "failed": "worse", "interrupted": "warn", "validation": "accent"}


def whole_run(
    view: RunView, beside: Sequence[RunView], width: int, now: float, process: str = ""
) -> Paragraphs:
    """All that a run's folder says of it, section by section; what cannot be read says so.

    Args:
        view: the run.
        beside: the marked runs, whose configs are compared with its own.
        width: cells across.
        now: seconds since 1970.
        process: what its process on this machine takes; empty where it has none.
    """
    run = Run(view.path)
    others = [each for each in beside if each.path != view.path]
    sections: list[tuple[str, Callable[[], Paragraphs]]] = [
        ("Time", lambda: _time(run, view, width, now, process)),
        ("Cost so far", lambda: _cost(run, view, width)),
        ("Alarms, the last first", lambda: _alarms(run, width)),
        ("Configs of the marked runs, where they differ", lambda: _beside(view, others, width)),
        ("Config", lambda: _config(view, width)),
        ("Encoder", lambda: _encoder(run, width)),
        ("Environment", lambda: _environment(run, width)),
        ("Events, the last first", lambda: _events(run, width)),
        ("Output of its process", lambda: _output(run, width)),
    ]
    said: Paragraphs = [(f"{view.name} · {view.status.state}", "head"), (f"  {view.path}", "quiet")]
    if noted := str(view.notes):
        said += [(f"  {line}", "accent") for line in wrap(noted, width - 2)]
    if view.status.reason:
        said += [(f"  {line}", "warn") for line in wrap(view.status.reason, width - 2)]
    for title, make in sections:
        try:
            found = make()
        except Exception as error:  # noqa: BLE001 - one damaged file must not hide the others
            found = _rows([("", " ".join(what_and_do(error)))], width, "worse")
        if found:
            said += [("", ""), (title, "head"), *found]
    return said


def _rows(pairs: Iterable[tuple[str, str]], width: int, tone: str = "") -> Paragraphs:
    """Names and texts; long texts go on below themselves."""
    pairs = list(pairs)
    wide = max((width_of(name) for name, _ in pairs), default=0)
    room = max(10, width - wide - 4)
    lines = []
    for name, text in pairs:
        for at, line in enumerate(wrap(text, room)):
            lines.append((f"  {fit('' if at else name, wide)}  {line}".rstrip(), tone))
    return lines


def _time(run: Run, view: RunView, width: int, now: float, process: str) -> Paragraphs:
    status = view.status
    begun, last = number(first_event(run.events_file).get("time")), view.age(now)
    if begun is None or last is None:
        return [("  It has no events.", "quiet")]
    trained = _last_step(run).get("seconds")
    pairs = [
        ("begun", time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(begun))),
        ("elapsed", f"{ago(max(0.0, now - last - begun))}, pauses included"),
        ("trained", ago(number(trained))),
        ("last event", f"{ago(last)} ago"),
        ("left", ago(status.seconds_left)),
    ]
    if status.steps is not None:
        pairs.append(("steps", f"{status.step} of {status.steps}"))
    if process:
        pairs.append(("process", process))
    return _rows(pairs, width)


def _last_step(run: Run) -> Event:
    """The last ``step`` event near the log's end; empty if there is none."""
    near = newest_events(run.events_file, MOST_EVENTS)
    return next((each for each in near if each["event"] == "step"), {})


def _cost(run: Run, view: RunView, width: int) -> Paragraphs:
    """As the tables of `hybench compare` have it, a column by set that has results."""
    from hybench.comparison.costs import cost_caption, cost_lines, read_cost
    from hybench.evaluation.results import ResultsInfo

    keys = list_results(run)
    infos = [ResultsInfo.read(run.results_info(key)) for key in keys]
    costs = [read_cost([run], [info]) for info in infos] or [read_cost([run], [None])]
    lines: list[tuple[str, Sequence[str]]] = list(cost_lines(costs))
    if view.status.kind == "train" and view.status.state != "done":
        step = _last_step(run)
        names = {"seconds": "seconds", "tokens": "tokens", "memory MB": "memory_mb"}
        known = {name: number(step.get(key)) for name, key in names.items()}
        pairs = [(name, short(value)) for name, value in known.items() if value is not None]
        pairs.append(("", "Operations and energy are logged when it is done."))
        said = _rows(pairs, width)
        return [*said, *_columns(keys or ("",), lines, width)]
    if not lines:
        return [("  Nothing is known of it.", "quiet")]
    said = _columns(keys or ("",), lines, width)
    return said + _rows([("", cost_caption(costs))], width, "quiet")


def _columns(
    heads: Sequence[str], lines: Sequence[tuple[str, Sequence[str]]], width: int
) -> Paragraphs:
    """A small table; columns that have no room are left out, and counted."""
    if not lines:
        return []
    wide = max(width_of(name) for name, _ in lines)
    cells = [
        min(_COLUMN, max(width_of(text) for text in (head, *(values[at] for _, values in lines))))
        for at, head in enumerate(heads)
    ]
    room, shown = width - wide - 2, 0
    while shown < len(cells) and room >= cells[shown] + 2:
        room -= cells[shown] + 2
        shown += 1
    shown = max(1, shown)

    def line(name: str, values: Sequence[str]) -> str:
        texts = (
            fit(text, cell, "right") for text, cell in zip(values, cells[:shown], strict=False)
        )
        return "  ".join(["  " + fit(name, wide), *texts])

    said = [(line("", heads), "quiet")] if any(heads) else []
    said += [(line(name, values), "") for name, values in lines]
    if shown < len(heads):
        said.append((f"  {len(heads) - shown} more have no room here.", "quiet"))
    return said


def _alarms(run: Run, width: int) -> Paragraphs:
    found = every_event(run.events_file, "alarm")[-MOST_ALARMS:]
    return [
        (f"  {line}", "warn")
        for each in reversed(found)
        for line in wrap(f"step {each.get('step')}: {each.get('text', '')}", width - 2)
    ] or [("  None.", "quiet")]


def _beside(view: RunView, others: Sequence[RunView], width: int) -> Paragraphs:
    """Fields that differ between the run and the marked ones, itself first."""
    if not others:
        return []
    views = [view, *others]
    configs = [shown_config(dict(each.config)) for each in views]
    names = dict.fromkeys(name for config in configs for name in config if name != "name")
    lines = []
    for name in names:
        values = [value_text(config.get(name)) for config in configs]
        if len(set(values)) > 1:
            lines.append((name, values))
    heads = [each.name for each in views]
    return _columns(heads, lines, width) or [("  They do not differ.", "quiet")]


def _config(view: RunView, width: int) -> Paragraphs:
    pairs = ((name, value_text(value)) for name, value in shown_config(dict(view.config)).items())
    return _rows(pairs, width)


def _encoder(run: Run, width: int) -> Paragraphs:
    from hybench.encoders.description import EncoderDescription

    event = first_event(run.events_file, "encoder")
    if not event:
        return [("  Its log does not describe it.", "quiet")]
    try:
        return _rows(EncoderDescription.from_event(event).lines(), width)
    except (KeyError, TypeError):  # of another build
        return _rows(_pairs(event), width)


def _environment(run: Run, width: int) -> Paragraphs:
    if not run.environment_file.exists():
        return [("  It has no environment.json.", "quiet")]
    values = read_json(run.environment_file)
    argv = values.get("argv")
    if isinstance(argv, list):
        values["argv"] = shlex.join(map(str, argv))
    return _rows(_pairs(values), width)


def _pairs(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(name, _text(value)) for name, value in values.items() if name not in {"event", "time"}]


def _text(value: Any) -> str:
    """A value of JSON in a line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_text(each)}" for name, each in value.items())
    if isinstance(value, float):
        return short(value, 4)
    return value_text(value)


def _events(run: Run, width: int) -> Paragraphs:
    said = []
    for event in newest_events(run.events_file, MOST_EVENTS):
        when = number(event.get("time"))
        clock = "--:--:--" if when is None else time.strftime("%H:%M:%S", time.localtime(when))
        values = ", ".join(f"{name} {text}" for name, text in _pairs(event))
        line = f"  {clock}  {event['event']:<10}  {values}"
        said.append((fit(line, width).rstrip(), _TONES.get(event["event"], "")))
    return said or [("  None.", "quiet")]


def _output(run: Run, width: int) -> Paragraphs:
    """What the process wrote that trained it as a cell of a study."""
    file = run.path.parent / LOGS / f"{run.name}.log"
    if not file.is_file():
        return []
    try:
        with file.open("rb") as log:
            size = log.seek(0, 2)
            log.seek(max(0, size - _OUTPUT))
            text = log.read().decode("utf-8", "replace")
    except OSError as error:
        raise DataError(f"{file} cannot be read: {error}.", "Check its permissions.") from error
    lines = [_CONTROLS.sub("", line).rsplit("\r", 1)[-1].rstrip() for line in text.split("\n")]
    said: Paragraphs = [(f"  {file}", "quiet")]
    for line in [line for line in lines if line][-MOST_LINES:]:
        long = width_of(line) > width - 2
        said += [(f"  {piece}", "") for piece in (wrap(line, width - 2) if long else [line])]
    return said if len(said) > 1 else [*said, ("  Nothing.", "quiet")]
