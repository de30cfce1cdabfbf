"""``hybench.verify``: published numbers, measured again with what is at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from hybench.api.naming import FolderName, the_folder
from hybench.api.shown import Shown
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.errors import HybenchError
from hybench.values.typed import typed
from hybench.verification.bench import Bench, NotAtHand
from hybench.verification.known import Known, known_numbers
from hybench.verification.numerics import Check, check_encoder, check_processes, check_sheet
from hybench.verification.outcomes import MISSED, Outcome, outcome_sheet
from hybench.wording.commands import DATA_DIR, RUNS_DIR
from hybench.wording.text_table import Sheet

if TYPE_CHECKING:
    import polars as pl


@dataclass(frozen=True, repr=False)
class Verified(Shown):
    """Published numbers and what became of each.

    Attributes:
        outcomes: in the table's order.
        checks: numbers that must not depend on how they are computed.
    """

    outcomes: tuple[Outcome, ...]
    checks: tuple[Check, ...] = ()

    @property
    def missed(self) -> bool:
        """Whether any number or check is further off than its tolerance."""
        of_numbers = any(each.verdict in MISSED for each in self.outcomes)
        return of_numbers or not all(each.holds for each in self.checks)

    def to_frame(self) -> pl.DataFrame:
        """A row per published number, with the fields of `to_json`'s ``numbers``."""
        import polars as pl

        return pl.DataFrame([each.to_json() for each in self.outcomes], infer_schema_length=None)

    def to_json(self) -> dict[str, Any]:
        """All of it as JSON values."""
        return {
            "format": 1,
            "missed": self.missed,
            "numbers": [each.to_json() for each in self.outcomes],
            "checks": [{**asdict(each), "holds": each.holds} for each in self.checks],
        }

    def sheets(self) -> tuple[Sheet, ...]:
        """The numbers, and the checks if there are any."""
        own = (check_sheet(list(self.checks)),) if self.checks else ()
        return (outcome_sheet(self.outcomes), *own)


def verify(
    models: Mapping[str, str] | None = None,
    *,
    models_dir: FolderName | None = None,
    only: Sequence[str] = (),
    checks: bool = False,
    device: str = "auto",
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
    tell: Callable[[str], object] = lambda _: None,
) -> Verified:
    """Measure published numbers whose model and set are at hand; say why the others are not.

    Each model becomes a run (`hybench.evaluate`), so that what was encoded and searched before is
    not done again.

    Args:
        models: directories or hub ids by the name of a model in the table.
        models_dir: folder of models, each in a folder named as the last part of its id.
        only: measure only numbers that have one of these in their model, set or metric.
        checks: also compare numbers that must not depend on how they are computed.
        device: auto, cpu, mps, cuda or cuda:N.
        data_dir: folder of the prepared sets.
        runs_dir: folder of the runs.
        progress: called as the work goes on.
        tell: called with a sentence before each measurement that takes a while.

    Raises:
        UsageError: there is no such device.
    """
    bench = Bench(
        dict(models or {}),
        None if models_dir is None else the_folder(models_dir),
        the_folder(data_dir),
        the_folder(runs_dir),
        device,
        progress,
    )
    parts = [part.casefold() for part in typed(only, tuple[str, ...], "only")]
    chosen = [
        each
        for each in known_numbers()
        if not parts or any(part in _described(each) for part in parts)
    ]
    outcomes = []
    for known in chosen:
        if known.kind == "scores":
            tell(f"{known.what} on {known.where}: {known.metric}")
        outcomes.append(_outcome(bench, known))
    return Verified(tuple(outcomes), tuple(_checks(bench, chosen)) if checks else ())


def _described(known: Known) -> str:
    return f"{known.model} {known.where} {known.metric}".casefold()


def _outcome(bench: Bench, known: Known) -> Outcome:
    try:
        return Outcome(known, bench.measure(known))
    except NotAtHand as why:
        return Outcome(known, reason=str(why))
    except HybenchError as error:
        return Outcome(known, reason=f"{error.what.removesuffix('.')} ({error.do})")


def _checks(bench: Bench, chosen: list[Known]) -> list[Check]:
    from hybench.encoders.loading import load_encoder

    found = [check_processes()]
    for model in dict.fromkeys(each.model for each in chosen if each.kind == "scores"):
        known = next(each for each in chosen if each.model == model)
        try:
            encoder = load_encoder(bench.model_of(known), bench.device)
        except NotAtHand:
            continue
        found += check_encoder(encoder, model.rpartition("/")[2])
    return found
