"""Get raw files: from a local folder, over HTTP, or from the Hugging Face hub.

Hub files come through the hub's own client, a few small files of GitHub through the standard
library. Both are cached, so that no file is requested twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hybench.concurrency.progress import Progress, ProgressCallback
from hybench.errors import DataError, StateError, UsageError
from hybench.files.atomic import replacing_file
from hybench.files.checksums import sha256_file
from hybench.files.user_cache import user_cache

if TYPE_CHECKING:
    from huggingface_hub.hf_api import DatasetInfo as HubDataset

HUB = "https://huggingface.co"
TIMEOUT = 60.0
"""Seconds to wait for a web server."""
HUB_TIMEOUT = 10.0
"""Seconds to wait for the hub before the first download."""
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
                raise _moved(address, instead) from error
        raise _unreachable(address, error, instead) from error
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
        The files by name, and their commit.

    Raises:
        DataError: the repository has no such file.
        StateError: it is gated, private or cannot be reached.
    """
    from huggingface_hub import errors, hf_hub_download, try_to_load_from_cache

    quiet_hub_client()
    answers = False
    files: dict[str, Path] = {}
    for done, name in enumerate(names):
        progress(Progress(f"download {repository}", done, len(names), "files"))
        # Tried first, as the client requests a branch's commit even for a file that it has.
        found = try_to_load_from_cache(repository, name, revision=revision, repo_type="dataset")
        if not isinstance(found, str):
            try:
                if not answers:
                    ask_hub(repository, revision)
                    answers = True
                found = hf_hub_download(repository, name, repo_type="dataset", revision=revision)
            except (OSError, errors.HTTPError, errors.XetDownloadError) as error:  # type: ignore[attr-defined]
                raise hub_error(error, repository, name, _from_dir(layout)) from error
        files[name] = Path(found)
        # The cache's layout is <repository>/snapshots/<commit>/<name>.
        revision = files[name].parts[-1 - len(Path(name).parts)]
    return files, revision


def hub_error(
    error: BaseException, repository: str, name: str, instead: str
) -> DataError | StateError:
    """What to tell a person of an error of the hub's client.

    Args:
        error: what the client raised.
        repository: the data set.
        name: what was asked for in it.
        instead: what else to do, as an order without a full stop.
    """
    from huggingface_hub import errors

    if isinstance(error, errors.LocalEntryNotFoundError):
        # The client reports a missing file of its cache, whatever the hub or the network answered.
        error = error.__cause__ or error
    page = f"{HUB}/datasets/{repository}"
    status = error.response.status_code if isinstance(error, errors.HfHubHTTPError) else None
    if isinstance(error, errors.RepositoryNotFoundError) or status in {401, 403}:
        return refused(repository, str(status), instead)
    if status == 404:
        return _moved(f"{page}: {name}", instead)
    return _unreachable(page if name == repository else f"{name} of {page}", error, instead)


def refused(repository: str, reason: str, instead: str) -> StateError:
    """What to tell a person of a data set on the hub that is not for everyone."""
    return StateError(
        f"{HUB}/datasets/{repository} denies access ({reason}).",
        f"Accept the terms on that page and set HF_TOKEN, or {instead}.",
    )


def _moved(address: str, instead: str) -> DataError:
    return DataError(f"{address} was not found (404).", f"Upstream moved it: {instead}.")


def _unreachable(address: str, error: BaseException, instead: str) -> StateError:
    return StateError(
        f"Cannot download {address}: {first_line(error)}.",
        f"Check the network and try again, or {instead}.",
    )


def first_line(error: BaseException) -> str:
    """The first line of what a library says of an error, without its full stop."""
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
