"""A loopback server for test pages: files of `tests/site/` and answers that tests make up."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Request:
    """What the browser asked for."""

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes


Handler = Callable[[Request], Answer]


@dataclass
class Site:
    """The server as a test sees it.

    `requests` are all requests so far. `url` and `other` give the same pages at two origins.
    """

    port: int
    handlers: dict[str, Handler] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    def url(self, path: str = "/") -> str:
        """The address of a page on 127.0.0.1."""
        return f"http://127.0.0.1:{self.port}{path}"

    def other(self, path: str = "/") -> str:
        """The address of the same page at another origin, localhost."""
        return f"http://localhost:{self.port}{path}"

    def page(self, path: str, html: str) -> str:
        """Serve this HTML at `path`; returns its address."""
        self.handlers[path] = lambda _: html_answer(html)
        return self.url(path)

    def handle(self, path: str, handler: Handler) -> str:
        """Let a function answer requests for `path`; returns the address."""
        self.handlers[path] = handler
        return self.url(path)


def html_answer(html: str, status: int = 200) -> Answer:
    """An HTML page."""
    return status, {"Content-Type": "text/html; charset=utf-8"}, html.encode()


def redirect(to: str, status: int = 302) -> Answer:
    """A redirect."""
    return status, {"Location": to}, b""


@contextlib.contextmanager
def serve(folder: Path) -> Iterator[Site]:
    """Serve a folder's files on a free port of loopback, until the block ends."""
    site = Site(port=0)

    class Answering(BaseHTTPRequestHandler):
        def answer(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = Request(
                self.command, parts.path, parts.query, dict(self.headers.items()), body
            )
            site.requests.append(request)
            handler = site.handlers.get(parts.path)
            status, headers, content = handler(request) if handler else _file(folder, parts.path)
            with contextlib.suppress(ConnectionError):
                self.send_response(status)
                for name, value in {"Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = do_HEAD = answer

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    server.daemon_threads = True
    site.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


_TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript", ".css": "text/css"}


def _file(folder: Path, path: str) -> Answer:
    file = (folder / path.lstrip("/")).resolve()
    if not file.is_relative_to(folder) or not file.is_file():
        return html_answer("<h1>Not found</h1>", 404)
    return 200, {"Content-Type": _TYPES.get(file.suffix, "text/plain")}, file.read_bytes()
