"""The chat files for tuning a large model, and that TRL takes them."""

import argparse
import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("trl")

from training.chats import write

CONFIGURATIONS = sorted((Path(__file__).parents[2] / "training" / "lora").glob("*.yaml"))


@pytest.fixture(scope="module")
def chats(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chats")
    write(argparse.Namespace(out=folder, count=24, seed=5))
    return folder


def test_a_line_is_a_question_as_the_loop_asks_it_and_its_answer(chats: Path) -> None:
    lines = [json.loads(line) for line in (chats / "train.jsonl").read_text().splitlines()]
    assert len(lines) >= 24 and (chats / "test.jsonl").stat().st_size > 0
    for line in lines:
        roles = [message["role"] for message in line["prompt"]]
        assert roles[:2] == ["system", "user"] and roles[-1] == "user"
        assert line["prompt"][-1]["content"].endswith("Think carefully.")
        (answer,) = line["completion"]
        assert answer["role"] == "assistant" and "<output>" in answer["content"]
    acting = [line for line in lines if '"actions"' in line["completion"][0]["content"]]
    assert acting and all("click" in line["prompt"][0]["content"] for line in acting), "it is told"


def test_trl_trains_an_adapter_on_them(chats: Path, tmp_path: Path) -> None:
    mini = next(path for path in CONFIGURATIONS if path.stem == "mini")
    command = [Path(sys.executable).with_name("trl"), "sft", "--config", mini, "--max_steps", "2"]
    command += ["--dataset_name", chats, "--output_dir", tmp_path / "tuned"]
    ended = subprocess.run(command, capture_output=True, text=True, cwd=mini.parents[2])
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert (tmp_path / "tuned" / "adapter_model.safetensors").exists()


@pytest.mark.parametrize("path", CONFIGURATIONS, ids=lambda path: path.stem)
def test_each_configuration_is_one_that_trl_knows(path: Path) -> None:
    from trl import ModelConfig, ScriptArguments, SFTConfig, TrlParser

    parser = TrlParser((ScriptArguments, SFTConfig, ModelConfig))
    given = ["--config", str(path), "--use_cpu", "true", "--bf16", "false"]
    script, _, model = parser.parse_args_and_config(given)
    assert script.dataset_name == "build/chats" and model.use_peft
