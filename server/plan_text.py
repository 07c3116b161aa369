"""A plan in words: what is printed before vLLM starts."""

from collections.abc import Iterator

from server.fitting import Plan, weight_bytes
from server.machine import GB, Machine
from server.shape import ModelShape

RAY_PORT = 6379


def line(name: str, words: str) -> str:
    """One line of the plan, names in a column."""
    return f"{name:<10}{words}"


def lines(shape: ModelShape, machine: Machine, plan: Plan) -> Iterator[str]:
    """The plan, one decision a line."""
    held = shape.quantised if plan.precision == "stored" else plan.precision
    weights = weight_bytes(shape, plan.precision)
    yield line("Model", f"{shape.name}: {shape.size}, {_size(weights)} of weights in {held}")
    yield line("Machine", machine.words)
    if not plan.cpu:
        yield line("GPUs", _gpus(machine, plan))
    cache = f"{_size(plan.cache)}{'' if plan.cpu else ' on each GPU'}"
    yield line("KV cache", f"{cache}, {plan.pool:,} tokens, prefix caching on")
    yield line("Context", f"{plan.context:,} tokens")
    yield line(
        "At once",
        f"up to {plan.sequences} conversations; prompts in pieces of {plan.batch:,} tokens "
        "(chunked prefill)",
    )


def steps(plan: Plan, command: str, ray: str) -> Iterator[str]:
    """What is run, and for several machines what must be run before, by hand."""
    if plan.nodes == 1:
        yield "Command:"
    else:
        others = "the other" if plan.nodes == 2 else f"each of the {plan.nodes - 1} others"
        yield "On the first machine:"
        yield f"  {ray} start --head --port={RAY_PORT}"
        yield f"On {others}, with the first one's address for FIRST:"
        yield f"  {ray} start --address=FIRST:{RAY_PORT}"
        yield "Then on the first machine:"
    yield f"  {command}"


def _gpus(machine: Machine, plan: Plan) -> str:
    used = f"{plan.tensor_parallel} for each layer (tensor parallel), {_size(plan.weights)} on each"
    if plan.nodes > 1:
        return f"{used}; layers spread over {plan.nodes} machines (pipeline parallel)"
    free = len(machine.gpus) - plan.tensor_parallel
    return f"{used}; {free} stay free" if free else used


def _size(count: int) -> str:
    return f"{count / GB:.1f} GB" if count >= GB else f"{count / 1e6:.0f} MB"
