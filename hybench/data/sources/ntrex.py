"""NTREX-128 (Federmann, Kocmi & Xin 2022): professionally translated news, for training pairs.

It has documents but no questions: a pair is a sentence and the next one in the same document. With
a stride of 2 no sentence is query in one pair and passage in another. With a stride of 1 some are:
queries and passages name their source in one namespace, the line's number, so that the sampler
keeps such pairs out of one batch.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.download import check_folder, hash_files, local_files, web_files
from hybench.data.lines import fail_line, read_lines
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import SourceKind
from hybench.errors import DataError, UsageError
from hybench.values.checks import within
from hybench.values.languages import check_languages
from hybench.values.options import from_dir_option, languages_option, option

if TYPE_CHECKING:
    import polars as pl

    from hybench.data.writer import DatasetWriter

UPSTREAM_CODES: dict[str, str] = {
    "ar": "arb", "bn": "ben", "de": "deu", "en": "eng", "es": "spa", "fa": "fas",
    "fi": "fin", "fr": "fra", "hi": "hin", "id": "ind", "ja": "jpn", "ko": "kor",
    "ru": "rus", "sw": "swa", "te": "tel", "th": "tha", "yo": "yor", "zh": "zho-CN",
}  # fmt: skip
"""Upstream's file codes of the MIRACL languages; it has all 18."""

REVISION = "8561f6a622db9edad1217683e5c83daefd8bb2bf"
URL = f"https://raw.githubusercontent.com/MicrosoftTranslator/NTREX/{REVISION}"
DOCUMENTS = "DOCUMENT_IDS.tsv"
LAYOUT = f"upstream's: {DOCUMENTS}, NTREX-128/newstest2019-src.eng.txt, …-ref.deu.txt and so on"


def file_name(language: str) -> str:
    """Path of a language's sentences in the upstream repository."""
    kind = "src" if language == "en" else "ref"
    return f"NTREX-128/newstest2019-{kind}.{UPSTREAM_CODES[language]}.txt"


@dataclass(frozen=True)
class Ntrex:
    """NTREX-128 as a source of training pairs of consecutive sentences.

    Attributes:
        from_dir: folder with the upstream files, None to download them.
        languages: codes to prepare, None for all that `from_dir` (or upstream) has.
        stride: step from one pair to the next, in sentences, at least 1.
    """

    from_dir: Path | None = from_dir_option()
    languages: tuple[str, ...] | None = languages_option()
    stride: int = option("Step from one pair to the next, in sentences.", 2)

    def __post_init__(self) -> None:
        within("--stride", self.stride, 1, 10**6)

    def _files(self, progress: ProgressCallback) -> dict[str, Path]:
        known = tuple(UPSTREAM_CODES)
        if self.from_dir is not None:
            folder = check_folder(self.from_dir)
            known = tuple(code for code in known if (folder / file_name(code)).is_file())
            if not known:
                raise UsageError(
                    f"--from: {folder} does not contain NTREX.", f"It expects {LAYOUT}."
                )
        chosen = check_languages(self.languages or known, known, "--languages")
        names = [DOCUMENTS, *(file_name(code) for code in chosen)]
        if self.from_dir is not None:
            return local_files(self.from_dir, names, LAYOUT)
        return web_files(URL, REVISION, names, LAYOUT, progress)

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        files = self._files(progress)
        return DatasetInfo(
            name="ntrex",
            source="ntrex",
            revision=REVISION if self.from_dir is None else "local files",
            licence="CC BY-SA 4.0",
            languages=tuple(sorted(_languages(files))),
            settings=(),
            metrics=(),
            depth=None,
            options={"stride": self.stride},
            inputs=hash_files(files, progress),
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        files = self._files(progress)
        languages = _languages(files)
        documents = _sentences(files[DOCUMENTS])
        starts = query_lines(documents, self.stride)
        for done, (language, name) in enumerate(languages.items()):
            progress(Progress("read NTREX", done, len(languages), "languages"))
            sentences = _sentences(files[name])
            if len(sentences) != len(documents):
                raise DataError(
                    f"{files[name]} has {len(sentences)} lines, {DOCUMENTS} has {len(documents)}.",
                    "Lines must be aligned in all languages: get the files again.",
                )
            writer.write("pairs", language, _pairs(documents, sentences, starts))
        progress(Progress("read NTREX", len(languages), len(languages), "languages"))


def _languages(files: dict[str, Path]) -> dict[str, str]:
    return {code: file_name(code) for code in UPSTREAM_CODES if file_name(code) in files}


def _sentences(path: Path) -> list[str]:
    sentences = []
    for number, line in read_lines(path):
        if not line.strip():
            fail_line(
                path, number, "is blank", "Every line must be a sentence: get the file again."
            )
        sentences.append(line.strip())
    return sentences


def query_lines(documents: list[str], stride: int) -> list[int]:
    """Indices of the queries: in each document every `stride`-th sentence with a successor."""
    chosen: list[int] = []
    start = 0
    for index in range(1, len(documents) + 1):
        if index == len(documents) or documents[index] != documents[start]:
            chosen.extend(range(start, index - 1, stride))
            start = index
    return chosen


def _pairs(documents: list[str], sentences: list[str], starts: list[int]) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(
        {
            "pair_id": [f"{documents[index]}:{index + 1}" for index in starts],
            "query_source_id": [f"s{index + 1}" for index in starts],
            "source_id": [f"s{index + 2}" for index in starts],
            "query": [sentences[index] for index in starts],
            "passage": [sentences[index + 1] for index in starts],
        }
    )


SOURCE = SourceKind(
    """NTREX-128: parallel news sentences, for training only.

    A pair is a sentence and the next one.""",
    Ntrex,
)
