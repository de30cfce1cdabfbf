"""``hybench info``: what a bug report needs."""

from __future__ import annotations

import json as json_module
import platform

from hybench.cli.options import Json
from hybench.cli.state import console


def info(json: Json = False) -> None:
    """Versions and machine, for a bug report."""
    import os

    import psutil

    from hybench.environment import versions

    facts = {
        **versions(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
    }
    if json:
        console.data(json_module.dumps(facts, indent=2))
    else:
        width = max(map(len, facts))
        console.data("\n".join(f"{name:{width}}  {value}" for name, value in facts.items()))
