"""Runs at once, each at a shop of its own: a few of what `many_runs` does with twenty."""

from contextlib import ExitStack
from pathlib import Path

from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel
from tests.server.many_runs import everyone, guest, kept_apart, order_all
from tests.server.panel import served


async def test_runs_at_once_know_nothing_of_each_other(tmp_path: Path) -> None:
    with ExitStack() as stack:
        model = stack.enter_context(ScriptedModel(everyone()))
        shops = {guest(n): stack.enter_context(Shop()) for n in range(4)}
        async with served(tmp_path, model) as panel, panel.stream() as stream:
            runs = await order_all(panel, stream, shops)
        kept_apart(tmp_path, runs, list(shops))
