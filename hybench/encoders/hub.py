"""Models of the Hugging Face Hub: their files in its cache, and the commit they are of."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from hybench.encoders.libraries import quiet_libraries
from hybench.errors import UsageError
from hybench.wording.error_messages import first_line

_SECONDS = 10
_WANTED = ("*.json", "*.safetensors", "*.txt", "*.model", "*.jinja")
"""Configs, weights, vocabularies and chat templates; never pickles."""

_OTHER_BACKENDS = ("onnx/*", "openvino/*", "tf/*", "coreml/*")


def snapshot(name: str) -> tuple[Path, str]:
    """Download a model that is not in the hub's cache yet.

    Without an answer from the hub, only its cache is asked: the client would retry for more than a
    minute.

    Args:
        name: the model's id on the hub, with ``@REVISION`` for another commit, tag or branch than
            the newest of ``main``.

    Returns:
        The folder with its files, and the commit that they are of.

    Raises:
        UsageError: the hub has no such model, it is gated, or neither the hub nor the cache has it.
    """
    from huggingface_hub import snapshot_download

    model, _, asked = name.partition("@")
    commit = _commit(model, asked or None)
    quiet_libraries()
    try:
        folder = snapshot_download(
            model,
            revision=commit or asked or None,
            local_files_only=commit is None,
            allow_patterns=list(_WANTED),
            ignore_patterns=list(_OTHER_BACKENDS),
        )
    except Exception as error:
        raise UsageError(
            f"{name} cannot be loaded: {first_line(error)}",
            "Name a checkpoint directory or a reachable hub id; its weights must be safetensors.",
        ) from error
    return Path(folder), Path(folder).name


@cache
def one_file(name: str, file: str) -> Path | None:
    """One file of a model, from the hub's cache or the hub; None if neither has it.

    Args:
        name: as for `snapshot`.
        file: such as ``modules.json``.
    """
    from huggingface_hub import hf_hub_download, try_to_load_from_cache

    model, _, asked = name.partition("@")
    try:
        cached = try_to_load_from_cache(model, file, revision=asked or None)
        if isinstance(cached, str):
            return Path(cached)
        commit = _commit(model, asked or None)
        return Path(hf_hub_download(model, file, revision=commit)) if commit else None
    except Exception:  # noqa: BLE001 - the client's transport errors have no public base class
        return None


def _commit(name: str, revision: str | None) -> str | None:
    """The commit of a revision of a model on the hub, or None if the hub does not answer.

    Raises:
        UsageError: the hub answers that there is no such model, or that it is gated.
    """
    from huggingface_hub import HfApi
    from huggingface_hub.errors import (
        GatedRepoError,
        HFValidationError,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    try:
        return HfApi().model_info(name, revision=revision, timeout=_SECONDS).sha
    except GatedRepoError as error:
        raise UsageError(
            f"The hub's {name} is gated.",
            f"Accept its terms at https://huggingface.co/{name} and set HF_TOKEN.",
        ) from error
    except RevisionNotFoundError as error:
        raise UsageError(
            f"The hub's {name} has no revision {revision}.", "Name a commit, tag or branch of it."
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise UsageError(
            f"{name} was not found, here or on the hub.",
            "Check the name; a private model needs HF_TOKEN.",
        ) from error
    except Exception:  # noqa: BLE001 - the client's transport errors have no public base class
        return None
