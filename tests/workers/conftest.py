"""Places through which machines that share no folder hand each other files."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

_INSTALL = "a server like S3's: pip install s3fs 'moto[server]'"


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The URL of a bucket of a server like S3's; its address and keys are in the environment."""
    pytest.importorskip("s3fs", reason=_INSTALL)
    server_module = pytest.importorskip("moto.server", reason=_INSTALL)
    import boto3

    server = server_module.ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
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


@pytest.fixture(params=["file", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a new exchange: of a folder, and of a bucket."""
    if request.param == "file":
        return f"file://{tmp_path}/exchange"
    return f"{request.getfixturevalue('s3')}/{uuid.uuid4().hex}"
