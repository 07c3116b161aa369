"""The grammar's text. What it lets a real decoder say is tested in tests/server/test_bundled."""

import re

from agent.model.grammar import grammar
from agent.model.schema import answer_schema
from tests.agent.model.pages import shop_page
from tools.observation import Element


def rules(text: str) -> dict[str, str]:
    return dict(line.split(" ::= ", 1) for line in text.splitlines())


def test_every_rule_that_is_used_is_there_and_the_root_comes_first() -> None:
    for question in ("plan", "decide", "reflect", "finish"):
        text = grammar(answer_schema(question, shop_page()), 600, 300)
        found = rules(text)
        assert next(iter(found)) == "root"
        for body in found.values():
            bare = re.sub(r'"(\\.|[^"\\])*"|\[(\\.|[^\]\\])*\]', " ", body)
            assert set(re.findall(r"[a-z]\w*", bare)) <= set(found)


def test_thinking_is_bounded() -> None:
    found = rules(grammar(answer_schema("plan"), 600))
    assert not re.search(r"\][*+]", "\n".join(found.values())), "nothing goes on without end"
    assert not re.search(r"\{\d+,\}", "\n".join(found.values()))


def test_repetitions_stay_below_what_llama_cpp_takes() -> None:
    text = grammar(answer_schema("decide", shop_page()), 10_000, 10_000)
    assert max(int(n) for n in re.findall(r"(\d+)\}", text)) < 2000


def test_alternatives_that_begin_alike_are_a_tree() -> None:
    many = [Element(ref=f"e{n}", role="button", interactive=True) for n in range(1, 301)]
    page = shop_page(elements=many, shown=[e.ref for e in many])
    text = grammar(answer_schema("decide", page), 600)
    assert text.count('"\\"[e"') <= 4, "300 refs begin as one, in each set of refs"
    assert len(text) < 40_000


def test_no_text_of_the_output_holds_a_tag_of_the_protocol() -> None:
    rule = rules(grammar(answer_schema("reflect"), 600))["untagged"]
    after = re.compile("</? ?(?:" + re.sub(r"(?<=[\])|]) (?=[\[(|])|(?<=\|) ", "", rule) + ")")
    for tag in ("thinking", "think", "Reflection", "output", "OUTPUT"):
        for text in (f"<{tag}>", f"</{tag}>", f"< {tag}>", f"</ {tag}>"):
            assert not after.match(text), text
    assert not after.match("<|eot_id|>"), "a control token would end the answer in its middle"
    for text in ("<3", "< 5", "<=", "<div>", "</div>", "<table>", "</td>", "<option>", "<röd"):
        assert after.match(text), text
