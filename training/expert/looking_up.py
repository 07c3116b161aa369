"""What is filled in from the page: words of a text, values, sums, guesses."""

import re

from tools.observation import Element
from training.expert.decision import FIELDS, Decision, click, filled, named, step, told_of
from training.expert.question import Question


@step(r"Set text field to the last word in the text area")
def _last_word(_: re.Match[str], question: Question) -> Decision | None:
    source, target = areas(question)
    if source is None or not source.value or source.value.endswith("…"):
        return None
    word = re.sub(r"\W", "", source.value.split()[-1])
    return filled(target, word, f"[{source.ref}], so {word}: ")


@step(r"Set textbox to the (.+) word in the paragraph")
def _nth_word(found: re.Match[str], question: Question) -> Decision | None:
    target = next((e for e in question.page if e.role == "textbox"), None)
    source = next((e for e in question.page if e.role == "text"), target)
    words = source.name.split() if source else []
    at = len(words) - 1 if found[1] == "last" else int(re.sub(r"\D", "", found[1])) - 1
    if source is None or not 0 <= at < len(words):
        return None
    counted = ", ".join(
        f"{n} {re.sub(r'[^a-zA-Z]', '', w)}" for n, w in enumerate(words[: at + 1], 1)
    )
    word = re.sub(r"[^a-zA-Z]", "", words[at])
    return filled(target, word, f"[{source.ref}], {counted}, so {word}: ")


@step(r"Set text field to the value of (.+)")
def _value_of(found: re.Match[str], question: Question) -> Decision | None:
    rows = [e for e in question.page if e.name.lower().startswith(f"{found[1].lower()} | ")]
    target = next((e for e in question.page if e.role == "textbox"), None)
    if not rows:
        return None
    value = rows[0].name.split(" | ")[1]
    return filled(target, value, f"{told_of(rows[0])}, so {value}: ")


@step(r"Set textbox to the answer")
def _answer(_: re.Match[str], question: Question) -> Decision | None:
    target = next((e for e in question.page if e.role == "textbox"), None)
    asked = next(
        (e for e in question.page if re.search(r"\d|x", e.name) and e.role in ("text", "textbox")),
        None,
    )
    if target is None or asked is None:
        return None
    if solved := re.fullmatch(r"(-?\w+) ([-+x]) (-?\w+) =(?: (-?\d+))?", asked.name):
        a, sign, b, result = solved.groups()
        why, value = _solved(a, sign, b, result)
        return filled(target, value, f"{told_of(asked)}, {why}so {value}: ")
    return None


def _solved(a: str, sign: str, b: str, result: str | None) -> tuple[str, str]:
    """How a sum is worked out, and what comes out."""
    if result is None:
        return "", str({"+": int(a) + int(b), "-": int(a) - int(b), "x": int(a) * int(b)}[sign])
    if b == "x" and sign == "+":
        return f"{result} - {a}, ", str(int(result) - int(a))
    if b == "x":
        return f"{a} - {result}, ", str(int(a) - int(result))
    if sign == "+":
        return f"{result} - {b}, ", str(int(result) - int(b))
    return f"{result} + {b}, ", str(int(result) + int(b))


@step(r"Guess the number")
def _guess(_: re.Match[str], question: Question) -> Decision | None:
    field = next((e for e in question.page if e.role in FIELDS), None)
    if field is None:
        return None
    told = re.search(r"(lower|higher) than (\d)", field.name)
    if field.value and not (told and told[2] == field.value):
        return click(named(question.page, "Submit", ("button",)), completes=False)
    tried = {
        int(n) for line in question.history for n in re.findall(r"\. fill .*?: (\d): ok", line)
    }
    low, high = 0, 9
    for line in (*question.history, f"{field.name}"):
        for way, number in re.findall(r"(lower|higher) than (\d)", line):
            low, high = (low, int(number) - 1) if way == "lower" else (int(number) + 1, high)
    left = [n for n in range(low, high + 1) if n not in tried]
    if not left:
        return None
    guess = str(left[len(left) // 2])
    return Decision(
        "fill", field, (("text", guess),), f"{low} to {high}, so {guess}: ", completes=False
    )


def areas(question: Question) -> tuple[Element | None, Element | None]:
    """The text area that has the text, and the field that has none."""
    fields = [e for e in question.page if e.role == "textbox"]
    source = max(fields, key=lambda e: len(e.value or ""), default=None)
    return source, next((e for e in fields if e is not source), None)
