"""What the agent did right is told from its runs, kept, and mixed into training."""

import json
import pickle
import subprocess
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("platformdirs")

from agent.chats import Chats
from agent.context import Prompt
from agent.events import Asked
from agent.folder import RunFolder
from agent.settings import RunSettings
from tasks.eval.results import Episode, Results, Setup
from training.batches import HELD_OUT
from training.conversation import Conversation, Stage, Turn
from training.mixing import mixed

ROOT = Path(__file__).parents[2]
QUESTIONS: Sequence[Asked] = ("plan", "decide", "reflect", "finish")


class Evaluated:
    """An evaluation on disk: results, and the runs that they name with their chats."""

    def __init__(self, folder: Path, suite: str = "miniwob") -> None:
        self.home, self.file, self.out = folder / "home", folder / "r.jsonl", folder / "out.jsonl"
        self._results = Results(Setup(suite=suite, model="mini"), self.file)

    def add(self, task: str, seed: int, actions: int, said: str = "", **more: object) -> None:
        """One episode, whose model was asked every kind of question and answered `said`."""
        run = RunFolder.create(RunSettings(task=task, home=self.home))
        chats = Chats(run.chats, lambda text: text)
        for question in QUESTIONS:
            prompt = Prompt(system="You work in a browser.", user=f"{question} {task}?")
            chats.add(question, prompt, f"<thinking>{said}</thinking><output>{{}}</output>")
        usual = {"task": task, "seed": seed, "run": run.run, "success": True, "ended": "page"}
        self._results.add(Episode.model_validate({**usual, "actions": actions, **more}))

    def kept(self) -> tuple["subprocess.CompletedProcess[str]", list[tuple[str, ...]]]:
        """What the command says, and the contents of the conversations that it wrote."""
        ended = training("rehearsals", self.file, self.home, "--out", self.out)
        lines = self.out.read_text().splitlines() if self.out.exists() else []
        return ended, [tuple(m["content"] for m in json.loads(ln)["messages"]) for ln in lines]


def training(*arguments: str | Path) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "training", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT)


def test_short_successes_are_kept_once_and_the_rest_is_not(tmp_path: Path) -> None:
    made = Evaluated(tmp_path)
    made.add("click-test", 0, 1, "short")
    made.add("click-test", 1, 1, "short")
    made.add("click-test", 2, 2, "middling")
    made.add("click-test", 3, 7, "long")
    made.add("click-test", 4, 9, "longer")
    made.add("click-test", 5, 1, "missed", success=False)
    made.add("click-option", 0, 9, "the only one")
    made.add("drag-box", 0, 1, "broken", success=False, ended="error", run="")
    ended, kept = made.kept()
    assert ended.returncode == 0, ended.stderr
    answers = [answer.removeprefix("<thinking>").partition("<")[0] for _, answer in kept]
    assert answers == ["the only one"] * 3 + ["short"] * 3 + ["middling"] * 3
    asked = [question for question, _ in kept[3:6]]
    assert asked == ["plan click-test?", "decide click-test?", "reflect click-test?"]
    rows = [line.split() for line in ended.stdout.splitlines()]
    assert ["click-test", "6", "5", "6"] in rows
    assert ["drag-box", "1", "0", "0"] in rows
    assert ["all", "8", "6", "9"] in rows


def test_an_answer_out_of_the_protocol_is_left_out(tmp_path: Path) -> None:
    made = Evaluated(tmp_path, suite="mine.jsonl")
    made.add("order", 0, 1, "</thinking><output>no JSON</output>")
    ended, kept = made.kept()
    assert ended.returncode == 1
    assert "no answer can be learnt from; nothing was written." in ended.stderr
    assert kept == []


def test_a_task_that_stays_unseen_is_refused_with_one_sentence(tmp_path: Path) -> None:
    made = Evaluated(tmp_path)
    made.add("click-test", 0, 1)
    made.add("use-spinner", 0, 1, success=False)
    ended, kept = made.kept()
    assert ended.returncode == 1
    assert ended.stderr == (
        f"{made.file} has episodes of MiniWoB++ tasks that must stay unseen in training "
        "(use-spinner): collect with --list public.\n"
    )
    assert kept == []


def test_what_was_not_collected_is_said_with_one_sentence(tmp_path: Path) -> None:
    made = Evaluated(tmp_path)
    made.add("click-test", 3, 1, run="")
    ended, _ = made.kept()
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"{made.file}: click-test 3 has no chats in {made.home}: ")
    nothing = training("rehearsals", tmp_path / "none.jsonl", made.home)
    assert nothing.returncode == 1
    assert nothing.stderr == f"{tmp_path}/none.jsonl cannot be read: No such file or directory.\n"


# -- mixing ---------------------------------------------------------------------------------


def generated(stage: Stage, seed: int) -> Iterator[Conversation]:
    for number in range(10_000):
        yield (Turn("user", f"{stage} {seed} {number}"), Turn("assistant", "made"))


def first(source: object, stage: Stage, seed: int) -> list[Conversation]:
    assert callable(source)
    return list(islice(source(stage, seed), 1000))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = Evaluated(tmp_path)
    made.add("click-test", 0, 1, "kept")
    made.kept()
    return made.out


def test_a_share_of_full_is_drawn_from_the_file_and_the_same_each_time(file: Path) -> None:
    source = mixed(generated, file, 0.15)
    chunk = first(source, "full", 3)
    drawn = [talk for talk in chunk if "kept" in talk[-1].content]
    assert 100 < len(drawn) < 200
    assert len(set(drawn)) == 3
    others = [talk for talk in chunk if talk not in drawn]
    assert others == first(generated, "full", 3)[: len(others)]
    assert first(mixed(generated, file, 0.15), "full", 3) == chunk
    assert first(pickle.loads(pickle.dumps(source)), "full", 3) == chunk, "a worker has the same"
    where = [[talk in drawn for talk in first(source, "full", seed)] for seed in (3, 4)]
    assert where[0] != where[1]


def test_other_stages_and_what_is_measured_are_left_alone(file: Path) -> None:
    source = mixed(generated, file, 0.15)
    for stage, seed in (("small_pages", 3), ("full", HELD_OUT), ("full", HELD_OUT + 1)):
        assert first(source, stage, seed) == first(generated, stage, seed)  # type: ignore[arg-type]
    assert mixed(generated, None, 0.15) is generated


def test_training_refuses_what_it_cannot_mix(file: Path, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").touch()
    given = ("train", "--workers", "1", "--out", tmp_path / "model", "--rehearsals")
    for arguments, said in (
        ((tmp_path / "none.jsonl",), "none.jsonl cannot be read: No such file or directory.\n"),
        ((tmp_path / "empty.jsonl",), "empty.jsonl holds no conversation.\n"),
        ((tmp_path / "r.jsonl",), 'r.jsonl is no file of {"messages": [...]} lines.\n'),
        ((file, "--share", "2"), "--share 2: a share is more than 0 and less than 1.\n"),
    ):
        ended = training(*given, *arguments)
        assert ended.returncode == 1
        assert ended.stderr.endswith(said)
        assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "model").exists()
