"""What the evaluations of many models on one set have in common, computed once and kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

from hybench.errors import HybenchError
from hybench.files.documents import read_json, sha256_json, write_json
from hybench.runs.run import CACHE, Run
from hybench.values.typed import from_json

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Value = TypeVar("Value", bound="DataclassInstance")


def remembered(
    run: Run, name: str, key: list[Any], kind: type[Value], make: Callable[[], Value]
) -> Value:
    """A value, read from the cache beside the run, or made now; a damaged file is made again.

    Args:
        run: any run of the folder.
        name: of the values of this kind, and of their folder.
        key: everything that decides the value, as JSON.
        kind: its class.
        make: computes it.
    """
    folder = run.path.parent / CACHE / name
    file = folder / f"{sha256_json(key)[:32]}.json"
    if file.is_file():
        with suppress(HybenchError):
            return from_json(kind, read_json(file), file, "Delete it.")
    value = make()
    with suppress(HybenchError, OSError):  # a disk that is full loses time, not the evaluation
        folder.mkdir(parents=True, exist_ok=True)
        write_json(file, asdict(value))
    return value
