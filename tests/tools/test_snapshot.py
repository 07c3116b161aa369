"""Playwright's snapshot text is read back to what the page holds."""

import json

import pytest
from playwright.async_api import Page

from tools.snapshot import MAX_DEPTH, Node, parse


def only(text: str) -> Node:
    (node,) = parse(text).children
    return node


def test_a_line_with_everything() -> None:
    node = only(
        '- button "Add" [checked=mixed] [disabled] [active] [ref=f1e6] [cursor=pointer] '
        "[box=155,-114,40,21]: text"
    )
    assert (node.role, node.name, node.ref, node.frame) == ("button", "Add", "f1e6", "f1")
    assert node.pointer
    assert node.box == (155, -114, 40, 21)
    assert node.flags == {"checked": "mixed", "disabled": "true", "active": "true"}
    assert [child.text for child in node.children] == ["text"]


def test_properties_and_text_below_a_line() -> None:
    node = only('- textbox "Email" [ref=e3]:\n  - /placeholder: you@x\n  - text: "a: b"')
    assert node.properties == {"placeholder": "you@x"}
    assert [child.text for child in node.children] == ["a: b"]


def test_nesting() -> None:
    tree = parse("- list:\n  - listitem:\n    - button\n  - listitem: b\n- text: c")
    assert [(n.role, n.text) for n in tree.walk()] == [
        ("page", ""),
        ("list", ""),
        ("listitem", ""),
        ("button", ""),
        ("listitem", ""),
        ("text", "b"),
        ("text", "c"),
    ]


@pytest.mark.parametrize(
    ("line", "role", "name", "text"),
    [
        ('- \'button "Menu \\"x\\" {y}" [ref=e1]\'', "button", 'Menu "x" {y}', ""),
        ("- 'link \"it''s: here\" [ref=e1]': go", "link", "it's: here", "go"),
        ('- paragraph: "\\"q\\" \\\\ \\x07 \\ttab"', "paragraph", "", '"q" \\ tab'),
        ("- paragraph: \"'q'\"", "paragraph", "", "'q'"),
        ('- paragraph: "true"', "paragraph", "", "true"),
        ('- button "a: b [ref=e9]" [ref=e1]', "button", "a: b [ref=e9]", ""),
        ('- button "\\u00e9\\ud83c\\udf55"', "button", "\u00e9\U0001f355", ""),
        ("- not a line of the dialect {", "text", "", "not a line of the dialect {"),
        ('- button "x" [new-flag=1] [ref=e1] [box=1e+21,0,1,1] [later]', "button", "x", ""),
    ],
)
def test_quoting(line: str, role: str, name: str, text: str) -> None:
    node = only(line)
    assert (node.role, node.name) == (role, name)
    assert (node.text or "".join(child.text for child in node.children)) == text


def test_text_without_a_ref_belongs_to_the_frame_around_it() -> None:
    tree = parse(
        '- iframe [ref=e1]:\n  - textbox "A"\n  - generic [ref=f7e1]:\n    - textbox "B"\n- text: c'
    )
    assert {n.name or n.text: n.frame for n in tree.walk() if n.name or n.text} == {
        "A": "f7",
        "B": "f7",
        "c": "",
    }


def test_deep_nesting_is_no_trouble() -> None:
    tree = parse("\n".join("  " * n + f"- generic [ref=e{n}]:" for n in range(3000)))
    assert sum(1 for _ in tree.walk()) == 3001
    depth, node = 0, tree
    while node.children:
        depth, node = depth + 1, node.children[0]
    assert depth <= MAX_DEPTH + 1


AWKWARD = [
    "plain",
    "- dash",
    "a: b",
    "a #b",
    "'single'",
    '"double"',
    "back\\slash",
    "{curly} `tick`",
    "[ref=e1] x",
    "[bracket",
    "12.50",
    "yes",
    "null",
    "~",
    "@at %p &a *b !c |d >e",
    "ends:",
    "caf\u00e9 \U0001f355",
    "/url: x",
    "text: y",
    ".inf",
]


@pytest.mark.parametrize("words", AWKWARD)
async def test_what_a_page_holds_is_read_back(page: Page, words: str) -> None:
    await page.set_content("<button></button><p></p><input aria-label=In><a href=''>L</a>")
    await page.evaluate(
        """words => { document.querySelector("button").textContent = words;
        document.querySelector("p").textContent = words;
        document.querySelector("input").value = words;
        document.querySelector("a").setAttribute("href", words); }""",
        words,
    )
    tree = parse(await page.aria_snapshot(mode="ai", boxes=True), scrub=lambda text: text)
    found = {node.role: node for node in tree.walk()}
    assert found["button"].name == words
    assert found["link"].properties["url"] == words
    texts = [node.text for node in tree.walk() if node.role == "text"]
    assert texts == [words, words], json.dumps(texts)
