"""What servers refuse, in words: the hub's client and the network as errors of hybench."""

from __future__ import annotations

from hybench.errors import DataError, StateError

HUB = "https://huggingface.co"


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
        return moved(f"{page}: {name}", instead)
    return unreachable(page if name == repository else f"{name} of {page}", error, instead)


def refused(repository: str, reason: str, instead: str) -> StateError:
    """What to tell a person of a data set on the hub that is not for everyone."""
    return StateError(
        f"{HUB}/datasets/{repository} denies access ({reason}).",
        f"Accept the terms on that page and set HF_TOKEN, or {instead}.",
    )


def moved(address: str, instead: str) -> DataError:
    """What to tell a person of a file that is not where it was."""
    return DataError(f"{address} was not found (404).", f"Upstream moved it: {instead}.")


def unreachable(address: str, error: BaseException, instead: str) -> StateError:
    """What to tell a person of a server that does not answer, or breaks off."""
    return StateError(
        f"Cannot download {address}: {first_line(error)}.",
        f"Check the network and try again, or {instead}.",
    )


def first_line(error: BaseException) -> str:
    """The first line of what a library says of an error, without its full stop."""
    text = str(error).strip()
    return text.splitlines()[0].rstrip(".") if text else type(error).__name__
