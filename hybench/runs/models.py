"""Runs of models that hybench did not train: what the run says of the model, and where it lies."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from hybench.encoders.checkpoint import Checkpoint, locate
from hybench.encoders.options import POOLINGS, EncoderOptions
from hybench.errors import StateError, UsageError
from hybench.files.documents import sha256_json
from hybench.runs.run import MODEL, Run
from hybench.values.checks import flag, one_of, within
from hybench.values.names import is_folder_name
from hybench.values.typed import check_types
from hybench.wording.commands import command, path_word

_MODEL_FOLDER = "model"
"""The last part of many paths of models, which says nothing: its parent's name goes before it."""


@dataclass(frozen=True)
class ModelOptions:
    """How a model is used that is evaluated as it is; None is the model's own.

    Attributes:
        name: of its run; None for one after the model.
        query_prefix: prefix of every query.
        passage_prefix: prefix of every passage.
        query_length: maximum query length, in tokens.
        passage_length: maximum passage length, in tokens.
        pooling: ``mean``, ``cls`` or ``last``.
    """

    name: str | None = None
    query_prefix: str | None = None
    passage_prefix: str | None = None
    query_length: int | None = None
    passage_length: int | None = None
    pooling: str | None = None

    def __post_init__(self) -> None:
        """Check the values."""
        check_types(self)
        for name in ("query_length", "passage_length"):
            length = getattr(self, name)
            if length is not None:
                within(flag(name), length, 1, 10**6)
        if self.pooling is not None:
            one_of("--pooling", self.pooling, POOLINGS)

    @property
    def encoder(self) -> EncoderOptions:
        """What is asked of the encoder."""
        return EncoderOptions(**dict(self.given))

    @property
    def given(self) -> Iterator[tuple[str, Any]]:
        """What is asked of the encoder, by its names here and in a config; unset ones omitted."""
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name != "name" and value is not None:
                yield item.name, value


@dataclass(frozen=True)
class ModelConfig:
    """The config.toml of a run of kind model: all that its scores depend on.

    Attributes:
        encoder: the model's directory, absolute, or its id on the hub.
        digest: SHA-256 of the files that make the model (`Checkpoint.digest`).
        revision: the hub's commit; empty for a directory.
        pooling: that was asked for; empty for the model's own.
        query_prefix: prefix of every query.
        passage_prefix: prefix of every passage.
        query_length: maximum query length, in tokens; 0 for no limit.
        passage_length: likewise for passages.
    """

    encoder: str
    digest: str
    revision: str = ""
    pooling: str = ""
    query_prefix: str = ""
    passage_prefix: str = ""
    query_length: int = 0
    passage_length: int = 0

    @classmethod
    def read(cls, run: Run) -> ModelConfig:
        """The config of a run of kind model.

        Raises:
            UsageError: the run does not exist, or a field is missing or of another type.
            DataError: the file is not TOML, or was changed.
        """
        return run.config_of(cls)

    def to_toml(self) -> dict[str, Any]:
        """The config as TOML values."""
        return {"kind": MODEL, **asdict(self)}

    @property
    def called(self) -> str:
        """What to load: the directory, or the id with its commit."""
        return f"{self.encoder}@{self.revision}" if self.revision else self.encoder

    @property
    def options(self) -> EncoderOptions:
        """What is asked of the encoder."""
        return EncoderOptions(
            self.query_prefix,
            self.passage_prefix,
            self.query_length or None,
            self.passage_length or None,
            self.pooling or None,
        )


def encoder_word(name: str | Path) -> str:
    """How a config names a model: a directory by its whole path, else as it is called."""
    return str(Path(name).absolute()) if Path(name).is_dir() else str(name).partition("@")[0]


def run_name_of(model: str | Path) -> str:
    """The name of a model's run where none is given: the last part of the model's.

    Raises:
        UsageError: no run can have that name.
    """
    path = Path(encoder_word(model))
    last = path.name
    if last == _MODEL_FOLDER and path.parent.name:
        last = f"{path.parent.name}-{last}"
    if not is_folder_name(last):
        raise UsageError(f"No run can have the name {last!r}.", "Give one: --name NAME.")
    return last


def check_asked(run: Run, model: str | Path | None, options: ModelOptions) -> None:
    """Check that a run of kind model is of this model, used in this way.

    Args:
        run: the run.
        model: what it is called now; None if the run was named.
        options: those that were given; unset ones are the run's own.

    Raises:
        StateError: the run is of another model, or uses it otherwise.
        UsageError: the run is of another kind.
    """
    another = "Give this one another --name."
    if run.kind != MODEL:
        raise StateError(f"Run {run.name} exists and was not made of a model as it is.", another)
    config = ModelConfig.read(run)
    if model is not None and config.encoder != encoder_word(model):
        raise StateError(f"Run {run.name} is of {config.encoder}, not of {model}.", another)
    for name, value in options.given:
        own = getattr(config, name)
        if own != value:
            raise StateError(
                f"{flag(name)}: run {run.name} was made with {own!r}, not {value!r}.", another
            )


def model_of(run: Run) -> Checkpoint:
    """The model of a run of kind model, where it lies, unchanged.

    Raises:
        UsageError: it is not there any more.
        StateError: its files are others than when the run was made.
        DataError: the run's config is damaged.
    """
    config = ModelConfig.read(run)
    found = locate(config.called)
    if found.digest != config.digest:
        again = command("eval", path_word(Path(config.encoder)), "--name", "NAME", "--data", "SET")
        raise StateError(
            f"{config.encoder} has changed since run {run.name} was made of it: the digest of its "
            "files differs.",
            f"Evaluate it as another run: {again}.",
        )
    return found


def has_changed(run: Run) -> bool:
    """Whether the model of a run of kind model is gone, or is not what it was."""
    try:
        model_of(run)
    except (UsageError, StateError):
        return True
    return False


def model_digest(run: Run) -> str:
    """SHA-256 of the model of a run of kind model and of how it is used.

    Raises:
        UsageError: it is not there any more.
        StateError: its files are others than when the run was made.
    """
    model_of(run)
    return sha256_json(ModelConfig.read(run).to_toml())


def model_folder(run: Run) -> Path:
    """The folder of a run's model; it does not exist if there is none, or none is in reach.

    Raises:
        DataError: the run's config is damaged.
    """
    if not run.config_file.is_file() or run.kind != MODEL:
        return run.model
    config = ModelConfig.read(run)
    if config.revision:
        with suppress(UsageError):
            return locate(config.called).folder
    return Path(config.encoder)
