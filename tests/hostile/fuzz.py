"""Files as a fuzzer makes them, and how long it tries.

``HYBENCH_FUZZ=5000`` tries that many files per parser, drawn anew in each run; without it a few
dozen are, the same in each run.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from hybench.errors import HybenchError
from tests.waiting import HANG

_ASKED = os.environ.get("HYBENCH_FUZZ")

TOKENS = (
    *(b"", b"\x00", b"\xff", b"\n", b"\r\n", b"\t", b" ", b'"', b"{", b"}", b"[", b"]", b",", b":"),
    *(b"null", b"true", b"-1", b"1e999", b"NaN", b"9" * 400, b"0.5", b"[" * 3000, b'{"a":' * 3000),
    *("\u2028\u202e\ufeff\U0001f642".encode(), b"\\ud800", b"\\u0000", b"../../x", b"\xef\xbb\xbf"),
)
_scalars = (
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=5)
)
VALUES = st.recursive(
    _scalars | st.sampled_from(["../x", "en", "\ud800", 10**400]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


def fuzzing(share: float = 1.0) -> settings:
    """Settings of a fuzzing test; `share` of the usual number of files where one takes long."""
    return settings(
        max_examples=max(5, int(share * int(_ASKED or 40))),
        derandomize=_ASKED is None,
        deadline=timedelta(seconds=HANG),
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@st.composite
def spoilt(draw: st.DrawFn, whole: bytes) -> bytes:
    """Any bytes, or a good file with some of its bytes cut out or replaced."""
    if draw(st.integers(0, 7)) == 0:
        return draw(st.binary(max_size=300))
    data = whole
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(data)))
        cut = draw(st.sampled_from([0, 0, 1, 1, 2, 5, 20, len(data)]))
        data = data[:at] + draw(st.sampled_from(TOKENS) | st.binary(max_size=4)) + data[at + cut :]
    return data


@st.composite
def spoilt_json(draw: st.DrawFn, whole: Any) -> bytes:
    """A good JSON value with one thing in it replaced or left out."""
    value = json.loads(json.dumps(whole))
    node = value
    while True:
        keys: list[Any] = list(node) if isinstance(node, dict) else list(range(len(node)))
        if not keys:
            break
        key = draw(st.sampled_from(keys))
        if isinstance(node[key], (dict, list)) and node[key] and draw(st.integers(0, 3)):
            node = node[key]
        elif draw(st.integers(0, 3)):
            node[key] = draw(VALUES)
            break
        else:
            del node[key]
            break
    return json.dumps(value).encode()


def either(parse: Callable[[Path], object], name: str, data: bytes) -> None:
    """Parse a file of these bytes: it may be refused, and nothing else may happen."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        refuse(lambda: parse(path))


def refuse(work: Callable[[], object]) -> None:
    """Do something that may be refused, with one line of what and one of what to do."""
    try:
        work()
    except HybenchError as error:
        told = (error.what, error.do)
    else:
        return
    assert all(told)
