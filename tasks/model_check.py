"""What `secondlook model check` finds out: a plan, an action and a reflection, and what the
endpoint can do on the way."""

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import openai
from pydantic import BaseModel, Field

from agent.errors import AgentError, MalformedAnswer

if TYPE_CHECKING:
    from agent.context import Prompt
    from agent.model.client import Model
    from agent.model.endpoints import Endpoint
    from agent.model.http import Http
    from agent.model.protocol import Piece
    from agent.model.schema import Question
    from tools.observation import Element, Observation

TASK = "Put a Funghi pizza into the basket"


class Asked(BaseModel):
    """One question and what came of it."""

    question: str = Field(description="plan, action or reflection")
    ok: bool
    said: str = Field(description="the answer in short, or what is wrong with it")
    seconds: float
    first: float = Field(description="seconds to the first piece")


class Report(BaseModel):
    """What an endpoint can do; what `model check --json` prints."""

    url: str
    model: str
    context: int = Field(description="tokens")
    grammar: str = Field(description="the field that holds it to a grammar, empty if none does")
    json_schema: bool
    streaming: bool = Field(description="whether answers come in pieces")
    first_token_seconds: float = Field(description="median of the questions")
    tokens_per_second: float = Field(description="while it answers")
    asked: list[Asked]

    @property
    def ok(self) -> bool:
        """Whether each answer could be used."""
        return all(answer.ok for answer in self.asked)


@dataclass
class _Ear:
    """When the pieces of one answer came."""

    since: float = field(default_factory=time.monotonic)
    times: list[float] = field(default_factory=list)

    def hear(self, _: "Piece") -> None:
        self.times.append(time.monotonic() - self.since)

    @property
    def first(self) -> float:
        return self.times[0] if self.times else 0.0


@dataclass
class _Speed:
    """What all answers together took, and in how many pieces they came."""

    tokens: int = 0
    seconds: float = 0.0
    pieces: int = 0


async def check(endpoint: "Endpoint") -> Report:
    """Ask the endpoint. Raises ModelUnavailable and ModelMisconfigured."""
    from agent.model.client import connect
    from agent.model.http import Http

    http = Http(endpoint.url, endpoint.key.get_secret_value())
    async with connect(endpoint, http) as model:
        speed = _Speed()
        asked = [await _ask(model, *each, speed) for each in questions()]
        can = model.can
        schema = can.constraint == "json_schema" or await _obeys_schema(http, can.name)
    firsts = sorted(answer.first for answer in asked)
    return Report(
        url=endpoint.url,
        model=can.name,
        context=can.context_length,
        grammar="" if can.constraint in ("json_schema", "none") else can.constraint,
        json_schema=schema,
        streaming=speed.pieces > len(asked),
        first_token_seconds=firsts[len(firsts) // 2],
        tokens_per_second=speed.tokens / speed.seconds if speed.seconds else 0.0,
        asked=asked,
    )


async def _ask(
    model: "Model", name: str, question: "Question", prompt: "Prompt", speed: _Speed
) -> Asked:
    from agent.model.schema import answer_schema

    ear = _Ear()
    ok, said = False, ""
    try:
        reply = await model.ask(prompt, answer_schema(question, _page(), model.learned), ear.hear)
        ok, said = True, _short(question, reply.output)
        speed.tokens += reply.answer_tokens
        speed.seconds += max(reply.seconds - ear.first, 1e-9)
    except MalformedAnswer as error:
        said = str(error)
    speed.pieces += len(ear.times)
    took = time.monotonic() - ear.since
    return Asked(question=name, ok=ok, said=said, seconds=took, first=ear.first)


def _short(question: "Question", output: dict[str, object]) -> str:
    if question == "plan":
        steps = output["steps"]
        assert isinstance(steps, list)
        return "; ".join(str(step["do"]) for step in steps)
    if question == "decide":
        return json.dumps(output["actions"], ensure_ascii=False)
    return f"{output['diagnosis']} ({output['strategy']})"


def questions() -> list[tuple[str, "Question", "Prompt"]]:
    """A plan, an action and a reflection, each by its name.

    The same small page each time; in the last a banner has covered the button.
    """
    from agent import context
    from agent.state import Attempt, Step
    from tools.causes import Cause, Verdict

    page, plan = _page(), [Step(do="Click Add at Funghi", expect="the basket holds a Funghi")]
    covered = Attempt(
        number=1,
        step=0,
        action={"action": "click", "ref": "[e3]"},
        said="click button Add (Funghi)",
        page="",
        verdict=Verdict(cause=Cause.COVERED, evidence="dialog Cookies covers it"),
    )
    return [
        ("plan", "plan", context.plan_prompt(TASK, page)),
        ("action", "decide", context.decide_prompt(TASK, plan, 0, [], page)),
        ("reflection", "reflect", context.reflect_prompt(TASK, plan, 0, [covered], page)),
    ]


def _page() -> "Observation":
    from tools.observation import Element

    elements = [
        Element(ref="e1", role="heading", name="Pizza"),
        Element(ref="e2", role="listitem", name="Funghi 9.00"),
        Element(ref="e3", role="button", name="Add", context="Funghi", interactive=True, depth=1),
        Element(ref="e4", role="dialog", name="Cookies"),
        Element(ref="e5", role="button", name="Accept all", interactive=True, depth=1),
    ]
    return page_of(elements)


def page_of(elements: "list[Element]") -> "Observation":
    """A page made up of these elements, all of them shown, in the only tab there is."""
    from tools.observation import Observation, render

    return Observation(
        url="http://shop.test/",
        elements=elements,
        text=render(elements),
        shown=[element.ref for element in elements],
        tabs=["Shop"],
        tab=0,
    )


async def _obeys_schema(http: "Http", name: str) -> bool:
    """Whether it takes a JSON schema, too; an endpoint that fails over one does not."""
    from agent.model.endpoints import obeys

    try:
        return await obeys(http, name, "json_schema")
    except (openai.APIStatusError, AgentError):
        return False
