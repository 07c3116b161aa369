"""Chrome DevTools Recorder's selectors as Playwright locators.

Chrome writes several for each element: by accessible name (`aria/Add to basket[role="button"]`),
by text (`text/Add`), CSS, XPath (`xpath///*[@id="a"]`) and CSS through shadow roots (`pierce/`).
A list is a path through shadow roots, which Playwright walks by itself. The one that lasts
longest is taken: the name first.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from tasks.workflow.locator import SIGNATURES, Argument, LocatorExpression, Part
from tasks.workflow.notation import LocatorError, parse_locator

Selector = str | list[str]
"""One selector, or a path of them."""
Use = Literal["click", "fill", "see"]
"""What the element is for; it tells which roles may be meant."""

_ARIA = re.compile(
    r"""aria/(?P<name>.*?)(?P<attributes>(?:\[\s*(?:role|name)\s*=\s*["'][^"']*["']\s*\])*)""", re.S
)
_ATTRIBUTE = re.compile(r"""\[\s*(role|name)\s*=\s*["']([^"']*)["']\s*\]""")
_SEGMENT = re.compile(r"^([a-z][\w-]*)?((?:[#.:\[].*)?)$", re.S | re.I)
_TEST_ID = re.compile(r"""\[data-testid=(["']?)([^"'\]]+)\1\]""")
_TAG_ROLES = {"a": "link", "button": "button", "select": "combobox", "summary": ""}
_TYPE_ROLES = {
    "submit": "button",
    "button": "button",
    "reset": "button",
    "image": "button",
    "checkbox": "checkbox",
    "radio": "radio",
    "search": "searchbox",
    "number": "spinbutton",
    "range": "slider",
}
_WITHIN = frozenset("b div em i img p path small span strong svg use".split())
"""Tags that stand within the control that is meant."""
_NO_ROLES = frozenset({"", "generic", "StaticText", "none", "presentation", "RootWebArea"})


@dataclass(frozen=True)
class Pointed:
    """What selectors point at.

    `label` is its name, or else the words of a selector that come nearest to one; `tag` and
    `role` are "" where no selector tells. `clues` are all selectors in one text.
    """

    locator: LocatorExpression
    label: str
    tag: str
    role: str
    clues: str


def pointed(selectors: Sequence[Selector], frame: Sequence[int], use: Use) -> Pointed:
    """The element that these selectors mean. Raises LocatorError if none can be carried over."""
    paths = [[s] if isinstance(s, str) else list(s) for s in selectors]
    paths = [path for path in paths if "{{" not in "".join(path)]  # no page brings a template
    tag, kind = _tag_and_type(paths)
    name, role = _aria(paths)
    role = role or _role(tag, kind)
    found = _by_name(name, role, tag, use, paths) or _by_rest(paths, use)
    if found is None:
        raise LocatorError("none of its selectors can be carried over")
    framed = [part for number in frame for part in _frame(number)]
    locator = parse_locator(str(LocatorExpression((*framed, *found.parts))))
    clues = " ".join(step for path in paths for step in path)
    return Pointed(locator, name or _words(paths), tag, role, clues)


def _aria(paths: list[list[str]]) -> tuple[str, str]:
    """Name and role by which Chrome knows the element, or the control around it."""
    for path in paths:
        if not path or not path[-1].startswith("aria/"):
            continue
        for step in reversed(path):
            match = _ARIA.fullmatch(step)
            if match is None:
                continue
            given = dict(_ATTRIBUTE.findall(match["attributes"]))
            if name := (match["name"] or given.get("name", "")).strip():
                role = given.get("role", "")
                return name, "" if role in _NO_ROLES else role
    return "", ""


def _by_name(
    name: str, role: str, tag: str, use: Use, paths: list[list[str]]
) -> LocatorExpression | None:
    if not name:
        return None
    if role:
        try:
            return parse_locator(str(_one("get_by_role", role=role, name=name, exact=True)))
        except LocatorError:
            role = ""  # one of Chrome's own roles
    labelled = _one("get_by_label", text=name, exact=True)
    if use == "fill":
        return _either(labelled, _one("get_by_placeholder", text=name, exact=True))
    if use == "see":
        return _either(labelled, _one("get_by_text", text=name, exact=True))
    if tag == "input":
        return _either(labelled, _one("get_by_role", role="button", name=name, exact=True))
    if any(step == f"text/{name}" for path in paths for step in path):
        return _one("get_by_text", text=name, exact=True)
    roles = [_one("get_by_role", role=r, name=name, exact=True) for r in ("button", "link")]
    return _either(*roles, labelled)


def _by_rest(paths: list[list[str]], use: Use) -> LocatorExpression | None:
    """By test id or a lone id, then by text, then by any other way."""
    rest = [path for path in paths if path and not path[-1].startswith("aria/")]
    css = [path for path in rest if not re.match(r"(text|xpath|pierce)/", path[-1])]
    for path in css:
        if test_id := _TEST_ID.search(path[-1]):
            return _one("get_by_test_id", test_id=test_id[2])
    for path in css:
        if re.fullmatch(r"#[\w-]+", path[-1]):
            return _selector(path[-1])
    for path in rest:
        if path[-1].startswith("text/") and use != "fill":
            return _one("get_by_text", text=path[-1].removeprefix("text/"))
    for path in [*css, *rest]:
        steps = [re.sub(r"^pierce/", "", step) for step in path]
        if steps[-1].startswith("xpath/"):
            return _selector(f"xpath={steps[-1].removeprefix('xpath/')}")
        parts = [part for step in steps for part in _selector(step).parts]
        return LocatorExpression(tuple(parts))
    return None


def _role(tag: str, kind: str) -> str:
    if tag == "input":
        return _TYPE_ROLES.get(kind, "")
    return "textbox" if tag == "textarea" else _TAG_ROLES.get(tag, "")


def _tag_and_type(paths: list[list[str]]) -> tuple[str, str]:
    """The element's tag, or that of the control around it, and an input's type, if told."""
    for path in paths:
        last = path[-1] if path else ""
        if last.startswith(("aria/", "text/")):
            continue
        xpath = last.startswith("xpath/")
        steps = last.split("/") if xpath else re.split(r"\s*>+\s*|\s+(?![^\[]*\])", last)
        for step in reversed([s for s in steps if s]):
            match = _SEGMENT.match(step.removeprefix("pierce/"))
            tag = (match[1] or "").lower() if match else ""
            if tag and tag not in _WITHIN and not step.startswith("xpath"):
                kind = re.search(r"""type=["']?(\w+)""", step)
                return tag, kind[1] if kind else ""
            if not tag:
                break
    return "", ""


def _frame(number: int) -> tuple[Part, Part]:
    every = Part("frame_locator", (("selector", "iframe, frame"),))
    return every, Part("nth", (("index", number),))


def _words(paths: list[list[str]]) -> str:
    """The words of a selector that come nearest to a name: an id, or an attribute."""
    for path in paths:
        step = path[-1] if path else ""
        if step.startswith("text/"):
            return step.removeprefix("text/")
        if not step.startswith("aria/"):
            attribute = re.search(r"""(?:name|data-[\w-]+|placeholder|id)=["']?([^"'\]]+)""", step)
            if found := attribute or re.search(r"#([\w-]+)", step):
                return found[1]
    return ""


def _one(call: str, **given: Argument) -> LocatorExpression:
    names: Mapping[str, object] = SIGNATURES[call]
    return LocatorExpression((Part(call, tuple((n, given[n]) for n in names if n in given)),))


def _selector(selector: str) -> LocatorExpression:
    return _one("locator", selector=selector)


def _either(first: LocatorExpression, *others: LocatorExpression) -> LocatorExpression:
    ors = tuple(Part("or_", (("locator", other),)) for other in others)
    return LocatorExpression((*first.parts, *ors))
