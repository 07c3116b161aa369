"""The expert as an endpoint that the agent is run against, so that its runs are the loop's own."""

import json
import random
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from agent.answers import FinishAnswer, Strategy
from tools.observation import Element
from training import teacher
from training.expert.answer import answered
from training.expert.question import Question, read_question

NAME = "secondlook-expert"
CONTEXT = 4096
"""Tokens: the bundled model's, so that as much of a page is shown."""

_SLIPS = ("button", "link", "clickable", "tab", "menuitem", "checkbox", "radio")


class Expert:
    """Answers as the expert does; a `slips` share of the decisions is wrong on purpose.

    What comes after a slip is what a model meets that makes mistakes.
    """

    def __init__(self, slips: float, seed: int) -> None:
        self._slips, self._rng = slips, random.Random(f"slips {seed}")

    @property
    def app(self) -> Starlette:
        """The endpoint; `/v1` is its root."""
        return Starlette(
            routes=[
                Route("/v1/models", self._models),
                Route("/v1/chat/completions", self._chat, methods=["POST"]),
            ]
        )

    def answer(self, prompt: str) -> str:
        """What is said to this prompt."""
        question = read_question(prompt)
        if question.kind == "decide" and self._rng.random() < self._slips:
            others = [e for e in question.page if e.role in _SLIPS]
            if others:
                return _slip(question, self._rng.choice(others))
        return answered(question) or _unknown(question)

    async def _models(self, _: Request) -> JSONResponse:
        return JSONResponse({"data": [{"id": NAME, "max_model_len": CONTEXT}]})

    async def _chat(self, request: Request) -> Response:
        body = await request.json()
        asked = next(m["content"] for m in body["messages"] if m["role"] == "user")
        answer = self.answer(asked)
        if body.get("stream"):
            return StreamingResponse(_events(answer), media_type="text/event-stream")
        message = {"role": "assistant", "content": answer}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return JSONResponse(_head("chat.completion") | {"choices": [choice]})


def _slip(question: Question, element: Element) -> str:
    action = "check" if element.role in ("checkbox", "radio") else "click"
    made: dict[str, object] = {"action": action, "ref": f"[{element.ref}]"}
    return teacher.decided(f"{question.step}: {teacher.quote(element)}", made, completes=False)


def _unknown(question: Question) -> str:
    """What ends a run: no rule knows what is right."""
    if question.kind == "decide":
        asked: dict[str, object] = {"action": "ask", "question": "What is right here?"}
        return teacher.decided("No rule knows", asked, completes=False)
    if question.kind == "reflect":
        return teacher.reflected("unknown", "No rule knows", Strategy.GIVE_UP, "give up")
    if question.kind == "finish":
        answer = FinishAnswer(done=False, evidence=[], answer="No rule knows")
        return teacher.reply("No rule knows", answer.model_dump())
    return teacher.steps(["Ask"])


async def _events(answer: str) -> AsyncIterator[str]:
    """The answer as a stream of the OpenAI protocol."""
    parts: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": {"role": "assistant", "content": answer}}]},
        {"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]},
        {"choices": [], "usage": {"prompt_tokens": 0, "completion_tokens": 0, "total_tokens": 0}},
    ]
    for part in parts:
        yield f"data: {json.dumps(_head('chat.completion.chunk') | part)}\n\n"
    yield "data: [DONE]\n\n"


def _head(kind: str) -> dict[str, Any]:
    return {"id": "0", "object": kind, "created": 0, "model": NAME}
