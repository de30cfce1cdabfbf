"""What ``--encoder`` names: an encoder made here, or a checkpoint's directory or hub id."""

from __future__ import annotations

from pathlib import Path

from hybench.encoders.kinds import (
    ENCODERS,
    STATIC_CHECKPOINT_DEFAULTS,
    TRANSFORMER_CHECKPOINT_DEFAULTS,
    Defaults,
)


def is_checkpoint(name: str) -> bool:
    """Whether a name is that of a checkpoint, not of an encoder made here."""
    return name not in ENCODERS


def run_model(name: str | None) -> Path | None:
    """The model of the run that a name is, by its folder or by that of its model; None if it is no
    run.
    """
    folder = Path(name or "")
    for run in (folder, folder.parent):
        model = run / "model"
        if name and (run / "config.toml").is_file() and model.is_dir() and folder in {run, model}:
            return model
    return None


def defaults_of(name: str, init: str | None = None) -> Defaults:
    """The defaults of an encoder; those of a checkpoint depend on what it is.

    Of a checkpoint on the hub, only the list of its modules is fetched; where that cannot be had,
    it counts as a transformer.

    Args:
        name: of the encoder.
        init: what it begins with, if that is not its own start.

    Raises:
        UsageError: the package that adds the encoder cannot be imported.
        DataError: a file of the checkpoint is damaged.
    """
    if not is_checkpoint(name):
        kind = ENCODERS[name]
        return kind.defaults if init is None else kind.distilled or kind.defaults
    from hybench.encoders.checkpoint import MODULES, Checkpoint
    from hybench.encoders.hub import one_file

    folder: Path | None = Path(name)
    if not Path(name).is_dir():
        listed = one_file(name, MODULES)
        folder = listed and listed.parent
    static = folder is not None and Checkpoint(name, folder).is_static
    return STATIC_CHECKPOINT_DEFAULTS if static else TRANSFORMER_CHECKPOINT_DEFAULTS
