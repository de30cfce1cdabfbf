"""What an index of vectors from elsewhere records of them, and the config of their run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from hybench.errors import StateError
from hybench.indexes.handover.checks import Similarity
from hybench.runs.run import VECTORS, Run
from hybench.version import __version__


@dataclass(frozen=True)
class VectorsConfig:
    """The config.toml of a run of kind vectors.

    Attributes:
        made_by: what made them, as its user says; empty if that was not said.
        similarity: ``cosine``, ``dot``, or ``unit`` for vectors that came with length 1.
        dimension: components of a vector.
    """

    made_by: str
    similarity: str
    dimension: int

    @classmethod
    def read(cls, run: Run) -> VectorsConfig:
        """The config of a run of kind vectors.

        Raises:
            UsageError: the run does not exist, or a field is missing or of another type.
            DataError: the file is not TOML, or was changed.
        """
        return run.config_of(cls)

    @classmethod
    def of(cls, made_by: str, similarity: Similarity | None, dimension: int) -> VectorsConfig:
        """From what was said of vectors."""
        return cls(made_by, similarity or "unit", dimension)

    def write(self, run: Run) -> None:
        """Make the run, or check that it is the one.

        Raises:
            StateError: there is another run of that name.
        """
        if not run.exists():
            run.write_config({"kind": VECTORS, **asdict(self), "hybench": __version__})
            return
        if run.kind != VECTORS:
            raise StateError(
                f"Run {run.name} exists and has a model of its own.",
                "Give the vectors another name.",
            )
        for name, value in asdict(self.read(run)).items():
            if value != getattr(self, name):
                raise StateError(
                    f"Run {run.name} has vectors with {name} {value!r}, not "
                    f"{getattr(self, name)!r}.",
                    "Give these another name.",
                )


@dataclass(frozen=True)
class Origin:
    """Where vectors are from.

    Attributes:
        folder: that they were read from.
        files: SHA-256 of its files by name.
        dtype: what their components were there.
        extra: vectors of texts that the set does not have, which were left out.
        reordered: whether they were in another order than the set's.
        least: the smallest length of a vector there.
        largest: the largest.
    """

    folder: str
    files: dict[str, str]
    dtype: str
    extra: int
    reordered: bool
    least: float
    largest: float

    def to_json(self) -> dict[str, Any]:
        """As JSON values."""
        return asdict(self)
