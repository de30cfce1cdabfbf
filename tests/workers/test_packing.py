"""Requests through an exchange, without a cluster: what is sent, once, and what comes back."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest

from hybench.workers.exchange import Exchange, ExchangeError
from hybench.workers.packing import Packed, Packing
from hybench.workers.requests import Reads, Request, Writes
from hybench.workers.unpacking import Unpacking
from tests.workers import copier

NAMES = ("a.json", "b/c.bin")


def asked(root: Path, text: str = "text") -> Request:
    source = root / "e5-model"
    (source / "b").mkdir(parents=True, exist_ok=True)
    (source / "a.json").write_text(text)
    (source / "b" / "c.bin").write_bytes(b"shared")
    (source / "unread").write_text("not sent")
    (root / "once").write_text("of this work alone")
    return {
        "source": Reads(source, NAMES),
        "once": Reads(root / "once", once=True),
        "target": Writes(root / "target", NAMES),
        "single": Writes(root / "single.npy"),
        "names": list(NAMES),
    }


def sent(url: str, request: Request) -> tuple[Packing, Packed]:
    packing = Packing(Exchange(url), copier.__name__)
    packing.push(request)
    return packing, packing.packed(request, "cpu")


def answered(url: str, packed: Packed, cache: Path) -> dict[str, Any]:
    return Unpacking(Exchange(url), cache).work(packed, copier.WORKER())


@pytest.mark.slow
def test_a_worker_elsewhere_reads_and_writes_as_one_here(place: str, tmp_path: Path) -> None:
    request = asked(tmp_path / "here")
    packing, packed = sent(place, request)
    assert str(tmp_path).encode() not in pickle.dumps(packed)
    assert len(packing.exchange.names("files")) == 3
    record = answered(place, packed, tmp_path / "there")
    assert record["result"] == "e5-model"  # its name may say how an encoder is used
    assert record["told"] == 3
    assert packing.done([packed]) == {0: record}
    assert packing.take(request, packed, record)
    target = tmp_path / "here" / "target"
    assert (target / "a.json").read_text() == "text"
    assert (target / "b" / "c.bin").read_bytes() == b"shared"
    assert not (target / "left over").exists()
    assert (tmp_path / "here" / "single.npy").read_text() == "of this work alone"
    # What was taken, and what nobody else reads, is not kept there.
    assert packing.done([packed]) == {}
    assert packing.exchange.names(f"results/{packed.key}") == set()
    packing.tidy([request])
    assert len(packing.exchange.names("files")) == 2
    assert len(list((tmp_path / "there" / "files").iterdir())) == 2


def test_files_are_sent_and_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    moved: list[str] = []
    for way in ("put", "get"):
        plain = getattr(Exchange, way)

        def noted(self: Exchange, *given: Any, plain: Any = plain, way: str = way) -> Any:
            name = next(str(each) for each in given if str(each).startswith(("files", "results")))
            moved.append(f"{way} {name.partition('/')[0]}")
            return plain(self, *given)

        monkeypatch.setattr(Exchange, way, noted)
    url, there = f"file://{tmp_path}/exchange", tmp_path / "there"
    _, packed = sent(url, asked(tmp_path / "here"))
    answered(url, packed, there)
    assert moved == ["put files"] * 3 + ["get files"] * 3 + ["put results"] * 3
    moved.clear()
    _, again = sent(url, asked(tmp_path / "copy"))  # another process, another folder
    assert again == packed
    assert moved == []
    _, other = sent(url, asked(tmp_path / "here", "another text"))
    assert other.key != packed.key
    assert moved == ["put files"]
    answered(url, other, there)
    assert moved[1:3] == ["get files"] * 2  # the new one, and the one that is not kept


def test_a_request_is_another_on_another_device(tmp_path: Path) -> None:
    packing, packed = sent(f"file://{tmp_path}/exchange", asked(tmp_path))
    assert packing.packed(asked(tmp_path), "cuda").key != packed.key


def test_what_was_half_sent_is_sent_again(tmp_path: Path) -> None:
    url = f"file://{tmp_path}/exchange"
    sent(url, asked(tmp_path))
    for file in (tmp_path / "exchange" / "files").iterdir():
        file.write_bytes(file.read_bytes()[:3])
    _, packed = sent(url, asked(tmp_path))
    answered(url, packed, tmp_path / "there")


def test_what_was_damaged_on_its_way_is_found_and_made_again(tmp_path: Path) -> None:
    url, request = f"file://{tmp_path}/exchange", asked(tmp_path)
    packing, packed = sent(url, request)
    record = answered(url, packed, tmp_path / "there")
    written = tmp_path / "exchange" / "results" / packed.key
    next(written.iterdir()).write_bytes(b"damaged")
    assert not packing.take(request, packed, record)
    assert packing.done([packed]) == {}
    assert packing.take(request, packed, answered(url, packed, tmp_path / "there"))
    record["files"].popitem()
    assert not packing.take(request, packed, record)


def test_damaged_inputs_are_refused_and_sent_again(tmp_path: Path) -> None:
    url, request = f"file://{tmp_path}/exchange", asked(tmp_path)
    packing, packed = sent(url, request)
    files = sorted((tmp_path / "exchange" / "files").iterdir())
    whole = [file.read_bytes() for file in files]
    files[0].write_bytes(bytes(len(whole[0])))
    with pytest.raises(ExchangeError, match="has no whole file"):
        answered(url, packed, tmp_path / "there")
    packing.push(request)
    assert not files[0].exists()  # it was there when it was looked at
    packing.forget(request)
    packing.push(request)
    assert [file.read_bytes() for file in files] == whole
    answered(url, packed, tmp_path / "there")
