"""The ``hybench`` program: global flags, commands, exit codes."""

from __future__ import annotations

import os
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

import hybench
from hybench.cli import (
    bitext,
    compare,
    curves,
    demo,
    derive,
    evaluate,
    importing,
    index,
    info,
    maps,
    mine,
    plan,
    pool,
    prepare,
    published,
    queries,
    search,
    settings,
    status,
    study,
    train,
    tui,
    verify,
)
from hybench.cli.console import Color, run_guarded
from hybench.cli.everywhere import add_everywhere
from hybench.cli.layers import nearest_layer, traced
from hybench.cli.options import option
from hybench.cli.state import console
from hybench.cli.variables import unknown_variables
from hybench.errors import UsageError

app = typer.Typer(
    name="hybench",
    help="An honest bench for ways of training multilingual retrievers.",
    no_args_is_help=True,
    rich_markup_mode=None,
    epilog="Every option can also be set as HYBENCH_COMMAND_OPTION, such as HYBENCH_TRAIN_STEPS, "
    "or in hybench.toml; hybench config show prints the values in effect.",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "auto_envvar_prefix": "HYBENCH"},
)

_ORDER = (
    ("demo", demo.demo),
    ("pool", pool.pool),
    ("plan", plan.plan),
    ("train", train.train),
    ("batches", train.batches),
    ("derive", derive.derive),
    ("index", index.index),
    ("eval", evaluate.evaluate),
    ("bitext", bitext.bitext),
    ("search", search.search),
    ("mine", mine.mine),
    ("compare", compare.compare),
    ("maps", maps.maps),
    ("queries", queries.queries),
    ("published", published.published),
    ("verify", verify.verify),
    ("status", status.status),
    ("curves", curves.curves),
    ("tui", tui.tui),
    ("info", info.info),
)
app.add_typer(prepare.app, name="prepare")
app.add_typer(importing.app, name="import")
app.add_typer(study.app, name="study")
app.add_typer(settings.app, name="config")
_CLASSES: dict[object, type[TyperCommand]] = {
    train.train: train.ConfigCommand,
    train.batches: train.ConfigCommand,
    derive.derive: derive.DeriveCommand,
}
for _name, _command in _ORDER:
    app.command(_name, cls=_CLASSES.get(_command))(_command)


def _version(asked: bool) -> None:
    if asked:
        console.data(f"hybench {hybench.__version__}")
        raise typer.Exit


@app.callback()
def main(
    color: Annotated[Color, option(help="auto: on a terminal.")] = "auto",
    quiet: Annotated[
        bool, option("--quiet", "-q", help="Print only data, warnings and errors.")
    ] = False,
    verbose: Annotated[bool, option("--verbose", "-v", help="Print more details.")] = False,
    debug: Annotated[bool, option("--debug", help="Show tracebacks.")] = False,
    version: Annotated[  # noqa: ARG001 - its callback does it
        bool, option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Take the global flags."""
    console.configure(color=color, quiet=quiet, verbose=verbose, debug=debug)


def _call() -> object:
    program = typer.main.get_command(app)
    add_everywhere(program)
    layer = nearest_layer(program)
    called: list[typer.Context] = []
    for name, advice in unknown_variables(program):
        console.warn(f"{name} sets no option. {advice}")
    try:
        return program.main(
            prog_name="hybench", standalone_mode=False, default_map=layer, obj=called
        )
    except UsageError as error:
        error.what = traced(error.what, called[-1] if called else None)
        raise
    except Exception as error:
        # Typer's own usage errors, whose class is private.
        explain = getattr(error, "format_message", None)
        if explain is None:
            raise
        return _usage_error(error, str(explain()))


def _usage_error(error: Any, message: str) -> int:
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "hybench"
    if message.startswith("Usage: "):  # a group was called without a command: this is its help
        console.talk(message)
        return 2
    # Typer's prefix to the errors of its parsers adds nothing.
    message = traced(message.replace("Value error, ", ""), context)
    console.error(message, f"See {path} --help.")
    return 2


def run() -> None:
    """Entry point of the console script."""
    # OpenMP's threads spin while they wait, which slows a training down tenfold as soon as another
    # process uses the cores. A short spin costs a few percent alone; torch's read this when loaded.
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
    sys.exit(run_guarded(_call, console))
