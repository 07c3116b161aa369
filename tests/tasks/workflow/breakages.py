"""The demo shop, changed in ways in which pages change, under a workflow that knows it as it was.

    python -m tests.tasks.workflow.breakages              # a sensible scripted model mends
    python -m tests.tasks.workflow.breakages --fool       # one that takes anything for anything
    python -m tests.tasks.workflow.breakages --bundled    # the bundled model does
    python -m tests.tasks.workflow.breakages --no-heal    # nobody does

Prints for each change whether the workflow was mended, stopped honestly, or did the wrong thing.
"""

import argparse
import asyncio
import tempfile
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser
from rich.console import Console
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from agent.approve import Approval, ApprovalRequest
from agent.folder import RunFolder
from agent.settings import RunSettings
from tasks.bundled import bundled_model
from tasks.demo.orders import Order, draw_order
from tasks.demo.shop import Shop
from tasks.demo.store import Store
from tasks.loopback import served
from tasks.workflow.bench import WORKFLOW, inputs
from tasks.workflow.load import load
from tasks.workflow.run import WorkflowResult, settings_for, take_up
from tests.scripted_model import ScriptedModel
from tests.tasks.workflow.oracle import fool, oracle
from tools.browser import BrowserOptions, open_browser

Became = Literal["as before", "mended", "stopped", "WRONG"]
SEED = 2
"""An order with a topping, a crust that is not the first, and more than one size."""


@dataclass(frozen=True)
class Breakage:
    """One change of the pages: what stood there, and what stands there now.

    `quirks` are the shop's own; `mendable` says whether a person would know how to go on.
    """

    name: str
    changes: tuple[tuple[str, str], ...] = ()
    quirks: str = ""
    mendable: bool = True


def _label(old: str, new: str) -> tuple[tuple[str, str], ...]:
    return ((f'<label class="field">{old} ', f'<label class="field">{new} '),)


def _button(old: str, new: str) -> tuple[tuple[str, str], ...]:
    return ((f"<button>{old}</button>", f"<button>{new}</button>"),)


_SWITCH = """<script>for (const box of document.querySelectorAll('#toppings input')) {
  const button = document.createElement('button');
  Object.assign(button, {type: 'button', textContent: box.value});
  button.setAttribute('role', 'switch'); button.setAttribute('aria-checked', 'false');
  button.onclick = () => { box.checked = !box.checked;
    button.setAttribute('aria-checked', box.checked); };
  box.parentElement.replaceWith(button, box); box.hidden = true;
}</script></body>"""
_SIZES = """<script>{ const list = document.getElementById('size'), group =
  document.createElement('fieldset'); group.innerHTML = '<legend>Size</legend>';
  for (const option of [...list.options].slice(1)) {
    const label = document.createElement('label');
    label.innerHTML = `<input type=radio name=pick value="${option.value}"> ${option.value}`;
    label.firstChild.onchange = () => { list.value = option.value; };
    group.append(label);
  }
  const field = list.closest('label'); field.after(group); group.after(list);
  list.hidden = true; field.remove(); }</script></body>"""
_CRUSTS = """<script>{ const group = [...document.querySelectorAll('fieldset')].find(
    f => f.textContent.startsWith('Crust')), radios = [...group.querySelectorAll('input')];
  const label = document.createElement('label'); label.className = 'field';
  label.innerHTML = `Crust <select name=crust>${radios.map(
    r => `<option>${r.value}</option>`).join('')}</select>`;
  group.replaceWith(label); }</script></body>"""
_TERMS = """<label><input type="checkbox" required> I accept the terms</label>
<button>Place order</button>"""
_SURE = """<script>document.getElementById('pay').addEventListener('submit', event => {
  if (event.target.sure) return; event.preventDefault(); event.stopImmediatePropagation();
  const box = document.createElement('dialog'); box.setAttribute('aria-label', 'Please confirm');
  box.innerHTML = '<p>Really order?</p><button type=button>Yes, order</button>' +
    '<button type=button>No</button>';
  document.body.append(box); box.showModal();
  box.children[1].onclick = () => { event.target.sure = 1; event.target.requestSubmit(); };
  box.children[2].onclick = () => box.close();
}, true);</script></body>"""

BREAKAGES = (
    Breakage("nothing changed"),
    Breakage("a renamed button: Add to basket", _button("Add to basket", "Put into the basket")),
    Breakage("a renamed button: Go to checkout", _button("Go to checkout", "Proceed to checkout")),
    Breakage("a renamed button: To payment", _button("To payment", "Continue")),
    Breakage("a renamed button: Place order", _button("Place order", "Order and pay")),
    Breakage(
        "a renamed list: Size",
        (('<label class="field">Size\n', '<label class="field">Diameter\n'),),
    ),
    Breakage("a renamed field: Quantity", _label("Quantity", "How many")),
    Breakage("a renamed field: Name", _label("Name", "Recipient")),
    Breakage("a renamed field: Street", _label("Street", "Address line")),
    Breakage("a renamed field: Phone", _label("Phone", "Mobile")),
    Breakage("a renamed field: Card number", _label("Card number", "Number on the card")),
    Breakage(
        "a decoy beside a renamed button",
        (
            (
                "<button>Add to basket</button>",
                "<button type=button onclick='this.textContent="
                '"Noted"\'>Add to wish list</button><button>Put into the basket</button>',
            ),
        ),
    ),
    Breakage("a dialog over every page", quirks="cookie"),
    Breakage("a dialog that comes late", (("showModal(), 700", "showModal(), 0"),), quirks="modal"),
    Breakage(
        "another role: links as buttons",
        (
            ('<li><a href="', '<li><button onclick="location=this.value" value="'),
            ('</a><span class="price">', '</button><span class="price">'),
        ),
    ),
    Breakage(
        "another role: a button as a link",
        (("<button>Go to checkout</button>", '<a href="/address">Checkout</a>'),),
    ),
    Breakage("another role: a list as radio buttons", (("</body>", _SIZES),)),
    Breakage("another role: radio buttons as a list", (("</body>", _CRUSTS),)),
    Breakage("another role: boxes as switches", (("</body>", _SWITCH),)),
    Breakage(
        "moved: the same button twice",
        (
            (
                "<button>To payment</button>",
                "<button>To payment</button><button>To payment</button>",
            ),
        ),
    ),
    Breakage("an extra question before the order", (("</body>", _SURE),)),
    Breakage(
        "a new field that is required",
        (
            (
                "<button>To payment</button>",
                '<label class="field">City <input name="City" required></label>'
                "<button>To payment</button>",
            ),
            (" novalidate", ""),
        ),
        mendable=False,
    ),
    Breakage("new terms to accept", (("<button>Place order</button>", _TERMS),), mendable=False),
    Breakage("a pizza that is gone", (("{pizza}", "Pizza of the month"),), mendable=False),
    Breakage("a size that is gone", (("<option>{size}</option>", ""),), mendable=False),
    Breakage(
        "a step that is gone: no checkout",
        (
            (
                '<form action="/address"><button>Go to checkout</button></form>',
                "<p>We are closed. <button>Tell me when you open</button></p>",
            ),
        ),
        mendable=False,
    ),
)


class Broken:
    """The shop behind changes that are made to the text of its pages."""

    def __init__(self, app: ASGIApp, changes: Sequence[tuple[str, str]]) -> None:
        self._app = app
        self._changes = changes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        held: list[Message] = []

        async def changed(message: Message) -> None:
            if message["type"] == "http.response.start":
                held.append(message)
                return
            start = held.pop() if held else None
            body = message.get("body", b"")
            if start and b"text/html" in dict(start["headers"]).get(b"content-type", b""):
                text = body.decode()
                for old, new in self._changes:
                    text = text.replace(old, new)
                body = text.encode()
                kept = [h for h in start["headers"] if h[0] != b"content-length"]
                start = {**start, "headers": [*kept, (b"content-length", b"%d" % len(body))]}
            if start:
                await send(start)
            await send({**message, "body": body})

        await self._app(scope, receive, changed)


@asynccontextmanager
async def broken_shop(
    database: Path, changes: Sequence[tuple[str, str]]
) -> AsyncIterator[tuple[str, Store]]:
    """The shop with these changes on 127.0.0.1; its address and its store."""
    with closing(Store(database)) as store:
        async with served(Broken(Shop(store).app, changes)) as url:
            yield url, store


@dataclass(frozen=True)
class Outcome:
    """What became of one order at a changed shop."""

    breakage: Breakage
    became: Became
    answer: str
    result: WorkflowResult


class Yes:
    """A user who agrees to orders, and knows nothing else."""

    async def approve(self, request: ApprovalRequest) -> Approval:
        """Agree."""
        return Approval(decision="yes")

    async def answer(self, question: str) -> str | None:
        """Nobody is there."""
        return None


async def order_at(
    breakage: Breakage,
    browser: Browser,
    home: Path,
    model_url: str,
    *,
    heal: bool = True,
    seed: int = SEED,
) -> Outcome:
    """Replay the order at a shop that is broken so, and judge by what the shop then holds."""
    order = draw_order(seed)
    known = {"{pizza}": order.pizza, "{size}": order.size}
    changes = [(known_in(old, known), new) for old, new in breakage.changes]
    async with broken_shop(home / "shop.db", changes) as (url, store):
        base = RunSettings(task="", home=home, model_url=model_url, screenshots=False, yes=True)
        shop = {**inputs(order, url)}
        file = load(WORKFLOW)
        run = settings_for(file, shop, base, heal=heal, outputs=home)
        if breakage.quirks:
            run = run.model_copy(update={"url": f"{run.url}&quirks={breakage.quirks}"})
        ended = await take_up(RunFolder.create(run), lambda event: None, Yes(), browser=browser)
        became = _became(ended.result, store, order)
    return Outcome(breakage, became, ended.result.answer, ended.result)


def known_in(text: str, known: dict[str, str]) -> str:
    """The text with what this order is about."""
    for name, value in known.items():
        text = text.replace(name, value)
    return text


def _became(result: WorkflowResult, store: Store, order: Order) -> Became:
    """Judged by what the shop holds: an order that is not as asked for is wrong, however it ended,
    and so is a run that says it is done without one."""
    placed = store.orders()
    if placed:
        right = not order.wrong(placed) and result.ok
        return "WRONG" if not right else "mended" if result.mended else "as before"
    return "WRONG" if result.ok else "stopped"


async def all_of_them(
    model_url: str, heal: bool, names: Sequence[str], seeds: int
) -> list[Outcome]:
    """Every change, one after the other, each with so many orders."""
    done = []
    with tempfile.TemporaryDirectory() as folder:
        async with open_browser(BrowserOptions()) as browser:
            for breakage in BREAKAGES:
                for seed in range(SEED, SEED + seeds):
                    if not names or any(name in breakage.name for name in names):
                        home = Path(tempfile.mkdtemp(dir=folder))
                        outcome = order_at(breakage, browser, home, model_url, heal=heal, seed=seed)
                        done.append(await outcome)
    return done


def report(outcomes: Sequence[Outcome], console: Console) -> None:
    """Print the table."""
    for each in outcomes:
        calls = each.result.usage.model_calls
        console.print(f"{each.became:10} {each.breakage.name} ({calls} model calls)")
        console.print(f"           {each.answer}", style="dim")
        for told in each.result.mended:
            console.print(f"           {told}", style="dim")
    counts = Counter(each.became for each in outcomes)
    console.print(", ".join(f"{number} {became}" for became, number in counts.items()))


async def main() -> None:
    """Read the arguments, do it, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.tasks.workflow.breakages")
    parser.add_argument("names", nargs="*", help="only changes with these words")
    parser.add_argument("--fool", action="store_true", help="a model mends that takes anything")
    parser.add_argument("--bundled", action="store_true", help="the bundled model mends")
    parser.add_argument("--no-heal", action="store_true", help="nobody mends")
    parser.add_argument("--model-url", default="")
    parser.add_argument("--orders", type=int, default=1, help="so many orders for each change")
    given = parser.parse_args()
    async with AsyncExitStack() as stack:
        url = given.model_url
        if given.bundled:
            url = (await stack.enter_async_context(bundled_model())).url
        elif not url:
            url = stack.enter_context(ScriptedModel(fool if given.fool else oracle)).url
        outcomes = await all_of_them(url, not given.no_heal, given.names, given.orders)
    report(outcomes, Console(highlight=False))


if __name__ == "__main__":
    asyncio.run(main())
