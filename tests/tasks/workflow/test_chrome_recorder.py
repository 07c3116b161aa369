"""Chrome's recordings as workflows: what they become, and what is told of the rest."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from agent.folder import RunFolder
from agent.settings import RunSettings
from tasks.demo.serve import serve_shop
from tasks.workflow.chrome_recorder import LARGEST, read_chrome_recording
from tasks.workflow.chrome_selectors import Selector, Use, pointed
from tasks.workflow.load import load
from tasks.workflow.notation import LocatorError
from tasks.workflow.problems import RecordingError
from tasks.workflow.run import settings_for, take_up
from tasks.workflow.write import data_of, to_yaml

FILES = Path(__file__).parent / "chrome"


def button(name: str) -> str:
    return f'get_by_role("button", name="{name}", exact=True)'


def field(name: str) -> str:
    return f'get_by_label("{name}", exact=True).or_(get_by_placeholder("{name}", exact=True))'


def test_an_order() -> None:
    recording = read_chrome_recording(FILES / "order.json")
    workflow = recording.workflow()
    assert data_of(workflow) == {
        "workflow": "Order a pizza",
        "url": "http://127.0.0.1:8765/?seed=18&quirks=iframe",
        "inputs": {
            "quantity": {"type": "number", "default": 2},
            "size": {"type": "text", "default": "40 cm"},
            "name": {"type": "text", "default": "Ann Lee"},
            "phone": {"type": "text", "default": "0123 45678"},
            "street": {"type": "text", "default": "12 Mill Lane"},
        },
        "secrets": ["CARD_NUMBER"],
        "steps": [
            {
                "click": 'get_by_role("link", name="Amatriciana", exact=True)',
                "expect": {"url": "/pizza/amatriciana"},
            },
            {"click": 'get_by_role("radio", name="Gluten-free", exact=True)'},
            {"click": 'get_by_role("checkbox", name="Tuna", exact=True)'},
            {
                "fill": 'get_by_role("spinbutton", name="Quantity", exact=True)',
                "text": "{{ quantity }}",
            },
            {
                "select": 'get_by_role("combobox", name="Size", exact=True)',
                "option": "{{ size }}",
            },
            {"click": button("Add to basket"), "expect": {"url": "/basket"}},
            {"click": button("Go to checkout"), "expect": {"url": "/address"}},
            {"fill": field("Name"), "text": "{{ name }}"},
            {"fill": field("Phone"), "text": "{{ phone }}"},
            {
                "fill": field("Street"),
                "text": "{{ street }}",
                "submit": True,
                "expect": {"url": "/payment"},
            },
            {
                "fill": f'frame_locator("iframe, frame").nth(0).{field("Card number")}',
                "text": "{{CARD_NUMBER}}",
            },
            {
                "click": button("Place order"),
                "expect": [
                    {"url": "/thanks"},
                    {
                        "visible": 'get_by_role("heading", name="Thank you, {{ name }}!", '
                        "exact=True)"
                    },
                ],
            },
        ],
    }


async def test_the_order_is_replayed(
    chromium: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CARD_NUMBER", "5555666677778888")
    file = tmp_path / "order.yaml"
    async with serve_shop(tmp_path / "shop.db") as (shop, store):
        chrome = (FILES / "order.json").read_text().replace("http://127.0.0.1:8765", shop)
        (tmp_path / "order.json").write_text(chrome)
        file.write_text(to_yaml(read_chrome_recording(tmp_path / "order.json").workflow()))
        base = RunSettings(task="x", home=tmp_path, yes=True, screenshots=False)
        run = settings_for(load(file), {"name": "Bo", "quantity": 3}, base, heal=False)
        ended = await take_up(RunFolder.create(run), lambda event: None, browser=chromium)
        assert ended.result.ok, ended.result.answer
        (order,) = store.orders()
    (item,) = order.items
    assert (item.pizza, item.size, item.crust) == ("Amatriciana", "40 cm", "Gluten-free")
    assert (item.toppings, item.quantity) == (["Tuna"], 3)
    assert order.address == {"Name": "Bo", "Street": "12 Mill Lane", "Phone": "0123 45678"}
    assert order.card == "8888"


def test_everything_that_the_recorder_writes() -> None:
    recording = read_chrome_recording(FILES / "everything.json")
    steps = [data_of(step) for step in recording.workflow().steps]
    loading = 'get_by_label("Loading", exact=True).or_(get_by_text("Loading", exact=True))'
    frames = 'frame_locator("iframe, frame").nth(1).frame_locator("iframe, frame").nth(0)'
    assert steps[2:] == [
        {"click": button("Log in"), "expect": {"url": "/home*"}},
        {"hover": 'get_by_role("link", name="Reports", exact=True)'},
        {
            "click": 'locator("my-table").locator("my-row:nth-of-type(2)").locator("td")',
            "how": "double",
            "timeout": "2s",
        },
        {"click": 'get_by_test_id("menu")', "how": "right"},
        {"click": 'locator("xpath=/html/body/div[3]/div")'},
        {"press": "Control+a"},
        {
            "press": "Escape",
            "expect": [
                {"count": 'locator("#row")', "at_least": 3},
                {"hidden": f"{frames}.{loading}"},
                {"visible": loading.replace("Loading", "Total")},
            ],
        },
        {"click": 'get_by_text("Help", exact=True)'},
        {"click": 'get_by_text("Next", exact=True)'},
        {"switch_tab": 0},
        {"click": button("Log out")},
        {"navigate": "https://other.example/"},
    ]
    assert recording.sites == ["other.example"]
    assert recording.notes == [
        "step 1 (setViewport): left out, the window's size, 1905 by 969",
        "step 2 (emulateNetworkConditions): left out, a slower network",
        "step 8 (change): what was typed into Password is not kept: it is the secret {{PASSWORD}} "
        "now",
        "step 10 (scroll): left out, scrolling: a step scrolls to its element by itself",
        "step 14 (click): left out, a click with the auxiliary button",
        "step 15 (click): a short click in the place of one of 1.2 s",
        "step 24 (waitForElement): waits for the element only, not for its textContent",
        "step 25 (waitForExpression): left out, JavaScript is never run from a file: "
        "new Promise(resolve => setTimeout(() => resolve(true), 2000)",
        "step 26 (customStep): left out, the extension's own step takeScreenshot",
        "step 31 (close): left out, closing the tab: a run closes its browser itself",
        "taken for text fields, because the file does not tell: User name; write select: and "
        "option: for a list",
    ]


def test_a_password_never_reaches_the_workflow() -> None:
    recording = read_chrome_recording(FILES / "everything.json")
    workflow = recording.workflow()
    assert workflow.secrets == ["PASSWORD"]
    assert "correct horse" in (FILES / "everything.json").read_text()
    assert "correct horse" not in to_yaml(workflow) + "".join(recording.notes)


@pytest.mark.parametrize(
    ("selectors", "value"),
    [
        (["aria/Password", "#a"], "s3same 0pen"),
        (["aria/Log in", "#user_pass"], "s3same 0pen"),
        (["aria/Пароль"], "s3same 0pen"),
        (["aria/PIN"], "983014"),
        (["aria/Number", "#n"], "4111 1111 1111 1111"),
    ],
)
def test_secrets_are_known_by_their_field_or_themselves(
    selectors: list[str], value: str, tmp_path: Path
) -> None:
    steps = [
        NAVIGATE,
        {"type": "change", "selectors": selectors, "value": value[:4]},
        {"type": "change", "selectors": selectors, "value": value},
        {"type": "change", "selectors": ["aria/Repeat it", "#again"], "value": value},
        {"type": "change", "selectors": ["aria/Town", "#town"], "value": "Rome"},
    ]
    recording = read_chrome_recording(a_file(tmp_path, {"title": "x", "steps": steps}))
    workflow = recording.workflow()
    assert len(workflow.secrets) == 1
    assert list(workflow.inputs) == ["town"]
    assert value[:4] not in to_yaml(workflow) + "".join(recording.notes)


@pytest.mark.parametrize(
    ("selectors", "use", "locator"),
    [
        ([["aria/Save[role='button']"], ["#save"]], "click", button("Save")),
        ([["aria/Shop"], ["li > a"]], "click", 'get_by_role("link", name="Shop", exact=True)'),
        (["aria/Shop", "text/Shop"], "click", 'get_by_text("Shop", exact=True)'),
        ([["#a"], ["xpath///*[@id='a']"]], "fill", 'locator("#a")'),
        ([["div > i"], ['text/Say "hi"']], "click", r'get_by_text("Say \"hi\"")'),
        ([["aria/Total {{ x }}"], ["#total"]], "see", 'locator("#total")'),
        ([['aria/A[role="Iframe"]'], ["#a"]], "see", None),
    ],
)
def test_selectors(selectors: list[Selector], use: Use, locator: str | None) -> None:
    wanted = locator or 'get_by_label("A", exact=True).or_(get_by_text("A", exact=True))'
    assert str(pointed(selectors, [], use).locator) == wanted


def test_selectors_that_no_workflow_can_say() -> None:
    with pytest.raises(LocatorError, match="none of its selectors"):
        pointed([["aria/{{ x }}"]], [], "click")


def a_file(tmp_path: Path, content: Any) -> Path:
    path = tmp_path / "r.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


NAVIGATE = {"type": "navigate", "url": "http://a.example/"}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("", "is no JSON (Expecting value, line 1, column 1)"),
        ('{"steps": [', "is no JSON"),
        ("[" * 200_000, "is no JSON that can be read"),
        ("[]", "is no recording of Chrome's Recorder"),
        ({"title": "x"}, "is no recording of Chrome's Recorder"),
        ({"steps": 3}, "expected a list, not '3'"),
        ({"steps": [NAVIGATE, 7]}, "step 2: "),
        ({"steps": [NAVIGATE, {"type": "dance"}]}, "step 2: expected type: "),
        ({"steps": [{"url": "x"}]}, "step 1: type is missing"),
        ({"steps": [NAVIGATE, {"type": "click"}]}, "step 2: selectors is missing"),
        ({"steps": [{"type": "click", "selectors": []}]}, "step 1: expected at least one"),
        ({"steps": [{"type": "change", "selectors": ["#a"]}]}, "step 1: value is missing"),
    ],
)
def test_broken_files(content: Any, words: str, tmp_path: Path) -> None:
    with pytest.raises(RecordingError) as refused:
        read_chrome_recording(a_file(tmp_path, content))
    assert words in str(refused.value)
    assert str(refused.value).startswith(str(tmp_path / "r.json"))
    assert "\n" not in str(refused.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        read_chrome_recording(tmp_path / "none.json")
    with pytest.raises(RecordingError, match="is larger than 10 MB"):
        read_chrome_recording(a_file(tmp_path, " " * (LARGEST + 1)))
    with pytest.raises(RecordingError, match="Nothing was done"):
        read_chrome_recording(a_file(tmp_path, {"steps": [NAVIGATE]})).workflow()
