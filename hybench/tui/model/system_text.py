"""The machine in lines, with a short history of each number."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from hybench.tui.draw.glyphs import Glyphs
from hybench.tui.draw.sparkline import sparkline
from hybench.tui.draw.text import fit, wrap
from hybench.tui.model.system import Gpu, Process, SystemHistory
from hybench.values.byte_sizes import size_text

Paragraphs = list[tuple[str, str]]
"""Paragraphs and their tones."""

_Line = Callable[[str, Sequence[float | None], float, str], str]
"""Makes a line of a name, its history, the value of a full cell, and a text."""

_NAME, _SPARK = 10, (8, 60)
"""Cells of a line's name, and of its history, at least and at most."""

_TEXT = 34
"""Cells that are left for the numbers."""

_FULL, _LITTLE = 0.9, 0.05
"""Memory fuller than the one, and disks with less free than the other, are warned of."""


def system_text(
    history: SystemHistory,
    names: Mapping[Path, str],
    folder: Path,
    width: int,
    glyphs: Glyphs,
) -> Paragraphs:
    """The machine, its GPUs and the runs' processes.

    Args:
        history: of the machine.
        names: of the runs, by folder.
        folder: of runs, whose disk is shown.
        width: cells across.
        glyphs: the terminal's signs.
    """
    said: Paragraphs = [("System: this machine", "head")]
    readings = list(history.readings)
    if not readings:
        return [*said, ("", ""), ("Reading…", "quiet")]
    last = readings[-1]
    cells = max(_SPARK[0], min(width - _NAME - _TEXT - 6, _SPARK[1]))

    def line(name: str, values: Sequence[float | None], most: float, text: str) -> str:
        drawn = sparkline(values, cells, most, glyphs)
        return f"  {fit(name, _NAME)}  {drawn}  {text}"

    load = "" if last.load is None else f", load {last.load:.1f}"
    cores = f"{last.cores} core{'s' * (last.cores != 1)}"
    busy = [each.busy for each in readings]
    said += [("", ""), (line("CPU", busy, 100, f"{last.busy:3.0f} % of {cores}{load}"), "")]
    used = f"{size_text(last.used)} of {size_text(last.total)}"
    full = last.used > _FULL * last.total
    shares = [each.used for each in readings]
    said.append((line("memory", shares, last.total, used), "warn" if full else ""))
    if last.free is not None and last.disk:
        filled = [None if each.free is None else last.disk - each.free for each in readings]
        free = f"{size_text(last.free)} of {size_text(last.disk)} free"
        tone = "warn" if last.free < _LITTLE * last.disk else ""
        said.append((line("disk", filled, last.disk, free), tone))
        said += [(f"  {' ' * _NAME}  {folder}", "quiet")]
    for at, gpu in enumerate(last.gpus):
        said += [("", ""), (f"  GPU {at}: {gpu.name}", "")]
        said += [(each, "") for each in _gpu_lines(history, at, gpu, line)]
    if not last.gpus:
        none = "No NVIDIA GPU answers; NVML is asked through the package nvidia-ml-py."
        said += [("", ""), *((f"  {each}", "quiet") for each in wrap(none, width - 2))]
    said += [("", ""), ("Processes of runs here, with those that they started", "head")]
    known = [path for path in names if path in last.processes]
    for path in known:
        process = last.processes[path]
        name = fit(names[path], max(_NAME, width - _SPARK[0] - _TEXT - 8))
        drawn = sparkline(history.busy_of(path), _SPARK[0], _most(history, path), glyphs)
        said.append((f"  {name}  {drawn}  {process_text(process)}", ""))
    if not known:
        said.append(("  No run is at work in a process of this machine.", "quiet"))
    return said


def process_text(process: Process) -> str:
    """``98 % CPU, 1.2 GiB, process 4711 and 2 more``."""
    busy = "" if process.busy is None else f"{process.busy:.0f} % CPU, "
    more = f" and {process.count - 1} more" if process.count > 1 else ""
    return f"{busy}{size_text(process.memory)}, pid {process.pid}{more}"


def _most(history: SystemHistory, path: Path) -> float:
    """A core, or as many as a process has used."""
    return max(100.0, *(each or 0.0 for each in history.busy_of(path)))


def _gpu_lines(history: SystemHistory, at: int, gpu: Gpu, line: _Line) -> list[str]:
    found = []
    if gpu.busy is not None:
        found.append(line("  busy", history.busy_of_gpu(at), 100, f"{gpu.busy:3.0f} %"))
    gpus = [each.gpus[at] if at < len(each.gpus) else None for each in list(history.readings)]
    if gpu.used is not None and gpu.total:
        text = f"{size_text(gpu.used)} of {size_text(gpu.total)}"
        found.append(
            line(
                "  memory", [None if each is None else each.used for each in gpus], gpu.total, text
            )
        )
    if gpu.watts is not None:
        of = f" of {gpu.most_watts:.0f}" if gpu.most_watts else ""
        most = gpu.most_watts or max(each.watts or 0.0 for each in gpus if each) or 1.0
        watts = [None if each is None else each.watts for each in gpus]
        found.append(line("  power", watts, most, f"{gpu.watts:.0f}{of} W"))
    return found
