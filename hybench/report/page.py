"""The report as one self-contained page of HTML."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from datetime import date as Date  # noqa: N812 (the argument is called date)
from importlib.resources import files

from hybench.comparison.answer import QUESTION
from hybench.comparison.curves import Curve
from hybench.comparison.hypotheses import Hypotheses
from hybench.comparison.model import Comparison
from hybench.errors import UsageError
from hybench.report.figures import curve_figure
from hybench.report.heat_maps import map_pairs, scale_rules
from hybench.report.hypotheses import hypothesis_section
from hybench.report.provenance import (
    arm_facts,
    config_tables,
    cost_table,
    environment_table,
    exposure_table,
    run_table,
)
from hybench.report.scores import sections
from hybench.report.verdicts import glance
from hybench.runs.run import Run
from hybench.wording.amounts import counted


def html_report(
    runs: Sequence[Run],
    comparisons: Sequence[Comparison],
    curves: Sequence[Curve] = (),
    *,
    hypotheses: Hypotheses | None = None,
    title: str,
    date: Date,
) -> str:
    """All results of a comparison on one page; the same bytes for the same input.

    Args:
        runs: the compared runs.
        comparisons: a section each.
        curves: scores against a dial of the study, a figure each.
        hypotheses: of the study, with their outcomes.
        title: of the page.
        date: of the report.

    Raises:
        UsageError: the extra ``report`` is not installed.
        DataError: a run's file is not in hybench's form.
        ValueError: an arm's runs are not among `runs`.
    """
    check_installed()
    import jinja2

    arms = arm_facts(runs, comparisons)
    shown = sections(comparisons)
    maps = [
        (section, pairs)
        for section, comparison in zip(shown, comparisons, strict=True)
        if (pairs := map_pairs(comparison, arms))
    ]
    script = _file("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    environment = jinja2.Environment(
        autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
    )
    return environment.from_string(_file("page.html.jinja")).render(
        counted=counted,
        title=title,
        date=date.isoformat(),
        style=f"{_file('page.css')}\n{scale_rules()}\n",
        script=script,
        script_digest=digest,
        hypotheses=None if hypotheses is None else hypothesis_section(hypotheses),
        glance=glance(comparisons),
        sections=shown,
        question=QUESTION,
        summed=_in_all([section.summed for section in shown]),
        caveats=list(dict.fromkeys(text for section in shown for text in section.caveats)),
        maps=maps,
        curves=[curve_figure(f"k{at}", curve) for at, curve in enumerate(curves)],
        curve_notes=list(dict.fromkeys(note for curve in curves for note in curve.notes)),
        costs=cost_table(arms, comparisons),
        exposure=exposure_table(comparisons),
        configs=config_tables(arms),
        environment=environment_table(arms),
        runs=run_table(arms),
    )


def _in_all(texts: Sequence[Sequence[str]]) -> list[str]:
    """The items common to all."""
    return [text for text in texts[0] if all(text in each for each in texts)] if texts else []


def _file(name: str) -> str:
    return (files("hybench.report") / "templates" / name).read_text(encoding="utf-8")


def check_installed() -> None:
    """Raises:
    UsageError: the extra ``report`` is not installed.
    """
    try:
        import jinja2  # noqa: F401
        import matplotlib as mpl  # noqa: F401
    except ModuleNotFoundError as error:
        raise UsageError(
            f"A report in HTML, or a chart as SVG, needs {error.name}, which is not installed.",
            "Install it: pip install 'hybench[report]'.",
        ) from error
