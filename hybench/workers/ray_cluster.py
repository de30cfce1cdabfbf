"""The Ray cluster at which work can be done (extra ``hybench[ray]``)."""

from __future__ import annotations

import logging

from hybench.errors import StateError, UsageError
from hybench.values.checks import one_of
from hybench.workers.exchange import check_url

ENGINES = ("local", "ray")
"""Where work is done: by processes of this machine, or on a Ray cluster."""

RETRIES = 3
"""Restarts of a piece of work after its machine or process died."""


def check_engine(engine: str, exchange: str) -> None:
    """Check where work is to be done.

    Args:
        engine: of `ENGINES`.
        exchange: URL through which a cluster's files go; empty for none.

    Raises:
        UsageError: there is no such engine, or the URL is of no use.
    """
    one_of("--engine", engine, ENGINES)
    if not exchange:
        return
    if engine != "ray":
        raise UsageError(
            f"--exchange is given with --engine {engine}.",
            "Omit it: processes of this machine share its folders. A cluster needs --engine ray.",
        )
    check_url(exchange)


def require_ray() -> None:
    """Raise an error if Ray is not installed.

    Raises:
        UsageError: it is not installed.
    """
    try:
        import ray  # noqa: F401
    except ImportError as error:
        raise UsageError("Ray is not installed.", "pip install 'hybench[ray]'.") from error


def connect(address: str) -> None:
    """Connect to a Ray cluster, unless this process is connected to one.

    Args:
        address: as in `ray.init`; empty for ``RAY_ADDRESS``, or a new local Ray.

    Raises:
        UsageError: Ray is not installed.
        StateError: there is no cluster at the address.
    """
    require_ray()
    import ray

    if ray.is_initialized():
        return
    try:
        ray.init(address=address or None, logging_level=logging.ERROR, log_to_driver=False)
    except (ConnectionError, RuntimeError, ValueError) as error:
        raise StateError(
            f"No Ray cluster at {address or 'RAY_ADDRESS'}: {error}", "Check --address."
        ) from error
