"""hybench: an honest bench for ways of training multilingual retrievers.

    import hybench

    atlas = hybench.prepare("atlas")
    for alpha in (1.0, 0.5, 0.0):
        run = hybench.train(hybench.TrainConfig(data=("atlas",), alpha=alpha))
        hybench.evaluate(run, atlas)
    hybench.compare("runs")

Names are loaded when they are asked for: ``import hybench`` alone loads no library.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hybench.version import __version__

if TYPE_CHECKING:
    from hybench.api.bitext import mine_bitext
    from hybench.api.comparing import compare
    from hybench.api.deriving import derive
    from hybench.api.evaluating import evaluate
    from hybench.api.indexing import index
    from hybench.api.mining import mine
    from hybench.api.planning import PlanOptions, plan
    from hybench.api.preparing import prepare
    from hybench.api.searching import search
    from hybench.api.studying import study
    from hybench.api.tokens import measure_tokens
    from hybench.api.training import train
    from hybench.comparison.gather import CompareOptions
    from hybench.config.train import TrainConfig
    from hybench.data.dataset import Dataset
    from hybench.data.frames import Frames
    from hybench.data.preparation import Source
    from hybench.derived.options import DeriveOptions
    from hybench.errors import HybenchError
    from hybench.evaluation.bitext import BitextOptions
    from hybench.evaluation.bm25.baseline import Bm25Options
    from hybench.evaluation.pooled import PooledCorpus
    from hybench.evaluation.scope import EvalOptions
    from hybench.indexes.approximate.graph import GraphOptions
    from hybench.indexes.handover.exporting import Export
    from hybench.indexes.handover.taking import HandOver
    from hybench.indexes.options import IndexOptions
    from hybench.mining.options import MineOptions
    from hybench.runs.models import ModelOptions
    from hybench.runs.run import Run
    from hybench.studies.options import StudyOptions
    from hybench.verification.verifying import verify

__all__ = [
    "BitextOptions",
    "Bm25Options",
    "CompareOptions",
    "Dataset",
    "DeriveOptions",
    "EvalOptions",
    "Export",
    "Frames",
    "GraphOptions",
    "HandOver",
    "HybenchError",
    "IndexOptions",
    "MineOptions",
    "ModelOptions",
    "PlanOptions",
    "PooledCorpus",
    "Run",
    "Source",
    "StudyOptions",
    "TrainConfig",
    "__version__",
    "compare",
    "derive",
    "evaluate",
    "index",
    "measure_tokens",
    "mine",
    "mine_bitext",
    "plan",
    "prepare",
    "search",
    "study",
    "train",
    "verify",
]

_HOMES = {
    "BitextOptions": "hybench.evaluation.bitext",
    "Bm25Options": "hybench.evaluation.bm25.baseline",
    "CompareOptions": "hybench.comparison.gather",
    "Dataset": "hybench.data.dataset",
    "DeriveOptions": "hybench.derived.options",
    "EvalOptions": "hybench.evaluation.scope",
    "Export": "hybench.indexes.handover.exporting",
    "Frames": "hybench.data.frames",
    "GraphOptions": "hybench.indexes.approximate.graph",
    "HandOver": "hybench.indexes.handover.taking",
    "HybenchError": "hybench.errors",
    "IndexOptions": "hybench.indexes.options",
    "MineOptions": "hybench.mining.options",
    "ModelOptions": "hybench.runs.models",
    "PlanOptions": "hybench.api.planning",
    "PooledCorpus": "hybench.evaluation.pooled",
    "Run": "hybench.runs.run",
    "Source": "hybench.data.preparation",
    "StudyOptions": "hybench.studies.run",
    "TrainConfig": "hybench.config.train",
    "compare": "hybench.api.comparing",
    "derive": "hybench.api.deriving",
    "evaluate": "hybench.api.evaluating",
    "index": "hybench.api.indexing",
    "measure_tokens": "hybench.api.tokens",
    "mine": "hybench.api.mining",
    "mine_bitext": "hybench.api.bitext",
    "plan": "hybench.api.planning",
    "prepare": "hybench.api.preparing",
    "search": "hybench.api.searching",
    "study": "hybench.api.studying",
    "train": "hybench.api.training",
    "verify": "hybench.verification.verifying",
}
"""Where the public names are defined."""


def __getattr__(name: str) -> object:
    """Load a public name (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
