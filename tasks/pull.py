"""Fetching a model file from the Hugging Face hub: with a progress bar, resumed, checked.

The hub's own client (2.4) throws a partial file away when a download is broken off, so the
part is kept here, under the name of its content, and the client is told where to go on.
"""

import hashlib
import logging
import re
import shutil
from collections.abc import Callable
from pathlib import Path

from agent.errors import ModelUnavailable
from tasks.local_model import Source
from tools.errors import StorageFailed

SECONDS = 15
"""How long the hub may take to say what a file is."""

_SHA256 = re.compile(r"[0-9a-f]{64}")
_MAGIC = b"GGUF"
_BLOCK = 2**20

Told = Callable[[str], None]


def pull(source: Source, told: Told) -> Path:
    """The file, fetched if it is not here yet; `told` hears what happens, a sentence each.

    Raises ModelUnavailable for a hub or a file that is not there or not right, and
    StorageFailed for a disk that is full or cannot be written.
    """
    size, etag, url = _known(source)
    path = source.path
    if path.is_file() and path.stat().st_size == size:
        _check(path, etag, told)
        told(f"{path} is here already.")
        return path
    part = path.with_name(f"{path.name}.{etag[:16] or 'part'}.part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        _fetch(part, url, size, source, told)
        _check(part, etag, told)
        part.replace(path)
    except OSError as error:
        if error.errno is None:  # the client's own words about what it was sent
            raise ModelUnavailable(
                f"{source.file} was not fetched whole ({_words(error)}): run it again to go on."
            ) from error
        raise StorageFailed(
            f"{part} cannot be written ({error.strerror}); make room, or set XDG_CACHE_HOME."
        ) from error
    told(f"{path} is complete.")
    return path


def _known(source: Source) -> tuple[int, str, str]:
    """Size, checksum and address of the file."""
    from httpx2 import HTTPError
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError

    try:
        url = hf_hub_url(source.repo, source.file)
        found = get_hf_file_metadata(url, timeout=SECONDS)
    except (HfHubHTTPError, HFValidationError) as error:
        raise ModelUnavailable(
            f"The hub does not give {source.repo}/{source.file} ({_words(error)}): check the "
            "name; for a model behind a licence accept it there and set HF_TOKEN."
        ) from error
    except (HTTPError, OSError) as error:
        raise ModelUnavailable(
            f"The hub cannot be reached ({_words(error)}): check the network, or HF_ENDPOINT."
        ) from error
    if not found.size:
        raise ModelUnavailable(f"The hub does not say how large {source.file} is.")
    return found.size, found.etag or "", url


def _fetch(part: Path, url: str, size: int, source: Source, told: Told) -> None:
    """Fetch what the part lacks. Raises ModelUnavailable, and OSError for the disk."""
    from httpx2 import HTTPError
    from huggingface_hub.errors import HfHubHTTPError
    from huggingface_hub.file_download import http_get
    from huggingface_hub.utils import build_hf_headers  # type: ignore[attr-defined]

    have = part.stat().st_size if part.is_file() else 0
    if have > size:
        part.unlink()
        have = 0
    free = shutil.disk_usage(part.parent).free
    if free < size - have:
        raise StorageFailed(
            f"{source.file} needs {(size - have) / 1e9:.1f} GB more, and {free / 1e9:.1f} GB are "
            f"free at {part.parent}: make room, or set XDG_CACHE_HOME."
        )
    told(f"Going on at {have / size:.0%} of {size / 1e9:.2f} GB." if have else _begin(source, size))
    logging.getLogger("huggingface_hub").setLevel(logging.ERROR)  # its warnings break the bar
    try:
        with part.open("ab") as file:
            http_get(
                url,
                file,
                resume_size=have,
                headers=build_hf_headers(),
                expected_size=size,
                displayed_filename=source.file,
            )
    except (HTTPError, HfHubHTTPError) as error:
        raise ModelUnavailable(
            f"The download of {source.file} broke off ({_words(error)}): run it again to go on."
        ) from error


def _begin(source: Source, size: int) -> str:
    return f"Fetching {source.file} from {source.repo}, {size / 1e9:.2f} GB."


def _check(path: Path, etag: str, told: Told) -> None:
    """Hold the file to the hub's SHA-256. A wrong one is deleted and raises ModelUnavailable."""
    with path.open("rb") as file:
        if file.read(len(_MAGIC)) != _MAGIC:
            wrong = "is no GGUF file"
        elif not _SHA256.fullmatch(etag):
            told("The hub gives no SHA-256 for it; its size is right.")
            return
        else:
            file.seek(0)
            digest = hashlib.sha256()
            while block := file.read(_BLOCK):
                digest.update(block)
            if digest.hexdigest() == etag:
                told("Its SHA-256 is right.")
                return
            wrong = "has not the SHA-256 that the hub gives"
    path.unlink()
    raise ModelUnavailable(f"What was fetched as {path.name} {wrong}: run it again.")


def _words(error: Exception) -> str:
    """An error in a few words on one line."""
    response = getattr(error, "response", None)
    if response is not None:
        return f"status {response.status_code}"
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".")[:200] if lines else type(error).__name__
