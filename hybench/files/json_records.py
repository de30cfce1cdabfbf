"""Dataclasses that JSON files hold, read back with every field's type checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Any, TypeVar, get_args, get_origin, get_type_hints

from hybench.errors import DataError

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Record = TypeVar("Record", bound=DataclassInstance)


def from_json(cls: type[Record], value: object, path: Path, do: str) -> Record:
    """Make a dataclass of a JSON object; keys that it does not have are passed over.

    Args:
        cls: its fields are strings, numbers, booleans, or tuples, lists and dictionaries of these.
        value: the JSON object.
        path: the file that it stands in.
        do: what to do where it is not whole.

    Raises:
        DataError: it is no object, lacks a field without a default, or has one of another type.
    """
    if not isinstance(value, Mapping):
        raise DataError(f"{path} has no object where a {cls.__name__} stands.", do)
    hints = get_type_hints(cls)
    known: dict[str, Any] = {}
    for item in fields(cls):
        if item.name in value:
            known[item.name] = _typed(value[item.name], hints[item.name])
        if known.get(item.name) is _WRONG:
            raise DataError(f"{path}: {item.name} is no {item.type}.", do)
        if item.name not in known and item.default is item.default_factory is MISSING:
            raise DataError(f"{path} lacks {item.name}.", do)
    return cls(**known)


_WRONG = object()


def _typed(value: Any, hint: Any) -> Any:
    """The value as `hint` has it; `_WRONG` where it is of another type."""
    if hint is Any:
        return value
    origin, arguments = get_origin(hint) or hint, get_args(hint)
    if origin is UnionType:
        tried = [_typed(value, each) for each in arguments]
        return next((each for each in tried if each is not _WRONG), _WRONG)
    if origin in {tuple, list} and isinstance(value, list):
        items = [_typed(item, arguments[0]) for item in value]
        return _WRONG if _WRONG in items else origin(items)
    if origin is dict and isinstance(value, dict):
        values = {key: _typed(item, arguments[1]) for key, item in value.items()}
        return _WRONG if _WRONG in values.values() else values
    if origin is float and type(value) is int and abs(value) < 2**1000:
        return float(value)
    return value if type(value) is origin or (origin is NoneType and value is None) else _WRONG
