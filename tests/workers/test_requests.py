from __future__ import annotations

from pathlib import Path

from hybench.workers.requests import Reads, Request, Writes, found, plain

REQUEST: Request = {
    "model": Reads(Path("/m"), ("a.json",), called="org/model@1"),
    "shares": [{"folder": Reads(Path("/x"), ("a", "b")), "first": 1}],
    "target": Writes(Path("/y/z.npy")),
    "options": {"length": None},
}


def test_who_has_the_folders_gets_their_paths() -> None:
    assert plain(REQUEST) == {
        "model": "org/model@1",
        "shares": [{"folder": "/x", "first": 1}],
        "target": "/y/z.npy",
        "options": {"length": None},
    }


def test_files_are_found_at_any_depth_in_their_order() -> None:
    reads = [file for each in found(REQUEST, Reads) for file in each.files]
    assert reads == [Path("/m/a.json"), Path("/x/a"), Path("/x/b")]
    assert [each.files for each in found(REQUEST, Writes)] == [(Path("/y/z.npy"),)]
