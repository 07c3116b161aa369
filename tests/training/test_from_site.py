"""From a real site on loopback to chat files: what is read, what is never done, what comes out."""

import contextlib
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch")
pytest.importorskip("wordfreq")

from pydantic import BaseModel

from agent.answers import DecideAnswer, FinishAnswer, PlanAnswer, ReflectAnswer
from agent.model.check import problem
from agent.model.schema import Question, answer_schema
from tests.scripted_model import ScriptedModel
from tests.scripted_replies import Reply, answer
from tests.site_server import Request, Site, redirect
from tools.observation import Element, Observation, Option
from training.conversation import Turn
from training.evaluate import kind_of
from training.site.command import from_site
from training.site.options import Options
from training.site.robots import Robots

SHARED = """<nav><a href=/>Start</a> <a href=/quote>Ask for a quote</a>
<a href=/hours?lang=en>Opening hours</a> <a href=/private/ledger>Ledger</a>
<a href=/account/delete?id=3>My account</a> <a href=/logout>Bye</a>
<a href={other}/elsewhere>Elsewhere</a> <a href=/moved>Moved</a></nav>"""
QUOTE = """<title>Quote</title><h1>Ask for a quote</h1>
<form action=/sent method=post>
<label>Company * <input name=company required></label>
<label>E-mail <input type=email name=email></label>
<label>Bottles <input type=number min=6 max=60 step=6 name=bottles></label>
<label>Delivery <input type=date min=2027-01-01 max=2028-12-31 name=day></label>
<label>Wine <select name=wine><option>Red<option>White<option disabled>Rosé<option>Amber</select>
</label>
<label><input type=checkbox name=gift> As a gift</label>
<label>Customer number <input name=number disabled></label>
<label>Password <input type=password name=password></label>
<button>Send the request</button> <button type=button>Show prices</button>
</form>
<form action=/found><label>Search <input type=search name=q oninput="spy(this)"></label></form>
<script>function spy(field) {
  field.form.submit();
  fetch('/spy', {method: 'POST', body: field.value});
}</script>"""
HOURS = "<title>Hours</title><h1>When we are open</h1><p>From nine to five.</p>"


RULES = "User-agent: *\nDisallow: /\n\nUser-agent: secondlook\nDisallow: /private\n"
DESCRIPTION = """A wine cellar; customers ask for quotes.
- Mail us about {wine} for {Company}, answer to {e-mail}
- I wonder about your opening hours
- Juggle three oranges
"""

_PROTOCOL = re.compile(r"<thinking>.+?</thinking><output>(?P<output>\{.*\})</output>", re.DOTALL)
_LINE = re.compile(r"^\*? *(?P<role>\w+) ?(?P<name>.*?) ?\[(?P<ref>e\d+)\](?P<rest>.*)$")
_MODELS: dict[Question, type[BaseModel]] = {
    "plan": PlanAnswer,
    "decide": DecideAnswer,
    "reflect": ReflectAnswer,
    "finish": FinishAnswer,
}


def _cellar(site: Site, rules: str = RULES) -> Site:
    """A site of a few pages; `requests` begin anew."""
    site.requests.clear()
    shared = SHARED.format(other=site.other(""))
    site.page("/", f"<title>Cellar</title><h1>The Cellar</h1>{shared}")
    site.page("/quote", QUOTE + shared)
    site.page("/hours", HOURS + shared)
    site.handle("/moved", lambda _: redirect(site.other("/elsewhere")))
    for path in ("/private/ledger", "/account/delete", "/logout", "/elsewhere", "/sent", "/found"):
        site.page(path, f"<h1>{path}</h1>")
    site.handle("/robots.txt", lambda _: (200, {"Content-Type": "text/plain"}, rules.encode()))
    return site


def _options(site: Site, out: Path, **more: Any) -> Options:
    given = {"delay": 0, "tasks": 10, "trouble": 0.5, "seed": 3} | more
    return Options(url=site.url("/"), out=out, **given)


@dataclass
class Made:
    """What one run of the command asked of the site, wrote, and said."""

    opened: list[Request]
    lines: list[dict[str, Any]]
    said: str

    def asked(self, question: Question) -> Iterator[tuple[str, Any]]:
        """Each prompt of this kind with its answer's output."""
        for line in self.lines:
            prompt, text = line["prompt"][-1]["content"], line["completion"][0]["content"]
            if kind_of(Turn("user", prompt)) == question:
                match = _PROTOCOL.fullmatch(text)
                assert match, text
                yield prompt, json.loads(match["output"])


def _run(options: Options, site: Site) -> Made:
    told = io.StringIO()
    with contextlib.redirect_stderr(told):
        from_site(options)
    texts = [(options.out / f"{name}.jsonl").read_text() for name in ("train", "test")]
    lines = [json.loads(line) for text in texts for line in text.splitlines()]
    return Made(list(site.requests), lines, told.getvalue())


@pytest.fixture(scope="module")
def made(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Made:
    """One run with everything but a model."""
    out = tmp_path_factory.mktemp("site")
    return _run(_options(_cellar(site), out, act=True, description=DESCRIPTION), site)


def _page(prompt: str) -> Observation:
    """The page of a prompt, from its lines."""
    text = prompt.split("<page>\n", 1)[1].split("</page>", 1)[0]
    elements = []
    for match in filter(None, map(_LINE.match, text.splitlines())):
        labels = match["rest"].rpartition(": ")[2].partition(" (")[2][:-1].split(" | ")
        lists = match["role"] == "combobox"
        options = [
            Option(label=label.removesuffix(" (disabled)"), disabled="(disabled)" in label)
            for label in labels
        ]
        elements.append(
            Element(
                ref=match["ref"],
                role=match["role"],
                name=match["name"],
                options=tuple(options) if lists else (),
                interactive=True,
            )
        )
    return Observation(url="", elements=elements, shown=[e.ref for e in elements])


def test_nothing_is_opened_that_must_not_be(made: Made) -> None:
    paths = Counter(request.path for request in made.opened)
    assert paths["/quote"] and paths["/hours"] and paths["/robots.txt"] == 1
    off_limits = ("/private/ledger", "/account/delete", "/logout", "/elsewhere")
    assert not [path for path in paths if path in off_limits]
    hosts = {request.headers["Host"].partition(":")[0] for request in made.opened}
    assert hosts == {"127.0.0.1"}, "the other origin was never asked"


def test_nothing_is_sent(made: Made) -> None:
    assert {request.method for request in made.opened} == {"GET"}
    assert not {"/sent", "/found", "/spy"} & {request.path for request in made.opened}
    typed = [prompt for prompt, _ in made.asked("finish") if "fill searchbox Search" in prompt]
    assert typed, "the field whose script sends all that is typed was filled in"


@pytest.mark.parametrize("question", _MODELS)
def test_answers_fit_the_page_of_their_own_prompt(made: Made, question: Question) -> None:
    asked = list(made.asked(question))
    assert len(asked) > 5
    for prompt, output in asked:
        _MODELS[question].model_validate(output)
        assert problem(answer_schema(question, _page(prompt)), output) == "", (prompt, output)


def test_failures_are_the_browsers_own(made: Made) -> None:
    failed = "\n".join(prompt for prompt, _ in made.asked("reflect"))
    assert re.search(r"^Failed: .*: covered, .+ covers it$", failed, re.MULTILINE)
    assert re.search(r"^Failed: .*: detached, .+ is gone$", failed, re.MULTILINE)
    assert "textbox Customer number is disabled" in failed
    closed = [prompt for prompt, _ in made.asked("decide") if ": ok, - dialog" in prompt]
    assert closed, "what lay over the page was closed, and the task went on"


def test_the_last_click_is_decided_on_and_left_alone(made: Made) -> None:
    sends = [
        _page(prompt).element(output["actions"][0]["ref"])
        for prompt, output in made.asked("decide")
        if prompt.endswith("Send it off\nThink carefully.")
    ]
    assert sends and {element and element.name for element in sends} == {"Send the request"}
    history = "\n".join(prompt for prompt, _ in made.asked("decide"))
    assert "click button Send the request" not in history


def test_passwords_are_not_made_up(made: Made) -> None:
    assert not [p for p, output in made.asked("plan") if "Password to" in json.dumps(output)]


def test_the_users_own_words_become_tasks(made: Made) -> None:
    tasks = [prompt.splitlines()[0] for prompt, _ in made.asked("plan")]
    mails = [task for task in tasks if task.startswith("Task: Mail us about ")]
    assert len(set(mails)) > 1 and all(" answer to " in task and "@" in task for task in mails)
    assert "Task: I wonder about your opening hours" in tasks
    assert "Juggle three oranges" in made.said, "an example that fits no page is told"


def test_bounds(site: Site, tmp_path: Path) -> None:
    one = _run(_options(_cellar(site), tmp_path / "one", pages=1), site)
    assert {request.path for request in one.opened} == {"/robots.txt", "/"}
    late = _run(_options(_cellar(site), tmp_path / "late", seconds=0), site)
    assert {request.path for request in late.opened} <= {"/robots.txt", "/"}


def test_a_closed_site_is_left_alone(site: Site, tmp_path: Path) -> None:
    closed = _cellar(site, "User-agent: *\nDisallow: /")
    with pytest.raises(SystemExit, match="forbids it"):
        from_site(_options(closed, tmp_path))
    assert [request.path for request in closed.requests] == ["/robots.txt"]


@pytest.mark.parametrize(
    ("rules", "path", "may"),
    [
        ("", "/a", True),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a", "/abc?x=1", False),
        ("User-agent: *\nDisallow: /a\nAllow: /a/b", "/a/b/c", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf", False),
        ("User-agent: *\nDisallow: /*.pdf$", "/x/y.pdf.html", True),
        ("User-agent: x\nUser-agent: SecondLook\nDisallow: /q # no", "/q", False),
        ("User-agent: other\nDisallow: /", "/", True),
        ("User-agent: *\nDisallow: /\nUser-agent: secondlook\nAllow: /", "/", True),
    ],
)
def test_robots(rules: str, path: str, may: bool) -> None:
    assert Robots.parse(rules).allow(f"https://a.example{path}") is may


def _sensible(request: dict[str, Any]) -> Reply:
    """A larger model: two tasks for the page with the form, one of which it does badly."""
    prompt, system = ScriptedModel.prompt(request), ScriptedModel.system_prompt(request)
    if system.startswith("You write tasks"):
        form = "Company" in prompt
        return answer("Some tasks", {"tasks": ["Enter Company Ox", "Enter Bottles 7"][: 1 + form]})
    label, value = ("Company *", "Ox") if "Company Ox" in prompt else ("Bottles", "7")
    ref = next((e.ref for e in _page(prompt).elements if e.name == label), "e1")
    match kind_of(Turn("user", prompt)):
        case "plan":
            return answer("One thing", {"steps": [{"do": f"Set {label} to {value}"}]})
        case "finish":
            done = {"done": value == "Ox", "evidence": [f"[{ref}]"], "answer": "It is entered."}
            return answer(f"See {label}[{ref}]", done)
        case _:
            action = {"action": "fill", "ref": f"[{ref}]", "text": value}
            decided = {"actions": [action], "completes_step": True}
            return answer(f"{label}[{ref}]", decided, reflection="No, it is that one")


@pytest.mark.parametrize("act", [True, False])
def test_a_larger_models_answers_are_kept_if_they_prove_right(
    site: Site, tmp_path: Path, act: bool
) -> None:
    with ScriptedModel(_sensible) as model:
        options = _options(_cellar(site), tmp_path, tasks=2, act=act, model_url=model.url)
        made = _run(options, site)
    ox = [line for line in made.lines if "Enter Company Ox" in line["prompt"][-1]["content"]]
    kinds = [kind_of(Turn("user", line["prompt"][-1]["content"])) for line in ox]
    assert kinds == (["plan", "decide", "finish"] if act else ["plan", "decide"])
    said = ox[1]["completion"][0]["content"]
    assert "<reflection>No, it is that one</reflection></thinking><output>" in said
    tasks = [prompt.splitlines()[0] for prompt, _ in made.asked("plan")]
    assert ("Task: Enter Bottles 7" in tasks) is not act, "in the browser it was not done"
    assert {request.method for request in made.opened} == {"GET"}
