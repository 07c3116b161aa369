"""The published OpenAPI document holds: whatever is sent, no answer is a 500."""

import asyncio
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.scripted_model import ScriptedModel
from tests.server.panel import served
from tests.server.test_app_runs import begin

EXAMPLES = 12
"""Requests made up for each address."""

CHECKS = [not_a_server_error, status_code_conformance, response_schema_conformance]

PROFILE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    verbosity=Verbosity.quiet,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)


async def test_no_request_that_the_document_allows_is_a_500(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        async with served(tmp_path, model, at_once=1) as panel, panel.stream() as stream:
            run = await begin(panel, shop)
            await stream.until(run, "needs_approval")  # it holds the one place: the rest queue
            tried = await asyncio.to_thread(_try_all, panel.url, panel.headers, run)
            assert tried > 10 * EXAMPLES
            assert (await panel.get("/api/about"))["paired"]
            for info in (await panel.get("/api/runs?limit=200"))["runs"]:
                if info["state"] == "queued":
                    await panel.post(f"/api/runs/{info['run']}/stop")


def _try_all(url: str, headers: dict[str, str], run: str) -> int:
    """Send made-up requests to every address; how many."""
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    operations: list[Any] = [found.ok() for found in schema.get_all_operations()]  # type: ignore[union-attr]
    # DELETE might take our own token back.
    return sum(_try(o, url, headers, run) for o in operations if o.method.upper() != "DELETE")


def _try(operation: Any, url: str, headers: dict[str, str], run: str) -> int:
    """Send some to this address, every second one about a run that there is."""
    of_a_run = "{run}" in operation.path and not operation.path.endswith("/stop")
    tried = 0

    @PROFILE
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        nonlocal tried
        tried += 1
        if of_a_run and tried % 2:
            case.path_parameters = {**(case.path_parameters or {}), "run": run}
        case.validate_response(case.call(base_url=url, headers=headers), checks=CHECKS)

    attempt()
    return tried
