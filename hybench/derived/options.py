"""What a model is derived by: what was asked for, and the settings of its method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from hybench.derived import MERGE, MERGES, METHODS, Merge, Method
from hybench.errors import UsageError
from hybench.values.checks import flag, one_of, within
from hybench.values.languages import stored_codes
from hybench.values.typed import check_types

ALL = "all"
"""For ``--toward`` and ``--by``: all languages together."""

LANGUAGE = "language"
"""For ``--by``: each language for itself."""

TEXTS = ("passages", "queries", "both")
SIDES = ("both", "passages")
SAMPLE = 10_000


@dataclass(frozen=True)
class DeriveOptions:
    """What is made of a run; None where it is not given.

    Attributes:
        method: of `METHODS`, or ``merge``.
        data: set whose training pairs' texts give the statistics, by name or folder.
        languages: codes of the languages that get a map; None for all of the set's.
        texts: which texts of the pairs: ``passages``, ``queries`` or ``both``.
        sample: most texts per language.
        others: runs to merge with, by name or folder, each with ``:WEIGHT`` if not 1.
        weight: of the first run in a merge.
        how: of `MERGES`.
        base: run that all began with; None for the one that their provenance names.
        toward: the point or language that others are moved to: ``all``, or a code.
        sides: whether ``both`` queries and passages are changed, or ``passages`` alone.
        strength: share of a shift, from 0 to 1.
        by: whether each ``language`` is whitened for itself, or ``all`` together.
        shrinkage: of covariances, from 0 to 1; None for Ledoit and Wolf's.
        density: share of the changes that a merge keeps, above 0 to 1.
        scale: factor of the merged change.
        draw_seed: of random draws.
    """

    method: str = "center"
    data: str | None = None
    languages: tuple[str, ...] | None = None
    texts: str | None = None
    sample: int | None = None
    others: tuple[str, ...] = ()
    weight: float | None = None
    how: str | None = None
    base: str | None = None
    toward: str | None = None
    sides: str | None = None
    strength: float | None = None
    by: str | None = None
    shrinkage: float | None = None
    density: float | None = None
    scale: float | None = None
    draw_seed: int | None = None

    def __post_init__(self) -> None:
        """Check the values, and that the method takes them.

        Raises:
            UsageError: naming the option, and what is allowed.
        """
        check_types(self)
        if self.languages is not None:
            object.__setattr__(self, "languages", stored_codes(self.languages))
        if self.toward not in {None, ALL}:
            object.__setattr__(self, "toward", stored_codes([str(self.toward)])[0])
        self._check_ranges()
        takes = _OF_MERGES if self.merges else _OF_TEXTS
        taken = takes | set(self._way.defaults)
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name not in taken | {"method"} and value not in {None, ()}:
                named = {"others": "--with"}.get(item.name, flag(item.name))
                how = f" --how {self.how}" if self.merges else ""
                raise UsageError(
                    f"{named} is given, and --method {self.method}{how} has no such option.",
                    "Omit it.",
                )
        if self.merges:
            self._check_merge()
        elif self.data is None:
            raise UsageError(
                f"--method {self.method} needs texts for its statistics.", "Add --data SET."
            )

    def _check_ranges(self) -> None:
        if self.texts is not None:
            one_of("--texts", self.texts, TEXTS)
        if self.sides is not None:
            one_of("--sides", self.sides, SIDES)
        if self.by is not None:
            one_of("--by", self.by, (LANGUAGE, ALL))
        for name, low, high in (
            ("sample", 2, 10**8),
            ("strength", 0, 1),
            ("shrinkage", 0, 1),
            ("density", 1e-6, 1),
            ("scale", 1e-6, 1e6),
            ("weight", 1e-6, 1e6),
            ("draw_seed", 0, 2**31 - 1),
        ):
            value = getattr(self, name)
            if value is not None:
                within(flag(name), value, low, high)

    def _check_merge(self) -> None:
        most = MERGES[self.how_to_merge].most
        if not self.others:
            raise UsageError("--method merge needs another run.", "Add --with RUN.")
        if most is not None and len(self.others) >= most:
            raise UsageError(
                f"--how {self.how} merges {most} runs, and {len(self.others) + 1} are given.",
                "Give one --with, or use --how linear.",
            )
        for other in self.others:
            run_and_weight(other)

    @property
    def merges(self) -> bool:
        """Whether models are merged, instead of vectors changed."""
        return self.method == MERGE

    @property
    def by_language(self) -> bool:
        """Whether the vectors depend on the language of a text: then other languages' texts than
        those of the statistics are not taken.
        """
        return not self.merges and self.by != "all"

    @property
    def how_to_merge(self) -> str:
        """The way of merging."""
        return self.how or "linear"

    @property
    def _way(self) -> Method | Merge:
        """The method, or the way of merging.

        Raises:
            UsageError: there is none of that name.
        """
        if self.merges:
            return MERGES[self.how_to_merge]
        if self.method not in METHODS:
            raise UsageError(
                f"--method is {self.method!r}.", f"Choose one of: {' '.join(METHODS)} {MERGE}."
            )
        return METHODS[self.method]

    @property
    def settings(self) -> Settings:
        """The settings of the method, with its defaults."""
        return Settings(**self.own)

    @property
    def own(self) -> dict[str, Any]:
        """The options that only this method has, with its defaults."""
        given = {name: getattr(self, name) for name in self._way.defaults}
        return {
            name: default if given[name] is None else given[name]
            for name, default in self._way.defaults.items()
        }

    def to_toml(self) -> Mapping[str, Any]:
        """What decides the result beside the parents and the texts, as TOML values."""
        common: dict[str, Any] = {"method": self.method}
        if self.merges:
            common["how"] = self.how_to_merge
        else:
            common |= {
                "data": [str(self.data)],
                "languages": list(self.languages or ()),
                "texts": self.texts or TEXTS[0],
                "sample": self.sample or SAMPLE,
            }
        return common | {name: value for name, value in self.own.items() if value is not None}


_OF_TEXTS = frozenset({"data", "languages", "texts", "sample"})
_OF_MERGES = frozenset({"others", "weight", "how", "base"})


@dataclass(frozen=True)
class Settings:
    """The settings of a method; those that it does not take have no meaning.

    Attributes:
        toward: see `DeriveOptions`, as for all others.
        sides: likewise.
        strength: likewise.
        by: likewise.
        shrinkage: likewise.
        density: likewise.
        scale: likewise.
        draw_seed: likewise.
    """

    toward: str = ALL
    sides: str = SIDES[0]
    strength: float = 1.0
    by: str = LANGUAGE
    shrinkage: float | None = None
    density: float = 1.0
    scale: float = 1.0
    draw_seed: int = 0


def run_and_weight(text: str) -> tuple[str, float]:
    """A run and its weight, of ``RUN`` or ``RUN:WEIGHT``.

    Raises:
        UsageError: the weight is no number above 0.
    """
    name, colon, weight = text.rpartition(":")
    if not colon:
        return text, 1.0
    try:
        number = float(weight)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise UsageError(
            f"--with {text}: {weight!r} is no weight.",
            "Write RUN, or RUN:0.5; weights are above 0.",
        )
    return name, number
