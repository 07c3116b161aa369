"""Token estimates: never too few on what pages look like."""

import re

from agent.model.tokens import TokenCounter
from tests.agent.model.pages import shop_page

PAGES = (
    shop_page().text,
    "listitem Kowalczyk-Hjelmeland, 17 Rue de l'Église, 75005 Paris[e298] (below)\n" * 20,
    "link https://example.com/a/b?c=12345&d=%20[e7]\n" * 20,
    "button 送料無料[e12]: Größe wählen (Klein | Groß (disabled))\n" * 20,
)


async def pieces_of_four(text: str) -> int:
    """A tokenizer of words in pieces of four letters, bytes, and refs in five tokens."""
    tokens = 0
    for part in re.findall(r"\[e\d+\]|[A-Za-z]+|[^\sA-Za-z]", text):
        if re.fullmatch(r"\[e\d+\]", part):
            tokens += 4
        else:
            tokens += -(-len(part) // 4) if part.isascii() else len(part.encode())
    return tokens


async def test_calibrated_estimates_err_on_the_high_side_but_not_by_much() -> None:
    counter = TokenCounter()
    await counter.calibrate(pieces_of_four)
    for page in PAGES:
        exact = await pieces_of_four(page)
        assert exact <= counter.count(page) <= 2 * exact


async def test_refs_that_are_one_token_are_counted_as_one() -> None:
    async def refs_are_tokens(text: str) -> int:
        return len(re.findall(r"\[e\d+\]", text)) + await pieces_of_four(
            re.sub(r"\[e\d+\]", "", text)
        )

    counter = TokenCounter()
    before = counter.count("[e12]" * 100)
    await counter.calibrate(refs_are_tokens)
    assert counter.count("[e12]" * 100) < before / 3


def test_without_an_endpoint_to_ask_the_estimate_is_cautious() -> None:
    assert TokenCounter().count("button Add[e12]") >= 6
    assert TokenCounter().count("") == 1
