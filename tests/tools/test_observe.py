"""What a model sees of real pages."""

from collections.abc import Callable

import pytest
from playwright.async_api import Page

from tests.site_server import Site
from tools.observation import Observation
from tools.observe import observe
from tools.session import Session

Look = Callable[..., "object"]


async def see(session: Session, html: str = "", **options: object) -> Observation:
    """Show this HTML and look at it."""
    if html:
        await session.page.set_content(html)
    settings: dict[str, object] = {"budget": 100_000, "count": len, **options}
    return await observe(session, **settings)  # type: ignore[arg-type]


def lines(observation: Observation) -> list[str]:
    """The text of the page without refs."""
    marks = [f"{'*' if e.new else ''}{' ' * e.depth}{e.line(refs=False)}" for e in observation.elements]
    assert len(marks) == len(observation.elements)
    return marks


async def test_the_design_s_example_reads_as_the_design_says(session: Session) -> None:
    seen = await see(
        session,
        """<h1>Menu</h1><ul><li>Margherita 8.50 <button>Add</button></li></ul>
        <label>Size <select><option>Small<option>Medium<option disabled>Large</select></label>
        <label>Email <input value="ann@example.com"></label>
        <label><input type=checkbox checked> Olives</label>
        <div role=alert>Street is missing</div>""",
    )
    assert seen.text.splitlines() == [
        "heading Menu[e1]",
        "listitem Margherita 8.50[e2]",
        " button Add[e3]",
        "combobox Size[e4]: Small (Small | Medium | Large (disabled))",
        "textbox Email[e5]: ann@example.com",
        "checkbox Olives[e6] (checked)",
        "alert Street is missing[e7]",
    ]
