"""Getting raw files: from a folder of one's own, over HTTP, or from the Hugging Face hub.

Hub files go through the download manager of `datasets`, which from version 5 on reads plain web
addresses only with packages that nothing else here needs; those few small files are fetched with
the standard library. Both are kept in a cache, and no server is asked for them a second time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.errors import DataError, StateError, UsageError
from hybench.files.atomic import replacing_file
from hybench.files.checksums import sha256_file

HUB = "https://huggingface.co"
TIMEOUT = 60.0
"""Seconds that a web server may be silent."""


def check_folder(folder: Path, flag: str = "--from") -> Path:
    """Return `folder` if it is one.

    Raises:
        UsageError: it is no folder.
    """
    if not folder.is_dir():
        raise UsageError(f"{flag}: there is no folder {folder}.", "Check the path.")
    return folder


def local_files(folder: Path, names: Sequence[str], layout: str) -> dict[str, Path]:
    """Find `names` below `folder`.

    Args:
        folder: a mirror of the upstream files.
        names: paths relative to it.
        layout: where the files are expected, for the message.

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
        layout: what --from would expect, for the message.
        progress: called before each file.

    Raises:
        DataError: the server has no such file.
        StateError: it cannot be reached, refuses, or breaks off.
    """
    import platformdirs

    cache = platformdirs.user_cache_path("hybench") / "downloads" / revision
    files = {name: cache / name for name in names}
    for done, (name, file) in enumerate(files.items()):
        progress(Progress("download", done, len(files), "files"))
        if not file.is_file():
            content = _fetch(f"{base}/{name}", layout)
            with replacing_file(file) as temporary:
                temporary.write_bytes(content)
    return files


def _fetch(address: str, layout: str) -> bytes:
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
                raise _moved(address, layout) from error
        raise _unreachable(address, error, layout) from error
    return bytes(content)


def hub_files(
    repository: str, names: Sequence[str], revision: str, layout: str, progress: ProgressCallback
) -> tuple[dict[str, Path], str]:
    """Download `names` of a data set repository on the hub, or take them from the hub's cache.

    Args:
        repository: such as ``miracl/miracl``.
        names: paths in it.
        revision: a commit, or a branch: then all files come from the commit that it names at the
            first download.
        layout: what --from would expect, for the message.
        progress: called before each file.

    Returns:
        The files by name, and the commit that they are of.

    Raises:
        DataError: the repository has no such file.
        StateError: it is gated, private or cannot be reached.
    """
    import datasets
    from huggingface_hub import errors, try_to_load_from_cache

    manager = datasets.DownloadManager(download_config=datasets.DownloadConfig(disable_tqdm=True))
    files: dict[str, Path] = {}
    for done, name in enumerate(names):
        progress(Progress(f"download {repository}", done, len(names), "files"))
        # Asked first, as the manager asks the hub of the revision even for a file that it has.
        found = try_to_load_from_cache(repository, name, revision=revision, repo_type="dataset")
        if not isinstance(found, str):
            try:
                found = manager.download(f"hf://datasets/{repository}@{revision}/{name}")
            except (OSError, errors.EntryNotFoundError, errors.HTTPError) as error:  # type: ignore[attr-defined]
                raise _hub_error(error, repository, name, layout) from error
        files[name] = Path(found)
        # The cache's layout is <repository>/snapshots/<commit>/<name>.
        revision = files[name].parts[-1 - len(Path(name).parts)]
    return files, revision


def _hub_error(
    error: BaseException, repository: str, name: str, layout: str
) -> DataError | StateError:
    from huggingface_hub import errors

    # The manager wraps what the hub's client raised, and that what the network said.
    chain = [error]
    while (cause := chain[-1].__cause__) is not None:
        chain.append(cause)
    page = f"{HUB}/datasets/{repository}"
    if any(
        isinstance(e, errors.RemoteEntryNotFoundError | errors.RevisionNotFoundError) for e in chain
    ):
        return _moved(f"{page}: {name}", layout)
    statuses = [e.response.status_code for e in chain if isinstance(e, errors.HfHubHTTPError)]
    if any(isinstance(e, errors.RepositoryNotFoundError) for e in chain) or {401, 403} & set(
        statuses
    ):
        return StateError(
            f"{page} does not let you in ({statuses[0]}).",
            f"Accept the terms on that page and set HF_TOKEN, or pass --from DIR with {layout}.",
        )
    return _unreachable(f"{name} of {page}", chain[-1], layout)


def _moved(address: str, layout: str) -> DataError:
    return DataError(
        f"{address} is not there (404).", f"Upstream moved it: pass --from DIR with {layout}."
    )


def _unreachable(address: str, error: BaseException, layout: str) -> StateError:
    return StateError(
        f"Cannot download {address}: {_first_line(error)}.",
        f"Check the network and try again, or pass --from DIR with {layout}.",
    )


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__


def hash_files(files: Mapping[str, Path], progress: ProgressCallback) -> dict[str, str]:
    """SHA-256 of each file's bytes, by its name, sorted.

    Raises:
        DataError: a file cannot be read.
    """
    digests = {}
    for done, name in enumerate(sorted(files)):
        progress(Progress("hash", done, len(files), "files"))
        try:
            digests[name] = sha256_file(files[name])
        except OSError as error:
            raise DataError(
                f"Cannot read {files[name]}: {error.strerror or error}.",
                "Check the path and its permissions.",
            ) from error
    progress(Progress("hash", len(files), len(files), "files"))
    return digests
