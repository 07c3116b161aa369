"""Where a model's shape comes from: a folder, a hub, the table."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.shape import KNOWN, REFLECTION_70B, UnknownModel, from_config, shape_of

CONFIG: dict[str, Any] = {
    "num_hidden_layers": 4,
    "num_attention_heads": 4,
    "hidden_size": 256,
    "intermediate_size": 640,
    "vocab_size": 6144,
    "max_position_embeddings": 4096,
    "tie_word_embeddings": True,
    "torch_dtype": "bfloat16",
}
PARAMETERS = 6144 * 256 + 4 * (4 * 256 * 256 + 3 * 256 * 640 + 2 * 256) + 256


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG))
    (tmp_path / "model.safetensors").write_bytes(bytes(2 * PARAMETERS))
    yield tmp_path


def test_a_folder_tells_by_its_config_and_its_weights(folder: Path) -> None:
    shape = shape_of(str(folder))
    assert (shape.kv_heads, shape.head_dim, shape.tied) == (4, 64, True)
    assert shape.parameters == PARAMETERS
    assert shape.model_copy(update={"stored_bytes": 0}).parameters == PARAMETERS


@pytest.mark.parametrize(
    ("missing", "words"),
    [("config.json", "config.json cannot be read"), ("model.safetensors", "holds no weights")],
)
def test_a_folder_that_is_no_model(folder: Path, missing: str, words: str) -> None:
    (folder / missing).unlink()
    with pytest.raises(UnknownModel, match=words):
        shape_of(str(folder))


def test_configs_without_the_usual_fields_are_refused() -> None:
    with pytest.raises(UnknownModel, match="does not say how large"):
        from_config("odd/model", {"hidden_size": 256})


def test_the_size_of_experts_and_quantised_weights_is_never_guessed() -> None:
    for more in ({"num_experts": 8}, {"quantization_config": {"quant_method": "awq"}}):
        with pytest.raises(UnknownModel, match="is not known"):
            from_config("a/model", CONFIG | more)
        assert from_config("a/model", CONFIG | more, stored_bytes=10**9).stored_bytes == 10**9


def test_a_checkpoint_in_fp32_has_half_as_many_parameters_as_in_bf16() -> None:
    wide = from_config("a/model", CONFIG | {"torch_dtype": "float32"}, 4 * PARAMETERS)
    assert wide.parameters == PARAMETERS


def test_a_vision_model_is_planned_by_its_text_part() -> None:
    assert from_config("a/model", {"text_config": CONFIG}).layers == 4


def test_what_is_neither_folder_nor_name_is_said() -> None:
    for words in ("/no/such/folder", "mini2", "a/b/c", "./here"):
        with pytest.raises(UnknownModel, match="neither a folder here nor a name"):
            shape_of(words)


def test_the_default_model_is_known_without_a_network() -> None:
    assert KNOWN["mattshumer/reflection-llama-3.1-70b"] == REFLECTION_70B
    assert REFLECTION_70B.size == "70B"
