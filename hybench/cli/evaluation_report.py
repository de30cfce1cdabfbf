"""What the terminal shows of an evaluation or an import."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hybench.cli.state import console

if TYPE_CHECKING:
    from hybench.api.evaluating import Evaluated
    from hybench.runs.run import Run


def show_report(found: Evaluated) -> None:
    """Show the tables of an evaluation, its language bias, and its warnings."""
    console.show(*found.sheets())
    show_bias(found.run, found.report.key)
    for warning in found.warnings:
        console.warn(warning)


def show_bias(run: Run, key: str) -> None:
    """Show the language-bias measures in one line; nothing without a multilingual pool."""
    from hybench.api.evaluating import language_bias

    measures = language_bias(run, key)
    if measures:
        told = ", ".join(f"{metric} {value:.2f}" for metric, value in measures.items())
        console.data(f"language bias of {run.name}: {told}")
