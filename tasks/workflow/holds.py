"""Whether a workflow's conditions hold on the page as it is now, and waiting until they do."""

import time
from collections.abc import Callable, Mapping, Sequence

from playwright.async_api import Error, Locator

from tasks.workflow.conditions import (
    All,
    Any_,
    AtUrl,
    Checked,
    Condition,
    Count,
    Enabled,
    HasText,
    HasValue,
    Hidden,
    InputIs,
    Not,
    NoText,
    Visible,
)
from tasks.workflow.locator import LocatorExpression
from tasks.workflow.templates import Value, fill, filler, shown, value_of
from tools.glimpse import NotOne, glimpse
from tools.observation import Element, clean
from tools.session import Session
from tools.settle import settle
from tools.verdict import same_value, shown_value

_POLL_S = 0.05
"""So long nothing is asked again while no request of the page begins or ends."""


class Holds:
    """Looks at a page for the conditions of a workflow, with values for their templates."""

    def __init__(
        self, session: Session, values: Mapping[str, Value], redact: Callable[[str], str]
    ) -> None:
        """`redact` takes secrets out of what is told of the page."""
        self._session = session
        self._values = values
        self._redact = redact

    async def now(self, conditions: Sequence[Condition]) -> bool:
        """Whether all of them hold, once the page is at rest. Raises TemplateError."""
        if any(not isinstance(condition, InputIs) for condition in conditions):
            await settle(self._session)
        return not await self.missing(conditions)

    async def until(self, conditions: Sequence[Condition], seconds: float) -> str:
        """Wait until all of them hold; "" then, or what does not, in words, after the time.

        Raises TemplateError and BrowserGone.
        """
        ends = time.monotonic() + seconds
        if any(map(_denies, conditions)):
            await settle(self._session)  # before anything came, nothing is there, too
        while missing := await self.missing(conditions):
            left = ends - time.monotonic()
            if left <= 0 or self._session.dialog is not None:
                return missing
            await self._session.activity.change(min(_POLL_S, left))
        return ""

    async def missing(self, conditions: Sequence[Condition]) -> str:
        """The first that does not hold, in words, with what is there instead; "" if all do."""
        for condition in conditions:
            self._session.check()
            looked: list[str] = []

            async def look(at: Condition = condition, into: list[str] = looked) -> None:
                into.append(await self._missing(at))

            try:
                await self._session.unless_dialog(look())
            except Error:  # the page is on its way to the next
                return self.said(condition)
            if not looked:
                return f"{self.said(condition)}: a dialog of the browser is open"
            if looked[0]:
                return looked[0]
        return ""

    def said(self, condition: Condition) -> str:
        """The condition in words: `button Save is visible`."""
        match condition:
            case Visible(visible=locator):
                return f"{self._name(locator)} is visible"
            case Hidden(hidden=locator):
                return f"{self._name(locator)} is not visible"
            case HasText():
                return f"{self._place(condition.within)} shows “{self._text(condition.text)}”"
            case NoText():
                text = self._text(condition.no_text)
                return f"{self._place(condition.within)} does not show “{text}”"
            case AtUrl(url=url):
                return f"the address is {self._text(url)}"
            case HasValue(value=locator, wanted=wanted):
                return f"{self._name(locator)} is {self._text(wanted) or 'empty'}"
            case Checked(checked=locator, wanted=wanted):
                return f"{self._name(locator)} is {'' if wanted else 'not '}checked"
            case Enabled(enabled=locator, wanted=wanted):
                return f"{self._name(locator)} is {'enabled' if wanted else 'disabled'}"
            case Count(count=locator):
                return f"there are {_number(condition)} {self._name(locator)}"
            case InputIs(input=name, wanted=wanted):
                return f"{name} is {self._text(wanted) or 'empty'}"
            case All(all=several):
                return " and ".join(map(self.said, several))
            case Any_(any=several):
                return " or ".join(map(self.said, several))
            case Not(not_=inner):
                return f"it is not so that {self.said(inner)}"
        raise AssertionError(f"a condition of an unknown kind: {condition!r}")

    async def _missing(self, condition: Condition) -> str:
        """What of the condition does not hold; "" if it does."""
        match condition:
            case All(all=several):
                return await self.missing(several)
            case Any_(any=several):
                found = [await self.missing([one]) for one in several]
                return self.said(condition) if all(found) else ""
            case Not(not_=inner):
                return "" if await self.missing([inner]) else self.said(condition)
            case InputIs(input=name, wanted=wanted):
                value = value_of(f"{{{{ {name} }}}}", self._values)
                return "" if shown(value) == self._text(wanted) else self.said(condition)
            case AtUrl(url=url):
                here = self._session.page.url
                fits = AtUrl.matches(self._text(url), here)
                return "" if fits else f"{self.said(condition)} (it is {self._redact(here)})"
            case HasText(text=text):
                return "" if await self._shows(text, condition.within) else self.said(condition)
            case NoText(no_text=text):
                return self.said(condition) if await self._shows(text, condition.within) else ""
        return await self._wrong_element(condition)

    async def _wrong_element(self, condition: Condition) -> str:
        """The same for conditions on one element, or on how many there are."""
        match condition:
            case Visible(visible=locator):
                seen = await self._live(locator).filter(visible=True).count()
                return "" if seen else self.said(condition)
            case Hidden(hidden=locator):
                seen = await self._live(locator).filter(visible=True).count()
                return self.said(condition) if seen else ""
            case Count(count=locator):
                number = await self._live(locator).count()
                fits = _counts(condition, number)
                return "" if fits else f"{self.said(condition)} (there are {number})"
            case HasValue(value=locator, wanted=wanted):
                return await self._unlike(locator, condition, self._text(wanted))
            case Checked(checked=locator, wanted=on):
                return await self._unlike(locator, condition, "checked", on)
            case Enabled(enabled=locator, wanted=on):
                return await self._unlike(locator, condition, "disabled", not on)
        raise AssertionError(f"a condition of an unknown kind: {condition!r}")

    async def _unlike(
        self, locator: LocatorExpression, condition: Condition, wanted: str, on: bool | None = None
    ) -> str:
        """Whether the one element has this state (`on`), or holds this value."""
        live = self._live(locator)
        try:
            found = await glimpse(self._session, {"e1": live}, self._redact)
        except NotOne as error:
            there = f"{error.count} elements fit" if error.count else "it is not there"
            return f"{self.said(condition)} ({there})"
        if not found.page.elements:
            return self.said(condition)
        element = found.page.elements[0]
        if on is not None:
            return "" if (wanted in element.states) is on else self.said(condition)
        value = _value(element)
        return "" if same_value(wanted, value) else f"{self.said(condition)} (it is {value!r})"

    async def _shows(self, text: str, within: LocatorExpression | None) -> bool:
        wanted = _squeezed(self._text(text))
        if within is not None:
            texts = await self._live(within).all_inner_texts()
            return any(wanted in _squeezed(found) for found in texts)
        for frame in self._session.page.frames:
            try:
                if await frame.evaluate(_SHOWS, wanted):
                    return True
            except Error:
                if frame.parent_frame is None:
                    raise
        return False

    def _live(self, locator: LocatorExpression) -> Locator:
        return locator.filled(filler(self._values)).to_playwright(self._session.page)

    def _name(self, locator: LocatorExpression) -> str:
        return locator.filled(filler(self._values)).said()

    def _place(self, within: LocatorExpression | None) -> str:
        return self._name(within) if within is not None else "the page"

    def _text(self, text: str) -> str:
        return fill(text, self._values)


def _denies(condition: Condition) -> bool:
    """Whether a page that has nothing on it yet would fulfil it."""
    if isinstance(condition, All | Any_):
        several = condition.all if isinstance(condition, All) else condition.any
        return any(map(_denies, several))
    few = isinstance(condition, Count) and (not condition.wanted or condition.at_most is not None)
    return isinstance(condition, Hidden | NoText | Not) or few


def _counts(condition: Count, number: int) -> bool:
    exact = condition.wanted is None or number == condition.wanted
    enough = condition.at_least is None or number >= condition.at_least
    return exact and enough and (condition.at_most is None or number <= condition.at_most)


def _number(condition: Count) -> str:
    parts = [] if condition.wanted is None else [f"{condition.wanted}"]
    parts += [] if condition.at_least is None else [f"at least {condition.at_least}"]
    parts += [] if condition.at_most is None else [f"at most {condition.at_most}"]
    return " and ".join(parts)


def _value(element: Element) -> str:
    value = shown_value(element)
    return element.name if value is None else value


def _squeezed(text: str) -> str:
    return " ".join(clean(text).split()).lower()


_SHOWS = """wanted => {
  const squeezed = text => (text || '').replace(/\\s+/g, ' ').trim().toLowerCase();
  const roots = [document.body];
  while (roots.length) {
    const root = roots.pop();
    if (!root) continue;
    if (squeezed(root.innerText).includes(wanted)) return true;
    for (const n of root.querySelectorAll('*'))
      if (n.shadowRoot) roots.push(...n.shadowRoot.children);
  }
  return false;
}"""
