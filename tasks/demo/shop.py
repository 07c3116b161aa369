"""The demo shop: a web shop on loopback with the quirks that real sites have.

`/?seed=7&quirks=cookie,soldout` starts a visit; the cookie keeps both. Quirks:

cookie      a consent banner lies over every page until it is answered
modal       a newsletter dialog opens late, over the page of a pizza
soldout     the size chosen first turns out to be sold out
validation  the address form comes back once, one field emptied
iframe      the card is asked for inside an iframe
slow        putting into the basket takes a while
fail        putting into the basket fails once
rerender    the list of toppings is drawn anew whenever something changes
double      the last button can be pressed twice, and then orders twice
"""

import asyncio
import secrets
from collections import defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

from tasks.demo.menu import FIELDS, Menu, draw_menu
from tasks.demo.store import Item, PlacedOrder, Store, Visit

QUIRKS = (
    "cookie",
    "modal",
    "soldout",
    "validation",
    "iframe",
    "slow",
    "fail",
    "rerender",
    "double",
)
SLOW_SECONDS = 1.5
_HERE = Path(__file__).parent
_COOKIE = "visit"

Page = Callable[["Shop", Request, str, Visit], Awaitable[Response]]


class Shop:
    """The shop's pages over one store; `app` is the ASGI application."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._turns: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self.templates = Jinja2Templates(_HERE / "templates")
        self.templates.env.filters["euros"] = lambda cents: f"{cents / 100:.2f} €"
        pages: list[tuple[str, str, Page]] = [
            ("/", "GET", _menu),
            ("/pizza/{slug}", "GET", _pizza),
            ("/stock", "GET", _stock),
            ("/basket", "POST", _add),
            ("/basket", "GET", _basket),
            ("/address", "GET", _address),
            ("/address", "POST", _save_address),
            ("/payment", "GET", _payment),
            ("/card", "GET", _card),
            ("/order", "POST", _order),
            ("/thanks", "GET", _thanks),
            ("/consent", "POST", _consent),
            ("/newsletter", "POST", _newsletter),
        ]
        self.app = Starlette(
            routes=[
                *(Route(path, self._page(page), methods=[method]) for path, method, page in pages),
                Mount("/static", StaticFiles(directory=_HERE / "static")),
            ]
        )

    def _page(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            key = request.cookies.get(_COOKIE, "")
            # One visitor's requests take turns: two at once would undo each other's doing.
            async with self._turns[key]:
                visit = self.store.visit(key) if key else None
                starts = "seed" in request.query_params or "quirks" in request.query_params
                if visit is None or starts:
                    key, visit = secrets.token_urlsafe(12), _new_visit(request)
                response = await page(self, request, key, visit)
                self.store.save(key, visit)
            response.set_cookie(_COOKIE, key, httponly=True, samesite="lax")
            return response

        return answer

    def render(self, request: Request, name: str, visit: Visit, **values: object) -> Response:
        """One page, with what every page needs."""
        menu = draw_menu(visit.seed)
        return self.templates.TemplateResponse(
            request,
            f"{name}.html",
            {
                "menu": menu,
                "visit": visit,
                "quirks": set(visit.quirks),
                "banner": "cookie" in visit.quirks and not visit.cookies_accepted,
                "total": sum(_price(menu, item) for item in visit.items),
                **values,
            },
        )


def _new_visit(request: Request) -> Visit:
    wanted = request.query_params.get("quirks", "").split(",")
    seed = request.query_params.get("seed", "0")
    return Visit(
        seed=int(seed) if seed.isdecimal() else 0, quirks=[q for q in QUIRKS if q in wanted]
    )


def _price(menu: Menu, item: Item) -> int:
    base = next((p.price for p in menu.pizzas if p.name == item.pizza), 0)
    larger = menu.sizes.index(item.size) if item.size in menu.sizes else 0
    return (base + 250 * larger + 100 * len(item.toppings)) * item.quantity


def _first_time(visit: Visit, what: str) -> bool:
    visit.hits[what] = visit.hits.get(what, 0) + 1
    return visit.hits[what] == 1


async def _menu(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    return shop.render(request, "menu", visit)


async def _pizza(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    pizza = draw_menu(visit.seed).pizza(request.path_params["slug"])
    if pizza is None:
        return RedirectResponse("/", status_code=303)
    return shop.render(request, "pizza", visit, pizza=pizza)


async def _stock(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    size = request.query_params.get("size", "")
    if "soldout" in visit.quirks and not visit.sold_out:
        visit.sold_out = size
    return JSONResponse({"sold_out": size == visit.sold_out})


async def _add(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    form = await request.form()
    if "slow" in visit.quirks:
        await asyncio.sleep(SLOW_SECONDS)
    if "fail" in visit.quirks and _first_time(visit, "fail"):
        return JSONResponse({"error": "The kitchen did not answer. Please try again."}, 503)
    error = _refusal(form, draw_menu(visit.seed), visit)
    if error:
        return JSONResponse({"error": error}, 422)
    visit.items.append(
        Item(
            pizza=str(form["pizza"]),
            size=str(form["size"]),
            crust=str(form["crust"]),
            toppings=[str(t) for t in form.getlist("topping")],
            quantity=int(str(form["quantity"])),
        )
    )
    return JSONResponse({"next": "/basket"})


def _refusal(form: FormData, menu: Menu, visit: Visit) -> str:
    """Why this cannot go into the basket; empty if it can."""
    quantity = str(form.get("quantity", ""))
    if form.get("pizza") not in {p.name for p in menu.pizzas}:
        return "We do not have this pizza."
    if form.get("size") not in menu.sizes:
        return "Please choose a size."
    if form.get("size") == visit.sold_out:
        return f"{visit.sold_out} is sold out."
    if form.get("crust") not in menu.crusts:
        return "Please choose a crust."
    if not quantity.isdecimal() or not 1 <= int(quantity) <= 20:
        return "The quantity must be between 1 and 20."
    return ""


async def _basket(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    return shop.render(request, "basket", visit)


async def _address(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    if not visit.items:
        return RedirectResponse("/", status_code=303)
    return shop.render(request, "address", visit, errors={})


async def _save_address(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    form = await request.form()
    visit.address = {field: str(form.get(field, "")).strip() for field in FIELDS}
    errors = {field: f"{field} is missing" for field in FIELDS if not visit.address[field]}
    phone = visit.address["Phone"].replace(" ", "")
    if phone and not (phone.isdecimal() and len(phone) >= 6):
        errors["Phone"] = "Phone must have 6 digits or more"
    if not errors and "validation" in visit.quirks and _first_time(visit, "validation"):
        visit.address["Street"] = ""
        errors["Street"] = "Street was not understood, please enter it again"
    if errors:
        return shop.render(request, "address", visit, errors=errors)
    return RedirectResponse("/payment", status_code=303)


async def _payment(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    if not visit.items:
        return RedirectResponse("/", status_code=303)
    return shop.render(request, "payment", visit, error="")


async def _card(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    return shop.render(request, "card", visit)


async def _order(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    form = await request.form()
    card = str(form.get("card", "")).replace(" ", "")
    twice = "double" in visit.quirks
    if twice:
        await asyncio.sleep(SLOW_SECONDS / 3)
    items = visit.items
    if not items:
        return RedirectResponse("/thanks" if visit.last_order else "/", status_code=303)
    if len(card) != 16 or not card.isdecimal():
        error = "The card number must have 16 digits."
        return shop.render(request, "payment", visit, error=error)
    order = PlacedOrder(items=items, address=visit.address, card=card[-4:])
    visit.last_order = shop.store.place(key, order)
    if not twice:
        visit.items = []
    return RedirectResponse("/thanks", status_code=303)


async def _thanks(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    return shop.render(request, "thanks", visit)


async def _consent(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    visit.cookies_accepted = True
    return JSONResponse({})


async def _newsletter(shop: Shop, request: Request, key: str, visit: Visit) -> Response:
    visit.modal_closed = True
    return JSONResponse({})
