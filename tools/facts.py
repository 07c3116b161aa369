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
from pydantic import BaseModel, ValidationError

from tools.apart import set_apart
from tools.snapshot import Box, Node

HIDDEN = "••••"
"""Stands for a password, whatever its length."""

FRAME_TIMEOUT_MS = 1000
"""So long a frame may take to tell about its fields; then its lines go without."""

_NATIVE_ROLES = frozenset(
    "textbox searchbox combobox listbox spinbutton slider checkbox radio switch button "
    "menuitemcheckbox menuitemradio".split()
)


class FrameFacts(BaseModel):
    """One frame's own account: its viewport's height in CSS pixels, title, and fields by box."""

    height: int = 0
    title: str = ""
    found: list[tuple[int, int, int, int, dict[str, str]]] = []


@cache
def _script() -> str:
    source = (files("tools") / "facts.js").read_text(encoding="utf-8")
    return source[source.index("() =>") :]


async def page_facts(page: Page) -> FrameFacts | None:
    """What the main frame tells; None if that makes no sense."""
    return _read(await page.evaluate(_script()))


async def inner_facts(page: Page, tree: Node) -> dict[str, FrameFacts]:
    """What each frame within the page tells, by the prefix of its refs ("f1").

    A frame that tells nothing is left out.
    """
    anchors: dict[str, str] = {}
    main = tree.frame
    for node in tree.walk():
        if node.ref and node.frame != main:
            anchors.setdefault(node.frame, node.ref)
    told = await asyncio.gather(*(_frame_facts(page, ref) for ref in anchors.values()))
    pairs = zip(anchors, told, strict=True)
    return {prefix: facts for prefix, facts in pairs if facts is not None}


def add_facts(tree: Node, facts: Mapping[str, FrameFacts], scrub: Callable[[str], str]) -> None:
    """Give the nodes what their frames told, and take passwords out of the tree.

    `facts` is by frame prefix. In a frame that has password fields, or that could not tell, a
    text field that no fact was found for is taken for a password field.
    """
    claims: dict[tuple[str, Box], list[dict[str, str]]] = defaultdict(list)
    secretive: set[str] = set()
    for prefix, told in facts.items():
        for x, y, width, height, known in told.found:
            claims[prefix, (x, y, width, height)].append(known)
            if known.get("type") == "password":
                secretive.add(prefix)
    for node in list(tree.walk()):
        if node.box is not None and (here := claims.get((node.frame, node.box))):
            for known in [known for known in here if _fits(node, known)]:
                here.remove(known)
                node.facts.update({key: scrub(value) for key, value in known.items()})
                if node.facts.pop("words", ""):
                    node.facts.setdefault("click", "1")
        if node.role in ("textbox", "searchbox"):
            unsure = node.frame in secretive and "tag" not in node.facts
            if node.facts.get("type") == "password" or unsure or node.frame not in facts:
                _hide(node)
    left = [(*place, known) for place, here in claims.items() for known in here if "words" in known]
    if left:
        set_apart(tree, left, scrub)


def _fits(node: Node, known: Mapping[str, str]) -> bool:
    """Whether these facts can be about this node, given that it stands at their place."""
    if "words" in known:
        return node.role == "generic" and not node.controls and bool(node.ref)
    if "tag" in known:
        return node.role in _NATIVE_ROLES and "tag" not in node.facts
    if known.get("role") == "textbox":
        return "role" not in node.facts and "tag" not in node.facts
    return True


def _hide(node: Node) -> None:
    filled = node.facts.pop("filled", "") or any(child.role == "text" for child in node.children)
    node.children = [child for child in node.children if child.role != "text"]
    node.facts["value"] = HIDDEN if filled else ""


async def _frame_facts(page: Page, ref: str) -> FrameFacts | None:
    try:
        return _read(await page.get_by_ref(ref).evaluate(_script(), timeout=FRAME_TIMEOUT_MS))
    except PlaywrightError:  # the frame navigates or is gone
        return None


def _read(told: object) -> FrameFacts | None:
    """The page runs the script, so what comes back is not to be trusted to have its form."""
    try:
        return FrameFacts.model_validate_json(told if isinstance(told, str) else "")
    except ValidationError:
        return None
