"""The folder of data and runs that the command line's tests have made."""

from __future__ import annotations

from tests.cli.conftest import _no_settings_of_ours, copied, empty, here, workshop

__all__ = ["_no_settings_of_ours", "copied", "empty", "here", "workshop"]
