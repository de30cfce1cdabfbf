"""A Ray of a test's own."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def own_ray(cores: int) -> Iterator[None]:
    """Start a Ray with so many workers, not that of a test beside this one, and end it."""
    import ray

    ray.init(
        "local",
        num_cpus=cores,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
    )
    try:
        yield
    finally:
        ray.shutdown()
