"""Small data sets, made without any source."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hybench.concurrency.progress import ProgressCallback
from hybench.data.dataset import Dataset
from hybench.data.manifest import DatasetInfo
from hybench.data.preparation import prepare
from hybench.data.writer import DatasetWriter
from hybench.files.checksums import sha256_file
from hybench.files.documents import read_json, write_json
from hybench.runs.run import Run

WORDS: Mapping[str, Sequence[str]] = {
    "en": ("red", "blue", "green", "old", "new", "house", "river", "stone", "bird", "king"),
    "de": ("rot", "blau", "grün", "alt", "neu", "Haus", "Fluss", "Stein", "Vogel", "König"),
    "yo": ("pupa", "búlúù", "ewé", "àtijọ́", "tuntun", "ilé", "odò", "òkúta", "ẹyẹ", "ọba"),
    "zh": ("红", "蓝", "绿", "旧", "新", "房", "河", "石", "鸟", "王"),
}


def words(language: str, number: int) -> str:
    """Three words that spell `number` in a language."""
    space = "" if language == "zh" else " "
    return space.join(WORDS[language][int(digit)] for digit in f"{number:03d}")


@dataclass(frozen=True)
class Toy:
    """A parallel set of numbers spelt in words: question and passage hold the same three.

    Attributes:
        languages: of everything.
        train: pairs.
        held_out: dev queries and test queries, as many of each.
        missing: pair numbers that a language lacks.
        parallel: whether ids are shared by the languages.
        wrong: languages whose training pairs have one another's passages.
    """

    languages: tuple[str, ...] = ("de", "en", "yo")
    train: int = 60
    held_out: int = 12
    missing: Mapping[str, frozenset[int]] | None = None
    parallel: bool = True
    wrong: tuple[str, ...] = ()
    name: str = "toy"

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        return DatasetInfo(
            name=self.name,
            source="toy",
            revision="1",
            licence="CC0-1.0",
            languages=self.languages,
            settings=("mono", "cross", "multi") if self.parallel else ("mono",),
            metrics=("AP", "nDCG@10", "R@1", "R@10"),
            depth=None,
            options={"train": self.train, "held_out": self.held_out},
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        total = self.train + 2 * self.held_out
        for language in self.languages:
            mark = "" if self.parallel else f"{language}:"
            ids = [f"{mark}f{number:03d}" for number in range(total)]
            texts = [words(language, number) for number in range(total)]
            writer.write(
                "passages",
                language,
                pl.DataFrame({"passage_id": ids, "text": texts, "source_id": ids}).with_columns(
                    title=pl.lit("")
                ),
            )
            lacks = (self.missing or {}).get(language, frozenset())
            kept = [number for number in range(self.train) if number not in lacks]
            answers = kept[1:] + kept[:1] if language in self.wrong else kept
            writer.write(
                "pairs",
                language,
                pl.DataFrame(
                    {
                        "pair_id": [ids[number] for number in kept],
                        "query_source_id": [ids[number] for number in kept],
                        "source_id": [ids[number] for number in kept],
                        "query": [texts[number] + "?" for number in kept],
                        "passage": [texts[number] for number in answers],
                    }
                ),
            )
            asked = list(range(self.train, total))
            splits = ["dev"] * self.held_out + ["test"] * self.held_out
            writer.write(
                "queries",
                language,
                pl.DataFrame(
                    {
                        "query_id": [ids[number] for number in asked],
                        "text": [texts[number] + "?" for number in asked],
                        "source_id": [ids[number] for number in asked],
                        "split": splits,
                    }
                ),
            )
            others = self.languages if self.parallel else (language,)
            writer.write(
                "qrels",
                language,
                pl.DataFrame(
                    [(ids[number], other, ids[number], 1) for number in asked for other in others],
                    schema=["query_id", "passage_lang", "passage_id", "relevance"],
                    orient="row",
                ),
            )


def toy_dataset(root: Path, toy: Toy | None = None) -> Dataset:
    """Prepare a toy set below `root`."""
    return prepare(toy or Toy(), root).dataset


def reconfigure(run: Run, **changed: object) -> None:
    """Give a run other values in its config, as if it had been made with them."""
    run.write_config({**run.read_config(), **changed})
    for manifest in (run.model_files, *run.path.glob("results/*.json")):
        if manifest.is_file():
            value = read_json(manifest)
            for name in {"config.toml", "../config.toml"} & value["files"].keys():
                value["files"][name] = sha256_file(run.config_file)
            write_json(manifest, value)
