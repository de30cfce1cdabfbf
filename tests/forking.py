"""Programs that begin with their libraries loaded: forks of a process that has loaded them.

Every process that trains or searches needs seconds to load torch, transformers and
sentence-transformers. `Forked` starts ``python -m`` and ``python -c`` as `subprocess.Popen` does,
and with all that is the program's own: its imports of hybench, its environment, streams, working
directory, session, signals, exit. Linux only; what it cannot start so is started as ever.
"""

from __future__ import annotations

import ctypes
import gc
import inspect
import json
import os
import runpy
import signal
import socket
import subprocess
import sys
import threading
import traceback
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

LIBRARIES = (
    "aiohttp.web",
    "numpy",
    "polars",
    "rich.progress",
    "safetensors.torch",
    "sentence_transformers.sentence_transformer.modules",
    "tokenizers",
    "transformers.utils.logging",
    "typer",
)
_MOST = 2**20
"""Bytes of a request."""
_SUBREAPER = 36
"""``PR_SET_CHILD_SUBREAPER`` of prctl(2)."""


class Loaded:
    """A process that has loaded the libraries and forks as often as it is asked.

    Args:
        start: starts it when it is first needed; returns the file of the channel to it.
    """

    def __init__(self, start: Callable[[], int]) -> None:
        self._start = start
        self._lock = threading.Lock()

    @cached_property
    def _channel(self) -> int:
        return self._start()

    def fork(self, request: dict[str, Any], streams: list[int]) -> int:
        """Start a program with these streams as a child of this process; returns its id."""
        prctl = ctypes.CDLL(None).prctl
        with self._lock, socket.socket(fileno=os.dup(self._channel)) as channel:
            # It comes to who is next above the process that forked it and ends at once.
            prctl(_SUBREAPER, 1)
            try:
                socket.send_fds(channel, [json.dumps(request).encode()], streams)
                return int(channel.recv(_MOST))
            finally:
                prctl(_SUBREAPER, 0)


@contextmanager
def loaded_libraries() -> Iterator[None]:
    """Let `Forked` fork; the programs may outlast it."""
    popen = subprocess.Popen
    with ExitStack() as stack:

        def start() -> int:
            ours, theirs = _channel()
            with theirs:
                process = popen(
                    [sys.executable, "-m", __name__, str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    cwd=Path(__file__).parents[1],
                    env={**os.environ, "OMP_NUM_THREADS": "1"},
                )
            stack.callback(process.wait)
            stack.callback(os.close, ours.fileno())
            return ours.detach()

        Forked.loaded = Loaded(start)
        yield


def _channel() -> tuple[socket.socket, socket.socket]:
    return socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)


class Forked(subprocess.Popen[Any]):
    """A process whose program is forked from `loaded` where that can be done."""

    loaded: Loaded

    def _execute_child(self, *arguments: Any) -> None:
        execute = super()._execute_child  # type: ignore[misc]
        given = inspect.signature(execute).bind(*arguments).arguments
        words = [os.fspath(word) for word in given["args"]]
        plain = given["preexec_fn"] is None and not given["pass_fds"] and not given["shell"]
        if words[1] == "-u":
            del words[1]  # what it prints is flushed by itself
        if not plain or words[0] != sys.executable or words[1] not in {"-m", "-c"}:
            execute(*arguments)
            return
        env = dict(os.environ if given["env"] is None else given["env"])
        sys.audit("subprocess.Popen", sys.executable, words, given["cwd"], env)
        request = {
            "words": words[1:],
            "env": env,
            "cwd": os.fspath(given["cwd"] or Path.cwd()),
            "session": given["start_new_session"],
        }
        pipes = [given[name] for name in ("p2cread", "c2pwrite", "errwrite")]
        streams = [number if pipe == -1 else pipe for number, pipe in enumerate(pipes)]
        try:
            self.pid = self.loaded.fork(request, streams)
            self._child_created = True
        finally:
            ends = ("p2cread", "p2cwrite", "c2pread", "c2pwrite", "errread", "errwrite")
            self._close_pipe_fds(*(given[end] for end in ends))  # type: ignore[attr-defined]


def _forked(channel: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """Fork for each request until no more can come; returns in the forks, with theirs."""
    while True:
        message, streams, _, _ = socket.recv_fds(channel, _MOST, 3)
        if not message:
            sys.exit()
        told, tell = os.pipe()
        between = os.fork()
        if not between:
            child = os.fork()
            if not child:
                return json.loads(message), streams
            os.write(tell, str(child).encode())
            os._exit(0)
        os.waitpid(between, 0)
        channel.send(os.read(told, 64))
        for number in (told, tell, *streams):
            os.close(number)


def _asked(channel: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """As `_forked`; what the forks start in turn is forked as well."""
    while True:
        request, streams = _forked(channel)
        channel.close()
        ours, theirs = _channel()
        if os.fork():
            theirs.close()
            _let_fork(ours.detach())
            return request, streams
        for number in (ours.detach(), *streams):
            os.close(number)
        channel = theirs


def _let_fork(channel: int) -> None:
    Forked.loaded = Loaded(lambda: channel)
    started = subprocess.Popen
    for module in list(sys.modules.values()):  # torchrun's has a name of its own for it
        if vars(module).get("Popen") is started:
            vars(module)["Popen"] = Forked


def _become(request: dict[str, Any], streams: list[int]) -> None:
    """Make this process what one would be that had been started so."""
    if request["session"]:
        os.setsid()
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
    for stream in streams:
        os.close(stream)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    sys.path[:1] = ["", *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    for option in filter(None, os.environ.get("PYTHONWARNINGS", "").split(",")):
        action, _, category = option.partition("::")
        kind = getattr(import_module("builtins"), category or "Warning")
        warnings.simplefilter(action, kind)  # type: ignore[arg-type]


def _run(kind: str, what: str, *arguments: str) -> None:
    if kind == "-m":
        sys.argv = [what, *arguments]
        runpy.run_module(what, run_name="__main__", alter_sys=True)
        return
    sys.argv = ["-c", *arguments]
    main = sys.modules["__main__"] = types.ModuleType("__main__")
    exec(compile(what, "<string>", "exec"), main.__dict__)  # noqa: S102 - as `python -c` does


def _main() -> None:
    import torch

    for name in LIBRARIES:
        import_module(name)
    torch.set_num_threads(1)  # no pool of threads may be there at a fork
    gc.freeze()  # what is there is neither searched nor copied by those that are forked
    request, streams = _asked(socket.socket(fileno=int(sys.argv[1])))
    _become(request, streams)
    try:
        _run(*request["words"])
    except KeyboardInterrupt:  # a program of its own ends by the signal
        traceback.print_exc()
        sys.stderr.flush()
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)


if __name__ == "__main__":
    _main()
