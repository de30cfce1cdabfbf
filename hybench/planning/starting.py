"""Processes of a calibration: what they say, and the memory that a loaded model takes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from hybench.errors import HybenchError

_LOADING = """
import resource, sys
import hybench.evaluation.evaluate
from hybench.encoders.loading import load_encoder
load_encoder(sys.argv[1], sys.argv[2])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
_RSS_UNIT = 1 if sys.platform == "darwin" else 2**10
"""Bytes in one unit of a process's memory: getrusage(2)."""


def python_says(*words: str) -> str:
    """What a Python program writes to stdout.

    Args:
        words: its arguments.

    Raises:
        HybenchError: it fails.
    """
    ended = subprocess.run([sys.executable, *words], capture_output=True, text=True, check=False)
    if ended.returncode:
        last = ended.stderr.strip().splitlines()[-1:] or ["it says nothing"]
        raise HybenchError(
            f"A process of the calibration fails: {last[0]}.", "Try hybench eval with the model."
        )
    return ended.stdout


def memory_with_model(model: Path, device: str) -> int:
    """Bytes at the peak of a process that loads a model, as an evaluation does.

    Raises:
        HybenchError: it fails.
    """
    return int(python_says("-c", _LOADING, str(model), device).split()[-1]) * _RSS_UNIT
