"""The run folder: its paths, and the search for runs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from hybench.config.train import TrainConfig
from hybench.errors import DataError, StateError, UsageError
from hybench.files.atomic import real, remove_folder, tidy
from hybench.files.checksums import folder_digests, sha256_file
from hybench.files.documents import read_json, read_own_toml, write_json, write_toml
from hybench.files.links import check_links
from hybench.files.listing import folders_with
from hybench.files.locks import holding
from hybench.files.together import manifest_now
from hybench.runs.notes import NOTES
from hybench.values.typed import from_toml
from hybench.wording.commands import command

Config = TypeVar("Config")

CONFIG = "config.toml"
ENVIRONMENT = "environment.json"
EVENTS = "events.jsonl"
LOCK = ".lock"
CACHE = ".cache"
"""Next to runs: vocabularies, tokens and teachers' vectors that several trainings share."""
LOGS = ".logs"
"""Next to runs: the output of child processes."""
STUDY = "study.json"
"""In the folder of a study's runs: its description, for readers of the runs."""

TRAIN, MODEL, IMPORTED, DERIVED = "train", "model", "imported", "derived"
"""Kinds of runs: a training of hybench, a model as it is, another system's results, and a model
that was made of others without training."""

VECTORS = "vectors"
"""The kind of runs that have vectors which were made elsewhere, and no model."""

BM25 = "bm25"
"""The baseline: the kind of its runs, and its name where a command takes a run."""

_NAME = "Name a run, or a folder of runs; hybench train creates them."

_TABLES = ("index", "queries", "rankings", "results")


@dataclass(frozen=True)
class Run:
    """A run's folder; it exists once its config.toml does."""

    path: Path

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def config_file(self) -> Path:
        """The resolved config."""
        return self.path / CONFIG

    def exists(self) -> bool:
        """Whether the run exists.

        Raises:
            StateError: its folder has other contents.
        """
        if self.config_file.is_file():
            ours = self.events_file.exists()
            with suppress(DataError):  # a damaged config may be of a run, too
                ours = ours or "kind" in self.read_config()
            if ours:
                return True
        elif all(path.name == ENVIRONMENT for path in self.path.glob("[!.]*")):
            return False
        raise StateError(f"{self.path} exists and is not a run.", "Choose another --name.")

    def clear(self) -> None:
        """Delete hybench's files in the folder except the lock; config.toml is deleted last."""
        folders = (self.checkpoints, self.model, *(self.path / name for name in _TABLES))
        for path in folders:
            if path.is_dir() and not path.is_symlink():
                remove_folder(path)
        notes = self.path / NOTES  # they are of what is deleted
        files = (self.environment_file, self.events_file, self.model_files, self.means, notes)
        for path in (*files, self.config_file):
            path.unlink(missing_ok=True)
        tidy(self.path)

    def read_config(self) -> dict[str, Any]:
        """The values in the run's config.toml.

        Raises:
            UsageError: it does not exist.
            DataError: it is not TOML, or was changed. Configs of builds that wrote no checksums are
                read as they are.
        """
        return read_own_toml(self.config_file)

    def config_of(self, cls: type[Config]) -> Config:
        """The run's config as a dataclass; entries that it has no field for are left out.

        Raises:
            UsageError: the run does not exist, or a field is missing or of another type.
            DataError: as `read_config` does.
        """
        own = {item.name for item in fields(cls)}  # type: ignore[arg-type]
        values = {key: value for key, value in self.read_config().items() if key in own}
        return from_toml(cls, values, str(self.config_file))

    @property
    def kind(self) -> str:
        """`TRAIN`, `MODEL`, `DERIVED`, `BM25`, `IMPORTED` or `VECTORS`.

        Raises:
            UsageError: it does not exist.
            DataError: as `read_config` does.
        """
        return str(self.read_config().get("kind", TRAIN))

    def train_config(self) -> TrainConfig:
        """The config of a training.

        Raises:
            UsageError: it does not exist, or has a wrong field.
            DataError: as `read_config` does.
        """
        return TrainConfig.from_toml(self.read_config(), str(self.config_file))

    def write_config(self, values: Mapping[str, Any]) -> None:
        """Write config.toml, which makes the folder a run."""
        write_toml(self.config_file, values)

    @property
    def environment_file(self) -> Path:
        """Versions, device, command line."""
        return self.path / ENVIRONMENT

    @property
    def events_file(self) -> Path:
        """The append-only event log."""
        return self.path / EVENTS

    @property
    def checkpoints(self) -> Path:
        """Folder of the training checkpoints."""
        return self.path / "checkpoints"

    @property
    def model(self) -> Path:
        """The trained model, a sentence-transformers directory."""
        return self.path / "model"

    @property
    def model_files(self) -> Path:
        """JSON with the checksums of the model's files, as its training wrote them."""
        return self.path / "model.json"

    def note_model(self) -> None:
        """Record the checksums of the model that training has just saved, and of its config."""
        digests = folder_digests(self.model)
        files = {f"{self.model.name}/{name}": digest for name, digest in digests.items()}
        write_json(self.model_files, {"files": {CONFIG: sha256_file(self.config_file), **files}})

    def drop_model(self) -> None:
        """Delete the model, of which the checksums of its files are kept, as those of no file."""
        if not self.model.is_dir() or self.model.is_symlink():
            return
        if self.model_files.is_file():
            record = read_json(self.model_files)
            files = record["files"]
            kept = {name: digest for name, digest in files.items() if name == CONFIG}
            dropped = {name: digest for name, digest in files.items() if name != CONFIG}
            if dropped:
                write_json(self.model_files, {"files": kept, "dropped": dropped})
        remove_folder(self.model)

    def index(self, dataset: str, language: str) -> Path:
        """Folder with the vectors and the index of one language of a data set."""
        return self.path / "index" / dataset / language

    def query_vectors(self, dataset: str, language: str) -> Path:
        """Folder with vectors of queries that were made elsewhere."""
        return self.path / "queries" / dataset / language

    def rankings(self, results: str) -> Path:
        """Parquet of the top hits; `results` is the data set, with ``@split`` if not its own."""
        return self.path / "rankings" / f"{results}.parquet"

    def relevant(self, results: str) -> Path:
        """Parquet of the rank of every judged relevant passage."""
        return self.path / "rankings" / f"{results}.relevant.parquet"

    def results(self, results: str) -> Path:
        """Parquet of per-query metric values."""
        return self.path / "results" / f"{results}.parquet"

    def results_info(self, results: str) -> Path:
        """JSON manifest of the results, written last."""
        return self.path / "results" / f"{results}.json"

    @property
    def means(self) -> Path:
        """JSON with the means of an imported run that has no values per query."""
        return self.path / "means.json"

    @classmethod
    def open(cls, path: Path) -> Run:
        """Open an existing run.

        Raises:
            UsageError: there is none.
        """
        if not (path / CONFIG).is_file():
            raise UsageError(
                f"No run {path.name!r} in {path.parent}.",
                _runs_beside(path) or "Train one: hybench train --data SET.",
            )
        return cls(path)

    def lock(self) -> AbstractContextManager[None]:
        """Lock the run against other processes until its owner releases it or dies.

        Raises:
            StateError: another process holds it, the folder cannot be written, or it has a link
                out of it.
        """
        check_links(self.path)
        return holding(self.path / LOCK, f"run {self.name}")


def _runs_beside(path: Path) -> str:
    """A sentence with the names of the runs next to `path`; empty if there are none."""
    others = sorted(other.parent.name for other in path.parent.glob(f"[!.]*/{CONFIG}"))
    return f"Runs in {path.parent}: {' '.join(others)}." if others else ""


def list_results(run: Run) -> tuple[str, ...]:
    """Names of the results that a run has, sorted."""
    folder = run.results_info("any").parent
    return tuple(sorted(file.stem for file in folder.glob("*.json") if file.name[0] != "."))


def find_runs(paths: Sequence[Path], *, studies: bool = False) -> list[Run]:
    """The runs at `paths`: each a run, or a folder of runs, sorted by name.

    Args:
        paths: runs, or folders of runs.
        studies: whether the runs of studies in such a folder are included, after its own.

    Raises:
        UsageError: a path has no runs.
    """
    by_path: dict[Path, Run] = {}
    for path in paths:
        if (path / CONFIG).is_file():
            by_path.setdefault(real(path), Run(path))
            continue
        if not path.exists():
            raise UsageError(f"There is no folder {path}.", _runs_beside(path) or _NAME)
        own, held = folders_with(path, CONFIG, STUDY)
        found = [own]
        if studies:
            found += [folders_with(study, CONFIG)[0] for study in held.values()]
        if not any(found):
            do = _NAME
            if (path / STUDY).is_file():
                do = f"It is a study without a run yet: {command('study', 'status', path)}"
            if held:
                do = f"It contains studies: name one, such as {next(iter(held.values())) / STUDY}."
            raise UsageError(f"No runs in {path}.", do)
        for folders in found:
            for place, folder in folders.items():
                by_path.setdefault(place, Run(folder))
    return list(by_path.values())


def names_of(runs: Iterable[Path]) -> dict[Path, str]:
    """Names of runs, by folder; if two are equal, all with the name of their parent."""
    folders = list(runs)
    twice = len({path.name for path in folders}) < len(folders)
    return {path: f"{path.parent.name}/{path.name}" if twice else path.name for path in folders}


def manifests(folder: Path) -> list[Path]:
    """The files with checksums in a run, study, data set or folder of negatives, sorted."""
    patterns = (
        *("dataset.json", "negatives.json", "model.json", "means.json", ENVIRONMENT, STUDY),
        "results/[!.]*.json",
        *("checkpoints/[!.]*/state.json", "index/*/[!.]*/manifest.json"),
        "queries/*/[!.]*/manifest.json",
    )
    return sorted(manifest_now(path) for pattern in patterns for path in folder.glob(pattern))
