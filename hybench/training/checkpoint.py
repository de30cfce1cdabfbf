"""Checkpoints: weights and optimiser state as safetensors, the loop's state as one JSON."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybench.errors import StateError
from hybench.files.atomic import remove_folder, replacing_folder, tidy
from hybench.files.checksums import recorded_digests, sha256_file
from hybench.files.documents import read_json, write_json
from hybench.sampling.dealing import DEALING
from hybench.values.typed import from_json

if TYPE_CHECKING:
    import torch

_STATE = "state.json"
_MODEL = "model.safetensors"
_OPTIMIZER = "optimizer.safetensors"


@dataclass
class LoopState:
    """The state that a training loop needs to continue; everything else follows from the config.

    Attributes:
        step: optimiser steps done.
        examples: pairs seen.
        beside: texts of lists seen beside them, hard negatives.
        tokens: tokens of the queries and passages seen, and of these texts.
        squares: sum of the squares of the tokens of each of these texts; 0 of older builds.
        scores: pairs of a query and a passage of one batch.
        joules: energy of the steps and validations; None where it is not known.
        seconds: time spent in steps and validations, over all processes that worked on the run.
        best_score: best validation score so far, None before the first.
        best_step: the step with that score.
        best_sha256: SHA-256 of the file of the weights with that score.
        without_gain: validations since then.
        finished: whether no step is left to do.
        cosines: mean cosine of random passages at each validation.
        language_scores: by query language, its score at each validation.
        alphas: what validations decided: after a step, the α of the batches that follow.
        scaler: state of the gradient scaler, empty without fp16.
    """

    step: int = 0
    examples: int = 0
    beside: int = 0
    tokens: int = 0
    squares: int = 0
    scores: int = 0
    joules: float | None = None
    seconds: float = 0.0
    best_score: float | None = None
    best_step: int = 0
    best_sha256: str = ""
    without_gain: int = 0
    finished: bool = False
    cosines: list[float] = field(default_factory=list)
    language_scores: dict[str, list[float]] = field(default_factory=dict)
    alphas: list[tuple[int, float]] = field(default_factory=list)
    scaler: dict[str, int | float] = field(default_factory=dict)


def _step_folders(folder: Path) -> list[Path]:
    """Whole checkpoints in a run's checkpoints folder, oldest first."""
    folders = [path.parent for path in folder.glob(f"step-*/{_STATE}")]
    numbered = {path: path.name.removeprefix("step-") for path in folders}
    return sorted(
        (path for path in folders if numbered[path].isdecimal()),
        key=lambda path: int(numbered[path]),
    )


def _named_optimizer_state(
    model: torch.nn.Module, optimizer: torch.optim.Optimizer
) -> dict[str, torch.Tensor]:
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    return {
        f"{names[id(parameter)]}/{key}": value
        for parameter, values in optimizer.state.items()
        for key, value in values.items()
    }


def _save_weights(path: Path, model: torch.nn.Module) -> None:
    from safetensors.torch import save_file

    # Contiguous copies: safetensors refuses tensors that share memory.
    weights = {name: value.contiguous().clone() for name, value in model.state_dict().items()}
    save_file(weights, path)


def save_checkpoint(
    folder: Path,
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    state: LoopState,
    config_digest: str,
    keep: int,
) -> Path:
    """Write ``step-N`` and delete all but the `keep` newest.

    That of a finished training has no optimiser state: nothing goes on from it.

    Args:
        folder: the run's checkpoints folder.
        model: the student.
        optimizer: its optimiser.
        state: of the loop after `state.step` steps.
        config_digest: of the config; a checkpoint cannot be resumed with another one.
        keep: number of checkpoints to keep.
    """
    from safetensors.torch import save_file

    path = folder / f"step-{state.step}"
    with replacing_folder(path, _STATE) as temporary:
        _save_weights(temporary / _MODEL, model)
        if not state.finished:
            save_file(_named_optimizer_state(model, optimizer), temporary / _OPTIMIZER)
        digests = {file.name: sha256_file(file) for file in sorted(temporary.glob("*.safetensors"))}
        write_json(
            temporary / _STATE,
            {
                "config": config_digest,
                "dealing": DEALING,
                "files": digests,
                "state": asdict(state),
            },
        )
    for old in _step_folders(folder)[:-keep]:
        remove_folder(old)
    return path


def load_checkpoint(
    folder: Path,
    model: torch.nn.Module,
    optimizer: torch.optim.Optimizer,
    config_digest: str,
) -> LoopState | None:
    """Load the newest whole checkpoint into the model and the optimiser.

    Incomplete checkpoints of killed processes are removed.

    Returns:
        The loop's state, or None if there is no checkpoint yet.

    Raises:
        StateError: the checkpoint is of another config or of other batches, or its files are
            damaged.
        DataError: its state is incomplete.
    """
    from safetensors.torch import load_file

    tidy(folder)
    folders = _step_folders(folder)
    if not folders:
        return None
    path = folders[-1]
    saved = read_json(path / _STATE)
    if saved.get("config") != config_digest:
        raise StateError(
            f"{path} was made with another config.",
            "Resume with the config of the run, or train under another --name.",
        )
    delete = f"Delete {path} to resume from the checkpoint before it."
    state = from_json(LoopState, saved.get("state"), path / _STATE, delete)
    if path.name != f"step-{state.step}":
        raise StateError(f"{path} is of step {state.step}.", delete)
    if not state.finished and saved.get("dealing") != DEALING:
        raise StateError(
            f"{path} was made by a build that draws other batches from the seed.",
            "Train under another --name, or with the build that began this run.",
        )
    digests = recorded_digests(path / _STATE)
    needed = {_MODEL, *digests} if state.finished else {_MODEL, _OPTIMIZER}
    for name in sorted(needed):
        if not (path / name).is_file() or sha256_file(path / name) != digests.get(name):
            raise StateError(f"{path / name} is damaged: its checksum differs.", delete)
    model.load_state_dict(load_file(path / _MODEL))
    if _OPTIMIZER in needed:
        _load_optimizer_state(model, optimizer, load_file(path / _OPTIMIZER))
    return state


def _load_optimizer_state(
    model: torch.nn.Module, optimizer: torch.optim.Optimizer, tensors: dict[str, torch.Tensor]
) -> None:
    grouped: dict[str, dict[str, Any]] = {}
    for key, value in tensors.items():
        name, _, field = key.rpartition("/")
        grouped.setdefault(name, {})[field] = value
    weights = [weight for group in optimizer.param_groups for weight in group["params"]]
    positions = {id(weight): at for at, weight in enumerate(weights)}
    by_position = {
        positions[id(parameter)]: grouped[name]
        for name, parameter in model.named_parameters()
        if name in grouped
    }
    optimizer.load_state_dict(
        {"state": by_position, "param_groups": optimizer.state_dict()["param_groups"]}
    )
