"""What was published of one of LAReQA's collections."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hybench.data.about import About

REPOSITORY = "https://raw.githubusercontent.com/google-research-datasets/lareqa"


@dataclass(frozen=True)
class Collection:
    """One of LAReQA's collections: a JSON file per language.

    Attributes:
        name: of its folder in LAReQA's repository; also of the source and of the set.
        title: what the paper calls it.
        revision: commit of the repository.
        licence: of the texts.
        counts: published questions and candidate sentences by language (LAReQA, table 1).
        parallel: whether every question exists in every language, in the same order. If not, it has
            one id in all its languages, of which English is one; titles of articles differ between
            languages, and the English one names the article.
        address: of the folder.
    """

    name: str
    title: str
    revision: str
    licence: str
    counts: Mapping[str, tuple[int, int]]
    parallel: bool
    address: str = ""

    def __post_init__(self) -> None:
        if not self.address:
            object.__setattr__(self, "address", f"{REPOSITORY}/{self.revision}/{self.name}")

    def about(self, download: str) -> About:
        """The facts for the list of sources."""
        return About(
            languages=" ".join(self.counts),
            licence=self.licence,
            download=download,
            revision=self.revision,
            live=False,
            page="https://github.com/google-research-datasets/lareqa",
        )

    @property
    def layout(self) -> str:
        """The expected files, for messages."""
        return f"{self.title}'s files: en.json, de.json and so on"
