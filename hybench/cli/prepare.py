"""``hybench prepare SOURCE``: one subcommand per source of data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hybench.cli.options import DataDir, Force, Languages, option, split_list
from hybench.cli.state import console
from hybench.errors import UsageError
from hybench.wording.amounts import counted
from hybench.wording.commands import DATA_DIR, command

if TYPE_CHECKING:
    from hybench.data.preparation import Source

app = typer.Typer(
    no_args_is_help=True,
    help="Prepare a data set from one of the sources below.",
    rich_markup_mode=None,
)

_FEW = 3
"""Lines that a warning shows; of more, it says how many."""

Name = Annotated[str | None, option("--name", help="The set's name instead of its own.")]
From = Annotated[
    Path | None,
    option("--from", help="Folder with upstream's files; without it they are downloaded."),
]


def _prepare(source: Source, data_dir: Path, name: str | None, force: bool) -> None:
    from hybench.data.preparation import prepare

    with console.progress() as progress:
        prepared = prepare(source, data_dir, name, force, progress)
    info = prepared.dataset.info
    if prepared.unchanged:
        console.talk(f"{prepared.dataset.path} is up to date.")
    else:
        parts = [
            counted(sum(info.counts[table].values()), table)
            for table in ("passages", "queries", "pairs")
            if table in info.counts
        ]
        languages = counted(len(info.languages), "languages")
        console.talk(f"{prepared.dataset.path}: {', '.join(parts)} in {languages}.")
    left_out = prepared.left_out
    if left_out.count:
        lines = f"{counted(left_out.count, 'lines')} left out:"
        console.warn("\n  ".join([lines, *left_out.told(_FEW)]))
    if prepared.repeated_texts:
        pairs = counted(prepared.repeated_texts, "pairs")
        console.talk(
            f"{pairs} have the query or the passage of another, word for word: such pairs never "
            "stand in one batch."
        )
    if "pairs" in info.counts:
        _tell_few_groups(prepared.groups)
    if prepared.groups > 1:
        console.talk(f"Next: {command('train', '--data', info.name, data_dir=data_dir)}")
    elif not info.settings and "pairs" not in info.counts:
        console.warn("No query has a relevant passage: nothing can be evaluated on this set.")
    elif info.settings:
        baseline = command("eval", "bm25", "--data", info.name, data_dir=data_dir)
        console.talk(f"Next: {baseline} (or eval RUN, for a run of yours)")


def _tell_few_groups(groups: int) -> None:
    """Say what few groups of pairs, of which a batch holds one each, mean for a training."""
    from hybench.config.train import TrainConfig

    if groups == 1:
        console.warn(
            "A batch needs two pairs that share no query and no passage, directly or through other "
            "pairs, and there are none: nothing can be trained on this set alone."
        )
        return
    size = TrainConfig().resolved().batch_size
    if groups < size:
        console.talk(
            f"No batch can hold more than {groups:,} of these pairs; {size:,} is the default of "
            "--batch-size."
        )


def _shares(values: list[str] | None) -> dict[str, float]:
    """Parse ``yo=0.05,sw=0.1``."""
    from hybench.data.numbers import read_number

    shares = {}
    for item in split_list(values) or ():
        language, _, share = item.partition("=")
        try:
            shares[language] = read_number(share.strip())
        except ValueError:
            raise UsageError(
                f"--scarce: {item!r} is not a language and a share.", "Write it as yo=0.05,sw=0.1."
            ) from None
    return shares


@app.command()
def atlas(
    languages: Languages = None,
    scarce: Annotated[
        list[str] | None,
        option(help="Share of a language's training pairs to keep: yo=0.05,sw=0.1."),
    ] = None,
    name: Name = None,
    data_dir: DataDir = DATA_DIR,
    force: Force = False,
) -> None:
    """The embedded set: facts in all 18 MIRACL languages.

    From the Unicode CLDR; nothing is downloaded.
    """
    from hybench.data.sources.atlas import Atlas
    from hybench.values.languages import MIRACL_LANGUAGES

    chosen = split_list(languages) or MIRACL_LANGUAGES
    _prepare(Atlas(languages=chosen, scarce=_shares(scarce)), data_dir, name, force)


@app.command("xquad-r")
def xquad_r(
    from_dir: From = None,
    languages: Languages = None,
    split_articles: Annotated[
        bool,
        option("--split-articles", help="Train, dev and test by article, to train on it."),
    ] = False,
    name: Name = None,
    data_dir: DataDir = DATA_DIR,
    force: Force = False,
) -> None:
    """XQuAD-R of LAReQA: questions and answer sentences, parallel.

    In 11 languages.
    """
    from hybench.data.sources.xquad_r import XquadR

    source = XquadR(from_dir, split_list(languages), split_articles)
    _prepare(source, data_dir, name, force)


@app.command()
def miracl(
    languages: Languages = None,
    from_dir: From = None,
    splits: Annotated[
        list[str] | None, option(help="train, dev; what each language has by default.")
    ] = None,
    name: Name = None,
    data_dir: DataDir = DATA_DIR,
    force: Force = False,
) -> None:
    """MIRACL: monolingual retrieval over Wikipedia in 18 languages."""
    from hybench.data.sources.miracl import Miracl

    chosen = split_list(languages)
    if chosen is None:
        raise UsageError(
            "--languages: none given, and all 18 corpora are 77 million passages.",
            "Name those you want: --languages yo,sw.",
        )
    _prepare(Miracl(chosen, from_dir, split_list(splits)), data_dir, name, force)


@app.command()
def ntrex(
    from_dir: From = None,
    languages: Languages = None,
    stride: Annotated[int, option(help="Sentences from one pair's query to the next one's.")] = 2,
    name: Name = None,
    data_dir: DataDir = DATA_DIR,
    force: Force = False,
) -> None:
    """NTREX-128: parallel news sentences, for training only.

    A pair is a sentence and the next one.
    """
    from hybench.data.sources.ntrex import Ntrex

    _prepare(Ntrex(from_dir, split_list(languages), stride), data_dir, name, force)


@app.command()
def jsonl(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="Folder with your files.")],
    languages: Languages = None,
    language: Annotated[
        str | None, option(help="Language of a folder in BEIR's own layout.")
    ] = None,
    licence: Annotated[str, option(help="Licence of the texts.")] = "not stated",
    skip_bad: Annotated[
        int, option("--skip-bad", help="Leave out and count up to this many malformed lines.")
    ] = 0,
    name: Name = None,
    data_dir: DataDir = DATA_DIR,
    force: Force = False,
) -> None:
    """Your own data: BEIR's layout, and parallel training pairs.

    Corpus, queries and qrels by language; the guide has every file and line.
    """
    from hybench.data.sources.jsonl.source import Jsonl

    source = Jsonl(folder, split_list(languages), language, name, licence, skip_bad)
    _prepare(source, data_dir, name, force)
