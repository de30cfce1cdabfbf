"""A repository of data on the Hugging Face hub, or a folder laid out as one: its card and tables.

`datasets` reads the tables, streamed: of Parquet files the columns that are asked for, and no more
rows at a time than a frame has; JSON lines and CSV in blocks. A repository on the hub is pinned to
one commit; its files are not kept on disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybench.data.download import HUB_COPY, find_hub_dataset, is_repository, quiet_hub_client
from hybench.data.refusals import first_line, hub_error, refused
from hybench.errors import DataError, UsageError

if TYPE_CHECKING:
    import polars as pl
    from datasets import DatasetBuilder

ROWS = 10_000
"""Rows of a frame."""

CARD = "README.md"


@dataclass(frozen=True)
class Repository:
    """A set on the hub at a commit, or in a folder.

    Attributes:
        place: what `datasets` finds it by: ``owner/name``, or a folder's absolute path.
        commit: whole, of a set on the hub; None for a folder.
        card: the metadata at the head of its README.md.
        scripts: the Python files beside it.
    """

    place: str
    commit: str | None
    card: Mapping[str, Any]
    scripts: tuple[str, ...]

    @property
    def name(self) -> str:
        """The last part of its name."""
        return Path(self.place).name

    @property
    def configs(self) -> tuple[str, ...]:
        """The names of its configs, as the card has them."""
        told = self.card.get("configs")
        rows = [row for row in told if isinstance(row, dict)] if isinstance(told, list) else []
        return tuple(str(row.get("config_name", "default")) for row in rows)

    def texts(self, key: str) -> tuple[str, ...]:
        """What the card has under a key, which may be one text or a list."""
        told = self.card.get(key)
        values = told if isinstance(told, list) else [told]
        return tuple(value for value in values if isinstance(value, str))

    def table(self, config: str) -> HubTable:
        """The table of a config.

        Raises:
            DataError: its files are missing.
            StateError: the hub refuses or cannot be reached.
        """
        import datasets

        _quiet()
        with self.reading(config):
            builder = datasets.load_dataset_builder(self.place, config, revision=self.commit)
        return HubTable(self, config, builder)

    @contextmanager
    def reading(self, config: str) -> Iterator[None]:
        """Say in hybench's words what goes wrong while a config is read."""
        from datasets.exceptions import DatasetNotFoundError, DatasetsError
        from huggingface_hub import errors
        from pyarrow import ArrowException

        failures = (OSError, errors.HTTPError, errors.XetDownloadError)  # type: ignore[attr-defined]
        try:
            yield
        except DatasetNotFoundError as error:
            # The hub has just said that the set is there: it is gated, and `datasets` hides how.
            raise refused(self.place, "gated", HUB_COPY) from error
        except (*failures, DatasetsError, ArrowException, ValueError, RuntimeError) as error:
            told = _refusal(error) or error
            lost = isinstance(told, failures) and not isinstance(told, FileNotFoundError)
            if lost and self.commit is not None:
                raise hub_error(told, self.place, config, HUB_COPY) from error
            raise self._unreadable(config, error) from error

    def _unreadable(self, config: str, error: Exception) -> DataError:
        return DataError(
            f"{self.place}: {config} cannot be read: {first_line(error)}.",
            "Its files are missing, damaged, or not those that its card names.",
        )


@dataclass(frozen=True)
class HubTable:
    """A config of a repository.

    Attributes:
        repository: where it is.
        config: its name.
        builder: what reads it.
    """

    repository: Repository
    config: str
    builder: DatasetBuilder

    @property
    def where(self) -> str:
        """What messages call it."""
        return f"{self.repository.place}: {self.config}"

    @cached_property
    def _files(self) -> Mapping[str, Sequence[str]]:
        return {
            str(split): files for split, files in (self.builder.config.data_files or {}).items()
        }

    @property
    def files(self) -> tuple[str, ...]:
        """Paths or addresses of its files."""
        return tuple(str(file) for files in self._files.values() for file in files)

    @property
    def splits(self) -> tuple[str, ...]:
        """The names of its splits, in the card's order."""
        return tuple(self._files)

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """The names of its columns.

        Raises:
            DataError, StateError: a file cannot be read.
        """
        with self.repository.reading(self.config):
            streamed = self.builder.as_streaming_dataset(self.splits[0])
            # Files other than Parquet do not say; their first row does.
            return tuple(streamed.column_names or next(iter(streamed), ()))

    def frames(self, split: str, columns: Sequence[str]) -> Iterator[pl.DataFrame]:
        """Yield some columns of a split, in frames of at most `ROWS`.

        Raises:
            DataError: a file is damaged.
            StateError: the hub breaks off.
        """
        import datasets

        # Of Parquet other columns are not even fetched, such as vectors beside the texts.
        parquet = all(file.endswith(".parquet") for file in self.files)
        how = {"columns": list(columns), "batch_size": ROWS} if parquet else {}
        with self.repository.reading(self.config):
            streamed = datasets.load_dataset(
                self.repository.place,
                self.config,
                split=split,
                streaming=True,
                revision=self.repository.commit,
                **how,
            )
            chosen = streamed.select_columns(list(columns))
            yield from chosen.with_format("polars").iter(batch_size=ROWS)


def open_repository(name: str, revision: str | None) -> Repository:
    """Find a set on the hub, or in a folder, by what a person called it; a folder comes first.

    Args:
        name: ``owner/name``, or the path of a folder.
        revision: a branch, tag or commit on the hub; None for its main branch.

    Raises:
        UsageError: there is no such folder, set or revision.
        DataError: a folder has no readable card.
        StateError: the hub refuses, or cannot be reached.
    """
    folder = Path(name)
    if folder.is_dir():
        if revision is not None:
            raise UsageError(
                f"--revision: {name} is a folder here, which has no revisions.", "Omit --revision."
            )
        scripts = tuple(sorted(file.name for file in folder.glob("*.py")))
        return Repository(str(folder.resolve()), None, _read_card(folder), scripts)
    if not is_repository(name):
        raise UsageError(
            f"{name} is neither a folder nor the name of a set on the hub.",
            "Name a set as owner/name, or a folder that is laid out as a set of the hub.",
        )
    found = find_hub_dataset(name, revision or "main")
    scripts = tuple(file.rfilename for file in found.siblings or () if _is_script(file.rfilename))
    card = {} if found.card_data is None else found.card_data.to_dict()  # type: ignore[no-untyped-call]
    return Repository(name, found.sha, card, scripts)


def _refusal(error: BaseException | None) -> BaseException | None:
    """The hub's own answer among an error and those that it came of; `datasets` wraps some."""
    from huggingface_hub.errors import HfHubHTTPError

    while error is not None and not isinstance(error, HfHubHTTPError):
        error = error.__cause__ or error.__context__
    return error


def _is_script(path: str) -> bool:
    return path.endswith(".py") and "/" not in path


def _read_card(folder: Path) -> Mapping[str, Any]:
    import yaml
    from huggingface_hub import DatasetCard

    if not (folder / CARD).is_file():
        return {}
    quiet_hub_client()
    try:
        card: Mapping[str, Any] = DatasetCard.load(folder / CARD).data.to_dict()
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DataError(
            f"{folder / CARD}: its metadata cannot be read: {first_line(error)}.",
            "It must begin with YAML between two lines of ---.",
        ) from error
    return card


def _quiet() -> None:
    import logging

    from datasets.utils import logging as reports
    from datasets.utils.tqdm import disable_progress_bars

    quiet_hub_client()
    disable_progress_bars()
    reports.set_verbosity(logging.CRITICAL)
