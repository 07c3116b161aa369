"""Running episodes in a test, and the models that act in them."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.async_api import Browser

from tasks.eval.episode import Agent, run_episode
from tasks.eval.miniwob import MiniWoB
from tasks.eval.results import Episode, Setup
from tasks.eval.suite import Key, Suite
from tests.agent.sensible import act, sensible
from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Json, Reply, answer

PAGES = Path(__file__).parent / "pages"
CLOSERS = ("Accept", "No thanks", "Close")


async def episode(
    browser: Browser,
    script: Callable[[Json], Reply],
    task: str,
    seed: int = 0,
    suite: Suite | None = None,
    home: Path | None = None,
    **conditions: object,
) -> tuple[Episode, list[Json]]:
    """One episode, and what the model was asked; with a `home` its run and chats are kept."""
    suite = suite or MiniWoB(PAGES)
    setup = Setup.model_validate({"suite": suite.name, "model": "scripted", **conditions})
    with ScriptedModel(script) as model:
        agent = Agent(model_url=model.url, home=home, chats=home is not None)
        async with suite.served():
            done = await run_episode(browser, suite, Key(task, seed), setup, agent)
        return done, model.requests


def presses(*names: str) -> Callable[[Json], Reply]:
    """Clicks these, one after the other, whatever the task says, and says done in the end."""
    return sensible([f'click "{name}"' for name in names], done="Noted")


def as_told(request: Json) -> Reply:
    """Presses what the task says, and closes what covers the page once it has reflected."""
    prompt = ScriptedModel.prompt(request)
    told = re.search(r"^Task: Press (.+)\.$", prompt, re.M)
    assert told, prompt
    page = prompt.rsplit("<page>", 1)[-1]
    if asked_for(request) == "decide" and "\nReflection: " in prompt:
        for name in CLOSERS:
            if found := re.search(rf"button {name}(\[e\d+\])", page):
                return act({"action": "click", "ref": found[1]}, completes=False)
    return presses(*told[1].split(", then "))(request)


def gives_up(request: Json) -> Reply:
    """Is done before it has done anything."""
    if asked_for(request) == "decide":
        return act({"action": "finish"})
    return sensible(["look"], done="Alpha")(request)


def shown(requests: Sequence[Json]) -> str:
    """Every page that the model saw."""
    prompts = [ScriptedModel.prompt(request) for request in requests]
    return "\n".join(p.rsplit("<page>", 1)[-1].split("</page>")[0] for p in prompts)


__all__ = ["answer", "as_told", "episode", "gives_up", "presses", "shown"]
