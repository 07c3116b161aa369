"""Right and wrong answers of evaluations are paired, and a model learns to prefer the right."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("platformdirs")
pytest.importorskip("wordfreq")
pytest.importorskip("faker")
pytest.importorskip("gguf")

from agent.chats import Chats
from agent.context import Prompt
from agent.folder import RunFolder
from agent.settings import RunSettings
from tasks.eval.results import Episode, Results, Setup
from tests.training.test_rehearsals import training
from training import tokenizer as tokens_of
from training.export import trained_model, write_folder
from training.model import Model, ModelConfig, initialise
from training.pairs import Pair, encoded, held_out
from training.prefer import Preferring, Settings, log_probabilities, prefer

BUNDLED = Path(__file__).parents[2] / "server/models/secondlook-mini"
Ended = tuple["subprocess.CompletedProcess[str]", list[tuple[str, str, str]]]


def answer(said: object, thought: str = "so") -> str:
    return f"<thinking>{thought}</thinking><output>{json.dumps(said)}</output>"


class Evaluations:
    """Evaluations on disk, each episode with one question and its answer."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out.jsonl"
        self.number = 0

    def add(self, task: str, said: str, success: bool, question: str = "", **more: object) -> None:
        """An evaluation of one episode."""
        self.number += 1
        home = self.folder / f"home{self.number}"
        run = RunFolder.create(RunSettings(task=task, home=home))
        chats = Chats(run.chats, lambda text: text)
        chats.add("decide", Prompt(system="Do.", user=question or f"Task: {task}"), said)
        chats.add("finish", Prompt(system="Do.", user="Done?"), answer(success))
        results = Results(Setup(suite="miniwob", model="mini"), self._file(self.number))
        usual = {"task": task, "seed": 0, "run": run.run, "ended": "page", "actions": 1}
        results.add(Episode.model_validate({**usual, "success": success, **more}))

    def _file(self, number: int) -> Path:
        return self.folder / f"r{number}.jsonl"

    def paired(self, *more: str | Path) -> Ended:
        """What the command says, and question, chosen and rejected of what it wrote."""
        paths = [
            path
            for number in range(1, self.number + 1)
            for path in (self._file(number), self.folder / f"home{number}")
        ]
        ended = training("preferences", *paths, *more, "--out", self.out)
        lines = self.out.read_text().splitlines() if self.out.exists() else []
        pairs = [Pair.model_validate_json(line) for line in lines]
        return ended, [
            (pair.prompt[1].content, pair.chosen[0].content, pair.rejected[0].content)
            for pair in pairs
        ]


def test_a_right_and_a_wrong_answer_to_the_same_question_are_paired(tmp_path: Path) -> None:
    made = Evaluations(tmp_path)
    made.add("click-test", answer(1), True)
    made.add("click-test", answer(2), False)
    made.add("click-test", answer(2, "the same once more"), False)
    made.add("click-test", answer(1, "right, and failed later"), False)
    made.add("click-test", "<output>no JSON", False)
    made.add("click-test", answer(3), True, actions=9)
    made.add("click-test", answer(3, "right on a longer way"), False)
    made.add("click-test", answer(5), False, ended="error")
    made.add("click-test", answer(4), False, question="Task: another seed")
    made.add("click-option", answer(6), False, question="Task: click-test")
    ended, pairs = made.paired()
    assert ended.returncode == 0, ended.stderr
    assert pairs == [
        ("Task: click-test", answer(1), answer(2)),
        ("Task: click-test", answer(1), "<output>no JSON"),
    ]
    first = json.loads(made.out.read_text().splitlines()[0])
    assert first == {
        "prompt": [
            {"role": "system", "content": "Do."},
            {"role": "user", "content": "Task: click-test"},
        ],
        "chosen": [{"role": "assistant", "content": answer(1)}],
        "rejected": [{"role": "assistant", "content": answer(2)}],
    }, "TRL's format"
    rows = [line.split() for line in ended.stdout.splitlines()]
    assert ["click-test", "9", "2", "2"] in rows
    assert ["all", "10", "2", "2"] in rows


def test_an_expert_knows_better_where_nothing_went_right(tmp_path: Path) -> None:
    made = Evaluations(tmp_path)
    made.add("click-test", answer(1), False)
    made.add("click-test", answer(2), False)
    made.add("click-test", answer({"a": 7, "b": 8}), False)
    expert = tmp_path / "expert.jsonl"
    known = answer({"b": 8, "a": 7}, "known")
    asked = {"role": "user", "content": "Task: click-test"}
    told = {"messages": [asked, {"role": "assistant", "content": known}]}
    expert.write_text(f"{json.dumps(told)}\n")
    ended, pairs = made.paired("--expert", expert)
    assert ended.returncode == 0, ended.stderr
    assert pairs == [("Task: click-test", known, answer(n)) for n in (1, 2)]


def test_what_cannot_be_paired_is_said_with_one_sentence(tmp_path: Path) -> None:
    made = Evaluations(tmp_path)
    made.add("click-test", answer(1), True)
    made.add("click-test", answer(1, "the same"), False)
    ended, pairs = made.paired()
    assert (ended.returncode, pairs) == (1, [])
    assert ended.stderr.startswith("No question was answered rightly and wrongly: ")
    odd, _ = made.paired(tmp_path / "r3.jsonl")
    assert odd.stderr == "Each results file is followed by the --home of its runs.\n"
    made.add("use-spinner", answer(2), False, question="Task: click-test")
    refused, pairs = made.paired()
    assert (refused.returncode, pairs) == (1, [])
    assert "must stay unseen in training (use-spinner)" in refused.stderr


# -- learning from them ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with the bundled one's words, as a Hugging Face folder."""
    folder = tmp_path_factory.mktemp("base")
    tokenizer = tokens_of.load(BUNDLED / "tokenizer.json")
    model = Model(ModelConfig(tokenizer.get_vocab_size(), width=128, layers=2, heads=2, hidden=128))
    initialise(model, tokenizer)
    write_folder(model.to(torch.bfloat16), tokenizer, folder)
    return folder


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of what a page offers, the first is right."""
    names = [f"{a} {b}" for a in ("red", "small", "late") for b in ("boat", "house", "tree", "dog")]
    lines = []
    for n, name in enumerate(names):
        asked = f"Task: Click {name}\nPlan:\n1. Click {name}\nbutton {name}[e1]\nbutton no[e2]"
        lines.append(
            {
                "prompt": [
                    {"role": "system", "content": "Do."},
                    {"role": "user", "content": f"{asked} {n}\nThink carefully."},
                ],
                "chosen": [{"role": "assistant", "content": answer({"ref": "[e1]"})}],
                "rejected": [{"role": "assistant", "content": answer({"ref": "[e2]"})}],
            }
        )
    path = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
    path.write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    return path


def settings(base: Path, pairs: Path, out: Path, **more: object) -> Settings:
    usual = {"rate": 3e-3, "epochs": 4, "batch_tokens": 512, "held_out": 0.2}
    return Settings(base, pairs, out, **{**usual, **more})  # type: ignore[arg-type]


def test_the_chosen_answers_come_to_be_preferred(base: Path, pairs: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    prefer(settings(base, pairs, out))
    history = json.loads((out / "meta.json").read_text())["history"]
    before, after = history[0], history[-1]
    assert before["trained, margin"] == pytest.approx(0, abs=1e-4)
    assert after["trained, margin"] > 0.1
    assert after["held out, margin"] > 0.1
    assert after["trained, accuracy"] == after["held out, accuracy"] == 1
    assert (out / "curves.png").stat().st_size > 1000
    tuned, tokenizer = trained_model(out)  # as `export` reads it
    line = Pair.model_validate_json(pairs.read_text().splitlines()[0])
    row = encoded(tokenizer, line)
    with torch.no_grad():
        chosen, rejected = log_probabilities(tuned, [row.chosen, row.rejected])
    assert chosen > rejected


def test_only_the_answer_counts_and_no_sentence_is_on_both_sides(base: Path, pairs: Path) -> None:
    read = [Pair.model_validate_json(line) for line in pairs.read_text().splitlines()]
    tokenizer = tokens_of.load(base / "tokenizer.json")
    ids, own = encoded(tokenizer, read[0]).chosen
    counted = tokenizer.decode([i for i, o in zip(ids, own, strict=True) if o])
    assert counted == answer({"ref": "[e1]"})
    aside = held_out([*read, *read], 0.25)
    assert aside.count(True) == 6
    assert aside[: len(read)] == aside[len(read) :]


def test_the_anchor_keeps_the_chosen_answers_likely(
    base: Path, pairs: Path, tmp_path: Path
) -> None:
    def imitation(anchor: float) -> float:
        preferring = Preferring(settings(base, pairs, tmp_path / f"{anchor}", anchor=anchor))
        preferring.begin()
        preferring.run()
        with torch.no_grad():
            return float(preferring.compare(preferring.sample).imitation.mean())

    assert imitation(1.0) < imitation(0.0) - 0.3


def test_a_run_that_was_killed_goes_on_and_ends_as_if_it_had_not_been(
    base: Path, pairs: Path, tmp_path: Path
) -> None:
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    prefer(settings(base, pairs, whole))
    dials = {"epochs": 4, "save_every_s": 0.0, "say_every_s": 0.0}
    code = (
        "from pathlib import Path; from training.prefer import Settings, prefer; "
        f"prefer(Settings(Path({str(base)!r}), Path({str(pairs)!r}), Path({str(cut)!r}), "
        f"rate=3e-3, batch_tokens=512, held_out=0.2, **{dials!r}))"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL)
    while not (cut / "checkpoint.pt").exists() and process.poll() is None:
        time.sleep(0.05)
    process.kill()
    process.wait()
    killed = torch.load(cut / "checkpoint.pt")["position"]["step"]
    done = torch.load(whole / "checkpoint.pt")
    assert 0 < killed < done["position"]["step"], "it was killed on the way"
    prefer(settings(base, pairs, cut))
    again = torch.load(cut / "checkpoint.pt")
    assert again["position"]["step"] == done["position"]["step"]
    torch.testing.assert_close(again["master"], done["master"], rtol=0, atol=1e-6)
    with pytest.raises(SystemExit, match="another model, pairs or settings"):
        prefer(settings(base, pairs, cut, beta=0.5))


def test_what_it_cannot_start_from_is_said_with_one_sentence(
    base: Path, pairs: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "other.jsonl").write_text('{"messages": []}\n')
    for given, said in (
        (settings(tmp_path, pairs, tmp_path / "out"), "is no model of `training export`: "),
        (settings(base, tmp_path / "none.jsonl", tmp_path / "out"), "cannot be read: No such file"),
        (settings(base, tmp_path / "empty.jsonl", tmp_path / "out"), "holds no pair."),
        (settings(base, tmp_path / "other.jsonl", tmp_path / "out"), "is no file of pairs"),
        (settings(base, pairs, tmp_path / "out", beta=0), "are more than 0"),
    ):
        with pytest.raises(SystemExit, match=said):
            prefer(given)
    assert not (tmp_path / "out").exists()
