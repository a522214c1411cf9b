"""Files of the Hugging Face hub: from its cache, or fetched, with a bounded time to find out whether that works.

``huggingface_hub`` keeps the cache (``HF_HOME``), the offline switch (``HF_HUB_OFFLINE``), mirrors (``HF_ENDPOINT``)
and tokens. What it lacks is a limit: on a machine without a network it retries for a minute or more, and the resolver
may block for longer than any timeout of a connection. So one request without retries goes first, in a thread that is
left behind when it takes too long.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
from huggingface_hub import constants, get_hf_file_metadata, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.errors import (
    EntryNotFoundError,
    FileMetadataError,
    GatedRepoError,
    HfHubHTTPError,
    HFValidationError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from edgevit.errors import WeightsUnavailableError
from edgevit.types import EventSink
from edgevit.weights.progress import progress_class

__all__ = ["HubFile", "cached_file", "fetch_file"]

_TROUBLE = (httpx2.HTTPError, httpx2.InvalidURL, EntryNotFoundError, OSError, ValueError, RuntimeError)
"""What huggingface_hub raises when a file cannot be had (its own errors derive from these)."""


@dataclass(frozen=True, slots=True)
class HubFile:
    """A file in the local cache.

    Attributes:
        sha256: Digest that the hub states for it, or None where it states none (files outside Git LFS).
    """

    path: Path
    sha256: str | None


class _MissingEntryError(WeightsUnavailableError):
    """The repository has no such file: another name may be there."""


def cached_file(repo: str, filename: str, revision: str | None = None) -> HubFile | None:
    """Return a file from the local cache without asking the network, or None."""
    found = try_to_load_from_cache(repo, filename, revision=revision)
    return _described(Path(found)) if isinstance(found, str) else None


def fetch_file(
    repo: str, filenames: Sequence[str], *, revision: str | None, patience: float, on_event: EventSink
) -> HubFile:
    """Return the first file of ``filenames`` that a repository has, fetched if the cache lacks its newest version.

    Without a connection, a cached version is taken.

    Args:
        repo: ``OWNER/NAME``.
        filenames: Names to try, best first.
        revision: Branch, tag or commit; None is the main branch.
        patience: Seconds to wait for the hub's first answer.
        on_event: Receives download progress.

    Raises:
        WeightsUnavailableError: No connection, no such repository, revision or file, or no access.
    """
    for name in filenames:
        try:
            return _fetch(repo, name, revision, patience, on_event)
        except _MissingEntryError:
            continue
    raise WeightsUnavailableError(
        f"'{repo}' holds no {' and no '.join(filenames)}.", help=f"Name a file: --weights hf:{repo}:FILE."
    )


def _fetch(repo: str, filename: str, revision: str | None, patience: float, on_event: EventSink) -> HubFile:
    try:
        _ask(repo, filename, revision, patience)
        path = hf_hub_download(
            repo,
            filename,
            revision=revision,
            etag_timeout=patience,
            tqdm_class=progress_class(f"{repo}/{filename}", on_event),
        )
    except _TROUBLE as error:
        # What the hub knows not to exist, or could not, is no matter of connections.
        final = isinstance(error, RemoteEntryNotFoundError | HFValidationError)
        cached = None if final else cached_file(repo, filename, revision)
        if cached is None:
            raise _unavailable(error, repo, filename) from error
        return cached
    return _described(Path(str(path)))


def _ask(repo: str, filename: str, revision: str | None, patience: float) -> None:
    """Return when the hub says that it has the file; raise what it says otherwise, or TimeoutError."""
    answers: queue.Queue[Exception | None] = queue.Queue()
    url = hf_hub_url(repo, filename, revision=revision)

    def ask() -> None:
        try:
            get_hf_file_metadata(url, timeout=patience)
            answers.put(None)
        except _TROUBLE as error:
            answers.put(error)

    threading.Thread(target=ask, daemon=True).start()
    try:
        error = answers.get(timeout=patience + 1)
    except queue.Empty:
        raise TimeoutError(f"no answer within {patience:.0f} seconds") from None
    if error is not None:
        raise error


def _described(path: Path) -> HubFile:
    """Return the file with the digest in its name: the cache names the blobs of Git LFS by their sha256."""
    blob = path.readlink().name if path.is_symlink() else ""
    is_digest = len(blob) == 64 and set(blob) <= set("0123456789abcdef")
    return HubFile(path, blob if is_digest else None)


_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (GatedRepoError, "Its owner asks you to accept conditions on its page, and to log in: hf auth login."),
    (RepositoryNotFoundError, "There is no such repository, or it is private and you are not logged in."),
    (RevisionNotFoundError, "The repository has no such revision."),
    (HFValidationError, "This is no valid repository name."),
    (FileMetadataError, "Something answered that is no hub: check HF_ENDPOINT, proxy and firewall."),
    (HfHubHTTPError, "The hub refused or failed."),
)
"""What an error of huggingface_hub means to a user; the first class that fits counts."""


def _unavailable(error: Exception, repo: str, filename: str) -> WeightsUnavailableError:
    what = f"'{filename}' of '{repo}' cannot be fetched from {constants.ENDPOINT}."
    offline = "HF_HUB_OFFLINE is set, and the file is not in the cache."
    unreachable = f"There is no connection: {_first_line(error)}."
    fallback = offline if constants.is_offline_mode() else unreachable
    why = next((text for kind, text in _REASONS if isinstance(error, kind)), fallback)
    if isinstance(error, RemoteEntryNotFoundError):
        return _MissingEntryError(what, why="The repository has no such file.")
    if isinstance(error, HfHubHTTPError):
        why = f"{why} (HTTP {error.response.status_code})"
    return WeightsUnavailableError(what, why=why)


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0][:200].rstrip(".") if lines else type(error).__name__
