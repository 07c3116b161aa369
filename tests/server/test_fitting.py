"""What fits where: the known models on the cards that are sold, and the sentence if not."""

import itertools

import pytest

from server.fitting import (
    COMPUTE,
    COMPUTE_PARALLEL,
    CannotFit,
    Plan,
    Wish,
    fit,
    tensor_parallel_sizes,
    weight_bytes,
)
from server.machine import GB, Machine, described
from server.shape import LLAMA_8B, LLAMA_70B, LLAMA_405B, REFLECTION_70B, ModelShape

MODELS = {"8B": LLAMA_8B, "70B": LLAMA_70B, "405B": LLAMA_405B}
CARDS, COUNTS = (24, 48, 80, 141), (1, 2, 4, 8)

TABLE = {
    "8B": {24: "bf16/1 bf16/2 bf16/2 bf16/2"} | dict.fromkeys((48, 80, 141), "bf16/1 " * 4),
    "70B": {
        24: "no no fp8/4 bf16/8",
        48: "no fp8/2 bf16/4 bf16/4",
        80: "no fp8/2 bf16/4 bf16/4",
        141: "fp8/1 bf16/2 bf16/2 bf16/2",
    },
    "405B": {
        24: "no no no no",
        48: "no no no no",
        80: "no no no fp8/8",
        141: "no no fp8/4 bf16/8",
    },
}
"""Precision and tensor parallel size on 1, 2, 4 and 8 GPUs of so many GB."""

CASES = list(itertools.product(MODELS, CARDS, COUNTS))


def planned(shape: ModelShape, gpus: str, wish: Wish | None = None, nodes: int = 1) -> Plan:
    return fit(shape, described(gpus, nodes), wish)


@pytest.mark.parametrize(("model", "card", "count"), CASES)
def test_known_models_on_known_cards(model: str, card: int, count: int) -> None:
    expected = TABLE[model][card].split()[COUNTS.index(count)]
    if expected == "no":
        with pytest.raises(CannotFit, match=f"{model} in bf16 needs about .* you have"):
            planned(MODELS[model], f"{count}x{card}")
        return
    plan = planned(MODELS[model], f"{count}x{card}")
    assert f"{plan.precision}/{plan.tensor_parallel}" == expected
    assert plan.tensor_parallel <= count
    accepted_by_vllm(MODELS[model], plan, card * GB)


def accepted_by_vllm(shape: ModelShape, plan: Plan, memory: int) -> None:
    """What vLLM checks before and while it starts."""
    size = plan.tensor_parallel
    assert shape.heads % size == 0
    assert shape.kv_heads % size == 0 or size % shape.kv_heads == 0
    compute = COMPUTE if size * plan.nodes == 1 else COMPUTE_PARALLEL
    assert plan.weights + plan.cache + compute <= plan.share * memory
    assert plan.pool >= plan.context, "a cache for one whole conversation, or it does not start"
    assert plan.context <= shape.context
    assert plan.sequences <= plan.batch


def test_the_weights_of_the_known_models() -> None:
    """Parameters as Meta gives them; fp8 and AWQ checkpoints on the hub have these sizes."""
    assert [m.parameters for m in MODELS.values()] == [8030261248, 70553706496, 405853388800]
    sizes = {p: [weight_bytes(m, p) / GB for m in MODELS.values()] for p in ("bf16", "fp8")}
    assert sizes["bf16"] == pytest.approx([16.1, 141.1, 811.7], abs=0.1)
    assert sizes["fp8"] == pytest.approx([9.1, 72.7, 410.1], abs=0.1)
    assert weight_bytes(LLAMA_70B, "4 bits") / GB == pytest.approx(39.8, abs=0.1)
    assert LLAMA_70B.kv_bytes(1, 80) == 327_680
    assert LLAMA_70B.kv_bytes(16, 80) == 40_960, "each GPU has a whole KV head"


def test_the_refusal_tells_the_arithmetic_and_the_ways_out() -> None:
    with pytest.raises(CannotFit) as caught:
        planned(REFLECTION_70B, "1x80")
    assert str(caught.value) == (
        "70B in bf16 needs about 141 GB for weights; you have 80 GB (1 GPU of 80 GB, 90% of it "
        "usable): use --quantization fp8 on 2 GPUs, or bf16 on 4 GPUs, or a checkpoint in 4 bits "
        "(AWQ) on 1 GPU."
    )


@pytest.mark.parametrize(
    ("shape", "gpus", "nodes"), [(LLAMA_70B, "2x80", 1), (LLAMA_405B, "8x80", 1)]
)
def test_what_a_refusal_advises_fits(shape: ModelShape, gpus: str, nodes: int) -> None:
    assert planned(shape, gpus, Wish(quantization="fp8"), nodes).precision == "fp8"


def test_two_machines_of_eight_gpus_hold_405b() -> None:
    plan = planned(LLAMA_405B, "8x80", nodes=2)
    assert (plan.precision, plan.tensor_parallel, plan.nodes) == ("bf16", 8, 2)
    accepted_by_vllm(LLAMA_405B, plan, 80 * GB)
    assert "--pipeline-parallel-size 2 --distributed-executor-backend ray" in " ".join(plan.flags)


def test_a_second_machine_stays_out_of_what_the_first_can_do_alone() -> None:
    assert planned(LLAMA_70B, "8x80", nodes=2).nodes == 1


def test_wishes_are_kept_or_refused() -> None:
    wish = Wish(quantization="fp8", tensor_parallel=4, context=4096, share=0.5)
    plan = planned(LLAMA_70B, "8x80", wish)
    assert (plan.precision, plan.tensor_parallel, plan.context) == ("fp8", 4, 4096)
    assert plan.weights + plan.cache < 40 * GB
    assert plan.flags[2:4] == ["--quantization", "fp8_per_tensor"]
    for bad, words in (
        (Wish(context=200_000), "reads 131,072 tokens at most"),
        (Wish(tensor_parallel=3), "on 3 GPUs; you have"),
        (Wish(quantization="awq"), "not made while loading"),
        (Wish(quantization="mystery"), "is not known here"),
    ):
        with pytest.raises(CannotFit, match=words):
            planned(LLAMA_70B, "8x80", bad)


def test_a_checkpoint_that_is_quantised_already_stays_as_it_is() -> None:
    made = {"quantised": "awq", "stored_bytes": 39_800_000_000}
    plan = planned(LLAMA_70B.model_copy(update=made), "1x80")
    assert (plan.precision, plan.tensor_parallel) == ("stored", 1)
    assert "--quantization" not in plan.flags, "vLLM reads it from the checkpoint's config"


def test_tensor_parallel_sizes_are_those_that_vllm_takes() -> None:
    assert list(tensor_parallel_sizes(LLAMA_8B, 16)) == [1, 2, 4, 8, 16]
    odd = LLAMA_8B.model_copy(update={"heads": 12, "kv_heads": 4, "intermediate": 12 * 128})
    assert list(tensor_parallel_sizes(odd, 12)) == [1, 2, 4, 12]
    groups = odd.model_copy(update={"quantised": "awq"})
    assert list(tensor_parallel_sizes(groups, 12)) == [1, 2, 4, 12]
    assert list(tensor_parallel_sizes(groups.model_copy(update={"intermediate": 1280}), 12)) == [
        1,
        2,
    ]


def test_old_gpus_compute_in_fp16() -> None:
    old = Machine(gpus=(24 * GB,), capability=7.5)
    assert fit(LLAMA_8B, old).flags[:2] == ["--dtype", "float16"]


MINI = ModelShape(
    name="secondlook-mini",
    layers=4,
    heads=4,
    kv_heads=4,
    head_dim=64,
    hidden=256,
    intermediate=640,
    vocabulary=6144,
    context=4096,
    tied=True,
)


def test_without_a_gpu_the_cache_is_what_its_conversations_need_or_a_part_of_the_memory() -> None:
    plan = fit(MINI, Machine(ram=8 * 2**30))
    assert (plan.cpu, plan.context, plan.sequences) == (True, 4096, 64)
    assert plan.pool >= 64 * 4096 > plan.pool - 2**30 // MINI.kv_bytes(1, MINI.layers)
    assert "--tensor-parallel-size" not in plan.flags and "--max-num-seqs" in plan.flags
    wide = MINI.model_copy(update={"kv_heads": 64})
    assert fit(wide, Machine(ram=64 * 2**30)).cpu_cache_gib == 8
    assert fit(wide, Machine(ram=8 * 2**30)).cpu_cache_gib == 6


def test_without_a_gpu_large_models_are_refused() -> None:
    for wish in (Wish(), Wish(quantization="fp8")):
        with pytest.raises(CannotFit, match="you have no GPU and 25 GB of memory"):
            fit(LLAMA_70B, Machine(ram=25 * GB), wish)


@pytest.mark.parametrize("words", ["8", "x80", "0x80", "8x0", "8 by 80", ""])
def test_what_describes_no_gpus_is_said(words: str) -> None:
    with pytest.raises(ValueError, match="is not COUNTxGB"):
        described(words)
