"""JSON and TOML files: written with a checksum of themselves, which is verified on reading."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from hybench.errors import DataError, UsageError
from hybench.files.atomic import replacing_file


def json_bytes(value: Any, indent: int | None = None) -> bytes:
    """A value as JSON in UTF-8, with a final newline.

    Paths that are not UTF-8 become escapes that can be read back.
    """
    text = json.dumps(value, ensure_ascii=False, indent=indent) + "\n"
    return text.encode("utf-8", "backslashreplace")


_ALGORITHM = "checksum"
_CHECKSUM = "sha256"
"""The two keys of a seal: no single damage can remove both and so switch the check off."""
SEAL_KEYS = frozenset({_ALGORITHM, _CHECKSUM})


def write_json(path: Path, value: Mapping[str, Any]) -> None:
    """Write `value` as indented JSON, atomically, keys in their own order, and a checksum last.

    Raises:
        ValueError: it has one of the `SEAL_KEYS` itself.
    """
    if not SEAL_KEYS.isdisjoint(value):
        raise ValueError(f"{path}: {sorted(SEAL_KEYS & value.keys())} are the checksum's keys")
    content = json.loads(json_bytes(value))
    sealed = {**value, _ALGORITHM: "sha256 of the rest", _CHECKSUM: sha256_json(content)}
    with replacing_file(path) as temporary:
        temporary.write_bytes(json_bytes(sealed, 2))


def read_json(path: Path) -> dict[str, Any]:
    """Read a JSON object that `write_json` wrote, without its checksum.

    Files of builds that wrote none are read, too.

    Raises:
        DataError: the file is not a JSON object, or not as it was written.
    """
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, OSError, RecursionError) as error:
        raise DataError(
            f"{path} cannot be read as JSON: {error}.",
            "It was cut short or changed by hand: make it again with the command that wrote it.",
        ) from error
    if not isinstance(value, dict):
        raise DataError(f"{path} holds not a JSON object.", "Make it again.")
    seal = value.pop(_ALGORITHM, None), value.pop(_CHECKSUM, None)
    if seal != (None, None) and seal[1] != sha256_json(value):
        raise DataError(
            f"{path} was changed after it was written: its checksum differs.",
            "Make it again with the command that wrote it.",
        )
    return value


def is_sealed(path: Path) -> bool:
    """Whether a file of `write_json` or `write_toml` has a checksum of itself.

    Raises:
        OSError: it cannot be read.
    """
    data = path.read_bytes()
    return _SEAL in data or f'"{_ALGORITHM}": '.encode() in data


def sha256_json(value: Mapping[str, Any] | list[Any]) -> str:
    """Hexadecimal SHA-256 of a value's canonical JSON (sorted keys, no spaces)."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return _sha256(text.encode("utf-8", "backslashreplace"))


def _sha256(data: bytes) -> str:
    import hashlib  # loads OpenSSL, which no help needs

    return hashlib.sha256(data).hexdigest()


_SEAL = b"# SHA-256 of the lines above: "


def write_toml(path: Path, values: Mapping[str, Any]) -> None:
    """Write `values` as TOML, atomically, with a checksum in the last line."""
    import tomli_w

    text = tomli_w.dumps(values).encode("utf-8")
    with replacing_file(path) as temporary:
        temporary.write_bytes(text + _SEAL + _sha256(text).encode() + b"\n")


def read_own_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file that `write_toml` wrote; files of builds without checksums are read, too.

    Raises:
        UsageError: there is no such file.
        DataError: it is not TOML, or not as it was written.
    """
    values = read_toml(path)
    text, mark, checksum = path.read_bytes().rpartition(_SEAL)
    if mark and _sha256(text).encode() != checksum.rstrip():
        raise DataError(
            f"{path} was changed after it was written: its checksum differs.",
            "Undo the change; another config needs another run.",
        )
    return values


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        UsageError: there is no such file.
        DataError: it is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"There is no {path}.", "Check the path.") from error
    except (ValueError, OSError, RecursionError) as error:
        raise DataError(f"{path} cannot be read as TOML: {error}.", "Fix the file.") from error
