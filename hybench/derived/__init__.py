"""Derived models: made of trained ones without training, by closed formulas.

A module of ``methods`` binds ``METHOD`` to a `Method`, which changes vectors by statistics of
texts; one of ``merges`` binds ``MERGE`` to a `Merge`, which makes one model's weights of several.
Their files' names are what ``--method`` and ``--how`` take.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hybench.registry import Registry

if TYPE_CHECKING:
    from hybench.derived.options import Settings
    from hybench.derived.statistics import Statistics

Matrix = NDArray[np.float64]


@dataclass(frozen=True)
class Affine:
    """A map of vectors: x becomes A x + b, which is then made of unit length.

    Attributes:
        offset: b, float64 [d].
        matrix: A, float64 [d, d]; None for the identity.
    """

    offset: Matrix
    matrix: Matrix | None = None

    def __call__(self, vectors: Matrix) -> Matrix:
        """The mapped vectors, float64 [n, d], not normalised."""
        turned = vectors if self.matrix is None else vectors @ self.matrix.T
        return turned + self.offset


@dataclass(frozen=True)
class Maps:
    """What a method does to vectors.

    Attributes:
        languages: a map for the texts of each language; empty if one is for all texts.
        everywhere: a map for all texts; None if they are by language.
        queries: whether queries are mapped as passages are; if not, they stay as they are.
        said: what was computed besides, for the log, as JSON values.
    """

    languages: Mapping[str, Affine] = field(default_factory=dict)
    everywhere: Affine | None = None
    queries: bool = True
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Method:
    """A way of changing a model's vectors by statistics of texts.

    Attributes:
        help: what it does, in a few words and a full stop, for the command's help.
        function: computes the maps in float64.
        defaults: the options that it takes beside those of all methods, with their values where
            they are not given.
    """

    help: str
    function: Callable[[Statistics, Settings], Maps]
    defaults: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Weights:
    """A tensor of weights, of several models.

    Attributes:
        name: of the tensor in the models.
        models: float64 [...], of each.
        shares: of each model, with the sum 1.
        base: the same tensor of the model that all began with; None where it is not needed.
    """

    name: str
    models: tuple[Matrix, ...]
    shares: tuple[float, ...]
    base: Matrix | None = None

    @property
    def start(self) -> Matrix:
        """The tensor of the model that all began with.

        Raises:
            ValueError: the merge was not declared to need it.
        """
        if self.base is None:
            raise ValueError(f"{self.name}: no base is given")
        return self.base

    @property
    def changes(self) -> tuple[Matrix, ...]:
        """What each model's training changed: its task vector (arXiv 2212.04089)."""
        return tuple(model - self.start for model in self.models)


@dataclass(frozen=True)
class Merge:
    """A way of making one model's weights of several.

    Attributes:
        help: what it does, in a few words and a full stop, for the command's help.
        function: the merged tensor, float64 of the same shape.
        defaults: as `Method.defaults`.
        needs_base: whether it needs the model that all began with.
        most: most models that it takes; None for any number.
    """

    help: str
    function: Callable[[Weights, Settings], Matrix]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    needs_base: bool = False
    most: int | None = None


METHODS = Registry("method", "hybench.derived.methods", "METHOD", "hybench.methods", Method)
MERGES = Registry("merge", "hybench.derived.merges", "MERGE", "hybench.merges", Merge)

MERGE = "merge"
"""The method that takes other runs instead of texts."""
