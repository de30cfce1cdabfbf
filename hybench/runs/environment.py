"""The environment of a run: versions, machine, command line."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from typing import Any

from hybench.version import __version__

_PACKAGES = (
    "babel", "datasets", "numpy", "polars", "sentence-transformers", "tokenizers",
    "torch", "transformers", "usearch",
)  # fmt: skip


def versions() -> dict[str, str]:
    """Versions of hybench, Python and the packages that affect results."""
    packages = {"hybench": __version__, "python": platform.python_version()}
    for name in _PACKAGES:
        try:
            packages[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            packages[name] = "not installed"
    return packages


def describe_environment(device: str) -> dict[str, Any]:
    """The content of ``environment.json``.

    Args:
        device: the device that the work runs on, already resolved.
    """
    return {
        "versions": versions(),
        "device": _device_name(device),
        "threads": os.environ.get("OMP_NUM_THREADS") or os.cpu_count(),
        "platform": platform.platform(),
        "processor": platform.processor() or platform.machine(),
        "argv": sys.argv,
        "git": _git_commit(),
    }


def _device_name(device: str) -> str:
    if not device.startswith("cuda"):
        return device
    import torch

    return f"{device} ({torch.cuda.get_device_name(device)})"


def _git_commit() -> str | None:
    """Commit of the working directory's repository, with ``+`` if it has changes."""
    try:
        commit = subprocess.run(
            ["git", "describe", "--always", "--abbrev=40", "--exclude=*", "--dirty=+"],
            capture_output=True,
            text=True,
            timeout=5,
            check=True,
            cwd=Path.cwd(),
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return commit.stdout.strip() or None
