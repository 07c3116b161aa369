"""`secondlook model`: a file from a hub-like server, made the default, and asked."""

import json
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.exit_codes import ExitCode
from tasks.local_model import RECOMMENDED, Source, source_of
from tests.hub_server import HubServer
from tests.scripted_model import Kind, ScriptedModel, asked_for
from tests.scripted_replies import Answer, Json, Slow, answer
from tests.server.tiny_gguf import write_random_model
from tests.tasks.command import COMMAND, Ended, environment, secondlook

NAME = "someone/tiny-GGUF/random.gguf"
WORDS = "thinking output action actions click fill ref text the Add button do expect steps"
Run = Callable[..., Ended]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("model") / "random.gguf"
    write_random_model(path, words=WORDS)
    return path.read_bytes()


def places(folder: Path) -> dict[str, str]:
    """A user of his own: nothing of this machine's user is read or written."""
    return {
        "XDG_CACHE_HOME": str(folder / "cache"),
        "XDG_CONFIG_HOME": str(folder / "config"),
        "HF_HOME": str(folder / "hf"),
    }


def usable(request: Json) -> Answer:
    """An answer that fits, to each of the questions that are asked."""
    outputs: Json = {
        "plan": {"steps": [{"do": "Click Add", "expect": ""}]},
        "decide": {"actions": [{"action": "click", "ref": "[e3]"}], "completes_step": True},
        "reflect": {"diagnosis": "covered", "strategy": "do_something_first", "advice": "Accept"},
    }
    return answer("So", outputs[asked_for(request)])


def pulled(folder: Path) -> Path:
    return folder / "cache/secondlook/models/someone--tiny-GGUF/random.gguf"


def test_a_pulled_model_becomes_the_default_and_answers(weights: bytes, tmp_path: Path) -> None:
    env = places(tmp_path)
    with HubServer({"someone/tiny-GGUF": {"random.gguf": weights}}) as hub:
        done = secondlook("model", "pull", NAME, **env, HF_ENDPOINT=hub.url)
        assert done.code == ExitCode.DONE, done
        assert "SHA-256 is right" in done.out and "model use" in done.out
        assert done.err == "", "the progress bar is for terminals"
        again = secondlook("model", "pull", NAME, **env, HF_ENDPOINT=hub.url)
        assert "is here already" in again.out and len(hub.ranges) == 1
    assert pulled(tmp_path).read_bytes() == weights
    assert secondlook("model", "use", NAME, **env).code == ExitCode.DONE
    report = json.loads(secondlook("model", "check", "--json", **env).out)
    assert (report["model"], report["context"]) == ("random", 4096)
    assert report["grammar"] == "grammar"
    # Its weights are random: what it says may be too long, but it is asked.
    assert [asked["question"] for asked in report["asked"]] == ["plan", "action", "reflection"]
    assert secondlook("model", "use", "mini", **env).code == ExitCode.DONE
    back = json.loads(secondlook("model", "check", "--json", **env).out)
    assert back["model"] == "secondlook-mini"


def test_a_killed_download_goes_on_where_it_was(tmp_path: Path) -> None:
    content = b"GGUF" + bytes(range(256)) * 400_000
    env = places(tmp_path)
    size = len(content)
    with HubServer({"someone/tiny-GGUF": {"random.gguf": content}}, stall_at=size // 2) as hub:
        command = [*COMMAND, "model", "pull", NAME]
        with subprocess.Popen(
            command, env=environment(**env, HF_ENDPOINT=hub.url), stderr=subprocess.DEVNULL
        ) as process:
            assert hub.stalled.wait(60)
            part = wait_for_part(pulled(tmp_path).parent)
            process.send_signal(signal.SIGKILL)
        kept = part.stat().st_size
        done = secondlook("model", "pull", NAME, **env, HF_ENDPOINT=hub.url)
        assert done.code == ExitCode.DONE, done
        assert "Going on at" in done.out
        assert hub.ranges == ["", f"bytes={kept}-"]
    assert pulled(tmp_path).read_bytes() == content
    assert [file.name for file in pulled(tmp_path).parent.iterdir()] == ["random.gguf"]


def wait_for_part(folder: Path) -> Path:
    """The partial file, once something of it is on disk."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for path in folder.glob("*.part"):
            if path.stat().st_size:
                return path
        time.sleep(0.05)
    raise AssertionError("nothing was written")


@pytest.mark.parametrize(
    ("content", "lies", "words"),
    [
        (b"GGUF" + bytes(1000), True, "has not the SHA-256"),
        (b"<!doctype html>", False, "is no GGUF file"),
    ],
)
def test_a_file_that_is_not_right_is_thrown_away(
    content: bytes, lies: bool, words: str, tmp_path: Path
) -> None:
    with HubServer({"someone/tiny-GGUF": {"random.gguf": content}}, lies=lies) as hub:
        done = secondlook("model", "pull", NAME, **places(tmp_path), HF_ENDPOINT=hub.url)
    assert done.code == ExitCode.NO_MODEL and words in done.err
    assert not list(pulled(tmp_path).parent.iterdir())


def test_what_cannot_be_pulled_or_used_is_said(tmp_path: Path) -> None:
    env = places(tmp_path)
    with HubServer({}) as hub:
        missing = secondlook("model", "pull", NAME, **env, HF_ENDPOINT=hub.url)
    assert missing.code == ExitCode.NO_MODEL
    assert "does not give someone/tiny-GGUF/random.gguf (status 404)" in missing.err
    gone = secondlook("model", "pull", NAME, **env, HF_ENDPOINT=hub.url)
    assert gone.code == ExitCode.NO_MODEL and "cannot be reached" in gone.err
    unknown = secondlook("model", "pull", "no-such-model", **env)
    assert unknown.code == ExitCode.USAGE and "qwen3-8b" in unknown.err
    unused = secondlook("model", "use", NAME, **env)
    assert unused.code == ExitCode.USAGE and f"model pull {NAME}" in unused.err
    text = tmp_path / "notes.gguf"
    text.write_text("no model")
    assert "is no GGUF file" in secondlook("model", "use", text, **env).err


def test_a_chosen_model_that_is_gone_is_said_with_the_way_back(
    weights: bytes, tmp_path: Path
) -> None:
    env, path = places(tmp_path), tmp_path / "mine.gguf"
    path.write_bytes(weights)
    assert secondlook("model", "use", path, **env).code == ExitCode.DONE
    path.unlink()
    done = secondlook("model", "check", **env)
    assert done.code == ExitCode.NO_MODEL
    assert "mine (on this machine) does not start" in done.err
    assert "secondlook model use mini" in done.err


@pytest.mark.parametrize(
    ("kind", "grammar", "schema"),
    [("vllm", "yes, by `structured_outputs`", "no"), ("plain", "no", "no")],
)
def test_a_table_says_what_an_endpoint_can_do(kind: Kind, grammar: str, schema: str) -> None:
    with ScriptedModel(usable, kind, context=9000) as model:
        done = secondlook("model", "check", "--model-url", model.url)
    rows = dict(line.split(maxsplit=1) for line in done.out.splitlines() if " " in line)
    assert rows["context"].startswith("9,000 tokens" if kind == "vllm" else "8,192 tokens")
    assert rows["grammar"].strip() == grammar
    assert rows["JSON"].split() == ["schema", schema]
    assert rows["plan"].startswith("✓")


def test_an_answer_that_cannot_be_used_is_shown(tmp_path: Path) -> None:
    with ScriptedModel(lambda _: "no idea", "plain") as model:
        done = secondlook("model", "check", "--model-url", model.url)
    assert done.code == ExitCode.FAILED
    assert done.out.count("✗") == 3


def test_a_slow_first_token_is_measured() -> None:
    slow = Slow(0.4, answer("Hm", {"nothing": True}))
    with ScriptedModel(lambda _: slow, "plain") as model:
        done = secondlook("model", "check", "--json", "--model-url", model.url)
    assert 0.4 <= json.loads(done.out)["first_token_seconds"] < 30


def test_names_and_files() -> None:
    for model in RECOMMENDED:
        assert source_of(model.name) == Source(repo=model.repo, file=model.file)
    assert source_of("a/b/c/d.gguf") == Source(repo="a/b", file="c/d.gguf")
    for bad in ("a/b", "a/b/c.bin", "x.gguf", "a/../x.gguf", "a/b/../../x.gguf", ""):
        assert source_of(bad) is None
    memory = [model.memory for model in RECOMMENDED]
    assert memory == sorted(memory)
