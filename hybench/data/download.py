"""Get raw files: from a local folder, over HTTP, or from the Hugging Face hub.

Hub files come through the hub's own client, a few small files of GitHub through the standard
library. Both are cached, so that no file is requested twice.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hybench.concurrency.prefetch import MOST_THREADS, read_ahead
from hybench.concurrency.processes import cores
from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.data.refusals import HUB, hub_error, moved, unreachable
from hybench.errors import DataError, UsageError
from hybench.files.atomic import replacing_file
from hybench.files.checksums import sha256_file
from hybench.files.user_cache import user_cache

if TYPE_CHECKING:
    from huggingface_hub.hf_api import DatasetInfo as HubDataset

TIMEOUT = 60.0
"""Seconds to wait for a web server."""
HUB_TIMEOUT = 10.0
"""Seconds to wait for the hub before the first download."""
FILES_AT_ONCE = 4
"""Files that are downloaded at a time."""
_REPOSITORY = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.A)
HUB_COPY = "give the folder of a copy instead of the name"
"""Another way to proceed if the hub does not answer about a set that a user named."""


def check_folder(folder: Path, flag: str = "--from") -> Path:
    """Return `folder` if it is a folder.

    Raises:
        UsageError: it is not a folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{flag}: there is no folder {folder}.", "Check the path.")
    return folder


def local_files(folder: Path, names: Sequence[str], layout: str) -> dict[str, Path]:
    """Find `names` below `folder`.

    Args:
        folder: a mirror of the upstream files.
        names: paths relative to it.
        layout: the expected files, for the message.

    Raises:
        UsageError: there is no such folder.
        DataError: a file is missing.
    """
    check_folder(folder)
    missing = [name for name in names if not (folder / name).is_file()]
    if missing:
        more = f" and {len(missing) - 1} more" if len(missing) > 1 else ""
        raise DataError(f"{folder} lacks {missing[0]}{more}.", f"--from expects {layout}.")
    return {name: folder / name for name in names}


def web_files(
    base: str, revision: str, names: Sequence[str], layout: str, progress: ProgressCallback
) -> dict[str, Path]:
    """Download `names` below the address `base`, or take them from hybench's cache.

    Args:
        base: address of a folder that never changes.
        revision: what `base` pins, the cache's key.
        names: paths relative to it, of files small enough for memory.
        layout: the files that --from expects, for the message.
        progress: called before each file.

    Raises:
        DataError: the server has no such file.
        StateError: it cannot be reached, refuses, or breaks off.
    """
    cache = user_cache("downloads") / revision
    files = {name: cache / name for name in names}
    instead = _from_dir(layout)
    for done, (name, file) in enumerate(files.items()):
        progress(Progress("download", done, len(files), "files"))
        if not file.is_file():
            content = _fetch(f"{base}/{name}", instead)
            with replacing_file(file) as temporary:
                temporary.write_bytes(content)
    return files


def _from_dir(layout: str) -> str:
    return f"pass --from DIR with {layout}"


def _fetch(address: str, instead: str) -> bytes:
    import http.client
    import urllib.error
    import urllib.request

    try:
        with urllib.request.urlopen(address, timeout=TIMEOUT) as response:  # noqa: S310 - our constants
            content = response.read()
    except (OSError, http.client.HTTPException) as error:
        if isinstance(error, urllib.error.HTTPError):
            error.close()
            if error.code in {404, 410}:
                raise moved(address, instead) from error
        raise unreachable(address, error, instead) from error
    return bytes(content)


def quiet_hub_client() -> None:
    """Stop the hub's client from printing bars and logs."""
    from huggingface_hub.utils import logging
    from huggingface_hub.utils.tqdm import disable_progress_bars

    disable_progress_bars()
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]


def is_repository(name: str) -> bool:
    """Whether a text may be the name of a set on the hub, ``owner/name``."""
    return _REPOSITORY.fullmatch(name) is not None


def ask_hub(repository: str, revision: str) -> HubDataset:
    """Request a data set repository's card, files and commit from the hub.

    One request of `HUB_TIMEOUT` without retries; the download of a file retries for half a minute.

    Raises:
        OSError, huggingface_hub.errors.HTTPError: it does not answer, or refuses; see `hub_error`.
    """
    from huggingface_hub import HfApi

    return HfApi().dataset_info(repository, revision=revision, timeout=HUB_TIMEOUT)


def find_hub_dataset(repository: str, revision: str) -> HubDataset:
    """`ask_hub` about a set and a revision that a user named.

    Raises:
        UsageError: there is no such set or revision.
        StateError: it is gated or cannot be reached.
    """
    from huggingface_hub import errors

    quiet_hub_client()
    page = f"{HUB}/datasets/{repository}"
    try:
        return ask_hub(repository, revision)
    except errors.RevisionNotFoundError as error:
        raise UsageError(
            f"--revision: {page} has no {revision}.", "Name a branch, a tag or a whole commit."
        ) from error
    except errors.GatedRepoError as error:
        raise hub_error(error, repository, repository, HUB_COPY) from error
    except errors.RepositoryNotFoundError as error:
        raise UsageError(
            f"{page} does not exist, or is private ({error.response.status_code}).",
            f"Check the name; for a private set, set HF_TOKEN, or {HUB_COPY}.",
        ) from error
    except (OSError, errors.HTTPError) as error:  # type: ignore[attr-defined]
        raise hub_error(error, repository, repository, HUB_COPY) from error


def hub_files(
    repository: str, names: Sequence[str], revision: str, layout: str, progress: ProgressCallback
) -> tuple[dict[str, Path], str]:
    """Download `names` of a data set repository on the hub, or take them from the hub's cache.

    Args:
        repository: such as ``miracl/miracl``.
        names: paths in it.
        revision: a commit, or a branch: then all files come from the commit that it names at the
            first download.
        layout: the files that --from expects, for the message.
        progress: called before each file.

    Returns:
        The files by name, and their commit. Several are downloaded at a time, after the first;
        those that a broken off or killed download has finished are there the next time.

    Raises:
        DataError: the repository has no such file.
        StateError: it is gated, private or cannot be reached.
    """
    quiet_hub_client()
    files: dict[str, Path] = {}
    asked = threading.Event()

    def tell() -> None:
        progress(Progress(f"download {repository}", len(files), len(names), "files"))

    for name in names[:1]:
        tell()
        files[name] = _hub_file(repository, name, revision, layout, asked)
        # The cache's layout is <repository>/snapshots/<commit>/<name>.
        revision = files[name].parts[-1 - len(Path(name).parts)]
    others = names[1:]
    jobs = [partial(_one_hub_file, repository, name, revision, layout, asked) for name in others]
    with closing(read_ahead(jobs, FILES_AT_ONCE)) as found:
        for name in others:
            tell()
            files[name] = next(found)
    return files, revision


def _one_hub_file(*what: Any) -> Iterator[Path]:
    yield _hub_file(*what)


def _hub_file(
    repository: str, name: str, revision: str, layout: str, asked: threading.Event
) -> Path:
    """A file of the hub, from its cache or downloaded; the hub is asked once whether it answers."""
    from huggingface_hub import errors, hf_hub_download, try_to_load_from_cache

    # Tried first, as the client requests a branch's commit even for a file that it has.
    found = try_to_load_from_cache(repository, name, revision=revision, repo_type="dataset")
    if isinstance(found, str):
        return Path(found)
    try:
        if not asked.is_set():
            ask_hub(repository, revision)
            asked.set()
        return Path(hf_hub_download(repository, name, repo_type="dataset", revision=revision))
    except (OSError, errors.HTTPError, errors.XetDownloadError) as error:  # type: ignore[attr-defined]
        raise hub_error(error, repository, name, _from_dir(layout)) from error


def hash_files(files: Mapping[str, Path], progress: ProgressCallback) -> dict[str, str]:
    """SHA-256 of each file's bytes, by its name, sorted.

    Raises:
        DataError: a file cannot be read.
    """
    digests = {}
    names = sorted(files)
    jobs = [partial(_hash_of, files[name]) for name in names]
    with closing(read_ahead(jobs, min(MOST_THREADS, cores()))) as found:
        for done, name in enumerate(names):
            progress(Progress("hash", done, len(files), "files"))
            digests[name] = next(found)
    progress(Progress("hash", len(files), len(files), "files"))
    return digests


def _hash_of(file: Path) -> Iterator[str]:
    try:
        yield sha256_file(file)
    except OSError as error:
        raise DataError(
            f"Cannot read {file}: {error.strerror or error}.",
            "Check the path and its permissions.",
        ) from error
