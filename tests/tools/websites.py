"""Small web sites on loopback whose logs say what reached them.

Each site is a server on a port of its own, which makes it a site of its own to the policy.
`{here}`, `{there}` in a page become the origins of the first and second site.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Seen:
    """One request that arrived."""

    method: str
    path: str
    body: str = ""
    cookie: str = ""


@dataclass
class Site:
    """A site: its pages by path, and what it was asked for (favicons left out)."""

    port: int
    pages: dict[str, str] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """The origin by address."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def named(self) -> str:
        """The same server under another name, which is another site."""
        return f"http://localhost:{self.port}"

    @property
    def paths(self) -> list[str]:
        """The paths asked for, without queries, in order."""
        return [urlsplit(request.path).path for request in self.seen]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    site: Site

    def do_GET(self) -> None:
        self._answer("")

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers.get("content-length", 0))).decode())

    def log_message(self, *args: object) -> None:
        """Keep the tests' output clean."""

    def _answer(self, body: str) -> None:
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        if url.path != "/favicon.ico":
            cookie = self.headers.get("cookie", "")
            self.site.seen.append(Seen(self.command, self.path, body, cookie))
        if "to" in query:
            self._send(int(query.get("code", "302")), "", {"Location": query["to"]})
        elif url.path == "/file.csv":
            disposition = {"Content-Disposition": "attachment; filename=file.csv"}
            self._send(200, "a,b\n", {"Content-Type": "text/csv", **disposition})
        elif url.path.endswith(".js"):
            script = self.site.pages.get(url.path, "")
            self._send(200, script, {"Content-Type": "text/javascript"})
        else:
            page = self.site.pages.get(url.path, f"<h1>{url.path}</h1>")
            self._send(200, f"<!doctype html><title>{url.path}</title>{page}", {})

    def _send(self, status: int, text: str, headers: dict[str, str]) -> None:
        data = text.encode()
        self.send_response(status)
        for name, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(name, value)
        self.send_header("Set-Cookie", "visited=yes")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        try:
            self.wfile.write(data)
        except BrokenPipeError:
            self.close_connection = True  # the browser stopped reading: nothing to tell


@contextmanager
def websites(count: int = 2) -> Iterator[list[Site]]:
    """Serve so many empty sites."""
    servers: list[ThreadingHTTPServer] = []
    sites: list[Site] = []
    for _ in range(count):
        handler: Any = type("Handler", (_Handler,), {})
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        site = Site(server.server_port)
        handler.site = site
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        sites.append(site)
    try:
        yield sites
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()
