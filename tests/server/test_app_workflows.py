"""Workflows over HTTP: listed with their forms, started, held, stopped, gone on with."""

from pathlib import Path

from tests.agent.shop import Shop
from tests.server.panel import Panel, served
from tests.server.test_app_runs import ORDERED

ORDER = """\
workflow: Order a pizza
url: "{{ shop }}"
inputs:
  shop: {type: text, description: where the shop is}
  name: {type: text, default: Ann}
  pizza: {type: choice, options: [Funghi, Margherita], default: Funghi}
steps:
  - click: get_by_role("button", name="Add {{ pizza }}")
  - click: get_by_role("link", name="Checkout")
  - fill: get_by_label("Name")
    text: "{{ name }}"
  - fill: get_by_label("Street")
    text: Hill 1
  - click: get_by_role("button", name="Place order")
    expect: {visible: 'get_by_role("heading", name="Thank you")'}
"""


def put(home: Path, name: str, text: str) -> None:
    (home / "workflows").mkdir(exist_ok=True)
    (home / "workflows" / name).write_text(text)


async def begin(panel: Panel, shop: Shop, **more: object) -> str:
    asked = {"workflow": "order", "inputs": {"shop": shop.url}, **more}
    return str((await panel.post("/api/runs", asked))["run"])


async def test_a_form_for_every_workflow(tmp_path: Path) -> None:
    put(tmp_path, "order.yaml", ORDER)
    put(tmp_path, "broken.yaml", "workflow: Broken\nsteps: 3\n")
    async with served(tmp_path) as panel:
        broken, order = (await panel.get("/api/workflows"))["workflows"]
        assert "broken.yaml" in broken["problem"]
        assert order["title"] == "Order a pizza"
        assert [(i["name"], i["kind"], i["required"]) for i in order["inputs"]] == [
            ("shop", "text", True),
            ("name", "text", False),
            ("pizza", "choice", False),
        ]
        for asked, said in [
            ({"workflow": "order"}, "shop (where the shop is) has no value"),
            ({"workflow": "broken"}, "broken.yaml"),
            ({"workflow": "../order"}, "There is no workflow"),
            ({"workflow": "order", "task": "both"}, "either a task or"),
            ({"workflow": "order", "inputs": {"shop": "x", "pizza": "Diavola"}}, "one of Funghi"),
        ]:
            refused = await panel.call("POST", "/api/runs", asked)
            assert refused.status_code == 422
            assert said in refused.json()["message"]
        assert (await panel.get("/api/runs"))["runs"] == []


async def test_a_pause_while_it_asks_asks_again_and_orders_once(tmp_path: Path) -> None:
    put(tmp_path, "order.yaml", ORDER)
    with Shop(slow=1) as shop:
        async with served(tmp_path) as panel, panel.stream() as stream:
            run = await begin(panel, shop)
            await stream.say(kind="watch", run=run)
            first = (await stream.until(run, "needs_approval"))["waiting"]
            held = await panel.post(f"/api/runs/{run}/pause")
            assert (held["state"], held["workflow"]) == ("paused", "order")
            late = {"kind": "approval", "to": first["to"], "decision": "yes"}
            assert (await panel.call("POST", f"/api/runs/{run}/answer", late)).status_code == 409
            await panel.post(f"/api/runs/{run}/resume")
            again = (await stream.until(run, "needs_approval"))["waiting"]
            yes = {"kind": "approval", "to": again["to"], "decision": "yes"}
            await panel.post(f"/api/runs/{run}/answer", yes)
            await stream.event("action", "Place order")
            assert (await panel.post(f"/api/runs/{run}/pause"))["state"] == "pausing"
            await stream.event("verdict", "Place order")
            assert shop.orders == ORDERED
            await panel.post(f"/api/runs/{run}/resume")
            assert (await stream.until(run, "done"))["answer"] == (
                "5 steps done, no model was asked."
            )
            assert shop.orders == ORDERED


async def test_stopped_and_taken_up_again(tmp_path: Path) -> None:
    put(tmp_path, "order.yaml", ORDER)
    with Shop() as shop:
        async with served(tmp_path) as panel, panel.stream() as stream:
            run = await begin(panel, shop)
            await stream.until(run, "needs_approval")
            await panel.post(f"/api/runs/{run}/stop")
            assert (await stream.until(run, "stopped"))["resumable"]
            await panel.post(f"/api/runs/{run}/resume")
            asked = (await stream.until(run, "needs_approval"))["waiting"]
            yes = {"kind": "approval", "to": asked["to"], "decision": "yes"}
            await panel.post(f"/api/runs/{run}/answer", yes)
            await stream.until(run, "done")
            assert shop.orders == ORDERED
