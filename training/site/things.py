"""What of a page a task can be made from: its links, fields and buttons, with what they are for."""

import asyncio
from collections import Counter

from playwright.async_api import Error as PlaywrightError
from pydantic import BaseModel, ConfigDict

from agent.state import Target
from tools.locate import ask, locate
from tools.observation import Element, Observation
from training.site.visit import Visit

MOST = 300
"""Elements of a page that are asked about."""
_WAIT_MS = 1000


class Facts(BaseModel):
    """What an element's own page says of it.

    `form` counts the page's forms, -1 is none; `group` is what radio buttons have in common.
    """

    model_config = ConfigDict(frozen=True)

    framed: bool = False
    href: str = ""
    form: int = -1
    type: str = ""
    group: str = ""
    submits: bool = False
    fixed: bool = False
    min: str = ""
    max: str = ""
    step: str = ""
    pattern: str = ""
    length: int = -1


class Thing(BaseModel):
    """One element that something can be done with."""

    model_config = ConfigDict(frozen=True)

    element: Element
    facts: Facts
    unique: bool = True
    """Whether no other of its role has its name, so that a task can name it."""

    @property
    def target(self) -> Target:
        """What finds it again when the page is loaded anew."""
        element = self.element
        return Target(role=element.role, name=element.name, context=element.context)

    @property
    def disabled(self) -> bool:
        """Whether it cannot be changed now."""
        return "disabled" in self.element.states or self.facts.fixed


async def things_on(visit: Visit, page: Observation) -> list[Thing]:
    """All elements of the page that one can act on.

    Those in frames are left out: their forms are other documents' forms.
    """
    found = [e for e in page.elements if e.interactive and e.target][:MOST]
    names = Counter((e.role, e.name) for e in found if e.name)
    facts = await asyncio.gather(*(_facts(visit, element) for element in found))
    return [
        Thing(element=e, facts=f, unique=names[e.role, e.name] == 1)
        for e, f in zip(found, facts, strict=True)
        if f is not None and not f.framed
    ]


async def _facts(visit: Visit, element: Element) -> Facts | None:
    try:
        where = locate(visit.session.page, element.target)
        return Facts.model_validate(await ask(where, _FACTS, wait_ms=_WAIT_MS))
    except PlaywrightError:  # it went away while the page was looked at
        return None


_FACTS = """el => {
  const field = el.control instanceof HTMLElement ? el.control : el;
  const link = field.closest('a[href]');
  const form = field.form || field.closest('form');
  const said = name => field.getAttribute(name) || '';
  return {
    framed: window !== top,
    href: link && !link.hasAttribute('download') ? link.href : '',
    form: form ? [...document.forms].indexOf(form) : -1,
    type: typeof field.type === 'string' ? field.type : '',
    group: field.type === 'radio' ? said('name') : '',
    submits: !!field.form && /^(submit|image)$/.test(field.type),
    fixed: !!field.readOnly,
    min: said('min'), max: said('max'), step: said('step'), pattern: said('pattern'),
    length: typeof field.maxLength === 'number' ? field.maxLength : -1,
  };
}"""
