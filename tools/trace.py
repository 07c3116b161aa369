"""A Playwright trace of a run that holds no secrets.

A trace would show them everywhere: typed text in the actions, field values in the page
snapshots, request bodies, and pictures of all of it. So Playwright writes to a private
temporary folder that goes away with the session. Pictures are only taken when the run has no
secrets. What is written to the final place has had every text in it redacted, under a
temporary name in the same folder until it is complete.
"""

import contextlib
import zipfile
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import BrowserContext
from playwright.async_api import Error as PlaywrightError

from tools.errors import StorageFailed

Redact = Callable[[str], str]


@contextlib.asynccontextmanager
async def record_trace(
    context: BrowserContext, path: Path, redact: Redact | None
) -> AsyncIterator[None]:
    """Trace what happens in `context` and write it to `path` at the end.

    `redact` takes secrets out of text; None if there are none. Raises StorageFailed if the
    trace cannot be written; a browser that has gone leaves no trace.
    """
    await context.tracing.start(snapshots=True, screenshots=redact is None, sources=False)
    try:
        yield
    finally:
        with TemporaryDirectory(prefix="secondlook-trace-") as folder:
            raw = Path(folder) / "trace.zip"
            with contextlib.suppress(PlaywrightError):
                await context.tracing.stop(path=raw)
            if raw.exists():
                _write(raw, path, redact)


def _write(raw: Path, path: Path, redact: Redact | None) -> None:
    partial = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        scrub(raw, partial, redact)
        partial.replace(path)
    except OSError as error:
        raise StorageFailed(f"The trace {path} cannot be written: {error}.") from error


def scrub(raw: Path, path: Path, redact: Redact | None) -> None:
    """Copy a trace with the secrets taken out of every text in it."""
    with (
        zipfile.ZipFile(raw) as source,
        zipfile.ZipFile(path, "w", compression=zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            content = source.read(name)
            if redact is not None:
                # latin-1 keeps every byte of what is not text, so that a secret in the middle
                # of a binary body is found too; UTF-8 finds those that are not ASCII.
                content = redact(content.decode("latin-1")).encode("latin-1", "replace")
                with contextlib.suppress(UnicodeDecodeError):
                    content = redact(content.decode()).encode()
            target.writestr(name, content)
