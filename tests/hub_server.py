"""A server that is like the Hugging Face hub as far as single files go, on loopback.

    with HubServer({"owner/repo": {"model.gguf": content}}) as hub:
        environment(HF_ENDPOINT=hub.url, ...)

Files have a SHA-256 for an ETag, sizes, and ranges; `stall_at` bytes into a file it falls
silent, once, so that a download can be killed; `lies` gives a wrong ETag. `ranges` are the
Range headers that were sent, "" for none.
"""

import hashlib
import http.server
import threading
from types import TracebackType

Files = dict[str, dict[str, bytes]]
_BLOCK = 8192


class HubServer:
    """The server; use as a context manager."""

    def __init__(self, files: Files, *, stall_at: int = 0, lies: bool = False) -> None:
        self.files, self.stall_at, self.lies = files, stall_at, lies
        self.ranges: list[str] = []
        self.stalled = threading.Event()
        self._go_on = threading.Event()
        hub = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_HEAD(self) -> None:
                hub.answer(self, body=False)

            def do_GET(self) -> None:
                hub.answer(self, body=True)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> "HubServer":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._go_on.set()
        self._server.shutdown()
        self._server.server_close()

    def answer(self, request: http.server.BaseHTTPRequestHandler, *, body: bool) -> None:
        """Answer for `/OWNER/REPO/resolve/main/FILE`."""
        repo, _, file = request.path.removeprefix("/").partition("/resolve/main/")
        content = self.files.get(repo, {}).get(file)
        if content is None:
            request.send_response(404)
            request.send_header("X-Error-Code", "EntryNotFound")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        asked = request.headers.get("Range", "") if body else ""
        if body:
            self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").split("-")[0]) if asked else 0
        digest = hashlib.sha256(b"something else" if self.lies else content).hexdigest()
        request.send_response(206 if asked else 200)
        request.send_header("ETag", f'"{digest}"')
        request.send_header("X-Repo-Commit", "0" * 40)
        request.send_header("Accept-Ranges", "bytes")
        request.send_header("Content-Length", str(len(content) - start))
        if asked:
            last = len(content) - 1
            request.send_header("Content-Range", f"bytes {start}-{last}/{len(content)}")
        request.end_headers()
        if body:
            self._send(request, content, start)

    def _send(
        self, request: http.server.BaseHTTPRequestHandler, content: bytes, start: int
    ) -> None:
        for at in range(start, len(content), _BLOCK):
            if self.stall_at and at >= self.stall_at:
                self.stall_at = 0
                self.stalled.set()
                self._go_on.wait()
                return
            request.wfile.write(content[at : at + _BLOCK])
