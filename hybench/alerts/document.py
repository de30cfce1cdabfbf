"""An alert as whoever is told of it gets it."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from hybench.alerts.watch import Alert


def document(alert: Alert, now: float) -> bytes:
    """An alert as JSON; chat services show ``text``.

    Args:
        alert: what has happened.
        now: seconds since 1970.
    """
    values = {
        "format": 1,
        "text": f"hybench: {alert.text}",
        "kind": alert.kind,
        "run": alert.run,
        "step": alert.step,
        "time": datetime.fromtimestamp(now, UTC).isoformat(timespec="seconds"),
    }
    return json.dumps(values, ensure_ascii=False).encode()
