"""Which tests `make test` leaves out, and which start other processes: one rule for each.

A test with a browser, LaTeX or Ray is slow. One that starts a process has to be marked `process`;
where the mark is forgotten, the test fails and says so.
"""

from __future__ import annotations

import gc
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

SLOW = ("browser", "ray", "tex")
"""Markers of tests that are slow."""

FIXTURES = {"chromium": "browser", "tmux": "process"}
"""Fixtures whose tests bear a marker."""

_QUIET = ("fc-list", "git", "ldconfig", "uname")
"""Programs that libraries (matplotlib for its fonts, once on a machine) and
`hybench.runs.environment` ask for a word."""

_started: list[str] = []


def _listen(event: str, arguments: tuple[object, ...]) -> None:
    if event == "subprocess.Popen":
        words = arguments[1]
        program = str(words[0] if isinstance(words, list | tuple) else words)
        if Path(program).name not in _QUIET:
            _started.append(program)
    elif event in {"os.fork", "os.posix_spawn"}:
        _started.append(event)


sys.addaudithook(_listen)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give tests the markers that follow from their fixtures and other markers."""
    for item in items:
        for fixture in FIXTURES.keys() & set(getattr(item, "fixturenames", ())):
            item.add_marker(FIXTURES[fixture])
        if item.get_closest_marker("ray"):
            item.add_marker(pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"))
        if any(item.get_closest_marker(name) for name in SLOW):
            item.add_marker("slow")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    """Close the logs that Ray leaves to the collector, which another test would be blamed for."""
    yield
    if item.get_closest_marker("ray"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()


@pytest.fixture(autouse=True)
def _processes_are_marked(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that has started a process without saying so."""
    before = len(_started)
    yield
    marked = any(request.node.get_closest_marker(name) for name in ("process", *SLOW))
    if len(_started) > before and not marked:
        pytest.fail(f"It starts {_started[before]} and is not marked `process`.")
