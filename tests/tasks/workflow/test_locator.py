"""Locators: Playwright's notation is read, written and used; nothing of it is evaluated."""

import pytest
from playwright.async_api import Page

from tasks.workflow.locator import LocatorExpression
from tasks.workflow.notation import LocatorError, parse_locator
from tasks.workflow.templates import TemplateError, filler

PAGE = """
<h1>Menu</h1>
<label>Size <select><option>Small</option></select></label>
<button>Add</button><button>Add</button><button>Say "hi", it's \\ me</button>
<input placeholder="Your name"><img alt="logo" width=10 height=10><div title="tip">zz</div>
<div data-testid="box">boxed</div><p>some plain words</p><div id="zz">odd</div>
<ul><li>Ann <button>Edit</button></li><li>Bob <button>Edit</button></li></ul>
<table><tr><td>Ann</td><td><a href="#a">Open</a></td></tr>
<tr><td>Bob</td><td><a href="#b">Open</a></td></tr></table>
<iframe title="Card" srcdoc="<label>Number <input></label><button>Pay</button>"></iframe>
<iframe srcdoc="<iframe name=inner srcdoc='<button>Deep</button>'></iframe>"></iframe>
"""


async def shown(page: Page) -> None:
    await page.set_content(PAGE)
    await page.frame_locator("iframe >> nth=1").frame_locator("iframe").locator("button").wait_for()


async def test_what_playwright_writes_for_any_element_leads_back_to_it(page: Page) -> None:
    await shown(page)
    seen = 0
    for frame in page.frames:
        for element in await frame.locator("body *:not(option)").all():
            text = str(await element.normalize())
            again = parse_locator(text)
            assert str(again) == text
            found = await again.to_playwright(page).element_handle()
            wanted = await element.element_handle()
            assert await frame.evaluate("([a, b]) => a === b", [wanted, found]), text
            seen += 1
    assert seen > 30


WRITTEN = (
    ('page.get_by_role("listitem").filter(has_text="Bob").get_by_role("button")', 1),
    ('get_by_role("listitem").filter(has=page.get_by_text("Ann")).get_by_role("button")', 1),
    ('get_by_role("row", name="Ann").get_by_role("link").or_(get_by_text("boxed")).last', 1),
    ('get_by_role("button").and_(get_by_text("Add"))', 2),
    ('get_by_role("button", name="Add", exact=True).nth(-1)', 1),
    ('get_by_role("button", name=re.compile("^add$", re.IGNORECASE))', 2),
    ('frame_locator("iframe").first.get_by_label("Number", exact=True)', 1),
    ('get_by_test_id("box")', 1),
    ("get_by_alt_text('logo')", 1),
    ('get_by_title("tip")', 1),
    ('locator("li", has_text="Ann")', 1),
    ('get_by_role(\n  "heading",\n  level=1,\n)', 1),
)
"""Locators as people write them, with the number of elements that they mean."""


async def test_people_write_these(page: Page) -> None:
    await shown(page)
    for text, count in WRITTEN:
        expression = parse_locator(text)
        assert await expression.to_playwright(page).count() == count, text
        assert parse_locator(str(expression)) == expression


async def test_relative_to_an_element(page: Page) -> None:
    await shown(page)
    row = page.get_by_role("row", name="Bob")
    link = parse_locator('get_by_role("cell").filter(has=get_by_role("link")).get_by_role("link")')
    assert await link.to_playwright(row).get_attribute("href") == "#b"


@pytest.mark.parametrize(
    ("text", "at", "said"),
    [
        ('get_by_rol("button")', 0, "did you mean get_by_role?"),
        ('get_by_role("buton")', 12, "did you mean button?"),
        ('get_by_role("button", nam="x")', 22, "did you mean name?"),
        ('get_by_role("button", name="ü").frist', 32, "did you mean first?"),
        ('get_by_role("button", "x")', 22, "by name"),
        ('get_by_role("button", name="x", name="y")', 32, "given twice"),
        ('get_by_text("x", exact="yes")', 23, "exact takes True or False"),
        ('get_by_text("x").nth("1")', 21, "nth() takes a whole number"),
        ('get_by_text("x").filter()', 17, "needs one of"),
        ('get_by_text("x").first()', 17, "no parentheses"),
        ('get_by_text("x").nth', 17, "needs parentheses"),
        ('get_by_text("x', 12, "never closed"),
        ('get_by_text("x"', 11, "never closed"),
        ('frame_locator("iframe")', 0, "a frame alone"),
        ("nth(1)", 0, "cannot stand at the beginning"),
        ('get_by_text(re.compile("("))', 23, "no pattern"),
        ('locator("#{{ size }}")', 8, "a selector takes no {{ }}"),
        ('get_by_role("{{ size }}")', 12, "no ARIA role"),
        ('get_by_text("{{ a + b }}")', 12, "expected a name in {{ }}"),
        ("", 0, "expected a locator"),
        ("page", 0, "expected a locator"),
        ("Size", 0, "expected a locator"),
        ("get_by_text('x') or 1", 0, "expected a locator"),
        ("(" * 1000, None, "expected a locator"),
        ('get_by_text("' + "x" * 3000, 0, "more than 2000 characters"),
    ],
)
def test_what_is_no_locator_is_told_with_its_place(text: str, at: int | None, said: str) -> None:
    with pytest.raises(LocatorError) as caught:
        parse_locator(text)
    assert said in str(caught.value)
    assert at is None or caught.value.offset == at


@pytest.mark.parametrize(
    "text",
    [
        '__import__("os").system("touch /tmp/evaluated")',
        'get_by_text(open("/etc/passwd").read())',
        "get_by_text(f\"{__import__('os')}\")",
        'get_by_text("x").page.evaluate("1")',
        'get_by_text("x").evaluate("1")',
        'get_by_text("x").__class__',
        'get_by_text("x" * 10**9)',
        'get_by_text(*["x"])',
        'get_by_text(**{"text": "x"})',
        '(lambda: get_by_text("x"))()',
        '[get_by_text("x")][0]',
        'get_by_text(x := "x")',
        'get_by_text(b"x")',
        'page.context.get_by_text("x")',
    ],
)
def test_nothing_but_a_locator_passes(text: str) -> None:
    with pytest.raises(LocatorError):
        parse_locator(text)


def filled(text: str, **values: object) -> LocatorExpression:
    return parse_locator(text).filled(filler(values))


VALUES = (
    'Say "hi", it\'s \\ me',
    '").nth(0).or_(get_by_text("',
    "x >> nth=0",
    "internal:role=button",
)
"""The first is the name of a button; the others are what an attacker would try."""


async def test_a_value_never_changes_the_chain(page: Page) -> None:
    await shown(page)
    for value in VALUES:
        one = filled('get_by_role("button", name="{{ who }}", exact=True)', who=value)
        assert [part.name for part in one.parts] == ["get_by_role"]
        assert await one.to_playwright(page).count() == (1 if value == VALUES[0] else 0)
        assert parse_locator(str(one)) == one


def test_values_reach_locators_within_locators() -> None:
    one = filled(
        'get_by_role("row").filter(has=get_by_text("{{ row.name }}"))', row={"name": "Ann"}
    )
    assert str(one) == 'get_by_role("row").filter(has=get_by_text("Ann"))'


@pytest.mark.parametrize(
    ("values", "said"),
    [({}, "who has no value"), ({"who": ""}, "would match every element"), ({"who": [1]}, "list")],
)
def test_a_value_that_cannot_be_filled_in(values: dict[str, object], said: str) -> None:
    with pytest.raises(TemplateError, match=said):
        filled('get_by_text("{{ who }}")', **values)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('get_by_role("button", name="Save")', "button Save"),
        ('get_by_role("row", name="Ann").get_by_role("link").first', "link"),
        ('get_by_label("Size")', "Size"),
        ('locator("#a")', 'locator("#a")'),
    ],
)
def test_in_words(text: str, words: str) -> None:
    assert parse_locator(text).said() == words
