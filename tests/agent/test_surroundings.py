"""What surrounds a run holds within it: sites, secrets, readings, the model's context."""

import re
from pathlib import Path
from typing import Any

import pytest

from agent.run import RunSettings, start
from agent.state import Limits, RunState
from tests.agent.sensible import act, sensible
from tests.agent.test_run import Told, User
from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Json, Reply, answer
from tests.site_server import Site, html_answer

PASSWORD = "correct-horse-battery"


async def carry_out(url: str, model: ScriptedModel, home: Path, **more: Any) -> RunState:
    usual: dict[str, Any] = {"task": "Do it", "limits": Limits(steps=15)}
    user = more.pop("user", None)
    settings = RunSettings(url=url, model_url=model.url, home=home, **(usual | more))
    return await start(settings, Told(), user)


# -- sites ----------------------------------------------------------------------------------


@pytest.fixture
def leading_out(site: Site) -> str:
    """A page whose link leads to another site."""
    site.page("/elsewhere", "<h1>Elsewhere</h1>")
    return site.page("/here", f'<h1>Here</h1><a href="{site.other("/elsewhere")}">Partner</a>')


async def test_a_link_to_another_site_is_followed_after_the_users_yes(
    leading_out: str, tmp_path: Path
) -> None:
    user = User()
    with ScriptedModel(sensible(['click "Partner"'], done="Elsewhere")) as model:
        state = await carry_out(leading_out, model, tmp_path, user=user)
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    (request,) = user.asked
    assert request.site.startswith("localhost")
    assert state.granted == [request.site]


async def test_without_a_yes_no_other_site_is_opened(
    leading_out: str, tmp_path: Path, site: Site
) -> None:
    before = len(site.requests)
    with ScriptedModel(sensible(['click "Partner"'], done="Elsewhere")) as model:
        waiting = await carry_out(leading_out, model, tmp_path, yes=True)
    assert waiting.outcome
    assert waiting.outcome.status == "needs_approval"
    script = sensible(['click "Partner"'], strategy="give_up", advice="It is not allowed.")
    with ScriptedModel(script) as model:
        state = await carry_out(leading_out, model, tmp_path, user=User("no"))
    assert state.attempts[-1].verdict.cause == "blocked_by_policy"
    assert "/elsewhere" not in {request.path for request in site.requests[before:]}


async def test_what_was_done_beside_a_refused_popup_is_not_done_again(
    site: Site, tmp_path: Path
) -> None:
    """The click adds one and opens another site: a yes to the site must not add a second."""
    url = site.page(
        "/shop",
        f"""<h1>Shop</h1><button onclick="fetch('/add', {{method: 'POST'}});
        window.open('{site.other("/partner")}')">Add</button>""",
    )
    site.handle("/add", lambda _: html_answer("added"))
    before = len(site.requests)
    user = User()
    with ScriptedModel(sensible(['click "Add"'], done="Shop", strategy="give_up")) as model:
        state = await carry_out(url, model, tmp_path, user=user)
    added = [request for request in site.requests[before:] if request.path == "/add"]
    assert len(added) == 1
    assert state.attempts[0].sent
    assert user.asked == []


# -- secrets --------------------------------------------------------------------------------


async def test_a_secret_is_filled_and_left_nowhere(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def echo(request: Any) -> Any:
        given = re.sub(r"^.*?code=", "", request.body.decode())
        script = f"<script>localStorage.code='{given}'</script>"
        status, headers, body = html_answer(f"<h1>Welcome</h1><p>Your code is {given}</p>{script}")
        return status, headers | {"Set-Cookie": f"code={given}; Path=/"}, body

    site.handle("/welcome", echo)
    url = site.page(
        "/login",
        "<form method=post action=/welcome><label>Code <input name=code></label>"
        "<button>Enter</button></form>",
    )
    monkeypatch.setenv("SHOP_CODE", PASSWORD)
    prompts: list[str] = []
    script = sensible(['fill "Code" with "{{SHOP_CODE}}"', 'click "Enter"'], done="Welcome")

    def reply(request: Json) -> Reply:
        prompts.append(str(request))
        return script(request)

    with ScriptedModel(reply) as model:
        state = await carry_out(
            url, model, tmp_path, secrets=["SHOP_CODE"], yes=True, trace=True, task="Log in"
        )
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert site.requests[-1].path in ("/welcome", "/favicon.ico")
    assert any(PASSWORD.encode() in request.body for request in site.requests)
    assert "{{SHOP_CODE}}" in prompts[0]  # the task names it, as the user did not
    assert not any(PASSWORD in prompt for prompt in prompts)
    assert leaks(tmp_path) == []


def leaks(home: Path) -> list[str]:
    """The files below `home` that hold the secret."""
    files = [path for path in home.rglob("*") if path.is_file()]
    assert {"events.jsonl", "checkpoints.sqlite", "storage.json", "trace.zip"} <= {
        path.name for path in files
    }
    return [path.name for path in files if PASSWORD.encode() in path.read_bytes()]


# -- readings -------------------------------------------------------------------------------


async def test_what_was_read_stands_among_the_page_in_later_prompts(
    site: Site, tmp_path: Path
) -> None:
    url = site.page("/read", "<h1>Opening hours</h1><p>Daily</p><div hidden>x</div><p>From 9</p>")

    def reply(request: Json) -> Reply:
        prompt = ScriptedModel.prompt(request)
        if asked_for(request) == "decide":
            return act({"action": "read"})
        if asked_for(request) == "finish":
            fenced = prompt.rsplit("<page>")[-1].split("</page>")[0]
            assert "\nread: Opening hours Daily From 9" in fenced
        return sensible(["read the page"], done="Opening hours")(request)

    with ScriptedModel(reply) as model:
        state = await carry_out(url, model, tmp_path)
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert state.attempts[0].text == "Opening hours\n\nDaily\n\nFrom 9"


async def test_data_is_extracted_by_the_schema_that_was_asked_for(
    site: Site, tmp_path: Path
) -> None:
    url = site.page("/prices", "<h1>Prices</h1><p>Tea 2.50</p>")
    fields = {"tea": "number"}

    def reply(request: Json) -> Reply:
        prompt = ScriptedModel.prompt(request)
        if "Extract: the price of tea" in prompt:
            assert "Tea 2.50" in prompt
            return answer("Tea 2.50", {"tea": 2.5})
        if asked_for(request) == "decide":
            wanted = {"instruction": "the price of tea", "fields": fields}
            return act({"action": "extract", **wanted})
        return sensible(["extract"], done="Prices")(request)

    with ScriptedModel(reply) as model:
        state = await carry_out(url, model, tmp_path)
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert state.attempts[0].text == '{"tea":2.5}'


# -- the model's context --------------------------------------------------------------------


@pytest.mark.parametrize("context", [4096, 8192])
async def test_prompts_stay_within_the_models_context(
    site: Site, tmp_path: Path, context: int
) -> None:
    many = "".join(f"<button onclick='this.remove()'>Button {n}</button>" for n in range(500))
    url = site.page("/many", f"<h1>Many</h1>{many}<button>Last</button>")
    with ScriptedModel(sensible(['click "Button 444"'], done="Many"), context=context) as model:
        state = await carry_out(url, model, tmp_path, task="Press one of the Many buttons")
        longest = max(
            sum(len(m["content"]) for m in request["messages"]) for request in model.requests
        )
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert longest / 3 < context  # the server counts a token for every three characters
    assert "Button 444" in state.attempts[0].said
