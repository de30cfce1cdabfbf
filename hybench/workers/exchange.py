"""Files that machines without a common folder hand each other, at a URL that fsspec reads.

A file is whole once it has its name: object stores see to it, and on file systems it is renamed
into place. Who fetches a file compares its checksum. Credentials are the library's own affair: its
variables and files on each machine are used, and no URL that holds any is taken.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from hybench.errors import HybenchError, StateError, UsageError
from hybench.files.atomic import replacing_file
from hybench.files.checksums import sha256_file
from hybench.wording.error_messages import first_line

_OBJECT_STORES = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"})
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}
_NOT_SHARED = frozenset({"memory", "data", "http", "https"})
_MARK = "hybench-exchange.json"


def check_url(url: str) -> None:
    """Refuse a URL that cannot be an exchange, without asking for it.

    Raises:
        UsageError: it has no scheme or one that machines cannot write to together, or it holds a
            password, which would be logged.
    """
    parts = urlsplit(url)
    if parts.password is not None or parts.query:
        raise UsageError(
            "--exchange holds a password or a query.",
            "Leave it out: the variables and files of the store's own library give credentials.",
        )
    wrong = not parts.scheme or "://" not in url or "::" in url or parts.scheme in _NOT_SHARED
    if wrong or (parts.scheme in {"file", "local"} and (parts.netloc or len(parts.path) < 2)):
        raise UsageError(
            f"--exchange {url} is no place that machines share.",
            "Give a URL such as s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or file:///FOLDER.",
        )


class ExchangeError(StateError):
    """An exchange does not answer, or lacks a file; another machine, or another time, may do."""


class Exchange:
    """A folder at a URL; names in it are relative, with slashes.

    Args:
        url: see `check_url`.

    Raises:
        UsageError: no library for it is installed.
        ExchangeError: the library refuses it.
    """

    def __init__(self, url: str) -> None:
        import fsspec

        self.url, scheme = url.rstrip("/"), urlsplit(url).scheme
        self._renames = scheme not in _OBJECT_STORES
        try:
            with self._asking():
                self._system, root = fsspec.url_to_fs(self.url, use_listings_cache=False)
        except ImportError as error:
            extra = _EXTRAS.get(scheme)
            install = f"pip install 'hybench[{extra}]'" if extra else first_line(error)
            raise UsageError(
                f"No library for {scheme}:// is installed.",
                f"On every machine: {install}.",
            ) from error
        self._root = root.rstrip("/")

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Say in one line what the store, or the library for it, refuses."""
        try:
            yield
        except (HybenchError, ImportError, MemoryError):
            raise
        except Exception as error:  # each library has exceptions of its own
            raise ExchangeError(
                f"--exchange {self.url} does not answer: {first_line(error)}",
                "Check the URL, the network, and the credentials of the store's own library.",
            ) from error

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}"

    def prepare(self) -> None:
        """Make the folder if it is not there, and see that it can be written.

        Raises:
            ExchangeError: it cannot.
        """
        if self.said(_MARK) is None:
            self.say(_MARK, {"format": 1})

    def size(self, name: str) -> int | None:
        """Bytes of a file; None if it is not there."""
        with self._asking(), suppress(FileNotFoundError):
            return int(self._system.info(self._at(name))["size"])
        return None

    def put(self, path: Path, name: str) -> None:
        """Copy a file to the exchange."""
        with self._placing(name) as target:
            self._system.put_file(str(path), target)

    def get(self, name: str, path: Path, digest: str) -> bool:
        """Copy a file from the exchange, whole.

        Args:
            name: of the file.
            path: where to; its folder is made.
            digest: its SHA-256.

        Returns:
            Whether it was there, and is what the digest says; else nothing is written.
        """
        with suppress(_OtherwiseError), replacing_file(path) as temporary:
            with self._asking():
                try:
                    self._system.get_file(self._at(name), str(temporary))
                except FileNotFoundError as error:
                    raise _OtherwiseError(name, "") from error
            if sha256_file(temporary) != digest:
                raise _OtherwiseError(name, "")
            return True
        return False

    def say(self, name: str, value: dict[str, Any]) -> None:
        """Write a small file of JSON."""
        with self._placing(name) as target:
            self._system.pipe_file(target, json.dumps(value, ensure_ascii=False).encode())

    def said(self, name: str) -> dict[str, Any] | None:
        """What a file of JSON says; None if it is not there, or not whole."""
        with self._asking(), suppress(FileNotFoundError):
            data = self._system.cat_file(self._at(name))
            with suppress(ValueError):
                value = json.loads(data)
                return value if isinstance(value, dict) else None
        return None

    def names(self, folder: str) -> set[str]:
        """The names of what is in a folder, without it."""
        with self._asking(), suppress(FileNotFoundError):
            listed = self._system.ls(self._at(folder), detail=False)
            return {str(path).rstrip("/").rpartition("/")[2] for path in listed}
        return set()

    def remove(self, names: Iterable[str]) -> None:
        """Delete files; those that are not there are none."""
        for name in names:
            with self._asking(), suppress(FileNotFoundError):
                self._system.rm_file(self._at(name))

    @contextmanager
    def _placing(self, name: str) -> Iterator[str]:
        """Where to write what then has a name."""
        target = self._at(name)
        with self._asking():
            if not self._renames:
                yield target
                return
            self._system.makedirs(target.rpartition("/")[0], exist_ok=True)
            part = f"{target}.{os.urandom(4).hex()}.part"
            yield part
            self._system.mv(part, target)


class _OtherwiseError(HybenchError):
    """A file of the exchange is not there, or is another."""
