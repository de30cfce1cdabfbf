from __future__ import annotations

from pathlib import Path

import pytest

from hybench.errors import UsageError
from hybench.files.checksums import sha256_file
from hybench.workers.exchange import Exchange, ExchangeError, check_url
from hybench.workers.ray_cluster import check_engine


@pytest.mark.slow
def test_files_come_back_whole_or_not_at_all(place: str, tmp_path: Path) -> None:
    exchange = Exchange(place)
    exchange.prepare()
    exchange.prepare()
    one, other = tmp_path / "one", tmp_path / "deep" / "other"
    one.write_bytes(b"vectors" * 1000)
    digest = sha256_file(one)
    assert exchange.size("files/a") is None
    assert not exchange.get("files/a", other, digest)
    assert exchange.names("files") == set()
    exchange.put(one, "files/a")
    assert exchange.size("files/a") == 7000
    assert exchange.names("files") == {"a"}
    assert exchange.get("files/a", other, digest)
    assert other.read_bytes() == one.read_bytes()
    other.unlink()
    one.write_bytes(b"others")
    exchange.put(one, "files/a")  # replaces it
    assert not exchange.get("files/a", other, digest)
    assert not list(other.parent.iterdir())
    exchange.remove(["files/a", "files/none"])
    assert exchange.size("files/a") is None


@pytest.mark.slow
def test_what_is_said_is_read_or_was_not_said(place: str, tmp_path: Path) -> None:
    exchange = Exchange(f"{place}/")
    assert exchange.said("results/a.json") is None
    exchange.say("results/a.json", {"result": "é"})
    assert exchange.said("results/a.json") == {"result": "é"}
    half = tmp_path / "half"
    half.write_text('{"result": ')
    exchange.put(half, "results/a.json")
    assert exchange.said("results/a.json") is None


@pytest.mark.parametrize(
    "url",
    [
        *("", "memory://x", "https://host/x", "/folder", "s3:x", "file://", "file://host/x"),
        "simplecache::s3://bucket/x",
    ],
)
def test_what_machines_do_not_share_is_refused(url: str) -> None:
    with pytest.raises(UsageError, match="no place that machines share"):
        check_url(url)


@pytest.mark.parametrize("url", ["sftp://me:a-secret@host/x", "s3://bucket/x?key=a-secret"])
def test_credentials_are_refused_and_not_repeated(url: str) -> None:
    with pytest.raises(UsageError, match="password or a query") as error:
        check_url(url)
    assert "a-secret" not in str(error.value)


def test_an_exchange_is_for_a_cluster() -> None:
    check_engine("ray", "s3://bucket/prefix")
    check_engine("local", "")
    with pytest.raises(UsageError, match="--exchange is given with --engine local"):
        check_engine("local", "s3://bucket/prefix")
    with pytest.raises(UsageError, match="--engine is 'slurm'"):
        check_engine("slurm", "")


def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    import fsspec

    def missing(*_: object, **__: object) -> None:
        raise ImportError("Install s3fs to access S3")

    monkeypatch.setattr(fsspec, "url_to_fs", missing)
    with pytest.raises(UsageError, match="No library for s3://") as error:
        Exchange("s3://bucket/prefix")
    assert error.value.do == "On every machine: pip install 'hybench[s3]'."
    with pytest.raises(UsageError, match="No library for abfs://") as error:
        Exchange("abfs://bucket/prefix")
    assert "Install s3fs" in error.value.do  # the library's own words


def test_what_cannot_be_written_is_said_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    exchange = Exchange(f"file://{tmp_path}/file")
    with pytest.raises(ExchangeError, match="does not answer") as error:
        exchange.prepare()
    assert "\n" not in error.value.what


@pytest.mark.slow
def test_a_bucket_that_is_not_there_is_said_and_not_made(s3: str) -> None:
    exchange = Exchange("s3://another/prefix")
    with pytest.raises(ExchangeError, match=r"s3://another/prefix does not answer") as error:
        exchange.prepare()
    assert "a-secret" not in str(error.value)
