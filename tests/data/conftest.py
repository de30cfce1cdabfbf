"""Small files in upstream's layouts, and a loopback web server."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

from hybench.data.sources.xquad_r import QUESTIONS, XQUAD_R

Answer = tuple[int, dict[str, str], bytes]
CANDIDATES = {language: candidates for language, (_, candidates) in XQUAD_R.counts.items()}
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def write_lines(path: Path, *records: Any) -> Path:
    """Write records as JSON lines, or strings as they are."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [r if isinstance(r, str) else json.dumps(r, ensure_ascii=False) for r in records]
    content = "".join(f"{line}\n" for line in lines).encode("utf-8")
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def snapshot(folder: Path) -> dict[str, bytes]:
    """Every file below a folder and its bytes."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes()
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def xquad_article(number: int, paragraphs: list[tuple[list[str], list[int]]]) -> dict[str, Any]:
    """An article of (sentences, sentence index that answers each question) paragraphs."""
    made = []
    for place, (sentences, answers) in enumerate(paragraphs):
        context, breaks = "", []
        for sentence in sentences:
            breaks.append([len(context), len(context) + len(sentence)])
            context += sentence
        questions = [
            {
                "id": f"q{number:02}-{place}-{count}",
                "question": f"Question {count}?",
                # Slices touch each other: the first and the last character try both ends.
                "answers": [
                    {"answer_start": breaks[answer][0] if count % 2 else breaks[answer][1] - 1}
                ],
            }
            for count, answer in enumerate(answers)
        ]
        made.append(
            {
                "context": context,
                "sentence_breaks": breaks,
                "sentences": ["not this"] * len(sentences),
                "qas": questions,
            }
        )
    return {"title": f"Title_{number}", "paragraphs": made}


def write_xquad(folder: Path, language: str, missing: int = 0) -> Path:
    """An XQuAD-R file of the published counts, less `missing` sentences, in 48 paragraphs."""
    sentences, questions = CANDIDATES[language] - missing, QUESTIONS
    articles = []
    for number in range(48):
        count = sentences // 48 + (number < sentences % 48)
        asked = questions // 48 + (number < questions % 48)
        texts = [f"{language} {number} {place}. " for place in range(count)]
        articles.append(xquad_article(number, [(texts, [at % count for at in range(asked)])]))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{language}.json"
    path.write_text(json.dumps({"version": "1.1", "data": articles}), encoding="utf-8")
    return path


@dataclass
class Web:
    """A server on the loopback interface: `answer` says what a path gets; `asked` is its log."""

    address: str
    answer: Callable[[str], Answer] = lambda _: (404, {}, b"")
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving() -> Iterator[Web]:
    """Run a `Web` for a while."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            running.asked.append(self.path)
            status, headers, body = running.answer(self.path)
            part = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if part and status == 200:
                status, body = 206, body[int(part[1]) : int(part[2]) + 1]
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_POST = do_GET  # noqa: N815 - their names there

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        running = Web(f"http://127.0.0.1:{server.server_port}")
        thread = Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        yield running
        server.shutdown()
        thread.join()


@pytest.fixture
def web(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Web]:
    """A loopback server, with hybench's cache in a folder of the test."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with serving() as server:
        yield server


@pytest.fixture
def hub(web: Web, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Web:
    """The loopback server in the place of the Hugging Face hub."""
    import huggingface_hub.constants

    set_endpoint(monkeypatch, web.address)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.delenv("HF_TOKEN", raising=False)
    return web


def set_endpoint(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    """What HF_ENDPOINT sets, which the hub's client reads when it is imported."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "ENDPOINT", address)
    template = f"{address}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


def serve_folder(web: Web, folder: Path, revision: str = COMMIT) -> None:
    """Answer as the hub does for data sets whose files are in `folder`."""

    def answer(path: str) -> Answer:
        if path.startswith("/api/datasets/"):
            repository, name = "/".join(path.split("/")[3:5]), path.partition("?")[0]
            _, tree, place = name.partition(f"/tree/{revision}")
            if tree:
                about: Any = _tree(folder, place.strip("/"))
            else:
                about = {
                    "id": repository,
                    "sha": revision,
                    "siblings": _siblings(folder),
                    "cardData": _card(folder),
                }
            return 200, {"Content-Type": "application/json"}, json.dumps(about).encode()
        file = folder / path.partition("/resolve/")[2].partition("/")[2]
        if not file.is_file():
            return 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": revision}, b""
        body = file.read_bytes()
        return 200, {"ETag": f'"{len(body)}-{file.name}"', "X-Repo-Commit": revision}, body

    web.answer = answer


def _siblings(folder: Path) -> list[dict[str, str]]:
    files = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return [{"rfilename": path.relative_to(folder).as_posix()} for path in files]


def _tree(folder: Path, place: str) -> list[dict[str, Any]]:
    return [
        {
            "type": "directory" if path.is_dir() else "file",
            "path": path.relative_to(folder).as_posix(),
            "size": path.stat().st_size,
            "oid": path.name,
        }
        for path in sorted((folder / place).glob("*"))
    ]


def _card(folder: Path) -> Any:
    card = folder / "README.md"
    return yaml.safe_load(card.read_text().split("---")[1]) if card.is_file() else None


def refuse(web: Web, status: int, code: str | None = None) -> None:
    """Answer every request with an error, as the hub labels it."""
    headers = {"X-Error-Code": code} if code else {}
    web.answer = lambda _: (status, headers, b"")
