"""Maps TREC run files to searches and their judgements."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from hybench.data.dataset import Dataset
from hybench.data.schema import SETTINGS
from hybench.errors import DataError, UsageError
from hybench.evaluation.plan import Plan, plan_queries
from hybench.evaluation.settings import ALL, Search, plan_searches
from hybench.importing.trec_reading import read_qrels
from hybench.values.languages import CODE_PATTERN, read_language, stored_code
from hybench.wording.amounts import counted

PLACES = ("setting", "lang", "corpus")
"""Placeholders in the names of files, written in braces."""


@dataclass(frozen=True)
class TrecFile:
    """A run of one search.

    Attributes:
        search: the search.
        run: the run file.
        qrels: a file of judgements; None if a prepared set has them.
    """

    search: Search
    run: Path
    qrels: Path | None

    @property
    def judgements(self) -> Path:
        """The file of judgements.

        Raises:
            UsageError: there is none.
        """
        if self.qrels is None:
            raise UsageError(
                f"{self.run} has no judgements to score it with.",
                "Name a file of them with --qrels, or a prepared set with --data.",
            )
        return self.qrels

    def split_ids(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows with passage_lang and passage_id; in a multilingual pool ids carry the language.

        Raises:
            DataError: an id of a pool of all languages has no language, or ids name one by two
                codes.
        """
        if self.search.corpus_lang != ALL:
            return rows.with_columns(passage_lang=pl.lit(self.search.corpus_lang))
        parts = pl.col("passage_id").str.splitn("/", 2).struct
        split = rows.with_columns(passage_lang=parts[0], passage_id=parts[1])
        bad = rows.filter(split["passage_id"].is_null())
        if bad.height:
            raise DataError(
                f"{self.run}: passage {bad['passage_id'][0]!r} has no language.",
                "In a pool of all languages ids are LANGUAGE/ID, as --export-trec writes them.",
            )
        codes = {written: stored_code(written) for written in split["passage_lang"].unique()}
        for written, code in codes.items():
            if code != written and code in codes:
                raise DataError(
                    f"{self.run}: passages in {code} are also named {written}.",
                    "Name a language by one code.",
                )
        return split.with_columns(pl.col("passage_lang").replace(codes))


def find_files(
    runs: str, qrels: str | None, setting: str, languages: Sequence[str] | None
) -> tuple[TrecFile, ...]:
    """Find the run files that a pattern matches.

    Args:
        runs: a path; in it ``{setting}``, ``{lang}`` and ``{corpus}`` match the parts in which
            files differ.
        qrels: the judgements' path, likewise; None if a prepared set has them.
        setting: of all files, if their names do not give it.
        languages: query languages; of one file, its own; None for all that there are.

    Returns:
        By setting, query language and corpus language.

    Raises:
        UsageError: there is no such file, or its search is not known.
    """
    if languages is not None:
        languages = [_code(code, "--languages") for code in languages]
    if setting not in SETTINGS:
        raise UsageError(f"--setting is {setting!r}.", f"Choose one of: {' '.join(SETTINGS)}.")
    found = []
    for path, written in _matches(runs):
        of = {"setting": setting} | _codes(written, path)
        if "lang" not in of:
            if languages is None or len(languages) != 1:
                raise UsageError(
                    f"--languages: which language are the queries of {path} in?",
                    "Name one, or several files as run.{lang}.txt.",
                )
            of["lang"] = languages[0]
        if languages is None or of["lang"] in languages:
            search = _search(of, path)
            judged = None if qrels is None else _judgements(qrels, search, written)
            found.append(TrecFile(search, path, judged))
    lacking = sorted(set(languages or ()) - {file.search.query_lang for file in found})
    if lacking or not found:
        of_what = f" of {', '.join(lacking)}" if lacking else ""
        raise UsageError(f"There is no run file {runs}{of_what}.", "Check the path.")
    searches = [file.search for file in found]
    if len(set(searches)) < len(searches):
        raise UsageError(f"{runs}: several files are of one search.", "Name what they differ in.")
    if qrels is not None and len({file.qrels for file in found}) < len(found):
        raise UsageError(
            f"--qrels: {qrels} is one file for {len(found)} runs.",
            "Name one for each, with the runs' placeholders in braces.",
        )
    order = [(SETTINGS.index(s.setting), s.query_lang, s.corpus_lang) for s in searches]
    return tuple(file for _, file in sorted(zip(order, found, strict=True), key=lambda x: x[0]))


def _matches(pattern: str) -> list[tuple[Path, dict[str, str]]]:
    """The files that a pattern matches, with the values of its placeholders."""
    path = Path(pattern)
    if not any(f"{{{place}}}" in pattern for place in PLACES):
        return [(path, {})] if path.is_file() else []
    if any(f"{{{place}}}" in str(path.parent) for place in PLACES):
        raise UsageError(
            f"{pattern}: a folder's name has a placeholder in braces.",
            "Only the file's own name may have placeholders.",
        )
    expression = re.escape(path.name)
    for place in PLACES:
        code = {
            "setting": "|".join(SETTINGS),
            "lang": CODE_PATTERN,
            "corpus": f"{ALL}|{CODE_PATTERN}",
        }[place]
        brace = re.escape(f"{{{place}}}")
        expression = expression.replace(brace, f"(?P<{place}>{code})", 1)
        expression = expression.replace(brace, f"(?P={place})")
    files = sorted(path.parent.iterdir()) if path.parent.is_dir() else []
    named = [(file, re.fullmatch(expression, file.name)) for file in files if file.is_file()]
    return [(file, match.groupdict()) for file, match in named if match]


def _codes(written: dict[str, str], path: Path) -> dict[str, str]:
    """The values of a name's placeholders, languages as their stored codes."""
    plain = {("setting", each) for each in SETTINGS} | {("corpus", ALL)}
    return {
        place: text if (place, text) in plain else _code(text, str(path))
        for place, text in written.items()
    }


def _code(text: str, where: str) -> str:
    try:
        return read_language(text)
    except ValueError as error:
        raise UsageError(f"{where}: {error}.", "Name the language by its code.") from error


def _judgements(pattern: str, search: Search, written: dict[str, str]) -> Path:
    """The judgements of a search, named by the codes of the run's name, or by stored codes."""
    stored = dict(zip(PLACES, (search.setting, search.query_lang, search.corpus_lang), strict=True))
    alike = _filled(pattern, stored | written)
    return alike if alike.is_file() else _filled(pattern, stored)


def _filled(pattern: str, values: dict[str, str]) -> Path:
    for place, value in values.items():
        pattern = pattern.replace(f"{{{place}}}", value)
    return Path(pattern)


def _search(of: dict[str, str], path: Path) -> Search:
    setting, language = of["setting"], of["lang"]
    usual = {"mono": language, "multi": ALL}.get(setting)
    corpus = of.get("corpus", usual)
    if corpus is None:
        raise UsageError(
            f"{path}: which language are the passages in?",
            "In the setting cross, name files as run.{lang}-{corpus}.txt.",
        )
    if corpus != (usual or corpus) or (setting == "cross" and corpus in {language, ALL}):
        raise UsageError(
            f"{path}: {setting} does not search {corpus} for queries in {language}.",
            "mono: their own language; cross: another one; multi: all.",
        )
    return Search(setting, language, corpus, () if corpus == ALL else (corpus,))


def plan_of_qrels(files: Sequence[TrecFile]) -> Plan:
    """The plan for files that have judgements of their own.

    Raises:
        UsageError: a file has none.
        DataError: judgements cannot be read, or there are none.
    """
    frames = []
    for number, file in enumerate(files):
        rows = file.split_ids(read_qrels(file.judgements))
        if not rows.height:
            raise DataError(f"{file.judgements} has no judgements.", "Check the path.")
        frames.append(
            rows.with_columns(
                search=pl.lit(number, dtype=pl.Int64), query_lang=pl.lit(file.search.query_lang)
            )
        )
    judged = pl.concat(frames, how="diagonal")
    name = ["query_lang", "query_id"]
    queries = judged.select(name).unique(maintain_order=True)
    # Translations of a query are unknown: queries of one id count as translations.
    queries = queries.with_columns(source_id=pl.col("query_id"))
    numbered = queries.with_columns(query=pl.int_range(pl.len(), dtype=pl.Int64))
    return Plan(
        tuple(file.search for file in files),
        queries.with_columns(place=pl.int_range(pl.len(), dtype=pl.Int64).over("query_lang")),
        judged.join(numbered, on=name, maintain_order="left")
        .sort("search", "query", maintain_order=True)
        .select("search", "query", "passage_lang", "passage_id", "relevance"),
    )


def plan_of_set(dataset: Dataset, split: str, files: Sequence[TrecFile]) -> Plan:
    """The plan for files scored by a set's judgements; their own, if given, must be equal.

    Raises:
        UsageError: the set has no such setting or language.
        DataError: judgements given with a run file differ from the set's.
    """
    settings = list(dict.fromkeys(file.search.setting for file in files))
    languages = list(dict.fromkeys(file.search.query_lang for file in files))
    known = {str(one): one for one in plan_searches(dataset, split, settings, languages)}
    for file in files:
        if str(file.search) not in known:
            raise UsageError(
                f"{file.run}: {dataset.name} has no passages in {file.search.corpus_lang}.",
                f"It has: {' '.join(dataset.table_languages('passages'))}.",
            )
    plan = plan_queries(dataset, split, [known[str(file.search)] for file in files])
    names = ["query_id", "passage_lang", "passage_id", "relevance"]
    own = plan.judged.with_columns(plan.queries["query_id"].gather(plan.judged["query"]))
    for number, file in enumerate(files):
        if file.qrels is None:
            continue
        theirs = file.split_ids(read_qrels(file.qrels)).select(names)
        ours = own.filter(pl.col("search") == number).select(names)
        differ = ours.join(theirs, on=names, how="anti").height
        differ += theirs.join(ours, on=names, how="anti").height
        if differ:
            raise DataError(
                f"{file.qrels} differs in {counted(differ, 'judgements')} from {dataset.name} "
                f"({split}).",
                "Omit --qrels to score by the set's judgements, or --data to score by the file's.",
            )
    return plan
