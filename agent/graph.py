"""The run as a graph: wiring only. What a node does is in `agent.nodes`, where it goes next in
`agent.routes`. The state is checkpointed after every node, before the next begins."""

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import START, StateGraph
from langgraph.graph.state import CompiledStateGraph
from langgraph.runtime import Runtime

from agent import routes
from agent.checkpoint import plain
from agent.live import Live, OutOfTime, Update
from agent.nodes import act, decide, finish, guard, observe, plan, reflect, verify
from agent.state import RunState


class Saved(Protocol):
    """A node as LangGraph calls it."""

    def __call__(self, state: RunState, *, runtime: Runtime[Live]) -> Awaitable[dict[str, Any]]:
        """Run it on the state."""
        ...


Node = Callable[[RunState, Live], Awaitable[Update]]
Graph = CompiledStateGraph[RunState, Live, RunState, RunState]

NODES: dict[str, tuple[Node, Callable[[RunState], str]]] = {
    "observe": (observe.observe, routes.after_observe),
    "plan": (plan.plan, routes.after_plan),
    "decide": (decide.decide, routes.after_decide),
    "guard": (guard.guard, routes.after_guard),
    "act": (act.act, lambda _: "verify"),
    "verify": (verify.verify, routes.after_verify),
    "reflect": (reflect.reflect, routes.after_reflect),
    "finish": (finish.finish, routes.after_finish),
}


def build(saver: BaseCheckpointSaver[str]) -> Graph:
    """The graph of a run. Given new input it starts at `observe`, whatever was under way."""
    graph = StateGraph(RunState, context_schema=Live)
    graph.add_edge(START, "observe")
    for name, (node, route) in NODES.items():
        graph.add_node(name, _saved(name, node))
        graph.add_conditional_edges(name, route)
    return graph.compile(checkpointer=saver)


def _saved(name: str, node: Node) -> Saved:
    """The node behind the run's gate, its update as JSON data, with the time that it took."""

    async def run(state: RunState, *, runtime: Runtime[Live]) -> dict[str, Any]:
        live = runtime.context

        async def work() -> Update:
            live.began = live.clock()
            try:
                return await node(state, live)
            except OutOfTime:
                return {}

        update = await live.gate.passed(name, work)
        usage = update.get("usage", state.usage)
        seconds = usage.seconds + live.elapsed()
        return plain(update | {"usage": usage.model_copy(update={"seconds": seconds})})

    return run
