"""What of a model fits into a machine, and how vLLM must be told.

Pure arithmetic, on the high side. A GPU holds its part of the weights, room to compute in,
and the KV cache, which must take at least one conversation of the full context, or vLLM
refuses to start. What vLLM demands besides: the tensor parallel size divides the attention
heads, and the KV heads divide it or it divides them (vllm/config/model.py and
QKVParallelLinear in vllm/model_executor/layers/linear.py, 0.32).
"""

from collections.abc import Iterator
from typing import Literal

from pydantic import BaseModel, ConfigDict

from server.machine import GB, Machine
from server.shape import ModelShape

Precision = Literal["bf16", "fp8", "4 bits", "stored"]
"""How weights are held. stored: as the checkpoint was quantised by its makers. 4 bits (AWQ) is
only ever suggested: vLLM does not make it while loading."""

SHARE = 0.90
"""Part of a GPU's memory that vLLM may take; the rest is for the driver and the display."""

COMPUTE = 1.0 * GB
COMPUTE_PARALLEL = 2.0 * GB
"""Bytes a GPU keeps for CUDA and its graphs; several GPUs also for what they exchange."""

LOGITS_SEQUENCES = 256
"""Sequences whose next-token scores, in fp32 and copied once, are kept at a time."""

LARGE_GPU = 70 * GB
"""GPUs from here on read prompts in pieces of 8,192 tokens, smaller ones of 2,048: vLLM's own
defaults for a server."""

CONVERSATION = 8192
"""Tokens of an agent's conversation with a page in it."""

COMFORT = 4 * CONVERSATION
"""Tokens of KV cache that are worth more GPUs where there are more."""

CPU_SHARE, CPU_CACHE = 0.8, 8
"""Part of the memory that may be used without a GPU, and GiB of KV cache at most."""

CPU_SEQUENCES = 64
"""Conversations at once without a GPU; a cache that has room for all of them is large enough."""

CPU_BLOCK = 32
"""Tokens of a block of the cache; the CPU build's own 128 lose half of that of each prompt."""

FOUR_BITS = 0.52
"""Bytes of a parameter in AWQ: 4 bits, and a scale and a zero point for every 128."""

_GROUP = 128
"""Rows that share a scale in AWQ and GPTQ, and so stay on one GPU."""

_SIZES = (1, 2, 4, 8)
"""GPUs of a machine, as they are bought."""


class Wish(BaseModel):
    """What the user said himself; 0 and "" leave it to the arithmetic."""

    model_config = ConfigDict(frozen=True)

    quantization: str = ""
    tensor_parallel: int = 0
    context: int = 0
    share: float = 0


class Plan(BaseModel):
    """How a model is served. `weights` and `cache` are bytes on each GPU (or in all, on CPU);
    `pool` is how many tokens of conversations the cache holds."""

    model_config = ConfigDict(frozen=True)

    precision: Precision
    dtype: Literal["bfloat16", "float16"] = "bfloat16"
    tensor_parallel: int = 1
    nodes: int = 1
    context: int
    share: float = SHARE
    sequences: int
    batch: int
    weights: int
    cache: int
    pool: int
    cpu: bool = False

    @property
    def cpu_cache_gib(self) -> int:
        """GiB of KV cache for VLLM_CPU_KVCACHE_SPACE."""
        return self.cache // 2**30

    @property
    def flags(self) -> list[str]:
        """The plan in vLLM's words. `fp8_per_tensor` makes weights fp8 while they load, layer
        by layer; plain `fp8` is vLLM's name for checkpoints that are so already."""
        flags = ["--dtype", self.dtype]
        if self.precision == "fp8":
            flags += ["--quantization", "fp8_per_tensor"]
        if self.cpu:
            flags += ["--block-size", str(CPU_BLOCK)]
        else:
            flags += ["--tensor-parallel-size", str(self.tensor_parallel)]
            flags += ["--gpu-memory-utilization", f"{self.share:.2f}"]
        if self.nodes > 1:
            flags += ["--pipeline-parallel-size", str(self.nodes)]
            flags += ["--distributed-executor-backend", "ray"]
        flags += ["--max-model-len", str(self.context)]
        flags += ["--max-num-seqs", str(self.sequences)]
        flags += ["--max-num-batched-tokens", str(self.batch)]
        return [*flags, "--enable-prefix-caching", "--enable-chunked-prefill"]


class CannotFit(Exception):
    """One sentence: what is needed, what is there, what would do."""


def fit(shape: ModelShape, machine: Machine, wish: Wish | None = None) -> Plan:
    """The plan for this model on this machine. Raises CannotFit.

    Weights are quantised only where they do not fit otherwise. Of the ways that fit, the one
    with the fewest machines and GPUs that leaves a comfortable cache, else the largest cache.
    """
    wish = wish or Wish()
    _check(shape, wish)
    if not machine.gpus:
        return _on_cpu(shape, machine, wish)
    for precision in _precisions(shape, wish):
        plans = list(_plans(shape, machine, wish, precision))
        for plan in plans:
            if plan.pool >= COMFORT:
                return plan
        if plans:
            return max(plans, key=lambda plan: plan.pool)
    raise CannotFit(_refusal(shape, machine, wish))


def weight_bytes(shape: ModelShape, precision: Precision) -> int:
    """Bytes of all weights: embedding and output layer stay in bf16 whatever the rest is in."""
    if precision == "stored":
        return shape.stored_bytes
    inner = shape.parameters - shape.embeddings
    each = {"bf16": 2, "fp8": 1, "4 bits": FOUR_BITS}[precision]
    return int(inner * each) + 2 * shape.embeddings


def tensor_parallel_sizes(shape: ModelShape, gpus: int) -> Iterator[int]:
    """Numbers of GPUs over which vLLM can spread this model's layers, the smallest first."""
    rows = _GROUP if shape.quantised in ("awq", "gptq") else 1
    for size in range(1, gpus + 1):
        keys = shape.kv_heads % size == 0 or size % shape.kv_heads == 0
        if shape.heads % size == 0 and keys and shape.intermediate % (size * rows) == 0:
            yield size


def _check(shape: ModelShape, wish: Wish) -> None:
    if wish.quantization in ("awq", "gptq") and not shape.quantised:
        raise CannotFit(
            f"{wish.quantization.upper()} weights are not made while loading: name a checkpoint "
            f"of {shape.name} that was quantised so, or use --quantization fp8."
        )
    if wish.quantization and not shape.quantised and not wish.quantization.startswith("fp8"):
        raise CannotFit(
            f"How much room --quantization {wish.quantization} leaves is not known here: "
            "use fp8, or start vLLM yourself."
        )
    if wish.context > shape.context:
        raise CannotFit(
            f"{shape.name} reads {shape.context:,} tokens at most: --max-model-len "
            f"{wish.context} is too long."
        )


def _precisions(shape: ModelShape, wish: Wish) -> tuple[Precision, ...]:
    if shape.quantised:
        return ("stored",)
    return ("fp8",) if wish.quantization else ("bf16", "fp8")


def _plans(shape: ModelShape, machine: Machine, wish: Wish, precision: Precision) -> Iterator[Plan]:
    """All ways that fit, from one GPU to all GPUs of all machines."""
    sizes = list(tensor_parallel_sizes(shape, len(machine.gpus)))
    for nodes in range(1, min(machine.nodes, shape.layers) + 1):
        # A second machine is for a model that has filled the GPUs of the first.
        for size in sizes if nodes == 1 else sizes[-1:]:
            if wish.tensor_parallel not in (0, size):
                continue
            plan = _plan(shape, machine, wish, precision, size, nodes)
            if plan is not None:
                yield plan


def _plan(
    shape: ModelShape, machine: Machine, wish: Wish, precision: Precision, size: int, nodes: int
) -> Plan | None:
    """The plan over so many GPUs and machines; None if it does not fit."""
    memory, share = machine.gpu_memory, wish.share or SHARE
    batch = 8192 if memory >= LARGE_GPU else 2048
    layers = -(-shape.layers // nodes)
    weights = _weights_on_gpu(shape, precision, size, nodes)
    compute = COMPUTE if size * nodes == 1 else COMPUTE_PARALLEL
    cache = int(memory * share - weights - compute - _activations(shape, size, batch))
    pool = cache // shape.kv_bytes(size, layers)
    context = _context(shape, wish, pool)
    if not context:
        return None
    return Plan(
        precision=precision,
        dtype="bfloat16" if machine.has_bf16 else "float16",
        tensor_parallel=size,
        nodes=nodes,
        context=context,
        share=share,
        sequences=max(1, min(LOGITS_SEQUENCES, pool // min(context, CONVERSATION))),
        batch=batch,
        weights=weights,
        cache=cache,
        pool=pool,
    )


def _weights_on_gpu(shape: ModelShape, precision: Precision, size: int, nodes: int) -> int:
    """Bytes of the fullest GPU: its machine's layers, and an embedding or output layer."""
    whole = weight_bytes(shape, precision)
    outer = 2 * shape.embeddings
    layers = -(-shape.layers // nodes)
    inner = max(0, whole - outer) * layers // shape.layers
    return (inner + min(outer, whole)) // size


def _activations(shape: ModelShape, size: int, batch: int) -> int:
    """Bytes to read one piece of a prompt in bf16 (the MLP's two inner rows and six rows of the
    residual stream a token) and to keep the scores of the next tokens."""
    rows = 2 * shape.intermediate // size + 6 * shape.hidden
    return batch * rows * 2 + LOGITS_SEQUENCES * shape.vocabulary * 4 * 2


def _context(shape: ModelShape, wish: Wish, pool: int) -> int:
    """Tokens of context: the model's own, halved until two conversations of it have room; of
    the least that is of use, one. 0 if not even that has."""
    if wish.context:
        return wish.context if pool >= wish.context else 0
    context = shape.context
    while context > CONVERSATION and pool < 2 * context:
        context //= 2
    return context if pool >= context else 0


def _on_cpu(shape: ModelShape, machine: Machine, wish: Wish) -> Plan:
    precision: Precision = "stored" if shape.quantised else "bf16"
    weights = weight_bytes(shape, precision)
    room = int(machine.ram * CPU_SHARE) - weights
    each = shape.kv_bytes(1, shape.layers)
    enough = CPU_SEQUENCES * (wish.context or min(shape.context, CONVERSATION)) * each
    cache = min(CPU_CACHE, -(-enough // 2**30), room // 2**30) * 2**30
    pool = cache // each
    context = _context(shape, wish, pool)
    if cache <= 0 or not context or wish.quantization.startswith("fp8"):
        raise CannotFit(_refusal(shape, machine, wish))
    return Plan(
        precision=precision,
        context=context,
        sequences=max(1, min(CPU_SEQUENCES, pool // min(context, CONVERSATION))),
        batch=2048,
        weights=weights,
        cache=cache,
        pool=pool,
        cpu=True,
    )


def _refusal(shape: ModelShape, machine: Machine, wish: Wish) -> str:
    held: Precision = _precisions(shape, wish)[0]
    named = shape.quantised if held == "stored" else held
    needs = f"{weight_bytes(shape, held) / GB:.0f} GB for weights"
    first = f"{shape.size} in {named} needs about {needs}"
    if wish.context:
        first += f" and room for {wish.context:,} tokens of context"
    if wish.tensor_parallel:
        first += f" on {wish.tensor_parallel} GPUs"
    return f"{first}; you have {_have(machine, wish)}: {_advice(shape, machine, wish)}."


def _have(machine: Machine, wish: Wish) -> str:
    if not machine.gpus:
        return f"{machine.words}, of which {CPU_SHARE:.0%} may be used"
    whole = machine.gpu_memory * len(machine.gpus) * machine.nodes / GB
    return f"{whole:.0f} GB ({machine.words}, {wish.share or SHARE:.0%} of it usable)"


def _advice(shape: ModelShape, machine: Machine, wish: Wish) -> str:
    """What would do: each way tried with the same arithmetic on machines of the same GPUs."""
    one = machine if machine.gpus else Machine(gpus=(80 * GB,))
    of = "" if machine.gpus else f" of {one.gpu_memory / GB:.0f} GB"
    free = wish.model_copy(update={"tensor_parallel": 0})
    tries: tuple[tuple[str, Precision], ...] = (
        ("--quantization fp8 on ", "fp8"),
        ("bf16 on ", "bf16"),
        ("a checkpoint in 4 bits (AWQ) on ", "4 bits"),
    )
    if shape.quantised:
        tries = (("", "stored"),)
    ways = [
        f"{words}{count}{of}"
        for words, precision in tries
        if (count := _enough(shape, one, free, precision))
    ]
    return f"use {', or '.join(ways)}" if ways else "use a smaller model or larger GPUs"


def _enough(shape: ModelShape, one: Machine, wish: Wish, precision: Precision) -> str:
    """The fewest GPUs like these that are enough, in words; "" if four machines are not."""
    for nodes in (1, 2, 4):
        for gpus in _SIZES if nodes == 1 else _SIZES[-1:]:
            if gpus not in tensor_parallel_sizes(shape, gpus):
                continue
            if _plan(shape, one, wish, precision, gpus, nodes):
                count = f"{gpus} GPU{'s' if gpus > 1 else ''}"
                return f"{nodes} machines of {count}" if nodes > 1 else count
    return ""
