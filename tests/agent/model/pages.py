"""Pages, as plain data, for tests of what may be answered on them."""

from typing import Any

from tools.observation import Element, Observation, Option, render

ELEMENTS = [
    Element(ref="e1", role="heading", name="Pizza"),
    Element(ref="e2", role="button", name="Add", interactive=True),
    Element(ref="e3", role="textbox", name="Street", interactive=True),
    Element(
        ref="e4",
        role="combobox",
        name="Size",
        interactive=True,
        options=(
            Option(label='Small "S"'),
            Option(label="Größe 2"),
            Option(label="XL", disabled=True),
        ),
    ),
    Element(ref="e5", role="checkbox", name="Olives", interactive=True),
    Element(ref="e6", role="button", name="Far below", interactive=True),
]


def shop_page(**changed: Any) -> Observation:
    """A page with one of each kind; its last button is not shown."""
    values: dict[str, Any] = {
        "url": "http://shop.test/",
        "elements": ELEMENTS,
        "text": render(ELEMENTS[:-1]),
        "shown": ["e1", "e2", "e3", "e4", "e5"],
        "tabs": ["Shop", "Help"],
        "tab": 0,
    }
    return Observation(**(values | changed))


def actions(schema: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The fields of each action that the schema offers (of the last list for select)."""
    options = schema["properties"]["actions"]["items"]["anyOf"]
    return {o["properties"]["action"]["const"]: o["properties"] for o in options}
