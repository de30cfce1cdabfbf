"""The origin of a model: the checkpoints it began with, its teachers, and its training sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class TrainedSet:
    """A prepared set that a model was trained on.

    Attributes:
        name: of the set.
        benchmark: key of the test set that it was prepared from; empty if it is in no table.
        languages: of the pairs that were trained on.
        taught: whether only a teacher was trained on it.
    """

    name: str
    benchmark: str
    languages: tuple[str, ...]
    taught: bool = False


@dataclass(frozen=True)
class Link:
    """A model that another one comes from.

    Attributes:
        name: its id on the hub; a folder's name where that is not known.
        identified: whether `name` is an id on the hub.
        taught: whether it was a teacher, or came before one.
    """

    name: str
    identified: bool = True
    taught: bool = False


@dataclass(frozen=True)
class Origin:
    """What a model comes from; empty for random weights that were trained on nothing.

    Attributes:
        links: models, itself included if it was not trained by hybench.
        sets: prepared sets that it, or a model it comes from, was trained on by hybench.
    """

    links: tuple[Link, ...] = ()
    sets: tuple[TrainedSet, ...] = ()

    def to_event(self) -> dict[str, Any]:
        """As JSON values."""
        sets = [{**asdict(each), "languages": list(each.languages)} for each in self.sets]
        return {"links": [asdict(each) for each in self.links], "sets": sets}

    @property
    def as_teacher(self) -> Origin:
        """The same, of a model that was a teacher."""
        return Origin(
            tuple(Link(each.name, each.identified, taught=True) for each in self.links),
            tuple(
                TrainedSet(each.name, each.benchmark, each.languages, taught=True)
                for each in self.sets
            ),
        )


def united(origins: Sequence[Origin]) -> Origin:
    """Everything that any of some origins has, each once."""
    return Origin(
        tuple(dict.fromkeys(link for each in origins for link in each.links)),
        tuple(dict.fromkeys(one for each in origins for one in each.sets)),
    )
