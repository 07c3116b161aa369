"""A very small shop on loopback: a basket in a cookie session, and one POST that orders.

Its settings change while it runs: `banner` covers the menu until it is accepted, `slow` seconds
pass before an order is placed, `errors` is the number of orders that fail with 503 first, and
`heard` is called with the path of a request before it is answered.
"""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

BANNER = """<div role=dialog aria-label=Cookies
 style="position:fixed;inset:0;background:#fff"><button
 onclick="fetch('/consent',{method:'POST'}).then(()=>this.parentElement.remove())">Accept</button>
</div>"""


@dataclass
class Visit:
    basket: list[str] = field(default_factory=list)
    consent: bool = False
    ordered: bool = False


class Shop:
    """Use as a context manager; `orders` are what was ordered, `url` is where."""

    def __init__(self, *, banner: bool = False, slow: float = 0, errors: int = 0) -> None:
        self.banner, self.slow, self.errors = banner, slow, errors
        self.orders: list[dict[str, object]] = []
        self.visits: dict[str, Visit] = {}
        self.posts: list[str] = []
        self.heard: Callable[[str], object] = lambda path: None
        shop = self

        class Handler(_Handler):
            pass

        Handler.shop = shop
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"

    def __enter__(self) -> "Shop":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    shop: Shop

    def do_GET(self) -> None:
        visit, path = self._visit(), urlsplit(self.path).path
        self.shop.heard(path)
        pages = {"/": self._menu, "/basket": self._basket, "/address": self._address}
        if path == "/thanks" and visit.ordered:
            return self._page("<h1>Thank you for your order</h1>")
        if path not in pages:
            return self._page("<h1>Nothing here</h1>", 404)
        return pages[path](visit)

    def do_POST(self) -> None:
        visit, path = self._visit(), urlsplit(self.path).path
        form = parse_qs(self.rfile.read(int(self.headers.get("content-length") or 0)).decode())
        self.shop.posts.append(path)
        self.shop.heard(path)
        if path == "/consent":
            visit.consent = True
            return self._page("ok")
        if path == "/add":
            visit.basket.append(form["pizza"][0])
            return self._goto("/basket")
        return self._order(visit, form)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    def _order(self, visit: Visit, form: dict[str, list[str]]) -> None:
        time.sleep(self.shop.slow)
        if self.shop.errors:
            self.shop.errors -= 1
            return self._page("<h1>Our kitchen is busy, try again</h1>", 503)
        if not visit.basket or not form.get("name"):
            return self._page("<h1>Your basket is empty or your name is missing</h1>", 422)
        self.shop.orders.append({"pizzas": visit.basket, "name": form["name"][0]})
        visit.basket, visit.ordered = [], True
        return self._goto("/thanks")

    def _menu(self, visit: Visit) -> None:
        banner = BANNER if self.shop.banner and not visit.consent else ""
        buttons = "".join(
            f"<form method=post action=/add><button name=pizza value={p}>Add {p}</button></form>"
            for p in ("Margherita", "Funghi")
        )
        self._page(
            f"<h1>Menu</h1>{buttons}<a href=/basket>Basket ({len(visit.basket)})</a>{banner}"
        )

    def _basket(self, visit: Visit) -> None:
        items = "".join(f"<li>{pizza}</li>" for pizza in visit.basket)
        self._page(f"<h1>Basket</h1><ul>{items}</ul><a href=/address>Checkout</a>")

    def _address(self, visit: Visit) -> None:
        if not visit.basket:
            return self._page("<h1>Your basket is empty</h1><a href=/>Menu</a>")
        return self._page(
            "<h1>Address</h1><form method=post action=/order>"
            "<label>Name <input name=name></label><label>Street <input name=street></label>"
            "<button>Place order</button></form>"
        )

    def _visit(self) -> Visit:
        cookie = SimpleCookie(self.headers.get("cookie", "")).get("visit")
        self.key = cookie.value if cookie else secrets.token_hex(8)
        return self.shop.visits.setdefault(self.key, Visit())

    def _goto(self, where: str) -> None:
        self.send_response(303)
        self.send_header("location", where)
        self._end(b"")

    def _page(self, body: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("content-type", "text/html")
        self._end(f"<!doctype html><title>Pizzeria</title>{body}".encode())

    def _end(self, body: bytes) -> None:
        self.send_header("set-cookie", f"visit={self.key}; Path=/; HttpOnly; Max-Age=86400")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
