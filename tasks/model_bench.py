"""What `secondlook model bench` measures: actions per second of many runs at once, and what it
costs to hold their answers to a grammar.

Each run is the same made-up order at a form, decision by decision, with a history that grows
and a page that changes as in a real one. Whatever the model answers, the next question is the
next step's, so that every endpoint gets the same questions. Each run has its own first words,
because real runs share no task.
"""

import asyncio
import secrets
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from pydantic import BaseModel, Field

from tasks.model_check import page_of

if TYPE_CHECKING:
    from agent.context import Prompt
    from agent.model.client import Model
    from agent.model.endpoints import Endpoint
    from agent.model.http import Http
    from agent.model.metrics import ServerCounts
    from agent.model.request import Requests
    from tools.observation import Observation

FIELDS = "Name Street City Phone Email Company Floor Bell Colour Quantity Voucher Remarks".split()
"""One decision each."""

ANSWER = 128
"""Tokens of an answer at most; a decision takes some 50."""

ROUNDS = 2
"""Each way is measured so often, in turn, so that a busy machine slows both."""

Measured = Callable[["Row"], None]


class Pace(BaseModel):
    """All runs together, over all rounds."""

    actions: int = 0
    tokens: int = 0
    seconds: float = 0

    @property
    def actions_per_second(self) -> float:
        """Answers in a second."""
        return self.actions / self.seconds if self.seconds else 0.0

    @property
    def tokens_per_second(self) -> float:
        """Tokens answered in a second."""
        return self.tokens / self.seconds if self.seconds else 0.0

    def add(self, actions: int, tokens: int, seconds: float) -> None:
        """Count a round."""
        self.actions += actions
        self.tokens += tokens
        self.seconds += seconds


class Row(BaseModel):
    """So many runs at once: with the grammar of each page, and free."""

    runs: int
    held: Pace = Field(default_factory=Pace)
    free: Pace = Field(default_factory=Pace)
    cached: float | None = Field(
        default=None,
        description="part of the prompts' tokens that vLLM's prefix cache had from the third "
        "decision on, 0 to 1; null where the endpoint does not count",
    )

    @property
    def cost(self) -> float:
        """Part of the tokens per second that the grammar takes; below 0 if it was faster."""
        return 1 - self.held.tokens_per_second / self.free.tokens_per_second


async def bench(endpoint: "Endpoint", sizes: Sequence[int], measured: Measured) -> None:
    """Measure the endpoint, a row at a time. Raises ModelUnavailable, ModelMisconfigured."""
    from agent.model.client import connect
    from agent.model.http import Http
    from agent.model.request import CARDS, Requests, Sampling

    http = Http(endpoint.url, endpoint.key.get_secret_value())
    async with connect(endpoint, http) as model:
        requests = Requests(model.can, CARDS.get(model.name, Sampling()))
        questioner = _Questioner(http, requests, model)
        await questioner.order(held=True, steps=1)  # what is loaded at the first request is
        for runs in sizes:
            row = Row(runs=runs)
            for _ in range(ROUNDS):
                await _round(questioner, row)
            measured(row)


async def _round(questioner: "_Questioner", row: Row) -> None:
    for held, pace in ((True, row.held), (False, row.free)):
        watch = held and row.runs == 1
        orders = [questioner.order(held=held, watch=watch) for _ in range(row.runs)]
        began = time.monotonic()
        tokens = await asyncio.gather(*orders)
        pace.add(row.runs * len(FIELDS), sum(tokens), time.monotonic() - began)
    if row.runs == 1 and questioner.counted is not None:
        row.cached = questioner.counted.cached


class _Questioner:
    """Asks the questions of made-up orders."""

    def __init__(self, http: "Http", requests: "Requests", model: "Model") -> None:
        self._http = http
        self._requests = requests
        self._model = model
        self.counted: ServerCounts | None = None

    async def order(self, *, held: bool, watch: bool = False, steps: int = len(FIELDS)) -> int:
        """Tokens of all answers of one order. `watch` reads vLLM's counters from the third on."""
        whose = secrets.token_hex(3)  # no prompt of an earlier bench may be in the prefix cache
        tokens, before = 0, None
        for step in range(steps):
            if watch and step == 2:
                before = await self._model.server_counts()
            tokens += await self._answer(whose, step, held)
        if before and (now := await self._model.server_counts()):
            self.counted = now.since(before)
        return tokens

    async def _answer(self, whose: str, step: int, held: bool) -> int:
        from agent.model.schema import answer_schema

        page = form_page(step)
        schema = answer_schema("decide", page, self._model.learned)
        fields = self._requests.constraint(schema, ANSWER) if held else {}
        messages = self._requests.messages(form_question(whose, step, page))
        body = self._requests.body(messages, fields, ANSWER)

        async def asked() -> int:
            tokens = 0
            async with self._http.stream(**body) as chunks:
                async for chunk in chunks:
                    tokens = chunk.usage.completion_tokens if chunk.usage else tokens + 1
            return tokens

        return await self._http.patiently(asked)


def form_question(whose: str, step: int, page: "Observation") -> "Prompt":
    """The question for the decision after so many steps."""
    from agent import context
    from agent.state import Attempt, Step
    from tools.causes import Verdict

    values = ", ".join(f'{name} "{_value(name)}"' for name in FIELDS)
    done = [
        Attempt(
            number=at + 1,
            step=at,
            action={"action": "fill", "ref": f"[e{3 * at + 4}]", "text": _value(name)},
            said=f"fill textbox {name}: {_value(name)}",
            page="",
            verdict=Verdict(evidence=f"textbox {name}: {_value(name)}"),
        )
        for at, name in enumerate(FIELDS[:step])
    ]
    plan = [
        Step(do=f"Set {name} to {_value(name)}", done=at < step) for at, name in enumerate(FIELDS)
    ]
    return context.decide_prompt(f"For {whose}, send the form: {values}.", plan, step, done, page)


def form_page(step: int) -> "Observation":
    """The form after so many steps: a heading, and for each field a note and a button."""
    from tools.observation import Element

    elements = [
        Element(ref="e1", role="heading", name="Your order"),
        Element(ref="e2", role="link", name="Help", interactive=True),
        Element(ref="e3", role="button", name="Send", interactive=True),
    ]
    for at, name in enumerate(FIELDS):
        value = _value(name) if at < step else ""
        ref = 3 * at + 4
        elements += [
            Element(ref=f"e{ref}", role="textbox", name=name, value=value, interactive=True),
            Element(ref=f"e{ref + 1}", role="text", name=f"{name} as it stands on the parcel"),
            Element(ref=f"e{ref + 2}", role="button", name=f"Clear {name}", interactive=True),
        ]
    return page_of(elements)


def _value(name: str) -> str:
    return f"{name[::-1].capitalize()} {len(name) * 7}"
