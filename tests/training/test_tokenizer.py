"""The tokenizer: parallel pieces, whole refs and tags, the loss on the assistant's words only."""

import pytest

pytest.importorskip("tokenizers")
pytest.importorskip("wordfreq")
pytest.importorskip("faker")

from tokenizers import Tokenizer

from training import tokenizer as tokens_of
from training.conversation import Turn

PROMPT = (
    "Task: Book 2 tickets for Zoë Okonkwo-Brandt, ring 0171 555-0192\n"
    "<page>\nheading Row 3 · €12.50[e1]\n  button Add to basket[e12]\n"
    "*combobox Size[e300]: Small (Small | Large (disabled))\n</page>\nThink carefully."
)
PLANNED = (
    "Task: Book Zoë\nPlan:\n1. Choose Zoë\n2. Send it off\nHistory:\n1. click link Zoë: ok\n"
    "<page>\nlink Zoë[e1]\n</page>\nStep 2: Send it off\nThink carefully."
)
ANSWER = (
    '<thinking>size: Size[e300]: Small, combobox</thinking><output>{"actions":[{"action":'
    '"select","ref":"[e300]","option":"Large"}],"completes_step":true}</output>'
)


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return tokens_of.build()


@pytest.mark.parametrize("word", ["size", "margherita", "checkout", "quantity", "springfield"])
def test_a_word_is_cut_alike_in_any_dress(tokenizer: Tokenizer, word: str) -> None:
    def pieces(text: str) -> list[str]:
        joined = [token.removeprefix("Ġ") for token in tokenizer.encode(text).tokens]
        return [token.lower() for token in joined]

    plain = pieces(word)
    assert pieces(word.capitalize()) == plain
    assert pieces(f" {word}") == plain
    assert pieces(f" {word.capitalize()}") == plain


def test_words_in_other_dress_are_one_family(tokenizer: Tokenizer) -> None:
    family = tokens_of.families(tokenizer)
    dresses = [tokenizer.encode(text).ids for text in ("size", "Size", " size", " Size")]
    assert len({tuple(family[token] for token in ids) for ids in dresses}) == 1
    assert len({tuple(ids) for ids in dresses}) == 4


def test_refs_and_tags_are_single_tokens_and_digits_stay_single(tokenizer: Tokenizer) -> None:
    tokens = tokenizer.encode(ANSWER).tokens
    assert tokens.count("[e300]") == 2
    assert {"<thinking>", "</thinking>", "<output>", "</output>"} <= set(tokens)
    assert tokenizer.encode("2026").tokens == ["2", "0", "2", "6"]


def test_text_comes_back_unchanged(tokenizer: Tokenizer) -> None:
    ids = tokenizer.encode(PROMPT + ANSWER).ids
    assert tokenizer.decode(ids, skip_special_tokens=False) == PROMPT + ANSWER


def test_loss_falls_on_what_the_assistant_writes_and_its_end(tokenizer: Tokenizer) -> None:
    talk = (Turn("user", PROMPT), Turn("assistant", ANSWER))
    ids, own = tokens_of.encode(tokenizer, talk)
    learned = [token for token, mine in zip(ids, own, strict=True) if mine]
    assert tokenizer.decode(learned, skip_special_tokens=False) == ANSWER + "<|eot_id|>"


def test_loss_falls_on_the_plan_in_a_question_too(tokenizer: Tokenizer) -> None:
    ids, own = tokens_of.encode(tokenizer, (Turn("user", PLANNED), Turn("assistant", ANSWER)))
    learned = tokenizer.decode(
        [token for token, mine in zip(ids, own, strict=True) if mine], skip_special_tokens=False
    )
    assert learned == f"1. Choose Zoë\n2. Send it off\n{ANSWER}<|eot_id|>"


def test_traits_tell_refs_digits_and_the_dress_of_words(tokenizer: Tokenizer) -> None:
    traits = tokens_of.traits(tokenizer)

    def of(text: str) -> tokens_of.Trait:
        (token,) = tokenizer.encode(text).ids
        return traits[token]

    assert of(" Size") == tokens_of.Trait(spaced=True, capital=True, kind="word")
    assert of("size") == tokens_of.Trait(kind="word")
    assert of("7").kind == "digit"
    assert of("[e12]").kind == "ref"


@pytest.mark.parametrize("prompt", [PROMPT, PLANNED])
def test_the_pieces_of_a_chat_are_tokenised_as_the_whole_would_be(
    tokenizer: Tokenizer, prompt: str
) -> None:
    asked = Turn("user", prompt)
    talk = (asked, Turn("assistant", ANSWER), Turn("user", "What went wrong?"))
    whole = "".join(text for text, _ in tokens_of.chat(talk))
    assert tokens_of.encode(tokenizer, talk)[0] == tokenizer.encode(whole).ids


def test_the_chat_template_writes_what_was_trained_and_drops_the_system() -> None:
    jinja2 = pytest.importorskip("jinja2")
    messages = [
        {"role": "system", "content": "You are"},
        {"role": "user", "content": PROMPT},
        {"role": "assistant", "content": ANSWER},
    ]
    template = jinja2.Environment().from_string(tokens_of.CHAT_TEMPLATE)
    text = template.render(messages=messages, bos_token="<|begin_of_text|>")
    talk = (Turn("user", PROMPT), Turn("assistant", ANSWER))
    assert text == "".join(piece for piece, _ in tokens_of.chat(talk))
