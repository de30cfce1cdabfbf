"""Who is told, and of what: ``[alerts]`` of the project's settings."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from hybench.alerts.watch import KINDS
from hybench.config.project_file import nearest_settings
from hybench.errors import UsageError
from hybench.values.checks import one_of, within
from hybench.values.typed import from_toml, typed

TABLE = "alerts"
"""The table of the settings file."""

WEBHOOK = "HYBENCH_ALERTS_WEBHOOK"
"""The variable that holds an address, which need not stand in a file then."""


@dataclass(frozen=True)
class AlertSettings:
    """Who is told, and of what.

    Attributes:
        on: kinds of `hybench.alerts.watch.KINDS`.
        webhook: an address that gets a POST of JSON for each alert; empty for none.
        command: a program and its arguments, run for each alert; empty for none.
        desktop: whether the terminal shows a notification (OSC 9).
        timeout: seconds that the webhook or the command may take.
    """

    on: tuple[str, ...] = tuple(kind for kind in KINDS if kind != "interrupted")
    webhook: str = ""
    command: tuple[str, ...] = ()
    desktop: bool = False
    timeout: float = 10.0

    def __post_init__(self) -> None:
        """Check the values.

        Raises:
            UsageError: a kind is unknown, or the address is none of the web.
        """
        for kind in self.on:
            one_of("[alerts] on", kind, KINDS)
        within("[alerts] timeout", self.timeout, 0.1, 600)
        if self.webhook and not _is_of_the_web(self.webhook):
            raise UsageError(
                "[alerts] webhook is not an address of the web.",
                "It must begin with https:// or http://.",
            )


def _is_of_the_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return False


def alert_settings(folder: Path, variables: Mapping[str, str] = os.environ) -> AlertSettings:
    """The settings nearest to a folder; who sets nothing is told in the dashboard alone.

    Args:
        folder: where the search for the file begins.
        variables: of the environment; `WEBHOOK` replaces the file's.

    Raises:
        UsageError: the file is not TOML, or an entry of the table is unknown or of a wrong type.
    """
    found = nearest_settings(folder)
    table, where = {}, f"[{TABLE}]"
    if found is not None:
        where = f"{found.path}: [{TABLE}]"
        table = typed(found.values.get(TABLE, {}), dict, where)
    if variables.get(WEBHOOK):
        table = {**table, "webhook": variables[WEBHOOK]}
    return from_toml(AlertSettings, table, where)
