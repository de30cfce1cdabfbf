"""NTREX-128 (Federmann, Kocmi & Xin 2022): professionally translated news.

It has documents but no questions: a training pair is a sentence and the next one in the same
document, or the sentences are queries and passages of bitext retrieval, as in MTEB's
NTREXBitextMining: every sentence's translation is to be found among all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.download import check_folder, hash_files, local_files, web_files
from hybench.data.lines import fail_line, read_lines
from hybench.data.manifest import DatasetInfo
from hybench.data.sources import About, SourceKind
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
LICENCE = "CC BY-SA 4.0"
STRIDE = 2
LAYOUT = f"upstream's: {DOCUMENTS}, NTREX-128/newstest2019-src.eng.txt, …-ref.deu.txt and so on"


def file_name(language: str) -> str:
    """Path of a language's sentences in the upstream repository."""
    kind = "src" if language == "en" else "ref"
    return f"NTREX-128/newstest2019-{kind}.{UPSTREAM_CODES[language]}.txt"


@dataclass(frozen=True)
class Ntrex:
    """NTREX-128 as a source of training pairs of consecutive sentences, or of bitext retrieval.

    Attributes:
        from_dir: folder with the upstream files, None to download them.
        languages: codes to prepare, None for all that `from_dir` (or upstream) has.
        stride: step from one pair to the next, in sentences, at least 1.
        bitext: test on it instead of training: every sentence is a query and a passage.
    """

    from_dir: Path | None = from_dir_option()
    languages: tuple[str, ...] | None = languages_option()
    stride: int = option("Step from one pair to the next, in sentences.", STRIDE)
    bitext: bool = option("Test on it: find every sentence's translation.", False)

    def __post_init__(self) -> None:
        within("--stride", self.stride, 1, 10**6)
        if self.bitext and self.stride != STRIDE:
            raise UsageError("--stride is for training pairs, --bitext for tests.", "Omit one.")

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
        from hybench.data.bitext import BITEXT_METRICS

        files = self._files(progress)
        return DatasetInfo(
            name="ntrex-bitext" if self.bitext else "ntrex",
            source="ntrex",
            revision=REVISION if self.from_dir is None else "local files",
            licence=LICENCE,
            languages=tuple(sorted(_languages(files))),
            settings=("cross",) if self.bitext else (),
            metrics=BITEXT_METRICS if self.bitext else (),
            depth=None,
            options={"bitext": True} if self.bitext else {"stride": self.stride},
            inputs=hash_files(files, progress),
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        import polars as pl

        from hybench.data.bitext import next_sentences, write_bitext

        files = self._files(progress)
        languages = _languages(files)
        documents = _sentences(files[DOCUMENTS])
        sentences: dict[str, pl.DataFrame] = {}
        for done, (language, name) in enumerate(languages.items()):
            progress(Progress("read NTREX", done, len(languages), "languages"))
            sentences[language] = _table(documents, _sentences(files[name]), files[name])
        progress(Progress("read NTREX", len(languages), len(languages), "languages"))
        if self.bitext:
            tested = {
                code: rows.with_columns(split=pl.lit("test")) for code, rows in sentences.items()
            }
            write_bitext(writer, tested)
        else:
            for language, rows in sentences.items():
                writer.write("pairs", language, next_sentences(rows, self.stride))


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


def _table(documents: list[str], texts: list[str], path: Path) -> pl.DataFrame:
    """The sentences of a language as `hybench.data.bitext` wants them.

    Raises:
        DataError: there are not as many as the documents have lines.
    """
    import polars as pl

    if len(texts) != len(documents):
        raise DataError(
            f"{path} has {len(texts)} lines, {DOCUMENTS} has {len(documents)}.",
            "Lines must be aligned in all languages: get the files again.",
        )
    table = pl.DataFrame({"name": documents, "text": texts}, schema_overrides={"text": pl.String})
    line = pl.int_range(1, pl.len() + 1)
    return table.with_columns(
        key=pl.format("{}:{}", "name", line),
        source_id=pl.format("s{}", line),
        document=pl.col("name").rle_id().cast(pl.Int64),
    ).with_columns(place=pl.int_range(pl.len()).over("document"))


SOURCE = SourceKind(
    """NTREX-128: parallel news sentences.

    A training pair is a sentence and the next one; with --bitext, translations are to be found.""",
    Ntrex,
    About(
        languages=" ".join(UPSTREAM_CODES),
        licence=LICENCE,
        download="0.2 to 0.7 MB a language",
        revision=REVISION,
        live=False,
        page="https://github.com/MicrosoftTranslator/NTREX",
    ),
)
