"""What Playwright's snapshot leaves out and a model needs, in one cheap pass per frame.

Fields are matched to the snapshot's nodes by their box, which both take from
`getBoundingClientRect`. A password is never asked for: the page only tells where such fields
are and whether they are filled, and the snapshot's text for them is replaced by dots before
anything reads it.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files

from playwright.async_api import Error as PlaywrightError
from playwright.async_api import Page
from pydantic import BaseModel, TypeAdapter, ValidationError

from tools.snapshot import Box, Node

HIDDEN = "••••"
"""Stands for a password, whatever its length."""

FRAME_TIMEOUT_MS = 1000
"""So long a frame may take to tell about its fields; then its lines go without."""

_TEXT_ROLES = frozenset(("textbox", "searchbox", "generic"))
_NATIVE_ROLES = frozenset(
    "textbox searchbox combobox listbox spinbutton slider checkbox radio switch button "
    "menuitemcheckbox menuitemradio".split()
)


class FrameFacts(BaseModel):
    """One frame's own account: its viewport's height in CSS pixels, title, and fields by box."""

    height: int = 0
    title: str = ""
    found: list[tuple[int, int, int, int, dict[str, str]]] = []


_ADAPTER = TypeAdapter(FrameFacts)


@cache
def _script() -> str:
    source = (files("tools") / "facts.js").read_text(encoding="utf-8")
    return source[source.index("() =>") :]


async def page_facts(page: Page) -> FrameFacts:
    """What the main frame tells."""
    return _read(await page.evaluate(_script()))


async def inner_facts(page: Page, tree: Node) -> dict[str, FrameFacts]:
    """What each frame within the page tells, by the prefix of its refs ("f1")."""
    anchors: dict[str, str] = {}
    main = tree.first_frame()
    for node in tree.walk():
        if node.ref and node.frame != main:
            anchors.setdefault(node.frame, node.ref)
    told = await asyncio.gather(*(_frame_facts(page, ref) for ref in anchors.values()))
    return dict(zip(anchors, told, strict=True))


def add_facts(tree: Node, facts: Mapping[str, FrameFacts], scrub: Callable[[str], str]) -> None:
    """Give the nodes what their frames told, and take passwords out of the tree.

    `facts` is by frame prefix. In a frame that has password fields, or that could not tell, a
    text field that no fact was found for is taken for a password field.
    """
    places: dict[tuple[str, Box], list[Node]] = defaultdict(list)
    suspects: dict[str, list[Node]] = defaultdict(list)
    frame = tree.first_frame()
    for node, prefix in _with_frames(tree, frame):
        if node.box is not None:
            places[prefix, node.box].append(node)
        if node.role in ("textbox", "searchbox"):
            suspects[prefix].append(node)
    for prefix, told in facts.items():
        secret = False
        for x, y, width, height, known in told.found:
            secret = secret or known.get("type") == "password"
            match = _match(places.get((prefix, (x, y, width, height)), []), known)
            if match is not None:
                match.facts.update({key: scrub(value) for key, value in known.items()})
        for node in suspects[prefix]:
            if node.facts.get("type") == "password" or (secret and "tag" not in node.facts):
                _hide(node)
    for prefix in suspects.keys() - facts.keys():
        for node in suspects[prefix]:
            _hide(node)


def _with_frames(tree: Node, main: str) -> list[tuple[Node, str]]:
    """All nodes with the prefix of their frame, which nodes without a ref take from around."""
    pairs: list[tuple[Node, str]] = []
    stack = [(tree, main)]
    while stack:
        node, prefix = stack.pop()
        prefix = node.frame if node.ref else prefix
        pairs.append((node, prefix))
        inner = prefix
        if node.role == "iframe":
            inner = next((n.frame for c in node.children for n in c.walk() if n.ref), prefix)
        stack.extend((child, inner) for child in reversed(node.children))
    return pairs


def _match(nodes: list[Node], known: Mapping[str, str]) -> Node | None:
    """Of the nodes at one place, the one that these facts are about."""
    for node in nodes:
        if "tag" in known:
            fits = node.role in _NATIVE_ROLES and "tag" not in node.facts
        elif known.get("role") == "textbox":
            fits = "role" not in node.facts and "tag" not in node.facts
        else:
            fits = True
        if fits:
            return node
    return None


def _hide(node: Node) -> None:
    filled = node.facts.pop("filled", "") or any(child.role == "text" for child in node.children)
    node.children = [child for child in node.children if child.role != "text"]
    node.facts["value"] = HIDDEN if filled else ""


async def _frame_facts(page: Page, ref: str) -> FrameFacts:
    try:
        return _read(await page.get_by_ref(ref).evaluate(_script(), timeout=FRAME_TIMEOUT_MS))
    except PlaywrightError:  # the frame navigates or is gone
        return FrameFacts()


def _read(told: object) -> FrameFacts:
    """The page runs the script, so what comes back is not to be trusted to have its form."""
    try:
        return _ADAPTER.validate_python(told)
    except ValidationError:
        return FrameFacts()
