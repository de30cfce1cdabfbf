"""Alerts reach a webhook and a command, in a thread, and no secret is shown when they do not."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from hybench.alerts.senders import Command
from hybench.alerts.settings import WEBHOOK, AlertSettings, alert_settings
from hybench.alerts.teller import Teller
from hybench.alerts.watch import Alert
from hybench.alerts.webhook import Webhook
from hybench.errors import StateError, UsageError
from hybench.runs.status import RunStatus

ALERT = Alert("failed", "yo-s0", Path("runs/yo-s0"), "yo-s0 has failed: the loss is nan.", 31)
SECRET = "T0K3N"


class Receiver(BaseHTTPRequestHandler):
    got: list[tuple[str, dict[str, Any]]]
    answer = 200
    wait = 0.0

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.got.append((self.path, json.loads(body)))
        time.sleep(self.wait)
        self.send_response(self.answer)
        if self.answer == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def do_GET(self) -> None:
        self.got.append((self.path, {}))

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[type[Receiver], str]]:
    """A server, and the address of its webhook."""
    monkeypatch.setattr(Receiver, "got", [], raising=False)
    server = HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield Receiver, f"http://127.0.0.1:{server.server_port}/hooks/{SECRET}?key={SECRET}"
    server.shutdown()
    server.server_close()


def test_a_webhook_gets_one_post(receiver: tuple[type[Receiver], str]) -> None:
    handler, address = receiver
    Webhook(address, 5, lambda: 0.0)(ALERT)
    [(path, said)] = handler.got
    assert path.endswith(f"/hooks/{SECRET}?key={SECRET}")
    assert said == {
        "format": 1,
        "text": "hybench: yo-s0 has failed: the loss is nan.",
        "kind": "failed",
        "run": "yo-s0",
        "step": 31,
        "time": "1970-01-01T00:00:00+00:00",
    }


@pytest.mark.parametrize(("answer", "wait"), [(403, 0.0), (302, 0.0), (200, 2.0)])
def test_what_a_webhook_does_not_take_is_said_without_its_secret(
    answer: int,
    wait: float,
    receiver: tuple[type[Receiver], str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    handler, address = receiver
    monkeypatch.setattr(handler, "answer", answer)
    monkeypatch.setattr(handler, "wait", wait)
    with pytest.raises(StateError) as error:
        Webhook(address, 0.5, time.time)(ALERT)
    assert error.value.what.startswith("The alert did not reach 127.0.0.1: ")
    assert SECRET not in error.value.what + error.value.do
    assert error.value.__cause__ is None
    assert len(handler.got) == 1  # neither repeated nor sent on


def test_an_address_that_nobody_answers() -> None:
    with pytest.raises(StateError) as error:
        Webhook(f"http://127.0.0.1:1/{SECRET}", 0.5, time.time)(ALERT)
    assert SECRET not in str(error.value)


@pytest.mark.process
def test_a_command_gets_the_alert(tmp_path: Path) -> None:
    code = (
        "import os, sys, pathlib; pathlib.Path(sys.argv[1]).write_text("
        "sys.stdin.read() + os.environ['HYBENCH_ALERT'] + os.environ['HYBENCH_ALERT_KIND'])"
    )
    out = tmp_path / "a b;c"  # no shell reads it
    Command((sys.executable, "-c", code, str(out)), 30, lambda: 0.0)(ALERT)
    text = out.read_text()
    assert text.endswith("yo-s0 has failed: the loss is nan.failed")
    assert '"run": "yo-s0"' in text


@pytest.mark.process
@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (("no-such-program",), "cannot be run"),
        ((sys.executable, "-c", "raise SystemExit(3)"), "ended with code 3"),
        ((sys.executable, "-c", "import time; time.sleep(30)"), "took more than 0.3 s"),
    ],
)
def test_a_command_that_fails_is_said(arguments: tuple[str, ...], why: str) -> None:
    with pytest.raises(StateError, match=why):
        Command(arguments, 0.3 if "more" in why else 30, time.time)(ALERT)


@pytest.mark.process
def test_alerts_are_sent_in_a_thread_and_failures_told(
    receiver: tuple[type[Receiver], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    handler, address = receiver
    monkeypatch.setattr(handler, "wait", 0.3)
    failed: list[str] = []
    settings = AlertSettings(webhook=address, command=("no-such-program",))
    teller = Teller(settings, failed.append)
    one = RunStatus("one", Path("one"), "train", "running")
    assert teller.look([one]) == ()
    began = time.monotonic()
    [alert] = teller.look([RunStatus("one", Path("one"), "train", "done")])
    assert time.monotonic() - began < 0.25
    teller.wait()
    assert [said["kind"] for _, said in handler.got] == [alert.kind] == ["done"]
    assert len(failed) == 1
    assert "no-such-program cannot be run" in failed[0]


def test_settings_come_from_the_file_and_a_secret_from_a_variable(tmp_path: Path) -> None:
    assert alert_settings(tmp_path, {}) == AlertSettings()
    assert "interrupted" not in AlertSettings().on
    file = tmp_path / "hybench.toml"
    file.write_text('[alerts]\non = ["failed"]\ncommand = ["tell", "me"]\ndesktop = true\n')
    found = alert_settings(tmp_path, {WEBHOOK: "https://there.example/x"})
    assert found == AlertSettings(("failed",), "https://there.example/x", ("tell", "me"), True)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ('on = ["sometimes"]', "sometimes"),
        ('webhook = "there"', "webhook is not an address"),
        ('webhook = "http://[x/"', "webhook is not an address"),
        ("timeout = 0", "timeout"),
        ("color = 1", "unknown field color"),
        ('command = "tell me"', "a list of strings"),
    ],
)
def test_wrong_settings_are_refused(line: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "hybench.toml").write_text(f"[alerts]\n{line}\n")
    with pytest.raises(UsageError) as error:
        alert_settings(tmp_path, {})
    assert what in error.value.what + error.value.do
