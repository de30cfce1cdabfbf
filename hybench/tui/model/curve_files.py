"""Curves of runs as files: what `hybench curves` writes, and what an export of a chart does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from hybench.errors import StateError, UsageError
from hybench.tui.draw.traces import Trace
from hybench.tui.model.arm_curves import Made, make_curve
from hybench.tui.model.arms import APART, ARM, Group, field_name, grouped
from hybench.tui.model.dev_choice import DevChoice
from hybench.tui.model.dev_curves import MEAN, dev_curves
from hybench.tui.model.history import History
from hybench.tui.model.panels import PANELS
from hybench.tui.model.rows import comma_separated, curve_rows, markdown
from hybench.tui.model.series import AXES
from hybench.tui.model.watched_runs import WatchedRuns
from hybench.values.checks import within
from hybench.values.languages import language_name, stored_codes
from hybench.wording.commands import command, folder_word

LANGUAGES = "languages"
"""The choice of dev scores by language, beside the names of `PANELS`."""

SHAPES = ("svg", "csv", "md")

_LABELS = {"step": "step", "seconds": "seconds of training", "examples": "examples"}


@dataclass(frozen=True)
class CurveChoice:
    """Which curves, and how they are drawn.

    Attributes:
        paths: runs, or folders of runs or studies.
        show: the name of one of `PANELS`, or `LANGUAGES`.
        axis: of `AXES`; dev scores by language are over steps.
        smooth: what a moving average keeps at a step; 0 for none.
        log: whether y is logarithmic.
        group_by: what runs are averaged by: ``arm``, ``run`` or a config field.
        data: the dev set of `LANGUAGES`; empty for the one with the most settings.
        setting: of it; empty for the first.
        languages: codes to keep; empty for all.
    """

    paths: tuple[Path, ...]
    show: str = "loss"
    axis: str = "step"
    smooth: float = 0.0
    log: bool = False
    group_by: str = ARM
    data: str = ""
    setting: str = ""
    languages: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is none of the choices."""
        names = [*(panel.name for panel in PANELS), LANGUAGES]
        for option, value, known in (("--show", self.show, names), ("--axis", self.axis, AXES)):
            if value not in known:
                raise _none_such(option, value, known)
        within("--smooth", self.smooth, 0.0, 0.9999)


Charts = list[tuple[str, list[Trace]]]
"""Titles and curves."""


def curve_command(choice: CurveChoice, path: Path) -> str:
    """The command that writes what `curve_document` gives to a file."""
    options: list[object] = ["--show", choice.show]
    usual = CurveChoice(choice.paths)
    for name in ("axis", "smooth", "group_by", "data", "setting"):
        value = getattr(choice, name)
        if value != getattr(usual, name):
            options += [f"--{name.replace('_', '-')}", value]
    options += ["--log"] if choice.log else []
    options += ["-l", ",".join(choice.languages)] if choice.languages else []
    return command("curves", *map(folder_word, choice.paths), *options, "-o", path)


def curve_document(choice: CurveChoice, shape: str) -> str:
    """The curves in one of `SHAPES`.

    Raises:
        UsageError: there is no such field, set, setting or language; or the extra ``report`` is not
            installed, for SVG.
        StateError: no run has such values.
    """
    title, charts = _charts(choice)
    if not any(len(trace.curve) for _, traces in charts for trace in traces):
        raise StateError(f"No run here has values of {title}.", "See hybench status.")
    if shape == "svg":
        return _svg(choice, charts)
    rows = curve_rows([(name, trace) for name, traces in charts for trace in traces], choice.axis)
    return comma_separated(rows) if shape == "csv" else markdown(rows, title)


def _svg(choice: CurveChoice, charts: Charts) -> str:
    from hybench.report.line_charts import LineChart, LineCurve, line_charts_svg

    def line(trace: Trace) -> LineCurve:
        curve = trace.curve
        band = trace.smoothed is not None or trace.counts is not None
        values = curve.mean if trace.smoothed is None else trace.smoothed
        edges = (curve.low, curve.high) if band else None
        return LineCurve(trace.label, curve.x, values, edges, trace.dash)

    drawn = [LineChart(title, [line(trace) for trace in traces]) for title, traces in charts]
    return line_charts_svg(drawn, _LABELS[choice.axis], log=choice.log)


def _charts(choice: CurveChoice) -> tuple[str, Charts]:
    """What they show, and the charts; the runs' logs are read whole."""
    watched = WatchedRuns(choice.paths)
    for _ in watched.look():
        pass
    if watched.missing:
        missing = ", ".join(map(str, watched.missing))
        raise UsageError(f"There is no folder {missing}.", "Name runs, or folders of runs.")
    views = sorted(watched.views.values(), key=lambda view: view.name)
    field = field_name(choice.group_by)
    fields = {name for view in views for name in view.config}
    if field not in {ARM, APART, *fields}:
        raise _none_such("--group-by", choice.group_by, [ARM, APART, *sorted(fields)])
    trained = [view for view in views if view.status.steps is not None]
    arms = [(_label(group), _read(group)) for group in grouped(trained, field)]
    if choice.show == LANGUAGES:
        return _by_language(choice, arms)
    panel = next(panel for panel in PANELS if panel.name == choice.show)
    smooth = choice.smooth if panel.smooth else 0.0
    traces = []
    for number, (label, histories) in enumerate(arms):
        for dash, (suffix, series) in enumerate(panel.series):
            made = make_curve(histories, series, choice.axis, smooth)
            if made.curve.ends is not None:
                traces.append(_trace(f"{label} {suffix}".strip(), made, number, dash))
    title = f"{panel.title}, EMA {smooth:g}" if smooth else panel.title
    return panel.title, [(title, traces)]


def _none_such(option: str, value: str, known: Sequence[str]) -> UsageError:
    return UsageError(f"{option} {value}: there is none such here.", f"One of: {' '.join(known)}.")


def _label(group: Group) -> str:
    return f"{group.label} ({len(group.views)})" if len(group.views) > 1 else group.label


def _read(group: Group) -> list[History]:
    """The logs of a group's runs."""
    from hybench.runs.run import Run

    histories = [History(Run(path)) for path in group.paths]
    for history in histories:
        try:
            while history.read():
                pass
        except OSError as error:
            raise StateError(f"{history.run.events_file} cannot be read: {error}.", "") from error
    return histories


def _trace(label: str, made: Made, number: int, dash: int = 0) -> Trace:
    return Trace(label, made.curve, number, dash, made.smoothed, counts=made.counts)


def _by_language(
    choice: CurveChoice, arms: Sequence[tuple[str, Sequence[History]]]
) -> tuple[str, Charts]:
    """A chart for each language of the dev set."""
    chosen = DevChoice(choice.data, choice.setting)
    if not chosen.offer(history for _, histories in arms for history in histories):
        raise StateError("No run here has validated.", "hybench train --validate-every.")
    data, setting = chosen.data, chosen.setting
    for option, value, wish, known in (
        ("--data", data, choice.data, [*chosen.sets]),
        ("--setting", setting, choice.setting, [*chosen.sets[data]]),
    ):
        if wish and wish != value:
            raise UsageError(
                f"{option} {wish}: no run validated on it.", f"One of: {' '.join(known)}."
            )
    found = dev_curves(arms, data, setting)
    asked = (code for code in choice.languages if code != MEAN)
    wanted = (*stored_codes(asked), *(code for code in choice.languages if code == MEAN))
    wanted = wanted or found.languages
    if missing := sorted({*wanted} - {*found.languages}):
        raise _none_such("-l", ",".join(missing), found.languages)
    charts = [
        (
            f"{code} {language_name(code)}".strip(),
            [
                _trace(label, made, number)
                for number, (label, made) in enumerate(
                    zip(found.arms, found.curves[code], strict=True)
                )
                if made is not None
            ],
        )
        for code in wanted
    ]
    return f"dev nDCG@10 ×100, {data}, {setting}", charts
