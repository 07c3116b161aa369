"""The training stream: deterministic, and every answer is right for the page it is about."""

import itertools
import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest

pytest.importorskip("wordfreq")
pytest.importorskip("faker")

from pydantic import BaseModel

import tools.actions  # noqa: F401  fills the registry
from agent.answers import DecideAnswer, FinishAnswer, PlanAnswer, ReflectAnswer, Strategy
from tools.dispatch import parse_action
from tools.roles import CHECKS, CLICKABLE, FIELDS, LISTS
from training import curriculum
from training.conversation import Conversation, Stage, Turn
from training.curriculum import conversations

STAGES: tuple[Stage, ...] = ("small_pages", "full")
AMOUNT = 400
_PROTOCOL = re.compile(
    r"<thinking>(?P<thinking>.*?)</thinking><output>(?P<output>\{.*\})</output>", re.DOTALL
)
_LINE = re.compile(r"^\*? *(?P<role>\w+) ?(?P<name>.*?)\[(?P<ref>e\d+)\](?P<rest>.*)$")
_MODELS: dict[str, type[BaseModel]] = {
    "What went wrong?": ReflectAnswer,
    "Is the task done?": FinishAnswer,
    "List the steps": PlanAnswer,
}


def _some(stage: Stage, seed: int = 1, amount: int = AMOUNT) -> list[Conversation]:
    return list(itertools.islice(conversations(stage, seed), amount))


def _pairs(conversation: Conversation) -> Iterator[tuple[Turn, Turn]]:
    return zip(conversation[::2], conversation[1::2], strict=True)


def _page(prompt: str) -> dict[str, tuple[str, str, str]]:
    """Role, name and the rest of each line of the page, by ref."""
    if "<page>" not in prompt:
        return {}
    text = prompt.split("<page>\n", 1)[1].split("</page>", 1)[0]
    found = [match for line in text.splitlines() if (match := _LINE.match(line))]
    return {match["ref"]: (match["role"], match["name"], match["rest"]) for match in found}


def _asked(prompt: str) -> type[BaseModel]:
    return next((model for mark, model in _MODELS.items() if mark in prompt), DecideAnswer)


@pytest.mark.parametrize("stage", STAGES)
def test_same_seed_same_stream(stage: Stage) -> None:
    assert _some(stage, 7, 40) == _some(stage, 7, 40)
    assert _some(stage, 7, 5) != _some(stage, 8, 5)


def test_the_copy_stage_has_no_conversations() -> None:
    with pytest.raises(ValueError, match="copy"):
        next(conversations("copy", 0))


@pytest.mark.parametrize("stage", STAGES)
def test_turns_alternate_and_answers_keep_the_protocol(stage: Stage) -> None:
    for conversation in _some(stage):
        roles = [turn.role for turn in conversation]
        assert roles == ["user", "assistant"] * (len(roles) // 2)
        for asked, answered in _pairs(conversation):
            match = _PROTOCOL.fullmatch(answered.content)
            assert match, answered.content
            assert asked.content.endswith("Think carefully.")
            _asked(asked.content).model_validate_json(match["output"])
            assert (
                json.dumps(json.loads(match["output"]), separators=(",", ":"), ensure_ascii=False)
                == (match["output"])
            )


@pytest.mark.parametrize("stage", STAGES)
def test_actions_fit_the_element_that_they_name(stage: Stage) -> None:
    fitting = {"click": CLICKABLE, "check": CHECKS, "select": LISTS, "fill": FIELDS}
    for conversation in _some(stage):
        page = _page(conversation[0].content)
        for asked, answered in _pairs(conversation):
            if _asked(asked.content) is not DecideAnswer:
                continue
            output = _PROTOCOL.fullmatch(answered.content)["output"]  # type: ignore[index]
            (raw,) = DecideAnswer.model_validate_json(output).actions
            action = parse_action(raw)
            if action.action == "dialog":
                assert "Dialog open:" in asked.content
                continue
            role, name, rest = page[raw["ref"].strip("[]")]
            assert name + raw["ref"] in answered.content.split("<output>")[0]
            assert role in fitting.get(action.action, {role})
            if action.action == "select":
                assert re.search(rf"[(|] ?{re.escape(raw['option'])}( \||\)$)", rest)
            if action.action == "fill" and "the answer" not in asked.content:
                assert raw["text"].lower() in (asked.content + conversation[0].content).lower()


@pytest.mark.parametrize("stage", STAGES)
def test_plans_of_errands_are_made_of_the_tasks_words(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(curriculum, "CHORES", 0)
    plans = 0
    for conversation in _some(stage):
        prompt, answer = conversation[0].content, conversation[1].content
        if _asked(prompt) is not PlanAnswer:
            continue
        plans += 1
        task = prompt.splitlines()[0].lower()
        steps = json.loads(_PROTOCOL.fullmatch(answer)["output"])["steps"]  # type: ignore[index]
        assert 1 <= len(steps) <= 14
        for step in steps:
            if match := re.fullmatch(r"(?:Choose|Press) (.*)", step["do"]):
                assert all(part.lower() in task for part in match[1].split(" or "))
    assert plans > AMOUNT / 20


def test_every_kind_of_question_keeps_its_share() -> None:
    kinds = Counter(_asked(made[0].content).__name__ for made in _some("full", amount=1000))
    assert 0.35 < kinds["DecideAnswer"] / 1000 < 0.75
    assert kinds["PlanAnswer"] > 150
    assert kinds["ReflectAnswer"] > 35
    assert kinds["FinishAnswer"] > 35


def test_reflections_name_something_on_the_page() -> None:
    strategies: Counter[str] = Counter()
    for conversation in _some("full", amount=1000):
        prompt, answer = conversation[0].content, conversation[1].content
        if _asked(prompt) is not ReflectAnswer:
            continue
        output = ReflectAnswer.model_validate_json(_PROTOCOL.fullmatch(answer)["output"])  # type: ignore[index]
        strategies[output.strategy] += 1
        if output.strategy is Strategy.ASK_USER or output.advice == "accept the dialog":
            continue
        named = [f"{role} {name}" for role, name, _ in _page(prompt).values()]
        assert any(output.advice.startswith(words.split(" (")[0].strip()) for words in named)
    assert strategies[Strategy.DO_SOMETHING_FIRST] > 8
    assert strategies[Strategy.RETRY_DIFFERENTLY] > 8
