"""``hybench pool SET``."""

from __future__ import annotations

from typing import Annotated

import typer

import hybench
from hybench.cli.options import DataDir, Force, option
from hybench.cli.prepare import Name, prepare_and_tell
from hybench.wording.commands import DATA_DIR


def pool(
    data: Annotated[str, typer.Argument(metavar="SET", help="The prepared set.")],
    depth: Annotated[int, option(help="Passages of BM25 for each query.")] = 100,
    name: Name = None,
    data_dir: DataDir = DATA_DIR,
    force: Force = False,
) -> None:
    """Make a smaller set: judged passages, and those that BM25 finds.

    Translations of these stay, too; queries of the train split do not. Scores are higher than on
    the whole set: choose checkpoints on this one, and report on the whole.
    """
    from hybench.api.naming import the_dataset

    pooled = hybench.PooledCorpus(the_dataset(data, data_dir), depth)
    prepare_and_tell(pooled, data_dir, name, force)
