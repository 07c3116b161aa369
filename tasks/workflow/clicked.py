"""What a person did in a browser, as a workflow.

What is typed becomes an input with the typed text as its default; what is typed into a password
field becomes a secret, and its value is dropped.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tasks.workflow.conditions import AtUrl, Checked, Condition, HasText, HasValue, Visible
from tasks.workflow.exact import EXACT
from tasks.workflow.locator import LocatorExpression
from tasks.workflow.notation import parse_locator
from tasks.workflow.record import Done, Watched
from tasks.workflow.recording import (
    Recording,
    address_pattern,
    steadied,
    templated,
    with_inputs,
)
from tools.roles import CHECKS

_EMPTY = ("about:blank", "chrome://newtab/", "chrome://new-tab-page/", "")
_MODIFIERS = ((2, "Control"), (1, "Alt"), (8, "Shift"), (4, "Meta"))
"""How Playwright's recorder numbers them."""
_FAKE_PATH = "C:\\fakepath\\"
"""What a page sees in the place of a file's folder."""
_SENDS = frozenset({"Enter", "Escape"})
"""Keys that do more in a field than to edit it."""


@dataclass(frozen=True)
class Element:
    """What the page's snapshot says of the element that was acted on."""

    role: str = ""
    name: str = ""
    active: bool = False
    within: str = ""
    """The lines of what stands in it."""

    @classmethod
    def of(cls, data: dict[str, Any]) -> "Element":
        """The element that an action of Playwright's recorder was about."""
        mark = f"[ref={data.get('ref', '')}]"
        lines = str(data.get("ariaSnapshot", "")).split("\n")
        for at, line in enumerate(lines):
            match = _LINE.match(line)
            if mark in line and match:
                inner = []
                for behind in lines[at + 1 :]:
                    if len(behind) - len(behind.lstrip()) <= len(match["indent"]):
                        break
                    inner.append(behind)
                name = _unescaped(match["name"] or "")
                return cls(match["role"], name, "[active]" in line, "\n".join(inner))
        return cls()

    @property
    def chosen(self) -> list[str]:
        """The options of a list that are selected."""
        options = (_LINE.match(line) for line in self.within.split("\n") if "[selected]" in line)
        return [_unescaped(match["name"] or "") for match in options if match]


_LINE = re.compile(r"""(?P<indent>\s*)- '?(?P<role>\w+)(?: "(?P<name>(?:[^"\\]|\\.)*)")?""")


_ASSERTIONS: dict[str, Callable[[str, dict[str, Any], Callable[[str], str]], Condition]] = {
    "assertVisible": lambda at, data, put: Visible.model_validate({"visible": at}),
    "assertText": lambda at, data, put: HasText.model_validate(
        {"text": put(str(data.get("text", ""))), "in": at}
    ),
    "assertValue": lambda at, data, put: HasValue.model_validate(
        {"value": at, "is": put(str(data.get("value", "")))}
    ),
    "assertChecked": lambda at, data, put: Checked.model_validate(
        {"checked": at, "is": bool(data.get("checked", True))}
    ),
}
"""What Playwright's bar in the page lets one say, as conditions."""


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text).replace("''", "'")


def clicked(watched: Watched, title: str) -> Recording:
    """The workflow of what was done."""
    return _Converter(watched, title).convert()


class _Converter:
    def __init__(self, watched: Watched, title: str) -> None:
        self._done = _meant(watched.done)
        self._made = Recording(title=title, url=watched.url)
        self._tabs = [0]
        self._tab = 0
        self._empty: set[int] = set()

    def convert(self) -> Recording:
        for done in self._done:
            self._take(done)
        return self._made

    def _take(self, done: Done) -> None:
        if done.what == "openPage":
            self._tabs.append(done.tab)
            self._empty.add(done.tab)
        elif done.what == "popup":
            self._tabs.append(done.tab)
            self._tab = done.tab  # as in a run: what a click opens is the current tab
        elif done.what == "closePage":
            self._close(done)
        elif done.what == "navigate":
            self._navigate(done)
        else:
            self._go_to(done.tab)
            if done.what.startswith("assert"):
                self._expect(done)
            else:
                self._act(done)

    def _go_to(self, tab: int) -> None:
        if tab != self._tab and tab in self._tabs:
            self._step("switch_tab", switch_tab=self._tabs.index(tab))
        self._tab = tab

    def _close(self, done: Done) -> None:
        if done.tab not in self._tabs:
            return
        number = self._tabs.index(done.tab)
        self._step("close_tab", close_tab=None if done.tab == self._tab else number)
        self._tabs.remove(done.tab)
        if done.tab == self._tab:
            self._tab = self._tabs[-1]

    def _navigate(self, done: Done) -> None:
        url = str(done.data.get("url", ""))
        if url in _EMPTY:
            return
        if done.tab in self._empty:
            self._empty.discard(done.tab)
            self._tab = done.tab
            self._step("open_tab", open_tab=url)
        else:
            self._go_to(done.tab)
            self._step("navigate", navigate=url)
        site = urlsplit(url).netloc
        if site != urlsplit(self._made.url).netloc and site not in self._made.sites:
            self._made.sites.append(site)

    def _expect(self, done: Done) -> None:
        """What the person said must be true after the last step."""
        read = _ASSERTIONS.get(done.what)
        if read is None or not done.locator or not self._made.steps:
            self._left_out(done, Element(), "no step of a workflow expects this")
            return
        last = self._made.steps[-1]
        locator = str(with_inputs(parse_locator(done.locator), self._made.values))
        condition = read(locator, done.data, lambda text: templated(text, self._made.values))
        said = last.model_copy(update={"expect": [*last.expect, condition]})
        self._made.steps[-1] = said

    def _act(self, done: Done) -> None:
        """A step for what was done to an element."""
        data, element = done.data, Element.of(done.data)
        if done.what == "dialog" and not data:
            self._left_out(done, element, "it was never answered")
            return
        if done.what == "dialog":
            answer: dict[str, object] = {"dialog": "accept" if data["accept"] else "dismiss"}
            if data["accept"] and data["text"]:
                answer["text"] = self._made.input("answer", data["text"])
            self._step("dialog", (), **answer)
            return
        if not done.locator:
            self._left_out(done, element, "its element has no lasting name")
            return
        locator = steadied(parse_locator(done.locator), element.role, element.name)
        locator = with_inputs(locator, self._made.values)
        expect = self._arrived(done)
        match done.what:
            case "click":
                self._click(done, element, locator, expect)
            case "download":
                self._step("download", expect, download=locator)
            case "check" | "uncheck":
                off = {} if done.what == "check" else {"checked": False}
                self._step("check", expect, check=locator, **off)
            case "fill" if str(data.get("text", "")).startswith(_FAKE_PATH):
                self._upload(done, element, locator, expect)
            case "fill":
                text = self._text(done, element)
                self._step("fill", expect, fill=locator, text=text)
            case "select":
                self._select(done, element, locator, expect)
            case "press":
                self._press(done, locator, expect)
            case "setInputFiles":
                self._upload(done, element, locator, expect)
            case _:
                self._left_out(done, element, "no step of a workflow does this")

    def _click(
        self, done: Done, element: Element, locator: LocatorExpression, expect: list[Condition]
    ) -> None:
        data = done.data
        button, times = data.get("button", "left"), data.get("clickCount", 1)
        if button == "middle" or data.get("modifiers"):
            self._left_out(done, element, "a step clicks without other keys, left or right")
            return
        how = "right" if button == "right" else "double" if times == 2 else "single"
        self._step("click", expect, click=locator, how=how)

    def _text(self, done: Done, element: Element) -> str:
        text, label = str(done.data.get("text", "")), element.name or "text"
        if done.secret or self._made.looks_secret(f"{label} {done.locator}", text):
            return self._made.secret_for(label, text)
        return self._made.input(label, text, element.role) if text else ""

    def _select(
        self, done: Done, element: Element, locator: LocatorExpression, expect: list[Condition]
    ) -> None:
        options = element.chosen or [str(o) for o in done.data.get("options", [])]
        if not options:
            self._left_out(done, element, "nothing is chosen any more")
        for option in options[:1]:
            text = self._made.input(element.name or "option", option)
            self._step("select", expect, select=locator, option=text)
        if len(options) > 1:
            self._left_out(done, element, f"one option is chosen, not {', '.join(options)}")

    def _press(self, done: Done, locator: LocatorExpression, expect: list[Condition]) -> None:
        held = [name for bit, name in _MODIFIERS if int(done.data.get("modifiers", 0)) & bit]
        key = str(done.data.get("key", ""))
        last = self._made.steps[-1] if self._made.steps else None
        same = getattr(last, "ref", None) == locator and getattr(last, "tool", "") == "fill"
        if key == "Enter" and not held and last is not None and same:
            self._made.steps[-1] = last.model_copy(update={"submit": True, "expect": expect})
        else:
            self._step("press", expect, press="+".join([*held, key]), **{"in": locator})

    def _upload(
        self, done: Done, element: Element, locator: LocatorExpression, expect: list[Condition]
    ) -> None:
        given = done.data.get("files") or [str(done.data.get("text", ""))]
        files = [str(file).removeprefix(_FAKE_PATH) for file in given]
        path = self._made.file(element.name or "file", ", ".join(files))
        self._step("upload", expect, upload=locator, path=path)

    def _step(self, action: str, expect: Sequence[Condition] = (), **given: object) -> None:
        step = EXACT[action].model_validate({**given, "expect": list(expect)})
        self._made.steps.append(step)

    def _arrived(self, done: Done) -> list[Condition]:
        if not done.arrived or done.arrived in _EMPTY or done.what in ("fill", "select"):
            return []
        return [AtUrl(url=address_pattern(done.arrived, self._made.values.values()))]

    def _left_out(self, done: Done, element: Element, why: str) -> None:
        what = f"{done.what} {element.role} {element.name}".strip()
        self._made.notes.append(f"left out, {what}: {why}")


def _meant(done: Sequence[Done]) -> list[Done]:
    """Without opening the start page, closing the window, and what only prepared something."""
    kept: list[Done] = []
    for number, each in reversed(list(enumerate(done))):
        ends = each.what == "closePage" and not kept
        begins = each.what == "openPage" and each.tab == 0
        begins = begins or (each.what == "navigate" and number == 0)
        sent = each.what == "click" and number > 0 and _sent_by_key(each, done[number - 1])
        if not (ends or begins or sent or (kept and _prepares(each, kept[0]))):
            kept.insert(0, each)
    return kept


def _sent_by_key(click: Done, before: Done) -> bool:
    """Whether this is the click that Enter in a field brings upon a form's button.

    Whoever clicks a button has the focus on it; with Enter it stays in the field.
    """
    if before.what != "press" or before.data.get("key") != "Enter" or before.tab != click.tab:
        return False
    return not Element.of(click.data).active


def _prepares(done: Done, following: Done) -> bool:
    """Whether this only led to the next thing done, which a step does by itself.

    A click or a key that edits before a field is filled in, Tab to the next one, and a click on
    the label of a box that is then ticked.
    """
    if done.tab != following.tab:
        return False
    if done.what == "press" and done.data.get("key") == "Tab":
        return following.what in ("fill", "select", "check", "uncheck", "press", "click")
    if following.what in ("fill", "select") and done.locator == following.locator:
        key = done.data.get("key")
        return done.what in ("click", "select") or (done.what == "press" and key not in _SENDS)
    if following.what in ("check", "uncheck") and done.what == "click":
        box = Element.of(following.data)
        return (
            box.role in CHECKS
            and f"[ref={following.data.get('ref')}]" in Element.of(done.data).within
        )
    return False
