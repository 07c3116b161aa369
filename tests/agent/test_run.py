"""Whole runs: a scripted model over HTTP, real Chromium, a shop on loopback."""

import json
from pathlib import Path
from typing import Any

import pytest

from agent.approve import Approval, ApprovalRequest
from agent.events import EVENT, AnyEvent, Base
from agent.run import RunSettings, list_runs, load_run, plan_only, resume, start
from agent.state import Limits
from tests.agent.sensible import ORDER, act, sensible
from tests.agent.shop import Shop
from tests.scripted_model import Json, Reply, ScriptedModel, answer, asked_for


class Told(list[AnyEvent]):
    """A listener that keeps everything."""

    def __call__(self, event: AnyEvent) -> None:
        self.append(event)

    def of(self, kind: type[Base]) -> list[Any]:
        return [event for event in self if isinstance(event, kind)]


class User:
    """An approver that says the same each time."""

    def __init__(self, decision: str = "yes", answer: str | None = "Ann") -> None:
        self.decision, self.said = decision, answer
        self.asked: list[ApprovalRequest] = []
        self.questions: list[str] = []

    async def approve(self, request: ApprovalRequest) -> Approval:
        self.asked.append(request)
        return Approval.model_validate({"decision": self.decision, "reason": "I say so"})

    async def answer(self, question: str) -> str | None:
        self.questions.append(question)
        return self.said


def order(shop: Shop, model: ScriptedModel, home: Path, **more: Any) -> RunSettings:
    usual = {"task": "Order a Funghi pizza for Ann", "yes": True, "limits": Limits(steps=20)}
    return RunSettings(url=shop.url, model_url=model.url, home=home, **(usual | more))


async def test_a_pizza_is_ordered(tmp_path: Path) -> None:
    told = Told()
    with Shop() as shop, ScriptedModel(sensible()) as model:
        state = await start(order(shop, model, tmp_path), told)
    assert state.outcome
    assert state.outcome.status == "done", state.outcome.answer
    assert state.outcome.evidence == ["heading Thank you for your order"]
    assert shop.orders == [{"pizzas": ["Funghi"], "name": "Ann"}]
    assert all(step.done and step.evidence for step in state.plan)
