"""Checkpoints from a directory or the hub: safetensors only, and never remote code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.encoders.encoder import Encoder
from hybench.encoders.libraries import quiet_libraries
from hybench.errors import DataError, UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_HUB_SECONDS = 10


def resolve_device(device: str) -> str:
    """The device to use: ``auto`` is cuda if available, else cpu.

    Raises:
        UsageError: the device is not available.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    if re.fullmatch(r"cpu|cuda(:\d+)?", device) is None:
        raise UsageError(f"--device is {device!r}.", "Choose auto, cpu, cuda or cuda:N.")
    number = int(device.partition(":")[2] or 0)
    if device != "cpu" and number >= torch.cuda.device_count():
        raise UsageError(
            f"--device {device}: this device is not available.", "Use --device cpu or auto."
        )
    return device


def load_model(name: str | Path, device: str = "auto") -> SentenceTransformer:
    """Load a checkpoint directory or hub id; never unpickles, never runs remote code.

    Raises:
        UsageError: there is no such checkpoint, or only one of pickles.
        DataError: it exists but cannot be loaded.
    """
    from sentence_transformers import SentenceTransformer

    where = resolve_device(device)
    folder = Path(name)
    revision = None
    if not _is_checkpoint_folder(name):
        revision = _hub_revision(str(name))
    quiet_libraries()
    try:
        return SentenceTransformer(
            str(name),
            device=where,
            trust_remote_code=False,
            revision=revision,
            # Without an answer from the hub, only its cache is asked: its client would retry for
            # more than a minute.
            local_files_only=folder.is_dir() or revision is None,
            model_kwargs={"use_safetensors": True},
        )
    except OSError as error:
        raise UsageError(
            f"{name} cannot be loaded: {_first_line(error)}",
            "Name a checkpoint directory or a reachable hub id; its weights must be safetensors.",
        ) from error
    except MemoryError:
        raise
    except Exception as error:  # with untrusted files, libraries may raise anything
        if "memory" in type(error).__name__.lower() + str(error).lower():
            raise
        raise DataError(
            f"{name} cannot be loaded: {_first_line(error)}",
            "It needs remote code, which hybench never runs, or its files are damaged.",
        ) from error


def _is_checkpoint_folder(name: str | Path) -> bool:
    """Whether `name` is a directory with weights; False if it can only be a hub id.

    Raises:
        UsageError: it is a path without a checkpoint, or with one of pickles.
    """
    folder = Path(name)
    if folder.is_dir():
        if any(folder.rglob("*.safetensors")):
            return True
        raise UsageError(
            f"{name} has no safetensors weights.",
            "Save the checkpoint with safe_serialization=True: pickles are never loaded.",
        )
    looks_local = folder.is_absolute() or str(name).startswith(("./", "../", "~"))
    if looks_local or isinstance(name, Path) or str(name).count("/") > 1:
        raise UsageError(f"There is no checkpoint {name}.", "Check the path.")
    return False


def _hub_revision(name: str) -> str | None:
    """Newest commit of a model on the hub, or None if the hub does not answer.

    Raises:
        UsageError: the hub answers that there is no such model, or that it is gated.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import GatedRepoError, HFValidationError, RepositoryNotFoundError

    try:
        return HfApi().model_info(name, timeout=_HUB_SECONDS).sha
    except GatedRepoError as error:
        raise UsageError(
            f"The hub's {name} is gated.",
            f"Accept its terms at https://huggingface.co/{name} and set HF_TOKEN.",
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise UsageError(
            f"{name} was not found, here or on the hub.",
            "Check the name; a private model needs HF_TOKEN.",
        ) from error
    except Exception:  # noqa: BLE001 - the client's transport errors have no public base class
        return None


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]


def load_encoder(path: Path | str, device: str = "auto") -> Encoder:
    """The encoder saved in a model directory, with the prefixes and lengths saved with it.

    Raises:
        UsageError: there is no such checkpoint.
        DataError: it cannot be loaded.
    """
    return Encoder(load_model(path, device))
