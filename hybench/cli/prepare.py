"""``hybench prepare SOURCE``: one subcommand per source of data."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

import hybench
from hybench.cli.fields import parameters, values_of, with_parameters
from hybench.cli.lazy import LazyCommands
from hybench.cli.options import DataDir, Force, option
from hybench.cli.state import console
from hybench.data.sources import SOURCES
from hybench.errors import UsageError
from hybench.wording.amounts import counted
from hybench.wording.commands import DATA_DIR, command

_FEW = 3
"""Lines that a warning shows; the others are counted."""

Name = Annotated[str | None, option("--name", help="Name of the set, instead of its default.")]
TokensOf = Annotated[
    str | None,
    option(
        "--tokens-of",
        help="Model, by directory or hub id, or run whose tokens per word and cut texts are shown.",
    ),
]


def prepare_and_tell(
    source: hybench.Source,
    data_dir: Path,
    name: str | None,
    force: bool,
    tokens_of: str | None = None,
) -> None:
    """Prepare a set, and say what it holds, what a model's tokenizer makes of it, what is next."""
    with console.progress() as progress:
        prepared = hybench.prepare(
            source, name=name, force=force, data_dir=data_dir, progress=progress
        ).prepared
    info = prepared.dataset.info
    if prepared.unchanged:
        console.talk(f"{prepared.dataset.path} is up to date.")
    else:
        parts = [
            counted(sum(info.counts[table].values()), table)
            for table in ("passages", "queries", "pairs")
            if table in info.counts
        ]
        languages = counted(len(info.languages), "languages")
        console.talk(f"{prepared.dataset.path}: {', '.join(parts)} in {languages}.")
    if tokens_of is not None:
        with console.progress() as progress:
            found = hybench.measure_tokens(
                prepared.dataset.path, tokens_of, data_dir=data_dir, progress=progress
            )
        console.show(*found.sheets())
    left_out = prepared.left_out
    if left_out.count:
        lines = f"{counted(left_out.count, 'lines')} left out:"
        console.warn("\n  ".join([lines, *left_out.listing(_FEW)]))
    if prepared.repeated_texts:
        pairs = counted(prepared.repeated_texts, "pairs")
        console.talk(
            f"{pairs} have exactly the same query or passage as another: such pairs are never in "
            "one batch."
        )
    if "pairs" in info.counts:
        _tell_few_apart(prepared.apart)
    if prepared.apart > 1:
        console.talk(f"Next: {command('train', '--data', info.name, data_dir=data_dir)}")
    elif not info.settings and "pairs" not in info.counts:
        console.warn("No query has a relevant passage: nothing can be evaluated on this set.")
    elif info.settings:
        baseline = command("eval", "bm25", "--data", info.name, data_dir=data_dir)
        console.talk(f"Next: {baseline} (or eval RUN, for a run of yours)")


def _tell_few_apart(apart: int) -> None:
    """Warn of few pairs that may stand in one batch."""
    from hybench.config.train import TrainConfig

    if apart == 1:
        console.warn(
            "A batch needs two pairs that share no query and no passage. There are none: this set "
            "alone is not enough to train on."
        )
        return
    size = TrainConfig().resolved().batch_size
    if apart < size:
        console.talk(
            f"A batch can hold about {apart:,} of these pairs, the others share a query or a "
            f"passage with them; {size:,} is the default of --batch-size."
        )


def _source_command(name: str) -> Any:
    """The command of a source; for one that cannot be loaded, a command that reports it."""
    try:
        kind = SOURCES[name]
        options = parameters(kind.options)
    except UsageError as error:
        if name not in SOURCES:
            raise
        return _broken_command(name, error)

    def prepare(
        *,
        name: Name = None,
        tokens_of: TokensOf = None,
        data_dir: DataDir = DATA_DIR,
        force: Force = False,
        **given: Any,
    ) -> None:
        source = kind.options(**values_of(kind.options, given))
        prepare_and_tell(source, data_dir, name, force, tokens_of)

    return _command(name, kind.help, with_parameters(prepare, options, first=True))


def _broken_command(name: str, error: UsageError) -> Any:
    def fail() -> None:
        raise error

    return _command(name, error.what, fail)


def _command(name: str, help_: str, function: Callable[..., None]) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, help=help_)(function)
    return typer.main.get_command(app)


class _Sources(TyperGroup):
    """The group of the sources' commands, each made on first use."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.commands: Any = LazyCommands(SOURCES, _source_command)


app = typer.Typer(cls=_Sources, no_args_is_help=True, rich_markup_mode=None)


@app.callback(invoke_without_command=True)
def sources(
    context: typer.Context,
    listed: Annotated[
        bool, option("--list", help="List the sources: languages, licence, size, revision.")
    ] = False,
    json: Annotated[bool, option("--json", help="List them as JSON.")] = False,
) -> None:
    """Prepare a data set from one of the sources below."""
    if context.invoked_subcommand is not None:
        if listed or json:
            flag = "--list" if listed else "--json"
            raise UsageError(f"{flag} lists the sources.", "Omit it, or the source.")
        return
    from hybench.cli.sources import sources_document, sources_text

    if json:
        console.output(sources_document(), None)
    elif listed:
        console.data(sources_text(console.width))
        console.talk("Next: hybench prepare SOURCE --help")
    else:
        raise UsageError("Name a source to prepare.", "hybench prepare --list shows them.")
