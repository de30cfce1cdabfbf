"""``python -m hybench`` is ``hybench``."""

from hybench.cli.main import run

run()
