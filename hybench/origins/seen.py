"""Whether a model was trained on a test set's training data, by language."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from hybench.origins.known import Benchmark, Use, find_checkpoint, known_benchmarks, known_corpora
from hybench.origins.model import Link, Origin

Status = Literal["trained", "taught", "unknown", "no"]
"""``trained``: the model, or one that it began with, was trained on the set's training data;
``taught``: only a teacher was; ``unknown``; ``no``: by all that is known, neither."""

STATUSES: tuple[Status, ...] = ("trained", "taught", "unknown", "no")
"""The statuses, the one that counts most first."""


@dataclass(frozen=True)
class EvaluatedSet:
    """A set that models are tested on.

    Attributes:
        name: of the prepared set.
        benchmark: key of the test set that it is; empty if it is in no table.
    """

    name: str
    benchmark: str

    @property
    def known(self) -> Benchmark | None:
        """What is known of the test set."""
        return known_benchmarks().get(self.benchmark)

    @property
    def title(self) -> str:
        """Its name in sentences."""
        return self.known.name if self.known else self.name


@dataclass(frozen=True)
class Reason:
    """What a finding rests on.

    Attributes:
        who: the model that it is known of, or not known; empty for the model itself.
        what: the data; empty if nothing is known.
    """

    who: str = ""
    what: str = ""


@dataclass(frozen=True)
class Seen:
    """What is known of a model and a set's training data in a language.

    Attributes:
        status: the finding.
        because: what it rests on; empty for ``no``.
    """

    status: Status
    because: tuple[Reason, ...] = ()


def foremost(statuses: Iterable[Status]) -> Status:
    """The one of some statuses that counts most; ``no`` if there are none."""
    there = {*statuses}
    return next((status for status in STATUSES if status in there), "no")


def seen(origin: Origin, tested: EvaluatedSet, language: str) -> Seen:
    """Whether a model was trained on a set's training data in a language.

    Of several findings the first in the order of `Status` counts, with all that it rests on.
    """
    found = [*_of_sets(origin, tested, language)]
    for link in origin.links:
        found += _of_link(link, tested, language)
    status = foremost(each.status for each in found)
    reasons = [reason for each in found if each.status == status for reason in each.because]
    return Seen(status, tuple(dict.fromkeys(reasons)))


def _of_sets(origin: Origin, tested: EvaluatedSet, language: str) -> Iterable[Seen]:
    corpora = tested.known.corpora if tested.known else ()
    for one in origin.sets:
        trained = known_benchmarks().get(one.benchmark)
        same = one.name == tested.name or (trained is not None and trained.own in corpora)
        if same and (language in one.languages or not one.languages):
            reason = Reason(what=f"pairs of {one.name}")
            yield Seen("taught" if one.taught else "trained", (reason,))


def _of_link(link: Link, tested: EvaluatedSet, language: str) -> Iterable[Seen]:
    """What a model in a chain says, and the teachers that are known of it."""
    checkpoint = find_checkpoint(link.name) if link.identified else None
    if checkpoint is None or tested.known is None:
        yield Seen("unknown", (Reason(link.name),))
        return
    uses = checkpoint.trained_on(tested.known.corpora, language)
    if uses:
        reasons = tuple(Reason(link.name, _named(use)) for use in uses)
        yield Seen("taught" if link.taught else "trained", reasons)
    elif checkpoint.is_unknown(tested.known.corpora, language):
        yield Seen("unknown", (Reason(link.name),))
    for name in checkpoint.teachers:
        yield from _of_link(Link(name, taught=True), tested, language)


def _named(use: Use) -> str:
    names = known_corpora()
    within = f" in {names[use.within].name}" if use.within else ""
    return f"{names[use.corpus].name}{within}"
