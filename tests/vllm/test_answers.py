"""What the real server answers to our own client."""

import asyncio
import random

from agent import context
from agent.answers import Strategy
from agent.model.client import Model, connect
from agent.model.endpoints import Endpoint
from agent.model.http import Http
from agent.model.request import Sampling
from agent.model.schema import Question, answer_schema
from agent.state import Attempt, Step
from tasks.model_check import page_of
from tests.vllm.conftest import Serving
from tools.causes import Cause, Verdict
from tools.observation import Element, Observation, Option

CALLS = 500
HOT = Sampling(temperature=1.2, top_p=1.0)
AT_ONCE = 16


def drawn_page(rng: random.Random) -> Observation:
    """A page of 4 to 30 lines, its refs not in order."""
    refs = rng.sample(range(1, 200), rng.randint(4, 30))
    elements = []
    for ref in refs:
        role = rng.choice(("button", "textbox", "combobox", "checkbox", "link", "text"))
        options = tuple(Option(label=f"{n} cm") for n in range(3)) if role == "combobox" else ()
        elements.append(
            Element(
                ref=f"e{ref}",
                role=role,
                name=f"{rng.choice(('Size', 'Send', 'Größe', 'Add'))} {ref}",
                options=options,
                interactive=role != "text",
            )
        )
    return page_of(elements)


async def ask(model: Model, seed: int) -> None:
    """Ask one question about a page of its own; raises if the answer does not fit."""
    rng = random.Random(seed)
    page = drawn_page(rng)
    question: Question = rng.choice(("plan", "decide", "decide", "decide", "reflect", "finish"))
    task, plan = f"Order number {seed}", [Step(do="Choose a size"), Step(do="Send it off")]
    failed = Attempt(
        number=1,
        step=0,
        action={"action": "click", "ref": f"[{page.shown[0]}]"},
        said="click it",
        page="",
        verdict=Verdict(cause=Cause.COVERED, evidence="dialog Cookies covers it"),
    )
    prompt = {
        "plan": lambda: context.plan_prompt(task, page),
        "decide": lambda: context.decide_prompt(task, plan, 0, [], page),
        "reflect": lambda: context.reflect_prompt(task, plan, 0, [failed], page),
        "finish": lambda: context.finish_prompt(task, plan, [failed], page),
    }[question]()
    reply = await model.ask(prompt, answer_schema(question, page), lambda _: None)
    if question == "reflect":
        Strategy(reply.output["strategy"])


async def test_every_one_of_500_answers_at_temperature_1_2_fits_at_once(vllm: Serving) -> None:
    """The server counts the requests: none was a second try."""
    http = Http(vllm.url)
    async with connect(Endpoint(url=vllm.url), http, HOT) as model:
        before = await model.server_counts()
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(seed: int) -> None:
            async with gate:
                await ask(model, seed)

        await asyncio.gather(*(one(seed) for seed in range(CALLS)))
        after = await model.server_counts()
    assert before and after
    assert after.since(before).requests == CALLS


async def test_most_of_a_prompt_comes_from_the_prefix_cache(vllm: Serving) -> None:
    """From the third question on 80 %, where the model reads the system prompt. The bundled
    model's chat template leaves it out, so here it stands at the beginning of the question."""
    from tasks.model_bench import FIELDS, form_page, form_question

    http = Http(vllm.url)
    async with connect(Endpoint(url=vllm.url), http) as model:
        before = None
        for step in range(len(FIELDS)):
            if step == 2:
                before = await model.server_counts()
            page = form_page(step)
            prompt = form_question("Ann", step, page)
            prompt = prompt.model_copy(update={"user": f"{prompt.system}\n\n{prompt.user}"})
            await model.ask(prompt, answer_schema("decide", page), lambda _: None)
        after = await model.server_counts()
    assert before and after
    assert after.since(before).cached >= 0.8
