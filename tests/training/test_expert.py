"""The experts on the public MiniWoB++ tasks read a question rightly, and their way is right."""

import argparse
import json
from pathlib import Path

import pytest

from agent.context import decide_prompt, reflect_prompt
from agent.state import Attempt, Step
from tasks.eval.results import read_results
from tools.causes import Cause, Verdict
from tools.observation import Element, Observation, Option, render
from training.conversation import Turn
from training.expert.answer import answered
from training.expert.collect import collect
from training.expert.question import read_question
from training.mixing import read_conversations

PAGE = [
    Element(ref="e1", role="heading", name="Order (today)"),
    Element(ref="e2", role="textbox", name="Name", value="Ann: me", states=("focused",)),
    Element(ref="e3", role="checkbox", name="Olives", states=("checked", "below"), depth=1),
    Element(
        ref="e4",
        role="combobox",
        value="Small",
        options=(Option(label="Small"), Option(label="Large", disabled=True)),
    ),
    Element(ref="e5", role="button", name="Send", new=True),
]


def page(elements: list[Element]) -> Observation:
    shown = [element.ref for element in elements]
    return Observation(
        url="http://a.example/", elements=elements, text=render(elements), shown=shown
    )


def failed(cause: Cause, evidence: str) -> Attempt:
    verdict = Verdict(cause=cause, evidence=evidence)
    return Attempt(number=1, step=0, action={}, said="click button Send", page="", verdict=verdict)


def test_a_prompt_is_read_back_as_the_page_that_it_was_written_from() -> None:
    plan = [Step(do="Set Name to Bob"), Step(do="Press Send")]
    question = read_question(decide_prompt("Order.", plan, 1, [], page(PAGE)).user)
    assert [e.line() for e in question.page] == [e.line() for e in PAGE]
    assert [e.states for e in question.page] == [e.states for e in PAGE]
    assert [e.options for e in question.page] == [e.options for e in PAGE]
    assert (question.kind, question.task, question.step) == ("decide", "Order.", "Press Send")
    assert question.plan == ["Set Name to Bob", "Press Send"]


def test_a_cover_is_closed_first_and_until_it_is_gone() -> None:
    cover = [
        Element(ref="e6", role="dialog", name="News"),
        Element(ref="e7", role="button", name="No thanks", depth=1),
    ]
    plan = [Step(do="Press Send")]
    met = [failed(Cause.COVERED, "dialog News covers it")]
    asked = reflect_prompt("Click the button.", plan, 0, met, page([*PAGE, *cover])).user
    answer = answered(read_question(asked))
    assert answer is not None
    assert '"strategy":"do_something_first","advice":"button No thanks"' in answer
    swallowed = [*met, failed(Cause.NO_EFFECT, "nothing on the page changed")]
    asked = reflect_prompt("Click the button.", plan, 0, swallowed, page([*PAGE, *cover])).user
    assert "button No thanks" in (answered(read_question(asked)) or "")


def collected(folder: Path, *tasks: str, **changes: object) -> list[tuple[Turn, ...]]:
    wanted: dict[str, object] = {"seeds": 1, "seed": 0, "parallel": 1, "slips": 0.0, "faults": 0.0}
    wanted |= {"student": False, "temperature": 0.0, "tasks": tasks, "out": folder / "made.jsonl"}
    collect(argparse.Namespace(**wanted | changes))
    return read_conversations(folder / "made.jsonl")


@pytest.mark.parametrize(
    "task",
    [
        "book-flight",
        "choose-date-easy",
        "click-checkboxes-soft",
        "click-menu",
        "click-tab-2",
        "copy-paste",
        "drag-items-grid",
        "email-inbox-forward-nl",
        "guess-number",
        "login-user",
        "simple-algebra",
        "use-autocomplete-nodelay",
    ],
)
def test_the_page_itself_rewards_the_expert(task: str, tmp_path: Path) -> None:
    made = collected(tmp_path, task)
    (episode,) = read_results(tmp_path / "made" / "results.jsonl").listed()
    assert episode.success, episode.why
    assert "List the steps." in made[0][0].content


def test_what_went_wrong_on_purpose_is_labelled_with_what_was_right(tmp_path: Path) -> None:
    made = collected(tmp_path, "click-checkboxes", slips=1.0)
    decided = [answer.content for asked, answer in made if "\nStep " in asked.content]
    outputs = [json.loads(a.partition("<output>")[2].removesuffix("</output>")) for a in decided]
    wrong = (tmp_path / "made").rglob("chats.jsonl")
    written = [json.loads(line)["answer"] for file in wrong for line in file.open()]
    assert outputs, "the expert knows an answer to some of them"
    assert not set(decided) <= set(written), "the slips themselves are not learned"
