"""Places through which machines that share no folder hand each other files."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def store() -> Iterator[str | None]:
    """The URL of a bucket of a server like S3's, whose address and keys are in the environment;
    None where its packages are not installed.
    """
    try:
        import s3fs  # noqa: F401
        from moto.server import ThreadedMotoServer
    except ImportError:
        yield None
        return
    import boto3

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "someone")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "a-secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        boto3.client("s3").create_bucket(Bucket="vectors")
        yield "s3://vectors"
    server.stop()


@pytest.fixture
def s3(store: str | None) -> str:
    """The URL of a bucket."""
    if store is None:
        pytest.skip("a server like S3's: pip install s3fs 'moto[server]'")
    return store


@pytest.fixture(params=["file", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new exchange: of a folder, and of a bucket."""
    if request.param == "file":
        return f"file://{tmp_path}/exchange"
    return f"{request.getfixturevalue('s3')}/{uuid.uuid4().hex}"
