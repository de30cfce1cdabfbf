"""The Atlas as a source: the facts of the chosen languages as passages, queries and pairs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.manifest import DatasetInfo
from hybench.data.numbers import read_number
from hybench.data.sources import About, SourceKind
from hybench.data.sources.atlas.facts import Fact, all_facts
from hybench.data.sources.atlas.phrasing import (
    DEV_QUESTIONS,
    POOL_PASSAGES,
    TEST_QUESTIONS,
    TRAINING_PASSAGES,
    TRAINING_QUESTIONS,
    embedded_phrasings,
)
from hybench.data.sources.atlas.splits import fact_splits, fraction
from hybench.errors import UsageError
from hybench.files.documents import sha256_json
from hybench.values.languages import MIRACL_LANGUAGES, check_languages, stored_code
from hybench.values.options import languages_option, option

if TYPE_CHECKING:
    import polars as pl

    from hybench.data.writer import DatasetWriter

LICENCE = "Unicode-3.0 (CLDR data), Apache-2.0 (phrasings)"
METRICS = ("AP", "nDCG@10", "R@1", "R@10")


def _shares(texts: tuple[str, ...]) -> dict[str, float]:
    """Parse texts such as ``yo=0.05``."""
    shares = {}
    for text in texts:
        language, _, share = text.partition("=")
        try:
            shares[language] = read_number(share.strip())
        except ValueError:
            raise UsageError(
                f"--scarce: {text!r} is not a language with a share.", "Write it as yo=0.05,sw=0.1."
            ) from None
    return shares


@dataclass(frozen=True)
class Atlas:
    """Facts of nine relations, such as a territory's currency, without downloads.

    A fact is one passage in every language that can name it, and one question: a training pair if
    it is a training fact, else a query of dev or test. The right answers to a query are the
    fact's passages in all chosen languages. Ids are those of the facts and the same everywhere.

    Attributes:
        languages: codes to prepare.
        scarce: share of the training pairs to keep, in (0, 1], by language; None keeps all. A
            smaller share is a subset of a larger one. Passages and queries are unchanged.
    """

    languages: tuple[str, ...] = languages_option(MIRACL_LANGUAGES)
    scarce: Mapping[str, float] | None = option(
        "Share of a language's training pairs to keep: yo=0.05,sw=0.1.", None, parse=_shares
    )

    def __post_init__(self) -> None:
        chosen = check_languages(self.languages, MIRACL_LANGUAGES, "--languages")
        if not chosen:
            raise UsageError("--languages is empty.", "Name at least one, or omit it.")
        # Sorted, so that equal choices are equal sources.
        object.__setattr__(self, "languages", chosen)
        scarce = {stored_code(code): share for code, share in (self.scarce or {}).items()}
        object.__setattr__(self, "scarce", {code: scarce[code] for code in sorted(scarce)})
        check_languages(tuple(scarce), chosen, "--scarce")
        for code, share in scarce.items():
            if not 0 < share <= 1:
                raise UsageError(
                    f"--scarce: {share} is not a valid share for {code}.",
                    "Use a number above 0 and up to 1, such as 0.05.",
                )

    def describe(self, progress: ProgressCallback) -> DatasetInfo:
        """See `hybench.data.preparation.Source`."""
        import babel
        from babel.core import get_cldr_version

        from hybench.data.schema import SETTINGS

        progress(Progress("collect the names", 0, len(self.languages), "languages"))
        inputs = {
            f"phrasings/{code}.toml": embedded_phrasings(code).sha256 for code in self.languages
        }
        return DatasetInfo(
            name="atlas",
            source="atlas",
            revision=f"babel {babel.__version__}, CLDR {get_cldr_version()}",
            licence=LICENCE,
            languages=self.languages,
            settings=SETTINGS,
            metrics=METRICS,
            depth=None,
            options={"languages": list(self.languages), "scarce": dict(self.scarce or {})},
            inputs={**inputs, "facts": self._facts_digest()},
        )

    def write(self, writer: DatasetWriter, progress: ProgressCallback) -> None:
        """See `hybench.data.preparation.Source`."""
        total = len(self.languages)
        for done, language in enumerate(self.languages):
            progress(Progress("phrase the facts", done, total, "languages", language))
            for table, frame in self.tables(language).items():
                writer.write(table, language, frame)
        progress(Progress("phrase the facts", total, total, "languages"))

    def tables(self, language: str) -> dict[str, pl.DataFrame]:
        """The tables of one language by name, with the columns of `hybench.data.schema.TABLES`."""
        import polars as pl

        from hybench.data.schema import TABLES, passage_text

        rows: dict[str, list[tuple[str | int, ...]]] = {table: [] for table in TABLES}
        phrasings = embedded_phrasings(language)
        kept = self._training_facts(language)
        for fact, split in _facts_in(language):
            key = fact.fact_id
            entity, value = fact.names[language]
            text = phrasings.passage(key, POOL_PASSAGES, entity, value)
            rows["passages"].append((key, entity, text, key))
            if split != "train":
                among = TEST_QUESTIONS if split == "test" else DEV_QUESTIONS
                rows["queries"].append((key, phrasings.question(key, among, entity), key, split))
                rows["qrels"].extend(
                    (key, code, key, 1) for code in self.languages if code in fact.names
                )
            elif key in kept:
                question = phrasings.question(key, TRAINING_QUESTIONS, entity)
                stated = phrasings.passage(key, TRAINING_PASSAGES, entity, value)
                rows["pairs"].append((key, key, key, question, passage_text(entity, stated)))
        return {
            table: pl.DataFrame(rows[table], schema=schema, orient="row")
            for table, schema in TABLES.items()
        }

    def _training_facts(self, language: str) -> frozenset[str]:
        """Ids of the training facts that a language keeps: those with the lowest draws."""
        ids = [fact.fact_id for fact, split in _facts_in(language) if split == "train"]
        share = (self.scarce or {}).get(language, 1.0)
        ids.sort(key=lambda key: fraction("scarce", language, key))
        return frozenset(ids[: max(1, round(share * len(ids)))])

    def _facts_digest(self) -> str:
        splits = fact_splits()
        return sha256_json(
            [
                [
                    fact.fact_id,
                    splits[fact.fact_id],
                    [[code, *fact.names[code]] for code in self.languages if code in fact.names],
                ]
                for fact in all_facts()
            ]
        )


def _facts_in(language: str) -> Iterator[tuple[Fact, str]]:
    """The facts that a language has names for, by id, each with its split."""
    splits = fact_splits()
    return ((fact, splits[fact.fact_id]) for fact in all_facts() if language in fact.names)


SOURCE = SourceKind(
    """The embedded set: facts in all 18 MIRACL languages.

    From the Unicode CLDR; nothing is downloaded.""",
    Atlas,
    About(
        languages=" ".join(MIRACL_LANGUAGES),
        licence=LICENCE,
        download="nothing: it is embedded",
        revision="of the installed Babel, which has the CLDR's names",
    ),
)
