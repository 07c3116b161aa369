"""A model that misbehaves: no traceback, one sentence, the right exit code, a run to go on with."""

from pathlib import Path

import pytest

from tasks.exit_codes import ExitCode
from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.scripted_model import Kind, ScriptedModel, asked_for
from tests.scripted_replies import Answer, Drop, Endless, Html, Json, Reply, Status
from tests.tasks.command import secondlook

AT_ONCE = {"retry-after": "0"}
WRONG_REF = {"actions": [{"action": "click", "ref": "[e999]"}], "completes_step": True}


@pytest.mark.parametrize(
    ("spoilt", "kind", "code", "words"),
    [
        ("]]] %%% <outp", "plain", ExitCode.FAILED, "6 attempts in a row failed"),
        ("<thinking>I <reflection>no", "llama.cpp", ExitCode.FAILED, "malformed_answer"),
        (Answer("So.", WRONG_REF), "plain", ExitCode.FAILED, "not '[e999]'"),
        (Endless("<thinking>and "), "llama.cpp", ExitCode.FAILED, "it was too long"),
        (Status(429, AT_ONCE), "llama.cpp", ExitCode.NO_MODEL, "too many requests, tried 5"),
        (Status(500, AT_ONCE), "llama.cpp", ExitCode.NO_MODEL, "status 500, tried 5 times"),
        (Drop("<thinking>so"), "json_schema", ExitCode.NO_MODEL, "connection broke, tried 5"),
        (Html(), "llama.cpp", ExitCode.NO_MODEL, "a web page"),
    ],
    ids=["garbage", "truncated", "wrong ref", "endless", "429", "500", "dropped", "html"],
)
def test_a_run_spoilt_by_its_model_is_gone_on_with_by_a_better_one(
    spoilt: Reply, kind: Kind, code: ExitCode, words: str, tmp_path: Path
) -> None:
    questions = ("plan",) if isinstance(spoilt, Endless) else ("decide", "reflect")

    def reply(request: Json) -> Reply:
        return spoilt if asked_for(request) in questions else sensible()(request)

    home = ("--home", tmp_path, "--quiet")
    with Shop() as shop:
        with ScriptedModel(reply, kind=kind) as model:
            task = ("Order a Funghi pizza for Ann", "--url", shop.url, "--yes")
            ended = secondlook("run", *task, "--model-url", model.url, *home)
        assert ended.code == code, ended
        assert ended.out == ""
        sentence, how = ended.err.splitlines()
        assert words in sentence
        (run,) = (tmp_path / "runs").iterdir()
        assert how == f"To go on: secondlook resume {run.name} --home {tmp_path}"
        assert shop.orders == []

        with ScriptedModel(sensible()) as model:
            done = secondlook("resume", run.name, "--model-url", model.url, *home)
            assert done.code == ExitCode.DONE, done
            assert len(shop.orders) == 1
            over = secondlook("resume", run.name, *home)
        assert over.err.splitlines() == [
            f"secondlook: The run {run.name} is done: nothing is left to resume."
        ]
