"""Options of commands, made from the dataclass fields of `hybench.values.options`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import typer

from hybench.cli.options import option, split_list
from hybench.errors import UsageError
from hybench.values.checks import flag

_KINDS = (str, int, float, bool, Path)


def parameters(options: type) -> list[inspect.Parameter]:
    """One keyword parameter per field that has a help, in Typer's form.

    Args:
        options: a frozen dataclass.

    Raises:
        UsageError: a field's type cannot be an option's.
    """
    hints = get_type_hints(options)
    return [_parameter(item, hints[item.name]) for item in _shown(options)]


def values_of(options: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """The fields' values, from a command's arguments; None is omitted.

    Raises:
        UsageError: a list's texts cannot be read.
    """
    found: dict[str, Any] = {}
    for item in _shown(options):
        value = given[item.name]
        if isinstance(value, list):
            value = split_list(value)
            parse = item.metadata["parse"]
            if value is not None and parse is not None:
                value = parse(value)
        if value is not None:
            found[item.name] = value
    return found


def with_parameters(
    function: Callable[..., None], options: Sequence[inspect.Parameter], *, first: bool = False
) -> Callable[..., None]:
    """Give a command more parameters; it takes them as ``**given``.

    Args:
        function: the command.
        options: the parameters.
        first: whether its help shows them before the command's own.
    """
    signature = inspect.signature(function, eval_str=True)
    own = [each for each in signature.parameters.values() if each.kind is not each.VAR_KEYWORD]
    every = [*options, *own] if first else [*own, *options]
    function.__signature__ = signature.replace(parameters=every)  # type: ignore[attr-defined]
    function.__annotations__ = {each.name: each.annotation for each in every}
    return function


def _shown(options: type) -> list[Field[Any]]:
    return [item for item in fields(options) if "help" in item.metadata]


def _parameter(item: Field[Any], hint: Any) -> inspect.Parameter:
    told, default = item.metadata, item.default
    if told["argument"]:
        shown = typer.Argument(metavar=told["argument"], help=told["help"])
    else:
        written = told["flags"] or (flag(item.name),)
        shows = not isinstance(default, tuple) and default not in {"", None, MISSING}
        shown = option(*written, help=told["help"], show_default=shows)
    kind = _kind(item, hint)
    if isinstance(default, tuple):  # a list that is not given is the field's default
        default = []
    if kind is not bool and default is not MISSING:
        kind = kind | None
    return inspect.Parameter(
        item.name,
        inspect.Parameter.KEYWORD_ONLY,
        default=inspect.Parameter.empty if default is MISSING else default,
        annotation=Annotated[kind, shown],
    )


def _kind(item: Field[Any], hint: Any) -> Any:
    """The type of the option's value on a command line."""
    choices = item.metadata["choices"]
    if isinstance(choices, tuple) and choices:
        return Literal[choices]
    kinds = [each for each in get_args(hint) if each is not NoneType]
    if get_origin(hint) is not tuple and len(kinds) == 1:
        [hint] = kinds
    if get_origin(hint) is tuple or item.metadata["parse"] is not None:
        return list[str]
    if hint not in _KINDS:
        raise UsageError(
            f"The field {item.name} is of type {hint}, which no option can have.",
            "Make it a str, int, float, bool or Path, or a tuple of str.",
        )
    return hint
