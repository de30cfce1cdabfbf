"""Which configs and splits of a repository hold which table, as MTEB lays sets out.

MTEB's loader (github.com/embeddings-benchmark/mteb, ``abstasks/retrieval_dataset_loaders.py``)
reads the configs ``corpus``, ``queries`` (or ``query``) and ``default`` (or ``qrels``) of a set in
one language, and ``<language>-corpus``, ``<language>-queries``, ``<language>-qrels`` of one in
several; older sets have the language last. It takes the split that is asked for, or the only one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from hybench.data.schema import SPLIT_NAMES, SPLITS
from hybench.data.sources.hub.repository import HubTable, Repository
from hybench.errors import DataError, UsageError
from hybench.values.languages import CODE_PATTERN, check_languages, read_language

Configs = Mapping[str, str]
"""The name of the config that holds corpus, queries and qrels."""

_TABLES = {
    "corpus": "corpus",
    "query": "queries",
    "queries": "queries",
    "default": "qrels",
    "qrels": "qrels",
}
"""The table of each word that configs are named by; of two words, the first goes before."""

_LAYOUT = (
    "hybench reads the configs corpus, queries and default (or qrels), or those with a language "
    "before or after the name, such as sw-corpus."
)


def find_configs(
    repository: Repository,
    language: str | None,
    languages: Sequence[str] | None,
    words: Mapping[str, str] | None = None,
) -> dict[str, Configs]:
    """The configs of each language to prepare, by its stored code, sorted.

    Args:
        repository: the set.
        language: the code of a set in one language, None for what the card says.
        languages: the codes that are asked for, None for all.
        words: codes of the languages by what its configs call them, if not by a code.

    Raises:
        UsageError: a language is not there, or not known.
        DataError: the configs are not laid out so, or a language lacks one.
    """
    found = _by_language(repository, words or {})
    one = found.pop("", {})
    if found and (language is None or len(one) < len({*_TABLES.values()})):
        if language is not None:
            raise UsageError(
                f"--language is for a set in one language; {repository.place} has "
                f"{' '.join(sorted(found))}.",
                "Choose some of them with --languages.",
            )
        chosen = (
            sorted(found) if languages is None else check_languages(languages, found, "--languages")
        )
        for code in chosen:
            _check_whole(repository, f" for {code}", found[code])
        return {code: found[code] for code in chosen}
    _check_whole(repository, "", one)
    code = _one_language(repository, language)
    if languages is not None:
        check_languages(languages, (code,), "--languages")
    return {code: one}


def _by_language(repository: Repository, names: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The configs by table, by language; under an empty one where their names have none.

    Raises:
        DataError: two configs are the same table of a language.
    """
    found: dict[str, dict[str, str]] = {}
    words: dict[tuple[str, str], str] = {}
    order = [*_TABLES]
    language = "|".join((*map(re.escape, names), CODE_PATTERN))
    pattern = re.compile(
        rf"(?:(?P<first>{language})[-_])?(?P<table>{'|'.join(_TABLES)})"
        rf"(?:[-_](?P<last>{language}))?"
    )
    for config in repository.configs:
        match = pattern.fullmatch(config)
        if match is None or (match["first"] and match["last"]):
            continue
        written = match["first"] or match["last"] or ""
        try:
            code = names.get(written) or (read_language(written) if written else "")
        except ValueError:
            continue
        table = _TABLES[match["table"]]
        other = words.get((code, table))
        if other == match["table"]:
            raise DataError(
                f"{repository.place}: {found[code][table]} and {config} are both the {table} of "
                f"{code}.",
                "hybench cannot tell which to take: copy the set without one of them.",
            )
        if other is None or order.index(match["table"]) < order.index(other):
            words[code, table] = match["table"]
            found.setdefault(code, {})[table] = config
    return found


def _check_whole(repository: Repository, of: str, configs: Configs) -> None:
    missing = [table for table in dict.fromkeys(_TABLES.values()) if table not in configs]
    if not missing:
        return
    has = f"Its configs are: {' '.join(repository.configs)}." if repository.configs else ""
    if not has:
        what = "a loading script, which no longer runs" if repository.scripts else "no configs"
        raise DataError(
            f"{repository.place} has {what}: its README.md names no configs of data.", _LAYOUT
        )
    raise DataError(
        f"{repository.place} has no config of {' and '.join(missing)}{of}.", f"{has} {_LAYOUT}"
    )


def _one_language(repository: Repository, language: str | None) -> str:
    if language is not None:
        try:
            return read_language(language)
        except ValueError as error:
            raise UsageError(f"--language: {error}.", "Write a code such as sw.") from error
    told = repository.texts("language")
    try:
        codes = {read_language(text) for text in told}
    except ValueError:
        codes = set()
    if len(codes) != 1:
        says = f"says {', '.join(told)}" if told else "says none"
        raise UsageError(
            f"{repository.place} is a set in one language, and its card {says}.",
            "Name it with --language.",
        )
    return codes.pop()


def judged_splits(qrels: HubTable, asked: Sequence[str] | None) -> dict[str, str]:
    """The splits to prepare: names of train, dev and test, and what the table calls them.

    Args:
        qrels: the judgements.
        asked: names of splits, None for all.

    Raises:
        UsageError: a split that is asked for is not there.
        DataError: none is there.
    """
    found: dict[str, str] = {}
    for name in qrels.splits:
        split = SPLIT_NAMES.get(name)
        if split is not None:
            found.setdefault(split, name)
    there = " ".join(qrels.splits)
    if not found:
        raise DataError(
            f"{qrels.where} has no split that is called train, dev, validation or test.",
            f"It has: {there}. Copy the set and rename its splits in README.md.",
        )
    for split in asked or ():
        if split not in found:
            raise UsageError(f"--splits: {qrels.where} has no {split}.", f"It has: {there}.")
    return {split: found[split] for split in SPLITS if split in (asked or found)}


def only_split(table: HubTable, judged: Mapping[str, str]) -> str | None:
    """The split of a table that serves all judged ones; None where each has its own.

    Args:
        table: the corpus or the queries.
        judged: the splits to prepare, and what the judgements call them.

    Raises:
        DataError: it has several splits, and not those.
    """
    if len(table.splits) == 1:
        return table.splits[0]
    missing = [name for name in judged.values() if name not in table.splits]
    if missing:
        raise DataError(
            f"{table.where} has no split {missing[0]}.",
            f"It has: {' '.join(table.splits)}. It must have one split, or one of that name.",
        )
    return None


def corpus_split(corpus: HubTable, judged: Mapping[str, str]) -> str:
    """The split that is the pool.

    Raises:
        UsageError: it has one for each judged split.
        DataError: as `only_split`.
    """
    found = only_split(corpus, judged)
    if found is not None:
        return found
    if len(judged) > 1:
        raise UsageError(
            f"{corpus.where} has a corpus for each split: {' '.join(corpus.splits)}.",
            f"A prepared set has one: choose with --splits, such as --splits {[*judged][-1]}.",
        )
    return next(iter(judged.values()))
