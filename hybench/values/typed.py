"""Typed values from JSON and TOML files; msgspec converts them.

Nothing is guessed: ``"3"`` is not a number and ``true`` is not 1. A whole number may stand for a
float, a list for a tuple, and an object for a dataclass.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from functools import cache
from numbers import Number
from pathlib import Path
from types import NoneType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from hybench.errors import DataError, UsageError
from hybench.values.names import spelled

Value = TypeVar("Value")

_WORDS: dict[Any, str] = {
    str: "text in quotes",
    Path: "a path in quotes",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a table",
}
_SEVERAL = {str: "strings", int: "whole numbers", float: "numbers"}

_kinds: Callable[[type], dict[str, Any]] = cache(get_type_hints)


def _converted(value: object, kind: Any) -> Any:
    """The value converted to `kind`.

    Raises:
        ValueError: it is of another type; the message gives the place and the expected type.
    """
    import msgspec

    try:
        return msgspec.convert(value, kind, dec_hook=lambda made, text: made(text))
    except msgspec.ValidationError as error:
        what, _, place = str(error).replace("`", "").partition(" - at ")
        place = place.removeprefix("$").removeprefix(".")
        words = what[0].lower() + what[1:]
        raise ValueError(f"{place}: {words}" if place else words) from error


def from_json(cls: type[Value], value: object, path: Path, do: str) -> Value:
    """Make a dataclass from a JSON object; unknown keys are ignored.

    Args:
        cls: its fields are strings, numbers, booleans, or tuples, lists and dictionaries of these.
        value: the JSON object.
        path: the file of the object.
        do: what to do if it is incomplete.

    Raises:
        DataError: it is not an object, lacks a field without a default, or has one of another type.
    """
    try:
        made: Value = _converted(value, cls)
    except ValueError as error:
        raise DataError(f"{path}: {error}.", do) from error
    return made


def typed(value: object, kind: Any, place: str) -> Any:
    """The value of a key of a TOML file, converted to `kind`.

    Args:
        value: as read from TOML.
        kind: a type that `in_words` supports.
        place: the file and the key.

    Raises:
        UsageError: it is of another type.
    """
    try:
        return _converted(value, kind)
    except ValueError as error:
        raise UsageError(f"{place} is {value!r}.", f"It must be {in_words(kind)}.") from error


def check_types(made: object) -> None:
    """Give the fields of a dataclass that Python code has made the types that they declare.

    A list becomes a tuple, and a number of NumPy one of Python: these go into files.

    Raises:
        UsageError: a value is of another type, such as one text where several are taken.
    """
    for name, kind in _kinds(type(made)).items():
        value = getattr(made, name)
        if isinstance(value, Number) and hasattr(value, "item"):
            value = value.item()
        object.__setattr__(made, name, typed(value, kind, f"{type(made).__name__}: {name}"))


def in_words(kind: Any) -> str:
    """A type in words: ``a whole number``, ``a list of strings``."""
    origin, arguments = get_origin(kind) or kind, get_args(kind)
    if origin is Literal:
        return f"one of {', '.join(map(str, arguments))}"
    if origin in {tuple, list}:
        length = f"{len(arguments)} " if len(arguments) > 1 and arguments[1] is not ... else ""
        return f"a list of {length}{_SEVERAL.get(arguments[0]) or in_words(arguments[0])}"
    if origin in _WORDS:
        return _WORDS[origin]
    return " or ".join(in_words(each) for each in arguments if each is not NoneType)


def given_fields(cls: type, values: Mapping[str, Any], where: str) -> dict[str, Any]:
    """Some of a dataclass' fields, from a TOML table; their combination is not checked.

    A dash in a field's name is an underscore, as the flags have it.

    Args:
        cls: the dataclass.
        values: the table.
        where: the file and the table, for messages.

    Raises:
        UsageError: an unknown field, one that is given twice, or a value of the wrong type.
    """
    kinds = _kinds(cls)
    written = spelled(values, "_", lambda key: f"{where}: {key}")
    unknown = sorted(key for name, key in written.items() if name not in kinds)
    if unknown:
        raise UsageError(
            f"{where}: unknown field {', '.join(unknown)}.", f"Known: {' '.join(sorted(kinds))}."
        )
    return {
        name: typed(values[key], kinds[name], f"{where}: {key}") for name, key in written.items()
    }


def from_toml(cls: type[Value], values: Mapping[str, Any], where: str) -> Value:
    """Make a dataclass from a TOML table, as `given_fields` reads it.

    Raises:
        UsageError: what `given_fields` raises, or a field without a default is missing.
    """
    given = given_fields(cls, values, where)
    for item in fields(cls):  # type: ignore[arg-type]
        if item.name not in given and item.default is item.default_factory is MISSING:
            must = in_words(_kinds(cls)[item.name])
            raise UsageError(f"{where}: {item.name} is missing.", f"It must be {must}.")
    return cls(**given)
