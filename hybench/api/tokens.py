"""``hybench.measure_tokens``: what a model's tokenizer makes of a set's languages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.api.asked_model import run_or_model
from hybench.api.naming import DataName, FolderName, RunName, the_dataset
from hybench.api.shown import Shown
from hybench.concurrency.progress import ProgressCallback, ignore
from hybench.evaluation.fertility import SAMPLE, Fertility, measure_fertility
from hybench.values.languages import check_languages
from hybench.wording.commands import DATA_DIR, RUNS_DIR
from hybench.wording.text_table import NOT_RUN, Entry, Line, Sheet

if TYPE_CHECKING:
    import polars as pl

    from hybench.encoders.encoder import Encoder


@dataclass(frozen=True, repr=False)
class TokensMeasured(Shown):
    """Tokens by language and kind of text.

    Attributes:
        model: the run or model.
        data: name of the set.
        found: by language and kind.
    """

    model: str
    data: str
    found: tuple[Fertility, ...]

    def to_frame(self) -> pl.DataFrame:
        """A row per language and kind.

        language, kind (String), texts (Int64), per_word, per_character, per_byte, truncated
        (Float64; null where a language has no spaces between words).
        """
        import polars as pl

        schema = {
            "language": pl.String, "kind": pl.String, "texts": pl.Int64, "per_word": pl.Float64,
            "per_character": pl.Float64, "per_byte": pl.Float64, "truncated": pl.Float64,
        }  # fmt: skip
        return pl.DataFrame([asdict(each) for each in self.found], schema)

    def sheets(self) -> tuple[Sheet, ...]:
        """One table, a line per language and kind."""
        shown = [
            (
                each.language,
                each.kind,
                f"{each.texts:,}",
                NOT_RUN if each.per_word is None else f"{each.per_word:.2f}",
                f"{each.per_character:.2f}",
                f"{each.per_byte:.2f}",
                f"{100 * each.truncated:.1f} %",
            )
            for each in self.found
        ]
        header = (
            "lang", "texts", "n", "tokens/word", "tokens/character", "tokens/byte", "truncated",
        )  # fmt: skip
        title = f"{self.model} on {self.data} · tokens"
        lines = tuple(Line(tuple(map(Entry, texts))) for texts in shown)
        return (Sheet(title, header, 2, lines),)


def measure_tokens(
    data: DataName,
    model: RunName,
    *,
    languages: Sequence[str] = (),
    sample: int = SAMPLE,
    data_dir: FolderName = DATA_DIR,
    runs_dir: FolderName = RUNS_DIR,
    progress: ProgressCallback = ignore,
) -> TokensMeasured:
    """Tokens per word, character and byte, and the share of texts that are cut, by language.

    Args:
        data: the set.
        model: a run, or a model as it is: a directory, or an id on the hub.
        languages: codes; empty for all of the set's.
        sample: most texts of a kind and language.
        data_dir: folder of the sets.
        runs_dir: folder of the runs.
        progress: called as the work goes on.

    Raises:
        UsageError: there is no such set, run, model or language.
        StateError: the run has no model.
        DataError: a table or the model is damaged.
    """
    from hybench.encoders.loading import load_encoder
    from hybench.indexes.model import load_model_of

    dataset = the_dataset(data, data_dir)
    if languages:
        languages = check_languages(languages, dataset.info.languages, "--languages")
    run, asked = run_or_model(model, None, runs_dir)
    encoder: Encoder = (
        load_model_of(run, "cpu") if asked is None else load_encoder(asked.model, "cpu")
    )
    name = run.name if asked is None else str(asked.model)
    found = measure_fertility(dataset, encoder, languages, sample, progress)
    return TokensMeasured(name, dataset.name, tuple(found))


def cut_texts(dataset_names: Sequence[str], encoder: Encoder, data_dir: Path) -> dict[str, float]:
    """The share of a training's texts that an encoder cuts, by set and language, where any are.

    Args:
        dataset_names: sets of training pairs.
        encoder: the student.
        data_dir: folder of the sets.
    """
    found = {}
    for name in dataset_names:
        dataset = the_dataset(name, data_dir)
        for each in measure_fertility(dataset, encoder, sample=SAMPLE // 4):
            if each.truncated:
                found[f"{dataset.name} {each.language} {each.kind}"] = each.truncated
    return found
