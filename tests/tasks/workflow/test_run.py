"""Workflows carried out in a real browser, without a model."""

import json
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser

from agent.events import ActionTaken, Base, Judged, Planned, StepDone
from agent.folder import RunFolder
from agent.run import load_run
from tasks import run_workflow
from tasks.workflow.load import parse
from tasks.workflow.problems import BadInput, WorkflowInvalid
from tasks.workflow.run import WorkflowResult
from tests.agent.shop import Shop
from tests.agent.test_run import Told, User
from tests.site_server import Site, html_answer
from tests.tasks.workflow.orders import ORDER, carry_out, settings, stored


@pytest.fixture
def do(chromium: Browser, site: Site, tmp_path: Path) -> Any:
    """Carries out a workflow whose steps are given, on a page that is given."""

    async def run(steps: str, html: str = "", **more: Any) -> WorkflowResult:
        url = site.page("/page.html", html)
        head = more.pop("head", "")
        told, user = more.pop("told", None), more.pop("user", None)
        text = f"workflow: Test\nurl: {url}\n{head}steps:\n{steps}"
        return await carry_out(settings(text, tmp_path, **more), told, user, browser=chromium)

    return run


def files_with(text: bytes, folder: Path) -> list[Path]:
    return [p for p in folder.rglob("*") if p.is_file() and text in p.read_bytes()]


async def test_an_order_without_a_model(chromium: Browser, tmp_path: Path) -> None:
    told = Told()
    with Shop() as shop:
        run = settings(ORDER, tmp_path, shop.url, yes=True, inputs={"name": "Bea"})
        result = await carry_out(run, told, browser=chromium)
        assert shop.orders == [{"pizzas": ["Funghi"], "name": "Bea"}]
    assert result.ok
    assert result.answer == "5 steps done, no model was asked."
    assert [event.do for event in told.of(StepDone)][2] == "fill Name: Bea"
    assert told.of(ActionTaken)[-1].effect == "commit"
    state = await load_run(tmp_path, result.run)
    assert state.outcome
    assert state.outcome.status == "done"
    assert state.complete


async def test_the_python_api(tmp_path: Path) -> None:
    from agent.settings import RunSettings

    file = tmp_path / "order.yaml"
    file.write_text(ORDER)
    with Shop() as shop:
        home = RunSettings(task="", home=tmp_path / "home")
        result = await run_workflow(file, {"shop": shop.url}, yes=True, settings=home)
        assert len(shop.orders) == 1
    assert result.ok
    with pytest.raises(BadInput, match=r"order\.yaml: the input shop has no value"):
        await run_workflow(file, settings=home)


async def test_an_order_waits_for_the_yes(chromium: Browser, tmp_path: Path) -> None:
    with Shop() as shop:
        result = await carry_out(settings(ORDER, tmp_path, shop.url), browser=chromium)
        assert result.status == "needs_approval"
        assert "button Place order acts beyond the page" in result.answer
        assert shop.orders == []
        user = User()
        result = await carry_out(stored(tmp_path), None, user, browser=chromium)
        assert result.ok, result.answer
        assert "> button Place order" in user.asked[0].what  # and the lines of the page around it
        assert len(shop.orders) == 1


async def test_what_the_file_grants_is_not_asked_for(chromium: Browser, tmp_path: Path) -> None:
    granted = ORDER.replace(
        '"Place order")\n    expect', '"Place order")\n    approve: granted\n    expect'
    )
    with Shop() as shop:
        result = await carry_out(settings(granted, tmp_path, shop.url), browser=chromium)
        assert result.ok, result.answer
        assert len(shop.orders) == 1


async def test_a_no_ends_it(chromium: Browser, tmp_path: Path) -> None:
    with Shop() as shop:
        run = settings(ORDER, tmp_path, shop.url)
        result = await carry_out(run, None, User("no"), browser=chromium)
        assert result.status == "failed"
        assert "the user said no" in result.answer
        assert shop.orders == []


async def test_ask_means_ask_even_with_yes(do: Any) -> None:
    user = User()
    steps = "  - {click: 'get_by_role(\"button\")', approve: ask}\n"
    html = "<button onclick='this.textContent=\"On\"'>Off</button>"
    assert (await do(steps, html, yes=True)).status == "needs_approval"
    assert (await do(steps, html, yes=True, user=user)).ok
    assert [request.reason for request in user.asked] == ["The workflow wants to be asked here."]


@pytest.mark.parametrize(
    ("html", "step", "why"),
    [
        ("<button>A</button>", 'click: get_by_role("button", name="B")', "no button B on the page"),
        ("<button>A</button><button>A</button>", 'click: get_by_role("button")', "2 elements fit"),
        ("<button disabled>A</button>", 'click: get_by_role("button")', "button A is disabled"),
        (
            "<button>A</button><div role=dialog aria-label=News "
            "style='position:fixed;inset:0;background:white'>Read</div>",
            'click: get_by_role("button")',
            "covered: dialog News covers it",
        ),
        ("<button>A</button>", 'click: get_by_role("button")', "nothing on the page changed"),
        (
            "<label>Age <input oninput='this.value=7'></label>",
            'fill: get_by_label("Age")\n    text: "42"',
            "wrong value: textbox Age is 7, not 42",
        ),
        (
            "<select aria-label=Size><option>S</select>",
            'select: get_by_label("Size")\n    option: XL',
            "no option XL, only S",
        ),
        (
            "<button onclick='this.after(1)'>A</button>",
            'click: get_by_role("button")\n    expect: {text: Done}',
            "it is not so that the page shows “Done”",
        ),
    ],
)
async def test_failures_say_what_is_wrong(do: Any, html: str, step: str, why: str) -> None:
    result = await do(f"  - {step}\n    timeout: 500ms\n", html)
    assert result.status == "failed"
    assert why in result.answer
    assert result.answer.startswith("Step 1 (")
    assert "workflow.yaml:4" in result.answer
    assert "0 of 1 steps were done" in result.answer


async def test_fields_of_every_kind(do: Any) -> None:
    html = """<input type=color aria-label=Paint><div role=textbox contenteditable aria-label=Note>
      old</div><div role=textbox aria-label=Town><input></div>
      <div role=slider tabindex=0 aria-label=Volume aria-valuenow=3 onkeydown="const up = event.key
      === 'ArrowUp'; ariaValueNow = +ariaValueNow + (up ? 1 : -1)">|</div>
      <div role=switch tabindex=0 aria-label=Loud aria-checked=true onclick="ariaChecked =
      ariaChecked !== 'true'">O</div>"""
    given = {"Paint": "#FF8800", "Note": "new words", "Town": "Rome", "Volume": "5"}
    steps = "".join(
        f'  - {{fill: get_by_label("{name}"), text: "{text}"}}\n' for name, text in given.items()
    )
    steps += "  - check: get_by_role('switch')\n  - check: get_by_role('switch')\n"
    steps += "    checked: no\n    expect: {checked: get_by_role('switch'), is: no}\n"
    steps += """\
  - extract: {fields: {paint: get_by_label("Paint"), note: get_by_label("Note"),
      town: get_by_role("textbox").get_by_role("textbox"),
      volume: {locator: get_by_label("Volume"), attribute: aria-valuenow}}}
    as: found
"""
    result = await do(steps, html, head="outputs: {found: }\n")
    assert result.ok, result.answer
    expected = {"paint": "#ff8800", "note": "new words", "town": "Rome", "volume": "5"}
    assert result.outputs["found"] == expected


async def test_what_comes_late_is_waited_for(do: Any) -> None:
    html = """<button disabled>Go</button><script>
      setTimeout(() => { document.querySelector('button').disabled = false }, 300);
      document.querySelector('button').onclick = () =>
        setTimeout(() => document.body.append('Gone'), 300);
    </script>"""
    result = await do('  - click: get_by_role("button")\n    expect: {text: gone}\n', html)
    assert result.ok, result.answer


async def test_a_step_is_tried_again_as_often_as_it_says(do: Any) -> None:
    html = """<button onclick='this.n = (this.n || 0) + 1;
      if (this.n > 2) document.body.append("Enough")'>Go</button>"""
    steps = '  - click: get_by_role("button")\n    expect: {text: Enough}\n    timeout: 300ms\n'
    assert (await do(steps, html)).status == "failed"
    assert (await do(steps + "    retry: 2\n", html)).ok


async def test_when_loops_and_values(do: Any, tmp_path: Path) -> None:
    html = """<ul></ul><label>New <input></label><button onclick='
      document.querySelector("ul").append(Object.assign(document.createElement("li"),
      {textContent: document.querySelector("input").value}))'>Add</button>"""
    head = "inputs: {things: {type: list}, loud: {type: yes_no, default: no}}\n"
    head += "outputs: {found: {save: found.csv}, all: {from: names, save: out/all.json}}\n"
    steps = """\
  - when: {input: loud, is: yes}
    click: get_by_role("button", name="Shout")
  - for_each: {thing: "{{ things }}"}
    steps:
      - fill: get_by_label("New")
        text: "{{ thing }}!"
      - click: get_by_role("button", name="Add")
        expect: {visible: 'get_by_role("listitem").filter(has_text="{{ thing }}")'}
      - extract: get_by_role("listitem").last
        as: names
  - extract: {each: get_by_role("listitem"), fields: {name: 'locator(":scope")'}}
    as: found
"""
    told = Told()
    result = await do(steps, html, head=head, inputs={"things": ["Milk", "Tea"]}, told=told)
    assert result.ok, result.answer
    assert result.outputs["all"] == ["Milk!", "Tea!"]
    assert (tmp_path / "found.csv").read_text() == "name\nMilk!\nTea!\n"
    assert json.loads((tmp_path / "out/all.json").read_text()) == ["Milk!", "Tea!"]
    assert result.steps[0].shown == "not needed"
    plan = told.of(Planned)[-1].steps
    assert [line.do for line in plan][4:6] == ["fill New: Tea!", "click button Add"]


async def test_values_have_their_types(do: Any) -> None:
    html = """<p id=price>12,90 &euro;</p><p id=many>1,234</p><time>2026-11-24</time>
      <input type=checkbox checked aria-label=Sent><a href=/next>Next</a>"""
    steps = """\
  - extract: {fields: {price: {locator: 'locator("#price")', type: number},
      many: {locator: 'locator("#many")', type: number},
      day: {locator: 'locator("time")', type: date},
      sent: {locator: 'get_by_label("Sent")', type: yes_no},
      next: {locator: 'get_by_role("link")', attribute: href}}}
    as: found
"""
    result = await do(steps, html, head="outputs: {found: }\n")
    assert result.ok, result.answer
    found = result.outputs["found"]
    assert (found["price"], found["many"]) == (12.9, 1234)
    assert (found["day"], found["sent"]) == ("2026-11-24", True)
    assert found["next"].endswith("/next")


async def test_a_workflow_calls_another(do: Any, site: Site, tmp_path: Path) -> None:
    site.page(
        "/other.html",
        "<h1>Other</h1><label>Q <input oninput='out.textContent=value'></label><p id=out></p>",
    )
    (tmp_path / "other.yaml").write_text(f"""\
workflow: Other
url: {site.url("/other.html")}
inputs: {{q: text}}
steps:
  - fill: get_by_label("Q")
    text: "{{{{ q }}}}"
  - extract: locator("#out")
    as: out
outputs: {{out: }}
""")
    steps = """\
  - {call: other.yaml, inputs: {q: "{{ word }} 1"}, as: one}
  - {call: other.yaml, inputs: {q: "{{ one.out }}2"}, as: two}
"""
    head = "inputs: {word: text}\noutputs: {two: }\n"
    result = await do(steps, "<p>Start</p>", head=head, inputs={"word": "hi"})
    assert result.ok, result.answer
    assert result.outputs == {"two": {"out": "hi 12"}}
    assert len(result.steps) == 6


async def test_boxes_of_the_browser_and_frames(do: Any, site: Site) -> None:
    site.page("/card.html", "<label>Card <input></label>")
    html = """<iframe src=/card.html></iframe><p></p>
      <button onclick='document.querySelector("p").textContent = confirm("Sure?")'>Go</button>"""
    steps = """\
  - fill: frame_locator("iframe").get_by_label("Card")
    text: "4111"
    expect: {value: 'frame_locator("iframe").get_by_label("Card")', is: "4111"}
  - click: get_by_role("button", name="Go")
  - dialog: accept
    expect: {text: "true"}
"""
    result = await do(steps, html)
    assert result.ok, result.answer


async def test_secrets_reach_the_field_and_nothing_else(
    do: Any, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIN", "s3cr3t-9")
    site.handle("/login", lambda request: html_answer(f"<h1>Hi</h1>{request.query}"))
    html = "<form action=/login><label>Pin <input name=pin></label><button>Log in</button></form>"
    steps = """\
  - fill: get_by_label("Pin")
    text: "{{PIN}}"
  - click: get_by_role("button")
    expect: {text: Hi}
  - extract: locator("body")
    as: all
"""
    result = await do(steps, html, head="secrets: [PIN]\noutputs: {all: }\n")
    assert result.ok, result.answer
    assert any(request.query == "pin=s3cr3t-9" for request in site.requests)
    assert "{{PIN}}" in result.outputs["all"]
    assert files_with(b"s3cr3t-9", tmp_path) == []


async def test_other_sites_stay_closed(do: Any, site: Site) -> None:
    html = f"<a href={site.other('/else.html')}>Away</a>"
    site.page("/else.html", "<h1>Else</h1>")
    steps = '  - click: get_by_role("link")\n    timeout: 500ms\n'
    result = await do(steps, html)
    assert result.status == "failed"
    assert "localhost" in result.answer
    assert "not an allowed site" in result.answer
    assert (await do(steps, html, head="sites: [localhost]\n")).ok
    steps = f"  - navigate: {site.other('/else.html')}\n"
    assert (await do(steps, html)).status == "needs_approval"


async def test_a_page_is_data(do: Any, tmp_path: Path) -> None:
    """What was read from a page is never filled in as a template or a locator."""
    html = "<p id=a>{{ secret }}</p><label>B <input></label>"
    steps = """\
  - {extract: 'locator("#a")', as: a}
  - {fill: 'get_by_label("B")', text: "{{ a }}"}
"""
    result = await do(steps, html)
    assert result.status == "failed"
    assert "refused" in result.answer


async def test_the_run_keeps_the_file_as_it_was(chromium: Browser, tmp_path: Path) -> None:
    with Shop() as shop:
        run = settings(ORDER, tmp_path, shop.url)
        folder = RunFolder.create(run)
        assert (await carry_out(folder, browser=chromium)).status == "needs_approval"
        (tmp_path / "workflow.yaml").write_text("nothing")
        result = await carry_out(folder, None, User(), browser=chromium)
        assert result.ok, result.answer
        assert len(shop.orders) == 1


async def test_every_action_is_told_with_its_verdict(do: Any) -> None:
    told = Told()
    html = "<button onclick='this.remove()'>Go</button>"
    assert (await do('  - click: get_by_role("button")\n', html, told=told)).ok
    (judged,) = told.of(Judged)
    assert (judged.said, judged.locator) == ("click button Go", 'get_by_role("button")')
    assert isinstance(told[-1], Base)
    assert told[-1].kind == "finished"


def test_a_retry_of_many_steps_is_refused(tmp_path: Path) -> None:
    text = "workflow: x\nsteps:\n  - for_each: {a: [b]}\n    steps: [{press: Tab}]\n    retry: 2\n"
    with pytest.raises(WorkflowInvalid, match="retry stands at single steps"):
        parse(text, tmp_path / "x.yaml")
