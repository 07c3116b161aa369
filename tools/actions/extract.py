"""Reading more of the page than its lines show."""

from typing import Any, Literal

from playwright.async_api import Error
from pydantic import Field

from tools.aim import REACT_MS, aim
from tools.hands import Hands
from tools.observation import Element
from tools.record import REF_PATTERN, Action, Done, tool
from tools.roles import ANY


class Read(Action):
    """Read the full text of an element, or of the whole page."""

    action: Literal["read"] = "read"
    ref: str | None = Field(
        default=None, pattern=REF_PATTERN, description="the element; the page if left out"
    )


class Extract(Action):
    """Collect data from the page as JSON."""

    action: Literal["extract"] = "extract"
    instruction: str = Field(min_length=1, description="what to collect")
    fields: dict[str, Any] = Field(description="JSON schema of the result")

    def said(self, element: Element | None = None) -> str:
        """`extract names and prices`."""
        return f"extract {self.instruction}"


class Look(Action):
    """Show the part of a long page that is around these words."""

    action: Literal["look"] = "look"
    find: str = Field(min_length=1, description="words to look for")


LENGTH = 20_000
"""Characters of text that a read brings at most."""


@tool(effect="read", roles=ANY)
async def read(args: Read, hands: Hands) -> Done:
    """The text as a person sees it, shadow roots and frames included, secrets by name."""
    if args.ref is None:
        return Done(text=await page_text(hands))
    target = await aim(args.ref, hands)
    text = await target.locator.evaluate(_TEXT, timeout=REACT_MS)
    return Done(text=_bounded(text, hands), locator=target.replay)


@tool(effect="read")
async def extract(args: Extract, hands: Hands) -> Done:
    """The page's text, from which the agent has the model make the asked JSON."""
    return Done(text=await page_text(hands))


@tool(effect="read")
async def look(args: Look, hands: Hands) -> Done:
    """Nothing to do here: the next observation is taken around the words."""
    return Done()


async def page_text(hands: Hands) -> str:
    """The visible text of the current tab, at most `LENGTH` characters, frames last."""
    texts = []
    for frame in hands.session.page.frames:
        try:
            texts.append(await frame.locator("body").evaluate(_TEXT, timeout=REACT_MS))
        except Error:  # a frame that is going away has no text worth waiting for
            continue
    return _bounded("\n".join(text for text in texts if text), hands)


def _bounded(whole: str, hands: Hands) -> str:
    text = hands.secrets.redact(whole)  # first: half a secret would not be found any more
    if len(text) <= LENGTH:
        return text
    return f"{text[:LENGTH]}\n… ({len(text) - LENGTH} more characters)"


_TEXT = """el => {
  if (el.type === 'password') return '';
  if (el.tagName === 'SELECT') return [...el.selectedOptions].map(o => o.label).join(', ');
  if (typeof el.value === 'string' && 'form' in el && el.tagName !== 'BUTTON') return el.value;
  const parts = [el.innerText || ''];
  const shadows = root => {
    for (const n of root.querySelectorAll('*')) {
      if (!n.shadowRoot) continue;
      for (const child of n.shadowRoot.children)
        if (!/^(STYLE|SCRIPT|SLOT)$/.test(child.tagName)) parts.push(child.innerText || '');
      shadows(n.shadowRoot);
    }
  };
  if (el.shadowRoot) shadows({querySelectorAll: () => [el]});
  shadows(el);
  return parts.map(p => p.trim()).filter(Boolean).join('\\n');
}"""
