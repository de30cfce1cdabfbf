"""A study's hypotheses as a sheet, as JSON and as lines of CSV."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hybench.comparison.hypotheses import Hypotheses, TestedHypothesis
from hybench.comparison.layout import p_number
from hybench.comparison.units import MetricStyle, metric_style
from hybench.statistics.paired_tests import ALPHA
from hybench.wording.amounts import counted
from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet

_HEADER = ("hypothesis", "asked of", "n", "first", "second", "difference", "95 % interval",
           "p (Holm)", "outcome")  # fmt: skip


def hypothesis_sheet(found: Hypotheses) -> Sheet:
    """The hypotheses as a table, with a summary above it."""
    lines = []
    for at, each in enumerate(found.tested):
        again = at > 0 and found.tested[at - 1].hypothesis == each.hypothesis
        lines.append(_line(each, again=again))
    return Sheet(
        f"Hypotheses of study {found.study}",
        _HEADER,
        2,
        tuple(lines),
        _CAPTION,
        (),
        (_summed_up(found),),
    )


def _line(each: TestedHypothesis, *, again: bool) -> Line:
    style = metric_style(each.metric)
    lead = (Entry("" if again else each.words), Entry(each.place))
    if each.difference is None or each.values is None or each.p_holm is None:
        rest = (Entry(NOT_RUN, "quiet"),) * (len(_HEADER) - 3)
        return Line((*lead, *rest, Entry(each.found, "quiet")), ruled=not again)
    entries = (
        Entry(f"{each.sources:,}"),
        *(Entry(style.text(value)) for value in each.values),
        Entry(style.text(each.difference.value, signed=True)),
        Entry(style.interval(each.difference.low, each.difference.high)),
        Entry(_p(each)),
        Entry(_outcome(each, style), "best" if each.found == "shown" else "quiet"),
    )
    return Line((*lead, *entries), ruled=not again)


def _p(each: TestedHypothesis) -> str:
    if each.p_holm is None or each.difference is None:
        return NOT_RUN
    drawn = each.difference.floor and each.hypothesis.direction != "equivalent"
    return p_number(each.p_holm, floor=drawn and each.p_holm < 1)


def _outcome(each: TestedHypothesis, style: MetricStyle) -> str:
    """The outcome; for a two-sided difference, with its direction."""
    if each.found != "shown" or each.hypothesis.direction != "different" or not each.difference:
        return each.found
    better = (each.difference.value > 0) != style.lower_is_better
    return f"{each.hypothesis.arms[not better]} better"


def _summed_up(found: Hypotheses) -> str:
    shown = sum(each.found == "shown" for each in found.tested)
    lacking = sum(each.p is None for each in found.tested)
    named = "named after the study was begun" if found.late else "named before the study was run"
    rest = f" {lacking} wait for their runs." if lacking else ""
    tables = "Everything else here is exploratory."
    return (
        f"{shown} of {counted(len(found.tested), 'hypotheses')}, {named}, are shown.{rest} {tables}"
    )


_CAPTION = (
    "Paired randomisation test over source queries and, with several seeds, Student's t over "
    "queries and seeds, the larger p; one-sided where a hypothesis says which arm is better; two "
    "one-sided tests of equivalence. Holm's correction over all that the study names and that "
    f"could be tested, alpha {ALPHA}. Intervals are not corrected. What is not shown is neither "
    "refuted nor proved equal."
)


def plain_hypotheses(found: Hypotheses) -> dict[str, Any]:
    """The hypotheses as JSON values; numbers in the metric's own unit, not ×100."""
    return {
        "study": found.study,
        "late": found.late,
        "tests": found.tests,
        "draws": found.draws,
        "tested": [
            {
                "words": each.words,
                "hypothesis": each.hypothesis.to_json(),
                "point": dict(each.point),
                "metric": each.metric,
                "n": each.sources,
                "values": each.values,
                "difference": None if each.difference is None else asdict(each.difference),
                "p": each.p,
                "p_holm": each.p_holm,
                "found": each.found,
            }
            for each in found.tested
        ],
    }


def hypothesis_records(found: Hypotheses) -> list[dict[str, Any]]:
    """The hypotheses as lines of the comparison's CSV, their ``kind`` being ``hypothesis``."""
    records = []
    for each in found.tested:
        if each.difference is None or each.values is None:
            continue
        difference = asdict(each.difference)
        records.append(
            {
                "dataset": each.hypothesis.data,
                "setting": each.hypothesis.setting,
                "metric": each.metric,
                "kind": "hypothesis",
                "language": each.place,
                "n": each.sources,
                "run": each.hypothesis.arms[0],
                "baseline": each.hypothesis.arms[1],
                "value": each.values[0],
                "difference": difference["value"],
                "low": difference["low"],
                "high": difference["high"],
                "p": each.p,
                "p_holm": each.p_holm,
                "significant": int(each.found == "shown"),
                "p_equivalence": difference["p_equivalence"],
                "p_seeds": difference["p_seeds"],
                "outcome": each.found,
            }
        )
    return records
