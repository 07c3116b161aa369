"""A run keeps what its model was asked and what it wrote, if it is told to."""

from dataclasses import replace
from pathlib import Path

import pytest

from agent.chats import read_chats
from agent.errors import RunStorageFailed
from agent.folder import RunFolder
from agent.run import resume, start
from tests.agent.sensible import sensible
from tests.agent.shop import Shop
from tests.agent.test_run import Told, order
from tests.scripted_model import ScriptedModel
from tests.scripted_replies import Answer, Json, Reply

PASSWORD = "correct-horse-battery"


async def test_every_question_is_kept_with_its_answer_as_it_was_written(tmp_path: Path) -> None:
    with Shop(banner=True) as shop, ScriptedModel(sensible()) as model:
        state = await start(order(shop, model, tmp_path, chats=True), Told())
        asked = [request["messages"] for request in model.requests]
    chats = list(read_chats(RunFolder(tmp_path, state.run).chats))
    assert [chat.messages for chat in chats] == asked
    questions = [chat.question for chat in chats]
    assert questions[:3] == ["plan", "decide", "reflect"]
    assert questions[-1] == "finish"
    reflected = chats[2].answer
    assert "<reflection>Something was in the way.</reflection></thinking><output>{" in reflected
    assert all(chat.answer.endswith("}</output>") for chat in chats)


async def test_without_being_told_to_a_run_keeps_none(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        state = await start(order(shop, model, tmp_path), Told())
    folder = RunFolder(tmp_path, state.run)
    assert folder.events.exists()
    assert not folder.chats.exists()


async def test_a_secret_that_a_model_says_stands_in_no_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIN", PASSWORD)

    def reply(request: Json) -> Reply:
        said = sensible()(request)
        assert isinstance(said, Answer)
        return replace(said, thinking=f"The PIN may be {PASSWORD}.")

    with Shop() as shop, ScriptedModel(reply) as model:
        state = await start(order(shop, model, tmp_path, chats=True, secrets=["PIN"]), Told())
    kept = RunFolder(tmp_path, state.run).chats.read_text()
    assert "The PIN may be {{PIN}}." in kept
    assert PASSWORD not in kept


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
async def test_a_full_disk_stops_the_run_with_one_sentence(tmp_path: Path) -> None:
    with Shop() as shop, ScriptedModel(sensible()) as model:
        folder = RunFolder.create(order(shop, model, tmp_path, chats=True))
        folder.chats.symlink_to("/dev/full")
        with pytest.raises(RunStorageFailed, match=r"chats\.jsonl cannot be written \(No space"):
            await resume(folder.run, tmp_path, Told())
    assert shop.orders == []


def test_a_line_cut_off_by_a_kill_is_passed_over(tmp_path: Path) -> None:
    file = tmp_path / "chats.jsonl"
    whole = '{"question":"plan","messages":[{"role":"user","content":"?"}],"answer":"!"}'
    file.write_text(f"{whole}\n{whole[:40]}")
    (chat,) = read_chats(file)
    assert (chat.question, chat.answer) == ("plan", "!")
