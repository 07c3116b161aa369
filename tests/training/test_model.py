"""The model: copies before it is trained, resumes exactly, and runs alike under llama.cpp."""

from collections.abc import Iterator
from copy import deepcopy
from itertools import islice
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("tokenizers")
pytest.importorskip("wordfreq")
pytest.importorskip("faker")

pytest.importorskip("gguf")

from safetensors.torch import load_file
from tokenizers import Tokenizer

from training import tokenizer as tokens_of
from training.attention import causal_attention
from training.batches import conversation_batches, exercise_batches
from training.conversation import Conversation, Stage, Turn
from training.exercises import Exercises
from training.export import trained_model, write_folder, write_gguf
from training.model import SIZES, Model, ModelConfig, initialise
from training.scores import copy_accuracy
from training.train import Optimiser, Settings, StageSettings, train

PROMPT = "Task: Choose Olives\n<page>\ncheckbox Olives[e4]\nbutton Add to basket[e12]\n</page>"


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return tokens_of.build()


@pytest.fixture(scope="module")
def fresh(tokenizer: Tokenizer) -> Model:
    model = Model(ModelConfig(tokenizer.get_vocab_size()))
    initialise(model, tokenizer)
    return model


def talks(stage: Stage, seed: int) -> Iterator[Conversation]:
    for number in range(seed, seed + 10_000):
        yield (Turn("user", f"Say {number} {stage}"), Turn("assistant", f"{number}"))


def test_it_copies_before_any_training(fresh: Model, tokenizer: Tokenizer) -> None:
    scores = copy_accuracy(fresh, tokenizer, batches=3)
    assert scores["repeated"] > 0.9
    assert scores["dressed"] > 0.75


def test_a_larger_one_copies_as_well(tokenizer: Tokenizer) -> None:
    large = Model(ModelConfig(tokenizer.get_vocab_size(), **SIZES["small"]))
    initialise(large, tokenizer)
    assert copy_accuracy(large, tokenizer, batches=3)["repeated"] > 0.9


def test_two_tokens_together_find_what_one_alone_would_not(
    fresh: Model, tokenizer: Tokenizer
) -> None:
    ids, own = Exercises(tokenizer).spelling(4096, seed=1)
    wanted = own[:, 1:]
    with torch.no_grad():
        guess = fresh(ids[:, :-1], wanted).argmax(-1)
    assert (guess == ids[:, 1:][wanted]).float().mean() > 0.6  # 0.24 by the last token alone


def test_our_attention_is_attention() -> None:
    shape = (2, 4, 300, 16)
    q, k, v = (torch.randn(shape, requires_grad=True) for _ in range(3))
    weight = torch.randn(shape)
    results = []
    for attend in (
        causal_attention,
        lambda *a: torch.nn.functional.scaled_dot_product_attention(*a, is_causal=True),
    ):
        out = attend(q, k, v)
        results.append([out, *torch.autograd.grad((out * weight).sum(), (q, k, v))])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


def test_batches_continue_where_they_stopped(tokenizer: Tokenizer) -> None:
    whole = list(islice(conversation_batches(tokenizer, talks, "full", 512, 64), 40))
    place = whole[19]
    rest = conversation_batches(tokenizer, talks, "full", 512, 64, place.chunk, place.index + 1)
    for expected, got in zip(whole[20:], rest, strict=False):
        assert torch.equal(expected.ids, got.ids)
        assert torch.equal(expected.own, got.own)
    copies = list(islice(exercise_batches(tokenizer, "exercises", 256), 6))
    place = copies[4]
    again = next(exercise_batches(tokenizer, "exercises", 256, place.chunk, place.index + 1))
    assert torch.equal(copies[5].ids, again.ids)


def test_resuming_asks_for_each_piece_after_an_interruption(tokenizer: Tokenizer) -> None:
    family = tokens_of.families(tokenizer)
    exercises = Exercises(tokenizer)
    most = 0
    for seed in range(8):
        ids, own = exercises.resuming(512, seed)
        row, mine = ids[0].tolist(), own[0].tolist()
        begins = [n for n in range(1, len(row)) if mine[n] and not mine[n - 1]]
        most = max(most, len(begins))
        source = [family[token] for token in row[: begins[0] - 1]]
        assert all(family[row[n]] in source for n in begins)
    assert most >= 5, "one for each piece"


def test_the_wired_circuit_is_trained_more_gently_than_the_rest(fresh: Model) -> None:
    model = deepcopy(fresh)
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimiser = Optimiser(model)
    optimiser.gradient.fill_(1.0)
    optimiser.step(1e-2, 1.0)
    moved = {
        name: float((p.detach().float() - before[name]).abs().mean())
        for name, p in model.named_parameters()
    }
    rest = moved["layers.2.self_attn.q_proj.weight"]
    assert moved["layers.1.self_attn.q_proj.weight"] < 0.3 * rest
    assert moved["embed_tokens.weight"] < 0.7 * rest


def test_training_that_was_cut_ends_as_if_it_had_not_been(
    tokenizer: Tokenizer, tmp_path: Path
) -> None:
    def settings(folder: str, tokens: float) -> Settings:
        out = tmp_path / folder
        out.mkdir(exist_ok=True)
        tokenizer.save(str(out / "tokenizer.json"))
        stages: dict[Stage, StageSettings] = {"copy": StageSettings(tokens, batch_tokens=128)}
        # No warm-up: the rate must not depend on when the cut comes.
        return Settings(out=out, stages=stages, warm_up=0.0)

    train(settings("whole", 1200), None, "copy")
    train(settings("cut", 500), None, "copy")
    train(settings("cut", 1200), None, "copy")
    whole, cut = (torch.load(tmp_path / name / "checkpoint.pt") for name in ("whole", "cut"))
    assert torch.equal(whole["master"], cut["master"])
    assert whole["position"]["seen"] == cut["position"]["seen"]


def test_a_finished_model_is_gone_on_with(
    fresh: Model, tokenizer: Tokenizer, tmp_path: Path
) -> None:
    base = tmp_path / "base"
    write_folder(deepcopy(fresh).to(torch.bfloat16), tokenizer, base)
    stages: dict[Stage, StageSettings] = {"full": StageSettings(200, rate=0.0, batch_tokens=128)}
    train(Settings(out=tmp_path / "out", stages=stages, base=base), talks)
    model, _ = trained_model(tmp_path / "out")
    known = load_file(base / "model.safetensors")
    for name, weight in model.named_parameters():
        assert torch.equal(weight, known[f"model.{name}"])
    assert (tmp_path / "out/curves.png").stat().st_size > 1000


@pytest.mark.parametrize("kind", ["f16", "q8_0"])
def test_llama_cpp_reads_and_continues_as_we_do(
    fresh: Model, tokenizer: Tokenizer, tmp_path: Path, kind: str
) -> None:
    pytest.importorskip("xllamacpp")
    from training.evaluate import served

    path = tmp_path / "model.gguf"
    write_gguf(fresh, tokenizer, path, kind)
    ids = tokenizer.encode(PROMPT).ids
    copied = ids[:-6] + ids[: len(ids) // 2]
    with served(path) as client:
        theirs = client.post("/tokenize", json={"content": PROMPT}).json()["tokens"]
        request = {"prompt": copied, "n_predict": 8, "temperature": 0, "return_tokens": True}
        continued = client.post("/completion", json=request).json()["tokens"]
        words = {"messages": [{"role": "system", "content": "X"}, {"role": "user", "content": "Y"}]}
        prompt = client.post("/apply-template", json=words).json()["prompt"]
    assert theirs == ids
    ours = list(copied)
    for _ in continued:
        ours.append(int(fresh(torch.tensor([ours]))[0, -1].argmax()))
    assert ours[len(copied) :] == continued
    assert prompt.startswith(
        "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\nY<|eot_id|>"
    )
