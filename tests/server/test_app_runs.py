"""Runs over HTTP: real uvicorn, real Chromium, a scripted model, a shop that counts orders."""

import asyncio
from pathlib import Path

from agent.approve import Approval
from agent.run import list_runs, start
from tests.agent.sensible import ORDER, act, sensible
from tests.agent.shop import Shop
from tests.agent.test_run import Told, User, order
from tests.scripted_model import ScriptedModel, asked_for
from tests.scripted_replies import Endless, Json, Reply
from tests.server.panel import Panel, served
from tests.tasks.command import secondlook

ORDERED = [{"pizzas": ["Funghi"], "name": "Ann"}]


async def begin(panel: Panel, shop: Shop, **more: object) -> str:
    """Start an order; its run."""
    asked = {"task": "Order a Funghi pizza for Ann", "url": shop.url, **more}
    return str((await panel.post("/api/runs", asked))["run"])


async def test_an_order_is_started_watched_approved_and_told(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        async with served(tmp_path, model) as panel, panel.stream() as stream:
            run = await begin(panel, shop)
            await stream.say(kind="watch", run=run)
            asked = await stream.until(run, "needs_approval")
            waiting = asked["waiting"]
            assert waiting["said"] == "click button Place order"
            assert shop.orders == []
            wrong = {"kind": "approval", "to": waiting["to"] - 1, "decision": "yes"}
            refused = await panel.call("POST", f"/api/runs/{run}/answer", wrong)
            assert (refused.status_code, refused.json()["error"]) == (409, "NotAsked")
            await panel.post(f"/api/runs/{run}/answer", wrong | {"to": waiting["to"]})
            ended = await stream.event("finished")
            assert ended["event"]["status"] == "done"
            info = await stream.until(run, "done")
            assert info["evidence"] == ["heading Thank you for your order"]
            assert shop.orders == ORDERED

            detail = await panel.get(f"/api/runs/{run}")
            assert [step["done"] for step in detail["plan"]] == [True] * 5
            assert detail["usage"]["steps"] == 5
            story = (await panel.call("GET", f"/api/runs/{run}/story")).text
            assert "Thank you for your order" in story
            events = (await panel.get(f"/api/runs/{run}/events"))["events"]
            picture = next(
                e["event"]["screenshot"]
                for e in events
                if e["event"]["kind"] == "observed" and e["event"]["screenshot"]
            )
            name = picture.rpartition("/")[2]
            shot = await panel.call("GET", f"/api/runs/{run}/screenshots/{name}")
            assert shot.headers["content-type"] == "image/jpeg"
            assert shot.content[:2] == b"\xff\xd8"


async def test_a_panel_that_was_closed_catches_up(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        async with served(tmp_path, model) as panel:
            numbers: list[int] = []
            run = await begin(panel, shop, yes=True)
            finished = False
            while not finished:  # a new socket for every few events
                async with panel.stream() as stream:
                    await stream.say(kind="watch", run=run, after=numbers[-1] if numbers else 0)
                    for _ in range(4):
                        told = await stream.first(
                            lambda m: m["kind"] == "event" and m["number"] is not None
                        )
                        numbers.append(told["number"])
                        finished = told["event"]["kind"] == "finished"
                        if finished:
                            break
            lines = (tmp_path / "runs" / run / "events.jsonl").read_text().splitlines()
            assert numbers == list(range(1, len(lines) + 1))

            first = await panel.get(f"/api/runs/{run}/events?after=3&limit=2")
            assert [e["number"] for e in first["events"]] == [4, 5]
            assert (first["last"], first["more"]) == (5, True)


async def test_a_pause_lets_the_action_end_and_goes_on_with_a_look(tmp_path: Path) -> None:
    with Shop(slow=1) as shop, ScriptedModel(sensible()) as model:
        async with served(tmp_path, model) as panel, panel.stream() as stream:
            run = await begin(panel, shop, yes=True)
            await stream.say(kind="watch", run=run)
            await stream.event("action", "Place order")
            paused = await panel.post(f"/api/runs/{run}/pause")
            assert paused["state"] == "pausing"
            await stream.event("verdict", "Place order")
            await stream.until(run, "paused")
            assert shop.orders == ORDERED
            again = await panel.call("POST", f"/api/runs/{run}/hand_back")
            assert again.json()["error"] == "NotTakenOver"
            await panel.post(f"/api/runs/{run}/resume")
            held = await stream.event("held")
            assert held["event"]["why"] == "paused"
            assert (await stream.until(run, "done"))["state"] == "done"
            assert shop.orders == ORDERED


async def test_stop_breaks_a_long_thought_off_and_resume_goes_on(tmp_path: Path) -> None:
    calm = sensible()
    thinking = True

    def reply(request: Json) -> Reply:
        endless = thinking and asked_for(request) == "decide" and "Checkout" in str(request)
        return Endless() if endless else calm(request)

    with Shop() as shop, ScriptedModel(reply) as model:
        async with served(tmp_path, model) as panel, panel.stream() as stream:
            run = await begin(panel, shop, yes=True)
            await stream.say(kind="watch", run=run)
            await stream.first(
                lambda m: (
                    m["kind"] == "event"
                    and m["event"]["kind"] == "piece"
                    and "so on" in m["event"]["text"]
                )
            )
            assert (await panel.post(f"/api/runs/{run}/stop"))["state"] == "stopping"
            stopped = await stream.until(run, "stopped")
            assert stopped["resumable"]
            thinking = False
            await panel.post(f"/api/runs/{run}/resume")
            assert (await stream.until(run, "done"))["state"] == "done"
            done = await panel.call("POST", f"/api/runs/{run}/resume")
            assert done.json()["error"] == "NotResumable"
            assert shop.orders == ORDERED


async def test_taking_over_needs_a_window(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        async with served(tmp_path, model) as panel, panel.stream() as stream:
            run = await begin(panel, shop)
            await stream.until(run, "needs_approval")
            refused = await panel.call("POST", f"/api/runs/{run}/take_over")
            assert refused.json()["error"] == "NotVisible"


async def test_begun_here_resumed_in_the_terminal(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        async with served(tmp_path, model) as panel, panel.stream() as stream:
            run = await begin(panel, shop)
            await stream.until(run, "needs_approval")
            busy = await asyncio.to_thread(secondlook, "resume", run, "--home", tmp_path, "--yes")
            assert "going on in another process" in busy.err
            await panel.post(f"/api/runs/{run}/stop")
            await stream.until(run, "stopped")
            ended = await asyncio.to_thread(secondlook, "resume", run, "--home", tmp_path, "--yes")
            assert ended.code == 0, ended.err
            assert (await stream.until(run, "done"))["evidence"]
            assert shop.orders == ORDERED


async def test_begun_in_the_terminal_watched_and_resumed_here(tmp_path: Path) -> None:
    """What another process does is seen while it does it, and is not steered from here."""

    class Slow(User):
        async def approve(self, request: object) -> Approval:
            reached.set()
            await leave.wait()
            raise asyncio.CancelledError

    reached, leave = asyncio.Event(), asyncio.Event()
    with Shop() as shop, ScriptedModel(sensible()) as model:
        async with served(tmp_path, model) as panel, panel.stream() as stream:
            settings = order(shop, model, tmp_path, yes=False)
            terminal = asyncio.create_task(start(settings, Told(), Slow()))
            await reached.wait()
            run = list_runs(tmp_path)[0].run
            assert (await stream.until(run, "running"))["elsewhere"]
            await stream.say(kind="watch", run=run)
            await stream.event("approval_needed")
            refused = await panel.call("POST", f"/api/runs/{run}/stop")
            assert refused.json()["error"] == "GoingOnElsewhere"
            leave.set()
            await asyncio.wait({terminal})
            assert (await stream.until(run, "stopped"))["resumable"]
            await panel.post(f"/api/runs/{run}/resume")
            asked = await stream.until(run, "needs_approval")
            to = asked["waiting"]["to"]
            yes = {"kind": "approval", "to": to, "decision": "yes"}
            await panel.post(f"/api/runs/{run}/answer", yes)
            await stream.until(run, "done")
            assert shop.orders == ORDERED


async def test_a_question_is_answered(tmp_path: Path) -> None:
    steps = ['ask "Which size?"', *ORDER]

    def reply(request: Json) -> Reply:
        prompt = ScriptedModel.prompt(request)
        if "ask" in prompt.splitlines()[-2] and "The user said: Which size? Large" in prompt:
            return act({"action": "tick", "ref": "[e1]"})
        return sensible(steps)(request)

    with Shop() as shop, ScriptedModel(reply) as model:
        async with served(tmp_path, model) as panel, panel.stream() as stream:
            run = await begin(panel, shop, yes=True)
            waiting = (await stream.until(run, "needs_answer"))["waiting"]
            assert waiting["question"] == "Which size?"
            said = {"kind": "question", "to": waiting["to"], "answer": "Large"}
            await panel.post(f"/api/runs/{run}/answer", said)
            await stream.until(run, "done")
            events = (await panel.get(f"/api/runs/{run}/events"))["events"]
            answers = [e["event"]["answer"] for e in events if e["event"]["kind"] == "answered"]
            assert answers == ["Large"]


async def test_runs_wait_their_turn_and_never_mix(tmp_path: Path) -> None:
    """Two at once, four more in the queue, each at a shop of its own for a guest of its own."""
    guests = ["Ann", "Bob", "Cleo", "Dan"]
    shops = {guest: Shop() for guest in guests}

    def reply(request: Json) -> Reply:
        guest = next(g for g in guests if f"for {g}" in str(request))
        steps = ['click "Add Funghi"', 'click "Checkout"', f'fill "Name" with "{guest}"']
        return sensible([*steps, 'fill "Street" with "Hill 1"', 'click "Place order"'])(request)

    with ScriptedModel(reply) as model:
        async with served(tmp_path, model, at_once=2) as panel, panel.stream() as stream:
            runs = {}
            for guest, shop in shops.items():
                shop.__enter__()
                asked = {"task": f"Order a Funghi pizza for {guest}", "url": shop.url, "yes": True}
                info = await panel.post("/api/runs", asked)
                runs[guest] = info["run"]
                await stream.say(kind="watch", run=info["run"])
            places = [(await panel.get(f"/api/runs/{run}"))["place"] for run in runs.values()]
            assert places == [0, 0, 1, 2]
            stopped = await panel.post(f"/api/runs/{runs['Cleo']}/stop")
            assert (stopped["state"], stopped["place"]) == ("stopped", 0)
            assert (await panel.get(f"/api/runs/{runs['Dan']}"))["place"] == 1

            left = {runs[guest] for guest in guests} - {runs["Cleo"]}
            while left:
                told = await stream.first(lambda m: m["kind"] in ("run", "event"))
                if told["kind"] == "run":
                    info = told["run"]
                    assert info["state"] not in ("failed", "interrupted"), info
                    if info["state"] == "done":
                        left.discard(info["run"])
                elif told["number"] is not None:
                    guest = next(g for g in guests if runs[g] == told["run"])
                    others = [f"for {g}" for g in guests if g != guest]
                    assert not any(other in str(told["event"]) for other in others)
            for guest, shop in shops.items():
                expected = [] if guest == "Cleo" else [{"pizzas": ["Funghi"], "name": guest}]
                assert shop.orders == expected
                shop.__exit__(None, None, None)


async def test_one_client_with_many_runs_does_not_keep_another_waiting(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible(['ask "Which size?"'])) as model:
        async with served(tmp_path, model, at_once=1) as first:
            second = Panel(first.url)
            await first.post("/api/pair/code")
            await second.pair(first.codes[-1])
            names: dict[str, str] = {}

            async def asks(panel: Panel, *wanted: str) -> None:
                for name in wanted:
                    names[await begin(panel, shop)] = name

            async def queue() -> list[str]:
                runs = (await first.get("/api/runs"))["runs"]
                waiting = sorted((r for r in runs if r["place"]), key=lambda r: int(r["place"]))
                return [names[run["run"]] for run in waiting]

            await asks(first, "a0", "a1", "a2", "a3")
            await asks(second, "b1")
            assert await queue() == ["b1", "a1", "a2", "a3"]
            await asks(second, "b2")
            await asks(first, "a4")
            assert await queue() == ["b1", "a1", "b2", "a2", "a3", "a4"]
            run = {name: run for run, name in names.items()}
            for name, left in (("a0", "a1 b2 a2 a3 a4"), ("b1", "b2 a2 a3 a4")):
                await first.until(run[name], "needs_answer")
                await first.post(f"/api/runs/{run[name]}/stop")
                await first.until(run[name], "stopped")
                assert await queue() == left.split()
