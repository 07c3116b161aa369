"""A LoRA adapter that `serve-model --lora` serves beside the bundled model, in a real vLLM."""

import json
import random
import struct
from pathlib import Path

import httpx
import pytest

from agent.model.client import connect
from agent.model.endpoints import Endpoint
from agent.model.http import Http
from server.vllm import MINI_FOLDER
from tests.vllm.conftest import Serving
from tests.vllm.test_answers import ask

RANK = 4


def adapter(folder: Path) -> Path:
    """One that changes what the model says: it adds noise to every layer's output."""
    folder.mkdir()
    base = json.loads((MINI_FOLDER / "config.json").read_text())
    width = base["hidden_size"]
    config = {
        "peft_type": "LORA",
        "r": RANK,
        "lora_alpha": RANK,
        "target_modules": ["o_proj"],
        "base_model_name_or_path": str(MINI_FOLDER),
    }
    (folder / "adapter_config.json").write_text(json.dumps(config))
    attention = base["num_attention_heads"] * base["head_dim"]
    shapes = {
        f"base_model.model.model.layers.{layer}.self_attn.o_proj.lora_{part}.weight": shape
        for layer in range(base["num_hidden_layers"])
        for part, shape in (("A", (RANK, attention)), ("B", (width, RANK)))
    }
    write_safetensors(folder / "adapter_model.safetensors", shapes)
    return folder


def write_safetensors(path: Path, shapes: dict[str, tuple[int, int]]) -> None:
    """Random fp32 tensors; https://huggingface.co/docs/safetensors#format"""
    rng, header, data = random.Random(0), {}, b""
    for name, shape in shapes.items():
        count = shape[0] * shape[1]
        values = struct.pack(f"<{count}f", *(rng.gauss(0, 0.3) for _ in range(count)))
        offsets = [len(data), len(data) + len(values)]
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": offsets}
        data += values
    told = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(told)) + told + data)


@pytest.fixture
def tuned(tmp_path: Path) -> Serving:
    return Serving(tmp_path / "log", "--lora", str(adapter(tmp_path / "our-shop")))


async def test_an_adapter_is_what_answers_and_is_held_to_the_schema(tuned: Serving) -> None:
    try:
        tuned.wait_until_ready()
        async with connect(Endpoint(url=tuned.url), Http(tuned.url)) as model:
            assert (model.name, model.context_length) == ("our-shop", 4096)
            for seed in range(5):
                await ask(model, seed)
        assert said(tuned, "our-shop") != said(tuned, "secondlook-mini")
    finally:
        tuned.kill()


def said(serving: Serving, model: str) -> str:
    question = {"role": "user", "content": "Task: Click Send\nList the steps."}
    body = {"model": model, "messages": [question], "max_tokens": 24, "temperature": 0}
    answer = httpx.post(f"{serving.url}/chat/completions", json=body, timeout=120)
    return str(answer.raise_for_status().json()["choices"][0])
