"""Putting a question to the model: the page fitted to what the rest of the prompt leaves free."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ValidationError

from agent.context import Prompt
from agent.errors import MalformedAnswer, PromptTooLong
from agent.events import Asked, Piece, UsageNow
from agent.live import Live, OutOfTime
from agent.look import focus
from agent.model.client import Reply
from agent.model.protocol import Piece as ModelPiece
from agent.model.schema import Question, answer_schema
from agent.state import RunState, Usage
from tools.observation import Observation, clean
from tools.observe import fit

A = TypeVar("A", bound=BaseModel)
Build = Callable[[Observation | None], Prompt]

SMALLEST_PAGE = 48
"""Tokens below which a page says nothing; a prompt that leaves less is too long."""

READ_SHARE = 3
"""What was read takes at most a third of the room that the page has."""


@dataclass(frozen=True)
class Answered(Generic[A]):
    """The model's answer, with the page as it was shown (its refs are the answer's)."""

    answer: A
    thinking: str
    usage: Usage
    page: Observation | None


async def ask(
    live: Live,
    state: RunState,
    question: Question,
    build: Build,
    kind: type[A],
    page: Observation | None,
) -> Answered[A]:
    """Ask, stream the pieces to who watches, and read the answer.

    `build` makes the prompt from the page as it will be shown. Raises MalformedAnswer,
    PromptTooLong, OutOfTime, ModelUnavailable, ModelMisconfigured.
    """
    shown, read = fitted(live, state, build, page) if page else (None, "")
    prompt = build(shown.model_copy(update={"text": shown.text + read}) if shown else None)

    schema = answer_schema(question, shown, live.model.learned)
    reply, usage = await put(live, state, question, prompt, schema)
    return Answered(_read(kind, reply.output), reply.thinking, usage, shown)


async def put(
    live: Live, state: RunState, question: Asked, prompt: Prompt, schema: dict[str, Any]
) -> tuple[Reply, Usage]:
    """Put one prompt to the model within the run's time; the reply and what is used by now.

    Raises as `ask` does, and RunStorageFailed where chats are kept and cannot be.
    """

    def on_piece(piece: ModelPiece) -> None:
        live.emit(Piece(question=question, piece=piece.kind, text=piece.text))

    try:
        async with asyncio.timeout(live.seconds_left(state)):
            reply = await live.model.ask(prompt, schema, on_piece)
    except TimeoutError as error:
        raise OutOfTime from error
    if live.chats:
        live.chats.add(question, prompt, reply.text)
    usage = state.usage.model_copy(
        update={
            "prompt_tokens": state.usage.prompt_tokens + reply.prompt_tokens,
            "answer_tokens": state.usage.answer_tokens + reply.answer_tokens,
            "model_calls": state.usage.model_calls + 1,
        }
    )
    now = usage.model_copy(update={"seconds": usage.seconds + live.elapsed()})
    live.emit(UsageNow(usage=now))
    return reply, usage


def fitted(live: Live, state: RunState, build: Build, page: Observation) -> tuple[Observation, str]:
    """The page within what the rest of the prompt leaves free, and what was read of it before.

    Both stand between the page's fences. Raises PromptTooLong.
    """
    count = live.model.count
    bare = build(page.model_copy(update={"text": ""}))
    room = live.model.room(bare)
    if room < SMALLEST_PAGE:
        raise PromptTooLong(
            f"The task and its history leave the model {live.model.name} no room for the page "
            f"(its context is {live.model.context_length} tokens): give it a shorter task, or "
            "use a model with a longer context."
        )
    read = readings(state, room // READ_SHARE, count)
    budget = room - (count(read) if read else 0)
    if page.tokens <= budget:
        return page, read
    smaller = fit(page.elements, budget, count, focus(state))
    return (
        page.model_copy(
            update={
                "text": smaller.text,
                "elements": smaller.elements,
                "shown": smaller.shown,
                "tokens": smaller.tokens,
            }
        ),
        read,
    )


def readings(state: RunState, budget: int, count: Callable[[str], int]) -> str:
    """What reads and extracts brought so far, as lines of the page, the newest kept whole.

    They are data from pages like the rest of what stands between the fences.
    """
    lines: list[str] = []
    for attempt in reversed(state.attempts):
        if not attempt.text:
            continue
        line = f"\n{clean(attempt.said)}: {clean(attempt.text)}"
        left = budget - sum(map(count, lines))
        if count(line) > left:
            line = cut(line, left, count)
        if not line:
            break
        lines.insert(0, line)
    return "".join(lines)


def cut(line: str, budget: int, count: Callable[[str], int]) -> str:
    """The line shortened to the budget; empty if nothing of worth would be left."""
    length = len(line)
    while length > 40:
        short = line[:length] + "…"
        if count(short) <= budget:
            return short
        length = length * 3 // 4
    return ""


def _read(kind: type[A], output: object) -> A:
    try:
        return kind.model_validate(output)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the answer"
        raise MalformedAnswer(f"{where}: {first['msg']}") from error
