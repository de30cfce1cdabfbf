"""What is printed where, in which colour, and with which exit code."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from hybench.cli.console import Color, Console, run_guarded
from hybench.errors import HybenchError, StateError, UsageError
from hybench.wording.text_table import Entry, Line, Sheet
from tests.cli.terminals import Terminal, _plain_environment

__all__ = ["_plain_environment"]

SHEET = Sheet("Title", ("lang", "a"), 1, (Line((Entry("en"), Entry("50.0", "better", "▲"))),))


def _raising(error: BaseException) -> Callable[[], object]:
    def function() -> object:
        raise error

    return function


def _guarded(error: BaseException, *, debug: bool = False) -> tuple[int, str]:
    out, err = io.StringIO(), io.StringIO()
    code = run_guarded(_raising(error), Console(stdout=out, stderr=err, debug=debug))
    assert out.getvalue() == ""
    return code, err.getvalue()


def test_data_to_stdout_talk_to_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(verbose=True)
    console.data("1,2")
    console.data("")
    console.talk("done [bold]")
    console.detail("more")
    console.warn("careful")
    captured = capsys.readouterr()
    assert captured.out == "1,2\n"
    assert captured.err == "done [bold]\nmore\nwarning: careful\n"


def test_quiet_keeps_data_warnings_and_errors(capsys: pytest.CaptureFixture[str]) -> None:
    console = Console(quiet=True, verbose=True)
    console.data("data")
    console.talk("talk")
    console.detail("detail")
    console.warn("careful")
    console.fail(StateError("What.", "Do."))
    captured = capsys.readouterr()
    assert captured.out == "data\n"
    assert captured.err == "warning: careful\nerror: What.\n  Do.\n"


def test_a_colored_word_stays_on_its_line() -> None:
    err = io.StringIO()
    Console(stderr=err, color="always").warn("x is y.")
    assert len(err.getvalue().splitlines()) == 1
    Console(stderr=err, color="always").error("x is z.", "Take y.")
    assert [line.count("x is z.") for line in err.getvalue().splitlines()] == [0, 1, 0]


@pytest.mark.parametrize(
    ("color", "terminal", "no_color", "colored"),
    [
        ("auto", True, "", True),
        ("auto", False, "", False),
        ("auto", True, "1", False),
        ("always", False, "1", True),
        ("never", True, "", False),
    ],
)
def test_color(
    color: Color, terminal: bool, no_color: str, colored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", no_color)
    out = Terminal() if terminal else io.StringIO()
    err = Terminal() if terminal else io.StringIO()
    console = Console(color=color, stdout=out, stderr=err)
    console.show(SHEET)
    console.error("What.", "Do.")
    assert ("\x1b[" in out.getvalue()) == colored
    assert ("\x1b[" in err.getvalue()) == colored
    assert "50.0▲" in out.getvalue()


def test_piped_tables_are_not_cut() -> None:
    wide = Sheet("T", tuple(f"column-{at:03}" for at in range(60)), 1,
                 (Line(tuple(Entry(f"value-{at:03}") for at in range(60))),))  # fmt: skip
    out = io.StringIO()
    console = Console(stdout=out)
    assert console.width is None
    console.show(wide)
    line = next(line for line in out.getvalue().splitlines() if "value-000" in line)
    assert "value-059" in line
    terminal = Terminal()
    Console(stdout=terminal, color="never").show(wide)
    assert all(f"value-{at:03}" in terminal.getvalue() for at in range(60))
    assert max(map(len, terminal.getvalue().splitlines())) <= 80


def test_several_sheets_stand_apart() -> None:
    out = io.StringIO()
    Console(stdout=out).show(SHEET, SHEET)
    assert out.getvalue().count("Title") == 2
    assert "\n\nTitle" in out.getvalue()


def test_output_to_a_file(tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    console = Console(stdout=out, stderr=err)
    path = tmp_path / "table.md"
    console.output("text ▲\n", path)
    assert path.read_text(encoding="utf-8") == "text ▲\n"
    assert [file.name for file in path.parent.iterdir()] == ["table.md"]
    assert (out.getvalue(), err.getvalue()) == ("", f"Written to {path}.\n")
    console.output("text", None)
    console.output("text", Path("-"))
    assert out.getvalue() == "text\ntext\n"
    with pytest.raises(UsageError, match="is a folder"):
        console.output("text", tmp_path)
    with pytest.raises(UsageError, match="there is no folder"):
        console.output("text", tmp_path / "new" / "table.md")
    assert not (tmp_path / "new").exists()


def test_a_stream_without_unicode_gets_question_marks() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    Console(stdout=stream).data("a▲b")
    assert raw.getvalue() == b"a?b\n"


def test_our_errors() -> None:
    code, err = _guarded(UsageError("--alpha is 2.", "At most 1."))
    assert (code, err) == (2, "error: --alpha is 2.\n  At most 1.\n")
    code, err = _guarded(HybenchError("What.", "Do."), debug=True)
    assert code == 1
    assert err.startswith("Traceback")
    assert err.endswith("error: What.\n  Do.\n")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/x"), "No space left on device: /x."),
        (PermissionError(errno.EACCES, "Permission denied", "/x"), "Permission denied: /x."),
        (OSError(errno.EROFS, "Read-only file system"), "Read-only file system."),
        (ConnectionError("no route"), "no route."),
        (MemoryError(), "Out of memory."),
        (RuntimeError("[enforce] DefaultCPUAllocator: can't allocate memory"), "Out of memory."),
        (type("OutOfMemoryError", (RuntimeError,), {})("CUDA"), "Out of GPU memory."),
    ],
)
def test_the_machine_is_at_its_end(error: Exception, says: str) -> None:
    code, err = _guarded(error)
    assert code == 1
    assert err.startswith(f"error: {says}\n  ")
    assert len(err.splitlines()) == 2
    assert "a bug" not in err
    assert "Traceback" not in err


def test_a_bug_says_so_without_a_traceback() -> None:
    code, err = _guarded(KeyError("x"))
    assert code == 1
    assert err.startswith("error: this is a bug in hybench: KeyError: 'x'\n")
    assert "--debug" in err
    assert "Traceback" not in err
    assert "Traceback" in _guarded(KeyError("x"), debug=True)[1]


def test_interruption() -> None:
    assert _guarded(KeyboardInterrupt()) == (130, "Interrupted.\n")
    err = io.StringIO()
    assert run_guarded(lambda: 130, Console(stderr=err)) == 130
    assert err.getvalue() == "Interrupted.\n"


def test_exit_codes() -> None:
    console = Console(stderr=io.StringIO())
    assert run_guarded(lambda: None, console) == 0
    assert run_guarded(lambda: "text", console) == 0
    assert run_guarded(lambda: 1, console) == 1
    assert run_guarded(_raising(SystemExit()), console) == 0
    assert run_guarded(_raising(SystemExit(2)), console) == 2
    assert run_guarded(_raising(SystemExit("why")), console) == 1


@pytest.mark.process
def test_a_reader_that_goes_ends_it_quietly() -> None:
    program = (
        "import sys; from hybench.cli.console import Console, run_guarded\n"
        "console = Console()\n"
        "def work():\n"
        "    for _ in range(100_000): console.data('x' * 100)\n"
        "    return 5\n"
        "sys.exit(run_guarded(work, console))\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait() == 0


@pytest.mark.process
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_a_full_disk_behind_stdout_is_one_line() -> None:
    program = (
        "import sys; from hybench.cli.console import Console, run_guarded\n"
        "console = Console()\n"
        "sys.exit(run_guarded(lambda: console.data('x'), console))\n"
    )
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", program], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert done.returncode == 1
    assert done.stderr.decode().splitlines()[0] == "error: No space left on device."
    assert b"Traceback" not in done.stderr


@pytest.mark.process
def test_importing_it_loads_neither_rich_nor_polars() -> None:
    program = (
        "import sys, hybench.cli.console\n"
        "print([m for m in ('rich', 'polars', 'numpy', 'typer') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, check=True, text=True,
        env={**os.environ},
    )  # fmt: skip
    assert done.stdout == "[]\n"
