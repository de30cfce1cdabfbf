"""The program itself: off a terminal, in a browser's place, and for real in tmux."""

from __future__ import annotations

import asyncio
import ctypes
import json
import locale
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep
from urllib.error import HTTPError
from urllib.request import urlopen

import aiohttp
import psutil
import pytest

from hybench.cli.tui import _few_signs
from hybench.files.locks import holder
from hybench.runs.run import LOCK
from tests.builders import toy_dataset
from tests.cli.program import TRAIN, hybench, refused, works
from tests.tui.driving import write_training
from tests.waiting import HANG

pytestmark = [pytest.mark.process, pytest.mark.slow]

Tmux = Callable[..., str]


def test_off_a_terminal_it_names_what_to_use_instead() -> None:
    said = refused(2, "tui")
    assert "hybench status" in said
    assert "hybench compare" in said


def test_mistakes() -> None:
    assert "--every is 0." in refused(2, "tui", "--every", "0")


def test_the_browser_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "textual_serve", None)
    assert "pip install 'hybench[serve]'" in refused(2, "tui", "--serve")


def test_in_a_browser_on_this_machine_alone(tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    words = ["tui", str(tmp_path / "none-yet"), "--serve", "--port", str(port)]
    serving = subprocess.Popen(
        [sys.executable, "-m", "hybench", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        until_answered(port)
        assert serving.stderr is not None
        told = serving.stderr.readline()
        [token] = re.findall(rf"Open http://127\.0\.0\.1:{port}/([\w-]{{22}})/ in", told)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.2", port))
        pages = f"127.0.0.1:{port}/{token}/"
        with urlopen(f"http://{pages}") as page:  # asks no other site for styles or fonts
            policy = page.headers["Content-Security-Policy"]
            links = re.findall(r"[\"'(](http://127[^\"')]+|ws://[^\"')]+)", page.read().decode())
        assert links
        assert all(f":{port}/{token}/" in link for link in links)
        assert "frame-ancestors 'none'" in policy
        with urlopen(f"http://{pages}static/js/textual.js") as script:
            assert script.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
        for path in ("", "static/js/textual.js", "x" * 22 + "/", "ws", "%C3%A9/"):
            with pytest.raises(HTTPError, match="403") as refusal:
                urlopen(f"http://127.0.0.1:{port}/{path}")
            refusal.value.close()
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            asyncio.run(pages_shown(port, "x", f"http://localhost:{port}", "There is no folder"))
        allowed = {f"http://127.0.0.1:{port}", f"http://localhost:{port}"}
        assert set(re.findall(r"https?://[^\s;]+", policy)) == allowed
        assert "style-src" in policy
        assert asyncio.run(
            pages_shown(port, token, f"http://localhost:{port}", "There is no folder")
        )
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            asyncio.run(pages_shown(port, token, "http://elsewhere.example", "There is no folder"))
        assert f"--port {port} cannot be used" in refused(2, *words)
        serving.send_signal(signal.SIGINT)
        assert serving.wait(timeout=HANG) == 0
    finally:
        serving.kill()
        serving.communicate()  # closes the pipe


def until_answered(port: int) -> None:
    """Wait until somebody listens there."""
    end = monotonic() + HANG
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert monotonic() < end
            sleep(0.05)
        else:
            return


async def pages_shown(port: int, token: str, origin: str, text: str) -> bool:
    """Whether the dashboard comes to show a text to a page of that origin."""
    url = f"ws://127.0.0.1:{port}/{token}/ws?width=80&height=24"
    shown = b""
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url, origin=origin) as page,
        asyncio.timeout(60),
    ):
        async for message in page:
            shown += message.data if isinstance(message.data, bytes) else b""
            if text.encode() in shown:
                return True
    return False


def test_help_and_other_commands_import_no_textual() -> None:
    code = (
        "import sys; from hybench.cli.main import app\n"
        "assert not {'textual', 'torch', 'numpy', 'polars'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    assert "dashboard" in hybench("tui", "--help").out


def test_the_app_imports_neither_torch_nor_what_the_list_of_runs_does_without() -> None:
    code = (
        "import sys; import hybench.tui.launch\n"
        "unwanted = {'torch', 'polars', 'numpy', 'scipy', 'matplotlib', 'urllib.request'}\n"
        "assert not unwanted & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    """Calls tmux on a server of its own."""
    if shutil.which("tmux") is None:
        pytest.skip("no tmux here")

    def call(*arguments: str) -> str:
        words = ["tmux", "-S", str(tmp_path / "socket"), "-f", os.devnull, *arguments]
        return subprocess.run(words, check=True, capture_output=True, text=True).stdout

    yield call
    subprocess.run(
        ["tmux", "-S", str(tmp_path / "socket"), "kill-server"], check=False, capture_output=True
    )


def until(tmux: Tmux, text: str) -> list[str]:
    end = monotonic() + HANG
    while text not in (shown := tmux("capture-pane", "-p")):
        assert monotonic() < end, shown
        sleep(0.05)
    return shown.splitlines()


def start(tmux: Tmux, *arguments: object, environment: tuple[str, ...] = ()) -> None:
    words = ["env", *environment, sys.executable, "-m", "hybench", "tui", *map(str, arguments)]
    tmux("new-session", "-d", "-x", "80", "-y", "24", shlex.join(words))


@pytest.mark.usefixtures("forked")
def test_a_training_beside_the_dashboard(tmux: Tmux, tmp_path: Path) -> None:
    toy_dataset(tmp_path / "data")
    folders = ("--data-dir", str(tmp_path / "data"), "--runs-dir", str(tmp_path / "runs"))
    start(tmux, *folders)
    until(tmux, "There is no folder")
    arguments = [*TRAIN, "--name", "live", "--steps", "200000", *folders]
    training = subprocess.Popen(
        [sys.executable, "-m", "hybench", *arguments], stderr=subprocess.DEVNULL
    )
    try:
        lines = until(tmux, "● live")
        assert "200k" in next(line for line in lines if "● live" in line)
        until(tmux, "● 1 live")
        until(tmux, "loss EMA .9  ◆live")
        tmux("resize-window", "-x", "140", "-y", "40")
        until(tmux, "running")
        tmux("send-keys", "S")
        until(tmux, "stop live? enter: yes, escape: no")
        tmux("send-keys", "Enter")
        until(tmux, f"kill -INT {training.pid}")
        until(tmux, "interrupted")
        assert training.wait(timeout=HANG) == 130
        tmux("resize-window", "-x", "40", "-y", "10")
        until(tmux, "Terminal too small: 40×10")
        tmux("send-keys", "q")
    finally:
        training.kill()
        training.wait()


def test_the_demo_trains_and_leaves_nothing(tmux: Tmux, tmp_path: Path) -> None:
    start(tmux, "--demo", environment=(f"TMPDIR={tmp_path}",))
    until(tmux, "Preparing the demo's data")
    until(tmux, "● mono")
    until(tmux, "loss EMA .9  ◆mono 0.")
    [folder] = tmp_path.glob("hybench-demo-*")
    trained_by = holder(folder / "runs" / "mono" / LOCK)
    assert trained_by is not None
    tmux("send-keys", "q")
    end = monotonic() + HANG
    while folder.exists() or psutil.pid_exists(trained_by):
        assert monotonic() < end
        sleep(0.05)


INDIC = {
    "bn": "থাইল্যান্ডের রাজধানী কী এবং কোথায়",
    "hi": "थाईलैंड की राजधानी क्या है और कहाँ है",
    "te": "థాయిలాండ్ రాజధాని ఏది మరియు ఎక్కడ ఉంది",
    "en": "What is the capital of Thailand, and where is it",
}


def cells(text: str) -> int:
    """Cells that the C library gives a text."""
    wcwidth = ctypes.CDLL(None).wcwidth
    return sum(wcwidth(ord(character)) for character in text)


@pytest.fixture
def indic(tmp_path: Path) -> Path:
    """Two evaluated runs, on queries and passages that are long and of four scripts."""
    layout = tmp_path / "layout"
    for folder in ("corpus", "queries", "qrels"):
        (layout / folder).mkdir(parents=True)
    for code, text in INDIC.items():
        lines = [json.dumps({"_id": f"p{at}", "text": f"{text} {at} {text}"}) for at in range(5)]
        (layout / "corpus" / f"{code}.jsonl").write_text("\n".join(lines))
        query = json.dumps({"_id": "q", "text": text, "split": "test"})
        (layout / "queries" / f"{code}.jsonl").write_text(query)
        (layout / "qrels" / f"{code}.tsv").write_text("query-id\tcorpus-id\tscore\nq\tp3\t1\n")
    folders = ("--data-dir", str(tmp_path / "data"))
    works("prepare", "jsonl", str(layout), "--name", "four", *folders)
    works("eval", "bm25", "--data", "four", *folders, "--runs-dir", str(tmp_path / "runs"))
    shutil.copytree(tmp_path / "runs" / "bm25", tmp_path / "runs" / "again")
    return tmp_path / "runs"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="widths are those of glibc")
def test_rows_of_indian_scripts_stay_in_their_cells(tmux: Tmux, indic: Path) -> None:
    old = locale.setlocale(locale.LC_CTYPE)
    locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    try:
        start(tmux, indic, "--data-dir", indic.parent / "data")
        until(tmux, "2 runs")
        tmux("send-keys", "5")
        until(tmux, "against")
        lines = until(tmux, INDIC["hi"])
        for code, text in INDIC.items():
            [column] = {
                cells(line[: line.index(text[:8])])
                for line in lines[3:]
                if text[:8] in line and f" {code} " in line
            }
            assert column == cells(lines[2][: lines[2].index("query")]), code
        tmux("send-keys", "Enter")
        lines = until(tmux, "Relevant:")
        rows = [line for line in lines if re.match(r"\s+\d [✓ ] ", line)]
        assert len(rows) == 5
        assert len({cells(row[: row.index(" = ")]) for row in rows}) == 1
        assert max(map(cells, lines)) <= 80
    finally:
        locale.setlocale(locale.LC_CTYPE, old)


def test_a_linux_console_gets_signs_that_it_has_and_every_text(tmux: Tmux, indic: Path) -> None:
    start(tmux, indic, "--data-dir", indic.parent / "data", environment=("TERM=linux",))
    until(tmux, "2 runs | by state")
    for tab, text in (("2", "reference: "), ("3", "passages (mono)"), ("4", "W/T/L")):
        tmux("send-keys", tab)
        until(tmux, text)
        assert tmux("capture-pane", "-p").isascii()
    tmux("send-keys", "5")
    until(tmux, INDIC["hi"])
    tmux("send-keys", "q")


@pytest.mark.parametrize(
    ("environment", "encoding", "few"),
    [
        ({"TERM": "linux"}, "utf-8", True),
        ({"TERM": "xterm-256color"}, "UTF-8", False),
        ({"TERM": "xterm"}, "iso8859-1", True),
        ({"TERM": "linux", "TEXTUAL_DRIVER": "x"}, "utf-8", False),
    ],
)
def test_terminals_of_few_signs_are_known(
    environment: dict[str, str], encoding: str, few: bool
) -> None:
    assert _few_signs(environment, encoding) == few


def test_a_chart_of_infinite_values_says_so() -> None:
    """Case 07."""
    case = Path(__file__).parents[3] / "shared" / "cases" / "07-chart-all-infinite"
    if not case.is_dir():
        pytest.skip(f"{case} is not there")
    words = [sys.executable, "show.py"]
    said = subprocess.run(words, cwd=case, capture_output=True, text=True, check=True).stdout
    lines = said.splitlines()
    place = next(at for at, line in enumerate(lines) if "gradient norm" in line)
    assert "◆inf inf" in lines[place]
    assert "All values are infinite." in lines[place + 1]
    assert "×" in lines[place + 2]


@pytest.mark.parametrize(
    ("environment", "arguments"),
    [
        (("NO_COLOR=1", "TERM=tmux-256color"), ()),
        (("NO_COLOR=1", "TERM=xterm"), ("--ascii",)),
        (("TERM=xterm",), ("--ascii",)),
    ],
)
def test_few_or_no_colours(
    tmux: Tmux, tmp_path: Path, environment: tuple[str, ...], arguments: tuple[str, ...]
) -> None:
    runs = tmp_path / "runs"
    write_training(runs, "mono")
    start(tmux, runs, *arguments, environment=environment)
    until(tmux, "loss EMA .9")
    colored = tmux("capture-pane", "-p", "-e")
    plain = tmux("capture-pane", "-p")
    assert plain.isascii() == bool(arguments)
    if "NO_COLOR=1" in environment:
        assert not any(f"\x1b[{code}" in colored for code in ("38;", "48;", "31", "32", "44"))
    else:
        assert "38;" not in colored
