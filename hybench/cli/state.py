"""The console that all commands of this process use."""

from __future__ import annotations

from hybench.cli.console import Console

console = Console()
