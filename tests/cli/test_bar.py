"""Progress: a bar on a terminal, a closing line elsewhere."""

from __future__ import annotations

import io
from contextlib import suppress

from hybench.cli.console import Console
from hybench.concurrency.progress import Progress
from tests.cli.terminals import Terminal, _plain_environment

__all__ = ["_plain_environment"]


class Clock:
    """A clock that is set by hand."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_progress_off_a_terminal_is_one_closing_line() -> None:
    err, clock = io.StringIO(), Clock()
    with Console(stderr=err, clock=clock).progress() as report:
        for done in range(0, 501, 50):
            clock.now = done / 100
            report(Progress("encode yo", done, 500, "passages"))
        report(Progress("encode sw", 1500, None, "passages"))
        assert err.getvalue() == ""
    assert err.getvalue() == "encode yo … encode sw: 2,000 passages in 5.0 s\n"


def test_long_work_off_a_terminal_says_where_it_is_every_half_minute() -> None:
    err = io.StringIO()
    seconds = iter(range(0, 1000, 10))
    console = Console(stderr=err, clock=lambda: float(next(seconds)))
    with console.progress() as progress:
        for done in range(1, 8):
            progress(Progress("encode yo", done * 100, 900, "passages", "slowly"))
    assert err.getvalue().splitlines() == [
        "encode yo: 300/900 passages slowly",
        "encode yo: 600/900 passages slowly",
        "encode yo: 700 passages in 1 min 20 s",
    ]


def test_progress_says_nothing_when_quiet_idle_or_failed() -> None:
    err = io.StringIO()
    with Console(stderr=err, quiet=True).progress() as report:
        report(Progress("a", 1, 2, "x"))
    console = Console(stderr=err)
    with console.progress():
        pass
    with suppress(RuntimeError), console.progress() as report:
        report(Progress("a", 1, 2, "x"))
        raise RuntimeError
    assert err.getvalue() == ""
    console.talk("after")
    assert err.getvalue() == "after\n"


def test_short_work_shows_no_bar_on_a_terminal() -> None:
    err, clock = Terminal(), Clock()
    with Console(stderr=err, clock=clock).progress() as report:
        clock.now = 0.9
        report(Progress("a", 1, 2, "x"))
    assert err.getvalue() == ""


def test_bytes_on_a_bar() -> None:
    err, clock = Terminal(), Clock()
    with Console(stderr=err, color="never", clock=clock).progress() as report:
        report(Progress("load", 0, 4_000_000, "bytes"))
        clock.now = 2.0
        report(Progress("load", 2_000_000, 4_000_000, "bytes"))
    assert "2.0 MB/4.0 MB 1.0 MB/s" in err.getvalue()


def test_a_bar_on_a_terminal_with_amount_and_rate() -> None:
    err, clock = Terminal(), Clock()
    console = Console(stderr=err, color="never", clock=clock)
    with console.progress() as report:
        report(Progress("load", 0, 4_000_000, "bytes"))
        clock.now = 2.0
        report(Progress("load", 2_000_000, 4_000_000, "bytes"))
        console.talk("above the bar")
        clock.now = 3.0
        report(Progress("encode", 0, 100, "passages"))
        clock.now = 5.0
        report(Progress("encode", 50, 100, "passages"))
    text = err.getvalue()
    assert "above the bar\n" in text
    assert "encode" in text.split("above the bar")[1]
    assert "50/100 passages 25/s" in text
    assert text.endswith("load … encode: 2.0 MB, 50 passages in 5.0 s\n")
