"""The user's own cache: what is dear to make or fetch, and the same for every folder of runs."""

from __future__ import annotations

from pathlib import Path


def user_cache(kind: str) -> Path:
    """The folder of one kind of things in it; not made.

    Args:
        kind: such as ``downloads``.
    """
    import platformdirs

    return platformdirs.user_cache_path("hybench") / kind
