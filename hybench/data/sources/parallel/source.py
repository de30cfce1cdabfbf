"""Parallel sentences as a source: translations to train on, and to find (bitext retrieval).

`hybench.data.sources.parallel.parts` describes the files. Files keep their split: sentences of the
train split become training pairs, those of dev and test queries and passages, each of which has its
translations as answers. A sentence that exists in one of the languages alone is left out.

A training pair is a sentence and itself (``--pairs same``) or a sentence and the next one
(``--pairs next``), as NTREX's pairs are. Of the first, X-Y batches and distillation see
translations (Reimers & Gurevych 2020, arXiv 2004.09813), and monolingual batches a query that
equals its passage: there the loss only spreads the sentences. The second needs files whose lines
follow each other as in documents, which blank lines separate; sentences with ids follow each other
if their ids do.

A set of the hub is read from the files whose names say two of the languages, such as
``en-yo/train-00000-of-00001.parquet`` of sentence-transformers' parallel sets and of OPUS-100: they
are downloaded whole, at one commit.

Bitext retrieval searches the sentences of every other language, of all tested splits: its R@1 is
the accuracy of MTEB's bitext mining if one split is prepared (``--splits test``).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.download import check_folder, hash_files, hub_files, is_repository
from hybench.data.lines import Problems
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import About, SourceKind
from hybench.errors import UsageError
from hybench.values.checks import once, one_of, within
from hybench.values.languages import check_languages
from hybench.values.options import languages_option, option

if TYPE_CHECKING:
    import polars as pl

    from hybench.data.sources.parallel.parts import Part
    from hybench.data.writer import DatasetWriter

PAIRS = ("same", "next")
STRIDE = 2
_SPLITS = ("train", "dev", "test")
_LAYOUT = (
    "corpus.en and corpus.yo, yor_Latn/train.tsv, or TSV, JSON lines or Parquet of several "
    "languages; the guide describes them"
)


@dataclass(frozen=True)
class Parallel:
    """Parallel sentences as a source.

    Attributes:
        place: a folder of files, one file, or ``owner/name`` of a set of the hub.
        languages: codes to prepare, None for all; of the hub, they must be named.
        pairs: same or next.
        stride: of next, the step from one pair to the next, in sentences.
        splits: some of train, dev, test; None for all that there are.
        unnamed: the split of files whose names say none.
        licence: licence of the texts, in the owner's words.
    """

    place: Path = option("Folder, file, or set of the hub (owner/name).", argument="PLACE")
    languages: tuple[str, ...] | None = languages_option()
    pairs: str = option("Train on a sentence and its translation, or the next one.", "same", PAIRS)
    stride: int = option("With --pairs next: step to the next pair, in sentences.", STRIDE)
    splits: tuple[str, ...] | None = option("train, dev, test; all that there are.", None)
    unnamed: str = option("Split of files whose names say none.", "train", _SPLITS, flags=("--as",))
    licence: str = option("Licence of the texts.", "not stated")

    def __post_init__(self) -> None:
        one_of("--pairs", self.pairs, PAIRS)
        within("--stride", self.stride, 1, 10**6)
        if self.pairs == "same" and self.stride != STRIDE:
            raise UsageError("--stride is for --pairs next.", "Omit it.")
        one_of("--as", self.unnamed, _SPLITS)
        once("--splits", self.splits or ())
        for split in self.splits or ():
            one_of("--splits", split, _SPLITS)

    @cached_property
    def _listed(self) -> tuple[str, tuple[str, ...]] | None:
        """The commit and the files of a set of the hub, asked for once; None for what is here."""
        from hybench.data.sources.parallel.hub import list_files

        if self.place.exists() or not is_repository(str(self.place)):
            return None
        return list_files(str(self.place), self.languages)

    def _files(self, progress: ProgressCallback) -> tuple[dict[str, Path], str]:
        """The files by their paths in the folder or repository, and the revision."""
        if self._listed is None:
            return _files(self.place), "local files"
        (commit, names), place = self._listed, str(self.place)
        files, _ = hub_files(place, names, commit, _LAYOUT, progress)
        return files, f"{place}@{commit}"

    def _parts(self, files: Mapping[str, Path]) -> tuple[list[Part], tuple[str, ...]]:
        """The parts to prepare and their languages."""
        from hybench.data.sources.parallel.parts import find_parts

        parts = find_parts(files, self.unnamed)
        if not parts:
            raise UsageError(f"{self.place} has no parallel files.", f"It expects {_LAYOUT}.")
        known = {code for part in parts for code in part.files}
        chosen = check_languages(self.languages or sorted(known), known, "--languages")
        of = [part for part in parts if len(part.of(chosen)) > 1]
        if not of:
            raise UsageError(
                f"--languages: no file of {self.place} has two of {', '.join(chosen)}.",
                f"Choose at least two of: {' '.join(sorted(known))}.",
            )
        there = {part.split for part in of}
        for split in self.splits or ():
            if split not in there:
                raise UsageError(
                    f"--splits: {self.place} has no {split}.",
                    f"It has: {' '.join(sorted(there))}. --as names the split of the others.",
                )
        return [part for part in of if part.split in (self.splits or there)], chosen

    @cached_property
    def _joined(self) -> dict[str, pl.DataFrame]:
        """The rows of parts that are joined by id."""
        return {}

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        from hybench.data.bitext import BITEXT_METRICS

        files, revision = self._files(progress)
        parts, languages = self._parts(files)
        tested = any(part.split != "train" for part in parts)
        used = {part.files[code] for part in parts for code in part.of(languages)}
        inputs = {name: path for name, path in files.items() if path in used}
        return DatasetInfo(
            name=self.place.resolve().name.partition(".")[0],
            source="parallel",
            revision=revision,
            licence=self.licence,
            languages=languages,
            settings=("cross",) if tested else (),
            metrics=BITEXT_METRICS if tested else (),
            depth=None,
            options={
                "languages": list(languages),
                "pairs": self.pairs,
                "stride": self.stride if self.pairs == "next" else None,
                "splits": sorted({part.split for part in parts}),
                "unnamed": self.unnamed,
            },
            inputs=hash_files(inputs, progress),
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        from hybench.data.bitext import write_bitext

        parts, languages = self._parts(self._files(progress)[0])
        problems = Problems()
        write_bitext(writer, self._tested(parts, languages, problems))
        taught = [part for part in parts if part.split == "train"]
        for done, language in enumerate(languages):
            progress(Progress("read sentences", done, len(languages), "languages"))
            pairs = self._pairs(taught, languages, language, problems)
            writer.write("pairs", language, pairs)
        progress(Progress("read sentences", len(languages), len(languages), "languages"))
        writer.left_out = problems

    def _tested(
        self, parts: Sequence[Part], languages: Sequence[str], problems: Problems
    ) -> dict[str, pl.DataFrame]:
        """The sentences of dev and test by language, with the split of each."""
        import polars as pl

        from hybench.data.sources.parallel.reading import blocks, of_language

        tested: dict[str, list[pl.DataFrame]] = {}
        for part in parts:
            of = part.of(languages)
            split = pl.lit(part.split).alias("split")
            for block in blocks(part, of, problems) if part.split != "train" else ():
                for code in of:
                    tested.setdefault(code, []).append(of_language(block, code).with_columns(split))
        return {code: pl.concat(own) for code, own in sorted(tested.items())}

    def _pairs(
        self, parts: Sequence[Part], languages: Sequence[str], language: str, problems: Problems
    ) -> Iterator[pl.DataFrame]:
        """The training pairs of a language, block by block."""
        from hybench.data.bitext import next_sentences, overlapping, same_sentences
        from hybench.data.sources.parallel.reading import check_order, of_language

        for part in parts:
            if language not in part.files:
                continue
            of = part.of(languages)
            # What is left out of a part is told once, with its first language.
            read = self._blocks(part, of, problems if language == of[0] else Problems())
            sentences = (of_language(block, language) for block in read)
            if self.pairs == "same":
                yield from map(same_sentences, sentences)
            else:
                check_order(part)
                for frame in overlapping(sentences):
                    yield next_sentences(frame, self.stride)

    def _blocks(self, part: Part, of: Sequence[str], problems: Problems) -> Iterable[pl.DataFrame]:
        """The rows of a part, once more for each language; those joined by id stay in memory."""
        from hybench.data.sources.parallel.reading import blocks

        read = blocks(part, of, problems)
        if part.form != "ids":
            return read
        if part.name not in self._joined:
            self._joined[part.name] = next(read)
        return [self._joined[part.name]]


def _files(place: Path) -> dict[str, Path]:
    """The files of a folder by their relative paths, sorted, or one file by its name.

    Raises:
        UsageError: there is neither.
    """
    if place.is_file():
        return {place.name: place}
    paths = sorted(check_folder(place, "PLACE").rglob("*"))
    names = {path: path.relative_to(place) for path in paths if path.is_file()}
    hidden = {path for path, name in names.items() if any(part[0] == "." for part in name.parts)}
    return {name.as_posix(): path for path, name in names.items() if path not in hidden}


SOURCE = SourceKind(
    """Your own parallel sentences, in any usual layout.

    Moses, TSV, JSON lines, Parquet, SIB-200, FLORES: translations to train on, and to find
    (bitext retrieval).""",
    Parallel,
    About(
        languages="those of the files, two or more",
        licence="the owner's (--licence)",
        download="nothing; of a set of the hub the files of the languages that are named",
        revision="SHA-256 of the files; of a set of the hub the main branch's commit",
        live=False,
        page="https://huggingface.co/datasets",
    ),
)
