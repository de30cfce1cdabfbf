"""``hybench derive NAME --from RUN --method …``."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import typer
from typer.core import TyperCommand

import hybench
from hybench.cli.options import (
    DataDir,
    Device,
    Force,
    Languages,
    RunsDir,
    option,
    split_list,
)
from hybench.cli.state import console
from hybench.wording.commands import DATA_DIR, RUNS_DIR, command, named

Texts = Literal["passages", "queries", "both"]
Sides = Literal["both", "passages"]
By = Literal["language", "all"]


class DeriveCommand(TyperCommand):
    """A command whose help names the methods that are installed, when it is asked for."""

    def get_params(self, ctx: Any) -> list[Any]:
        """The command's parameters, as click asks for them."""
        for shown in self.params:
            _complete(shown)
        return super().get_params(ctx)


def _complete(shown: Any) -> None:
    """Add to an option's help what only the registries know."""
    from hybench.derived import MERGE, MERGES, METHODS

    if shown.name == "method":
        known = METHODS.loadable()
        shown.metavar = f"<{'|'.join([*known, MERGE])}>"
        each = " ".join(f"{name}: {item.help}" for name, item in known.items())
        shown.help = f"What is done. {each} {MERGE}: weights of several runs in one."
    elif shown.name == "how":
        known_merges = MERGES.loadable()
        shown.metavar = f"<{'|'.join(known_merges)}>"
        each = " ".join(f"{name}: {item.help}" for name, item in known_merges.items())
        shown.help = f"How weights are merged. {each} By default linear."


def derive(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the new run.")],
    start: Annotated[
        str, option("--from", help="Run that it is made of, by name or folder; in a merge, first.")
    ],
    method: Annotated[str, option(help="What is done.")],
    data: Annotated[
        str | None,
        option(help="Set whose training pairs' texts give the statistics (not merge)."),
    ] = None,
    texts: Annotated[
        Texts | None, option(help="Which texts of the pairs; by default passages.")
    ] = None,
    sample: Annotated[
        int | None, option(help="Most texts per language; by default 10,000.")
    ] = None,
    languages: Languages = None,
    toward: Annotated[
        str | None,
        option(help="shift: all languages' mean (all, the default) or a language; procrustes: en."),
    ] = None,
    sides: Annotated[
        Sides | None,
        option(help="shift: queries and passages (both, the default), or passages as published."),
    ] = None,
    strength: Annotated[
        float | None, option(help="shift: share of the offset, from 0 to 1; by default 1.")
    ] = None,
    by: Annotated[
        By | None, option(help="whiten: each language for itself (the default), or all together.")
    ] = None,
    shrinkage: Annotated[
        float | None,
        option(help="whiten: of the covariance, from 0 to 1; by default Ledoit and Wolf's."),
    ] = None,
    others: Annotated[
        list[str] | None,
        option("--with", help="merge: another run, RUN or RUN:WEIGHT; repeatable."),
    ] = None,
    weight: Annotated[float | None, option(help="merge: of the first run; by default 1.")] = None,
    how: Annotated[str | None, option(help="How weights are merged.")] = None,
    base: Annotated[
        str | None,
        option(help="merge by ties or dare: run that all began with; by default as recorded."),
    ] = None,
    density: Annotated[
        float | None,
        option(help="ties, dare: share of the changes that is kept; by default 0.2 and 0.1."),
    ] = None,
    scale: Annotated[
        float | None, option(help="ties, dare: factor of the merged change; by default 1.")
    ] = None,
    draw_seed: Annotated[int | None, option(help="dare: of its draws; by default 0.")] = None,
    force: Force = False,
    device: Device = "auto",
    data_dir: DataDir = DATA_DIR,
    runs_dir: RunsDir = RUNS_DIR,
) -> None:
    """Derive a run from others, without training."""
    options = hybench.DeriveOptions(
        method=method,
        data=data,
        languages=split_list(languages),
        texts=texts,
        sample=sample,
        others=split_list(others) or (),
        weight=weight,
        how=how,
        base=base,
        toward=toward,
        sides=sides,
        strength=strength,
        by=by,
        shrinkage=shrinkage,
        density=density,
        scale=scale,
        draw_seed=draw_seed,
    )
    with console.progress() as progress:
        made = hybench.derive(
            name,
            start,
            options,
            device=device,
            force=force,
            data_dir=data_dir,
            runs_dir=runs_dir,
            progress=progress,
        )
    console.show(*made.sheets())
    console.talk(f"Next: {command('eval', named(made.run.path, runs_dir), '--data', 'SET')}")
