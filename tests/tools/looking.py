"""Short ways for tests to show a page and look at it."""

from typing import Any

from tools.observation import Observation
from tools.observe import observe
from tools.session import Session


async def see(session: Session, html: str = "", **options: Any) -> Observation:
    """Show this HTML, if given, and look at the page. Tokens are characters."""
    if html:
        await session.page.set_content(html)
    return await observe(session, **{"budget": 1_000_000, "count": len, **options})


def lines(observation: Observation) -> list[str]:
    """The text that the model reads, line by line, without refs."""
    numbers = {f"[{ref}]" for ref in observation.shown}
    read = []
    for line in observation.text.splitlines():
        ref = next((n for n in numbers if n in line), "")
        read.append(line.replace(f" {ref}" if f" {ref}" in line else ref, "", 1))
    return read
