"""What the tests of the extension share: a desk for each file, and a shop for each test."""

from collections.abc import AsyncIterator, Iterator

import pytest
from playwright.async_api import Playwright, async_playwright

from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Json, Reply, Slow
from tests.server.desk import Desk, desk


@pytest.fixture(scope="module")
async def playwright() -> AsyncIterator[Playwright]:
    async with async_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    act = sensible()

    def reply(request: Json) -> Reply:
        return Slow(0.3, act(request)) if asked_for(request) == "decide" else act(request)

    with ScriptedModel(reply) as served:
        yield served


@pytest.fixture(scope="module")
async def at_desk(
    playwright: Playwright, model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Desk]:
    async with desk(playwright, tmp_path_factory.mktemp("desk"), model) as prepared:
        yield prepared


@pytest.fixture
def shop() -> Iterator[Shop]:
    with Shop() as served:
        yield served
