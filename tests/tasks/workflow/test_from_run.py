"""A run as a workflow: what led to success, with the task's values as inputs."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.settings import RunSettings, WorkflowSource
from agent.state import Attempt, Outcome, RunState
from tasks.demo.menu import draw_menu
from tasks.demo.serve import serve_shop
from tasks.demo.store import Store
from tasks.workflow.detours import what_led_there
from tasks.workflow.from_run import from_run
from tasks.workflow.inputs import ListInput
from tasks.workflow.problems import RecordingError
from tasks.workflow.recording import (
    Recording,
    address_pattern,
    check_target,
    name_from,
    renamed,
    save,
)
from tasks.workflow.run import run_workflow
from tasks.workflow.task_values import TaskWords
from tasks.workflow.write import data_of, to_yaml
from tests.tasks.workflow.buyer import buyer, ran
from tools.causes import Cause, Verdict

SEED = 18
MENU = draw_menu(SEED)
PIZZA, OTHER = MENU.pizzas[1].name, MENU.pizzas[2].name
CARD = "1111222233334444"
TASK = (
    f"Order a {PIZZA} pizza, size {MENU.sizes[1]} (or {MENU.sizes[2]} if that is sold out), crust "
    f"{MENU.crusts[1]} with {MENU.toppings[0]}, quantity 2. Name Ann Lee, street 12 Mill Lane, "
    "phone 0123 45678. Card number {{CARD}}."
)
STEPS = [
    f'click "{OTHER}"',
    "back",
    f'click "{PIZZA}"',
    f'select "Size" as "{MENU.sizes[1]}"',
    f'click "{MENU.crusts[1]}"',
    f'check "{MENU.toppings[0]}"',
    'fill "Quantity" with "2"',
    'click "Add to basket"',
    'click "Go to checkout"',
    'fill "Name" with "Ann Lee"',
    'fill "Street" with "12 Mill Lane"',
    'fill "Phone" with "0123 45678"',
    'click "To payment"',
    'fill "Card number" with "{{CARD}}"',
    'click "Place order"',
]


@dataclass(frozen=True)
class Ran:
    """A run as a recording, and the shop that it was made at, which is still open."""

    recording: Recording
    store: Store
    home: Path


@pytest.fixture(scope="module")
async def ran_once(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Ran]:
    """A run with a detour, a banner, a sold-out size and a form that came back."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CARD", CARD)
        async with serve_shop(home / "shop.db") as (shop, store):
            url = f"{shop}/?seed={SEED}&quirks=cookie,soldout,iframe,validation"
            script = buyer(STEPS, other_size=MENU.sizes[2])
            state, settings = await ran(TASK, url, script, home, secrets=["CARD"])
            assert state.outcome is not None
            assert state.outcome.status == "done", state.outcome
            assert len(store.orders()) == 1
            yield Ran(from_run(state, settings), store, home)


@pytest.fixture
def recorded(ran_once: Ran) -> Recording:
    return ran_once.recording


def test_values_of_the_task_are_inputs_and_secrets_stay_names(recorded: Recording) -> None:
    workflow = recorded.workflow()
    assert {name: declared.default for name, declared in workflow.inputs.items()} == {
        "pizza": PIZZA,
        "size": MENU.sizes[2],
        "crust": MENU.crusts[1],
        "toppings": MENU.toppings[0],
        "quantity": 2,
        "name": "Ann Lee",
        "street": "12 Mill Lane",
        "phone": "0123 45678",
    }
    assert workflow.secrets == ["CARD"]
    written = to_yaml(workflow)
    assert CARD not in written
    steps = written.partition("steps:")[2]
    for value in (PIZZA, MENU.sizes[2], MENU.crusts[1], "Ann Lee", "12 Mill Lane", "45678"):
        assert value not in steps
    assert recorded.notes == []


async def test_several_boxes_are_a_loop_over_a_list(tmp_path: Path) -> None:
    first, second, third = MENU.toppings[:3]
    task = f"Order a {PIZZA} pizza with {first}, {second} and {third}, size {MENU.sizes[1]}."
    steps = [f'click "{PIZZA}"', f'select "Size" as "{MENU.sizes[1]}"']
    steps += [f'check "{topping}"' for topping in (first, second, third)]
    async with serve_shop(tmp_path / "shop.db") as (shop, _):
        script = buyer([*steps, 'click "Add to basket"'], done="Go to checkout")
        workflow = from_run(*await ran(task, f"{shop}/?seed={SEED}", script, tmp_path)).workflow()
    assert workflow.workflow == "Order a [pizza] pizza with [toppings], size [size]."
    assert workflow.inputs["toppings"] == ListInput(default=[first, second, third])
    assert [data_of(step) for step in workflow.steps[2:-1]] == [
        {
            "for_each": {"topping": "{{ toppings }}"},
            "steps": [
                {
                    "name": 'check "[topping]"',
                    "check": 'get_by_role("checkbox", name="{{ topping }}", exact=True)',
                }
            ],
        }
    ]
    with pytest.raises(RecordingError, match="is a list"):
        renamed(workflow, {"toppings": ""})
    with pytest.raises(RecordingError, match="The name topping is taken"):
        renamed(workflow, {"size": "topping"})
    other = renamed(workflow, {"toppings": "extras"})
    assert data_of(other.steps[2])["for_each"] == {"topping": "{{ extras }}"}


def test_only_what_led_there_is_kept(recorded: Recording) -> None:
    steps = [data_of(step) for step in recorded.workflow().steps]
    assert [next(k for k in step if k not in ("name", "when")) for step in steps] == [
        *("click", "click", "select", "click", "check", "fill", "click", "click"),
        *("fill", "fill", "fill", "click", "fill", "click"),
    ]
    banner = 'get_by_role("button", name="Fine with me")'
    assert steps[0] == {
        "name": "Put out of the way: dialog Cookie notice",
        "when": {"visible": banner},
        "click": banner,
        "expect": {"hidden": banner},
    }
    assert steps[1] == {
        "name": 'click "[pizza]"',
        "click": 'get_by_role("link", name="{{ pizza }}", exact=True)',
        "expect": {"url": "/pizza/*"},
    }
    assert steps[2] == {
        "name": f'select "Size" as "{MENU.sizes[1]}"',
        "select": 'get_by_role("combobox", name="Size", exact=True)',
        "option": "{{ size }}",
    }
    assert steps[9] == {
        "name": 'fill "Street" with "[street]"',
        "fill": 'get_by_role("textbox", name="Street")',
        "text": "{{ street }}",
    }


def test_what_was_verified_is_expected(recorded: Recording) -> None:
    steps = [data_of(step) for step in recorded.workflow().steps]
    radio = 'get_by_role("radio", name="{{ crust }}", exact=True)'
    assert steps[3]["expect"] == {"checked": radio}
    assert steps[6]["expect"] == {"url": "/basket"}
    assert steps[-1]["expect"] == [
        {"url": "/thanks"},
        {"visible": 'get_by_role("heading", name="Thank you, {{ name }}!")'},
    ]


async def test_it_is_replayed_with_other_inputs(ran_once: Ran) -> None:
    text = to_yaml(ran_once.recording.workflow())
    # Another visitor meets the banner again, but no size is sold out and no form comes back.
    file = ran_once.home / "order.yaml"
    save(text.replace("quirks=cookie,soldout,iframe,validation", "quirks=cookie,iframe"), file)
    settings = RunSettings(task="x", home=ran_once.home, screenshots=False)
    wanted = {
        "pizza": OTHER,
        "size": MENU.sizes[0],
        "crust": MENU.crusts[0],
        "toppings": MENU.toppings[3],
        "quantity": 3,
        "name": "Bo",
        "street": "1 High Street",
        "phone": "0987 65432",
    }
    done = await run_workflow(
        file, wanted, yes=True, heal=False, secrets=["CARD"], settings=settings
    )
    assert done.ok, done.answer
    assert done.usage.model_calls == 0
    placed = ran_once.store.orders()[-1]
    assert placed.address == {"Name": "Bo", "Street": "1 High Street", "Phone": "0987 65432"}
    assert placed.card == CARD[-4:]
    (item,) = placed.items
    assert (item.pizza, item.size, item.crust) == (OTHER, MENU.sizes[0], MENU.crusts[0])
    assert (item.toppings, item.quantity) == ([MENU.toppings[3]], 3)


def test_inputs_are_renamed_or_put_back(recorded: Recording) -> None:
    workflow = renamed(recorded.workflow(), {"toppings": "topping", "crust": ""})
    assert "topping" in workflow.inputs
    assert "crust" not in workflow.inputs
    steps = [data_of(step) for step in workflow.steps]
    assert steps[3]["click"] == f'get_by_role("radio", name="{MENU.crusts[1]}", exact=True)'
    assert steps[4] == {
        "name": 'check "[topping]"',
        "check": 'get_by_role("checkbox", name="{{ topping }}", exact=True)',
    }


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ({"colour": "color"}, "There is no input colour to rename; inputs: pizza,"),
        ({"size": "two words"}, "is no name for an input"),
        ({"size": "pizza"}, "The name pizza is taken"),
        ({"size": "CARD"}, "The name CARD is taken"),
    ],
)
def test_bad_names(recorded: Recording, names: dict[str, str], words: str) -> None:
    with pytest.raises(RecordingError, match=words):
        renamed(recorded.workflow(), names)


def test_swapped_names(recorded: Recording) -> None:
    workflow = renamed(recorded.workflow(), {"size": "crust", "crust": "size"})
    assert workflow.inputs["crust"].default == MENU.sizes[2]
    assert data_of(workflow.steps[2])["option"] == "{{ crust }}"


def test_only_a_run_that_is_done_becomes_a_workflow() -> None:
    failed = RunState(run="r1", task="x", outcome=Outcome(status="limit", answer="No."))
    with pytest.raises(RecordingError, match=r"The run r1 is not done \(limit\): only one that is"):
        from_run(failed, RunSettings(task="x"))
    done = failed.model_copy(update={"outcome": Outcome(status="done", answer="Yes.")})
    source = WorkflowSource(file=Path("/a/order.yaml"), texts={}, digest="", inputs={})
    with pytest.raises(RecordingError, match="that is its workflow"):
        from_run(done, RunSettings(task="x", workflow=source))
    nothing = RunState(run="r1", task="x", outcome=Outcome(status="done", answer="Yes."))
    with pytest.raises(RecordingError, match="Nothing was done"):
        from_run(nothing, RunSettings(task="x")).workflow()


def attempt(number: int, action: dict[str, object], page: str, **more: object) -> Attempt:
    given = {"number": number, "step": 0, "action": action, "said": "", "page": page}
    return Attempt.model_validate({**given, "verdict": Verdict(), "key": str(action), **more})


def click(number: int, page: str, **more: object) -> Attempt:
    return attempt(number, {"action": "click", "ref": f"[e{number}]"}, page, **more)


def test_a_way_back_is_left_out_unless_something_was_sent() -> None:
    away = [click(1, "a"), click(2, "b"), click(3, "a"), click(4, "c")]
    assert [k.attempt.number for k in what_led_there(away)] == [3, 4]
    sent = [click(1, "a"), click(2, "b", sent=True), click(3, "a")]
    assert [k.attempt.number for k in what_led_there(sent)] == [1, 2, 3]
    failed = click(1, "a", verdict=Verdict(cause=Cause.NO_EFFECT))
    assert [k.attempt.number for k in what_led_there([failed, click(2, "a")])] == [2]


def test_a_field_is_filled_in_once_with_its_last_value() -> None:
    def fill(number: int, text: str, locator: str = "L") -> Attempt:
        action: dict[str, object] = {"action": "fill", "ref": "[e1]", "text": text}
        return attempt(number, action, str(number), locator=locator)

    steps = what_led_there([fill(1, "a"), fill(2, "x", "M"), fill(3, "b"), fill(4, "c")])
    assert [k.attempt.action["text"] for k in steps] == ["c", "x"]
    apart = what_led_there([fill(1, "a"), click(2, "2", sent=True), fill(3, "b")])
    assert [k.attempt.number for k in apart] == [1, 2, 3]


def test_a_dialog_that_a_step_itself_brought_is_not_put_out_of_the_way() -> None:
    asks = click(1, "a", verdict=Verdict(changed=["+ dialog Sure?"]))
    says_yes = click(2, "b", verdict=Verdict(changed=["- dialog Sure?"]))
    assert [k.in_the_way for k in what_led_there([asks, says_yes])] == ["", ""]
    assert [k.in_the_way for k in what_led_there([says_yes])] == ["dialog Sure?"]


@pytest.mark.parametrize(
    ("value", "task", "held"),
    [
        ("1111222233334444", "card 1111 2222 3333 4444", True),
        ("ann lee", 'for "Ann Lee"', True),
        ("2026-12-24", "on 24 December 2026", True),
        ("2026-12-24", "in December", False),
        ("2", "size 26 cm", False),
        ("cheapest", "find a bed", False),
        ("", "anything", False),
    ],
)
def test_typed_values_that_came_from_the_task(value: str, task: str, held: bool) -> None:
    assert TaskWords(task).hold(value) is held


@pytest.mark.parametrize(
    ("name", "task", "part", "label"),
    [
        ("Add Funghi", "Order a Funghi pizza for Ann", "Funghi", "pizza"),
        ("Place order", "Order a Funghi pizza", "", ""),
        ("40 cm", "Order it, size: 40 cm please.", "40 cm", "size"),
        ("olives", 'Order it with topping "olives"', "olives", "topping"),
        ("olives", "Order it with olives", "", ""),
        ("Settings", "Click Settings. Then click Save.", "", ""),
        ("Quattro Formaggi", "Order Quattro Formaggi", "Quattro Formaggi", ""),
        ("Funghi", "Funghi are mushrooms.", "", ""),
    ],
)
def test_values_in_names(name: str, task: str, part: str, label: str) -> None:
    words = TaskWords(task)
    assert words.part_of(name) == part
    assert (words.label(part) if part else "") == label


@pytest.mark.parametrize(
    ("url", "pattern"),
    [
        ("http://a.example", "/"),
        ("http://a.example/pizza/quattro-formaggi", "/pizza/*"),
        ("http://a.example/orders/17/edit?tab=2", "/orders/*/edit*"),
        ("http://a.example/app#/orders/17", "/app#/orders/*"),
        ("http://a.example/app#top", "/app*"),
    ],
)
def test_addresses(url: str, pattern: str) -> None:
    assert address_pattern(url, ["Quattro Formaggi"]) == pattern


def test_names_from_labels() -> None:
    labels = [
        "Card number:",
        "Größe",
        "2nd line",
        "電話",
        "E-mail address of the person to invoice",
    ]
    names = [name_from(label) for label in labels]
    assert names == ["card_number", "grosse", "_2nd_line", "", "e_mail_address_of_the_person"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    file = tmp_path / "order.yaml"
    save("a: b\n", file)
    assert file.read_text() == "a: b\n"
    for target, words in [
        (file, "is there already"),
        (tmp_path / "order.txt", "let it end in .yaml"),
        (tmp_path / "none" / "order.yaml", "There is no folder"),
    ]:
        with pytest.raises(RecordingError, match=words):
            check_target(target)
