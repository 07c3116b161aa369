"""A page never takes more room than it has, and what matters stays."""

import re
from collections.abc import Callable

import pytest

from tools.budget import fit
from tools.observation import Element, Option, render


def page(count: int) -> list[Element]:
    """So many list items with a button each."""
    elements = [Element(role="heading", name="Menu")]
    for n in range(count):
        elements.append(Element(role="listitem", name=f"Pizza {n}", target=f"e{2 * n}"))
        button = Element(role="button", name="Add", context=f"Pizza {n}", interactive=True, depth=1)
        elements.append(button)
    return elements


def words(text: str) -> int:
    """A counter unlike characters: words and marks."""
    return len(re.findall(r"\w+|[^\w\s]", text))


def test_what_fits_is_shown_whole() -> None:
    fitted = fit(page(3), 10_000, len)
    assert fitted.text == render(fitted.elements)
    assert fitted.shown == [e.ref for e in fitted.elements] == [f"e{n}" for n in range(1, 8)]
    assert fitted.tokens == len(fitted.text)


def test_at_the_limit_one_below_and_one_above() -> None:
    whole = fit(page(40), 10_000, len)
    at, above = fit(page(40), whole.tokens, len), fit(page(40), whole.tokens + 1, len)
    below = fit(page(40), whole.tokens - 1, len)
    assert at == above == whole
    assert below.tokens == len(below.text) <= whole.tokens - 1
    assert "more: " in below.text


@pytest.mark.parametrize("count", [len, words, lambda text: len(text.split("\n")) if text else 0])
@pytest.mark.parametrize("budget", [0, 1, 5, 17, 40, 99, 100, 101, 250, 1000, 3000])
def test_the_budget_is_never_exceeded(budget: int, count: Callable[[str], int]) -> None:
    fitted = fit(page(200), budget, count, "add pizza 77")
    assert count(fitted.text) == fitted.tokens <= budget
    assert len(fitted.elements) == 401


def test_nothing_is_lost_and_shown_lines_are_numbered_first_in_page_order() -> None:
    fitted = fit(page(300), 900, len, "Pizza 250")
    refs = [e.ref for e in fitted.elements]
    assert len(set(refs)) == len(refs) == 601
    assert fitted.shown == [f"e{n}" for n in range(1, len(fitted.shown) + 1)]
    assert re.findall(r"\[(e\d+)\]", fitted.text) == fitted.shown


def test_what_bears_on_the_task_stays_with_what_it_stands_in() -> None:
    fitted = fit(page(300), 500, len, "Order the pizza 250")
    assert "listitem Pizza 250[" in fitted.text
    assert "\n button Add (Pizza 250)[" in fitted.text
    assert "heading Menu[e1]" in fitted.text


def test_options_count_as_words_of_a_list() -> None:
    elements = page(300)
    country = Element(
        role="combobox", name="Where", interactive=True, options=(Option(label="Portugal"),)
    )
    elements.insert(400, country)
    assert "combobox Where[" in fit(elements, 500, len, "deliver to Portugal").text


def test_alerts_new_lines_and_what_is_in_view_go_before_the_rest() -> None:
    elements = [
        e.model_copy(update={"states": ("below",)}) if n > 20 else e
        for n, e in enumerate(page(300))
    ]
    elements[500] = Element(role="alert", name="Sold out")
    elements[400] = Element(role="text", name="fresh", new=True)
    text = fit(elements, 900, len).text
    assert "alert Sold out[" in text
    assert "*text fresh[" in text
    assert "Pizza 3[" in text


def test_what_is_left_out_is_counted_where_it_stood() -> None:
    fitted = fit(page(100), 400, len, "Pizza 50")
    parts = fitted.text.split("\n")
    at = next(n for n, line in enumerate(parts) if "listitem Pizza 50[" in line)
    assert re.fullmatch(
        r"… \d+ more: \d+ listitems?, \d+ buttons? \(look to see them\)", parts[at - 1].strip()
    )
    hidden = sum(int(n) for n in re.findall(r"… (\d+) more", fitted.text))
    assert hidden == len(fitted.elements) - len(fitted.shown)


def test_a_common_word_does_not_scatter_the_choice() -> None:
    fitted = fit(page(300), 900, len, "add")
    assert fitted.text.count("more: ") <= 2


def test_the_same_page_is_cut_the_same() -> None:
    assert fit(page(100), 700, len, "Pizza 50") == fit(page(100), 700, len, "Pizza 50")


def test_counting_is_not_done_over_and_over() -> None:
    counted = 0

    def count(text: str) -> int:
        nonlocal counted
        counted += len(text)
        return len(text)

    elements = page(2500)
    fit(elements, 4000, count, "pizza 1234")
    assert counted < 3 * len(render(elements))


def test_a_long_list_is_shortened_on_a_page_that_does_not_fit() -> None:
    options = tuple(Option(label=f"Country {n}", selected=n == 99) for n in range(250))
    where = Element(role="combobox", name="Where", interactive=True, options=options)
    text = fit([*page(100), where], 700, len, "Where: 180").text
    (line,) = (line for line in text.split("\n") if line.startswith("combobox"))
    assert "| Country 99 | Country 180 | … 242 more)" in line
    assert "Country 249" in fit([where], 5000, len).text
