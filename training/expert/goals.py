"""The steps of each public task, from its words; where those leave it open, from its page too."""

import json
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from tasks.eval.miniwob import installed_pages
from training.expert.question import Question
from training.wants import SEND_OFF

Plan = Callable[[re.Match[str], Question], Sequence[str] | None]

_GOALS: list[tuple[re.Pattern[str], Plan]] = []


def planned(question: Question) -> list[str] | None:
    """The steps of this task; None for one that no expert knows."""
    for pattern, plan in _GOALS:
        if match := pattern.fullmatch(question.task.strip()):
            steps = plan(match, question)
            return list(steps) if steps else None
    sent_on = next(filter(None, (form.fullmatch(question.task) for form in _forwards())), None)
    return _forwarded(sent_on["NAME"], sent_on["DEST"]) if sent_on else None


def _goal(pattern: str) -> Callable[[Plan], Plan]:
    def keep(plan: Plan) -> Plan:
        _GOALS.append((re.compile(pattern), plan))
        return plan

    return keep


def _listed(words: str) -> list[str]:
    return [word.strip() for word in words.split(", ")]


@_goal(r"Click (?:on the \"(.+)\" button|button (.+))\.")
def _button(found: re.Match[str], _: Question) -> list[str] | None:
    name = found[1] or found[2]
    if wait := re.fullmatch(r"(.+), wait (\d+ seconds?), then click button (.+)", name):
        return [f"Press {wait[1]}", f"Wait {wait[2]}", f"Press {wait[3]}"]
    return [f"Press {name}"]


@_goal(r"Click the button\.")
def _only_button(_: re.Match[str], __: Question) -> list[str]:
    return ["Press the button"]


@_goal(r"Click on (Tab #\d+)\.|.*find and click on the link \"(.+)\"\.")
def _tab_or_link(found: re.Match[str], _: Question) -> list[str]:
    return [f"Press {found[1] or found[2]}"]


@_goal(r"Close the dialog box by clicking the \"x\"\.")
def _dialog(_: re.Match[str], __: Question) -> list[str]:
    return ["Close the dialog"]


@_goal(r"Expand the section below and click submit\.")
def _section(_: re.Match[str], __: Question) -> list[str]:
    return ["Choose the section", "Press submit"]


@_goal(r"Focus into the textbox\.")
def _focus(_: re.Match[str], __: Question) -> list[str]:
    return ["Choose the textbox"]


@_goal(r"Select words similar to (.+) and click Submit\.")
def _similar(found: re.Match[str], question: Question) -> list[str] | None:
    boxes = [element.name for element in question.page if element.role == "checkbox"]
    meant = []
    for word in _listed(found[1]):
        group = next(group for group in synonyms() if word in group)
        meant += [box for box in boxes if box in group]
    return [*(f"Choose {box}" for box in dict.fromkeys(meant)), "Press Submit"]


@_goal(r"Select nothing and click Submit\.")
def _nothing(_: re.Match[str], __: Question) -> list[str]:
    return ["Press Submit"]


@_goal(r"Select (\d\d/\d\d/\d+) as the date and hit submit\.")
def _date(found: re.Match[str], _: Question) -> list[str]:
    return [f"Set date to {found[1]}", "Press submit"]


@_goal(r"Select (.+?)(?: from the list)? and click Submit\.")
def _choices(found: re.Match[str], _: Question) -> list[str]:
    return [*(f"Choose {name}" for name in _listed(found[1])), "Press Submit"]


@_goal(r"Select ([^ ]+>.+|[^ ]+)")
def _menu(found: re.Match[str], _: Question) -> list[str]:
    *heads, last = found[1].split(">")
    return [*(f"Open {name}" for name in heads), f"Choose {last}"]


@_goal(r"Enter \"(.+)\" into the text field and press Submit\.")
def _text(found: re.Match[str], _: Question) -> list[str]:
    return [f"Set text field to {found[1]}", "Press Submit"]


@_goal(r"Type \"(.+)\" in all (upper|lower) case letters in the text input and press Submit\.")
def _cased(found: re.Match[str], _: Question) -> list[str]:
    text = found[1].upper() if found[2] == "upper" else found[1].lower()
    return [f"Set text input to {text}", "Press Submit"]


@_goal(
    r"Enter the username \"(.+)\" and the password \"(.+)\" into the text fields and press login\."
)
def _login(found: re.Match[str], _: Question) -> list[str]:
    return [f"Set username to {found[1]}", f"Set password to {found[2]}", "Press login"]


@_goal(r"Search for (.+) movies directed by (.+) from year (\d+)\.")
def _movies(found: re.Match[str], _: Question) -> list[str]:
    genre, director, year = found.groups()
    return [f"Set Genre to {genre}", f"Set Director to {director}", f"Set Year to {year}", SEND_OFF]


@_goal(r"Enter the value of (.+) into the text field and press Submit\.")
def _looked_up(found: re.Match[str], _: Question) -> list[str]:
    return [f"Set text field to the value of {found[1]}", "Press Submit"]


@_goal(r"Copy the text in the textarea below, paste it into the textbox and press Submit\.")
def _copied(_: re.Match[str], __: Question) -> list[str]:
    return ["Copy the text in the textarea", "Paste it into the textbox", "Press Submit"]


@_goal(r"Scroll the textarea to the (top|bottom) of the text hit submit\.")
def _scrolled(found: re.Match[str], _: Question) -> list[str]:
    return [f"Scroll the textarea to the {found[1]}", "Press submit"]


@_goal(r"Find the last word in the text area, enter it into the text field and hit Submit\.")
def _last_word(_: re.Match[str], __: Question) -> list[str]:
    return ["Set text field to the last word in the text area", "Press Submit"]


@_goal(r"Find the (.+ word) in the paragraph, type that into the textbox and press \"Submit\"\.")
def _nth_word(found: re.Match[str], _: Question) -> list[str]:
    return [f"Set textbox to the {found[1]} in the paragraph", "Press Submit"]


@_goal(r"Solve (?:the math problem|for x) and type your answer into the textbox\. .*")
def _sum(_: re.Match[str], __: Question) -> list[str]:
    return ["Set textbox to the answer", "Press Submit"]


@_goal(r"Guess the number between 0-9 and press Submit\. .*")
def _guess(_: re.Match[str], __: Question) -> list[str]:
    return ["Guess the number"]


@_goal(r"Enter an item that (starts with \"(.+?)\"(?: and ends with \"(.+)\")?)\.")
def _item(found: re.Match[str], _: Question) -> list[str]:
    wanted = found[1].replace('"', "")
    return [f"Choose an item that {wanted}", SEND_OFF]


@_goal(r"Book the (\w+) one-way flight from: (.+) to: (.+) on (\S+?)\.")
def _flight(found: re.Match[str], _: Question) -> list[str]:
    which, start, end, day = found.groups()
    fields = [f"Set From to {start}", f"Set To to {end}", f"Set Departure Date to {day}"]
    return [*fields, "Press Search", f"Choose the {which} flight"]


@_goal(r"Buy (\w+) stock when the price is less than (\$[\d.]+)\.")
def _stock(found: re.Match[str], _: Question) -> list[str]:
    return [f"Press Buy when the price is less than {found[2]}"]


@_goal(r"(Drag .+ (?:to the|up by|down by|left by|right by) .+)\.")
def _drag(found: re.Match[str], _: Question) -> list[str]:
    return [found[1]]


@_goal(r"Find the email by (.+) and click the (trash|star) icon to .+\.")
def _mark(found: re.Match[str], _: Question) -> list[str]:
    return [f"Choose the mail by {found[1]}", f"Press {found[2]}"]


@_goal(r"Find the email by (.+) and reply to them with the text \"(.+)\"\.")
def _reply(found: re.Match[str], _: Question) -> list[str]:
    first = [f"Choose the mail by {found[1]}", "Press reply"]
    return [*first, f"Set text to {found[2]}", "Press send"]


@_goal(r"Find the email by (.+) and forward that email to (.+)\.")
def _forward(found: re.Match[str], _: Question) -> list[str]:
    return _forwarded(found[1], found[2])


def _forwarded(sender: str, other: str) -> list[str]:
    first = [f"Choose the mail by {sender}", "Press forward"]
    return [*first, f"Set to to {other}", "Press send"]


@_goal(r"For the user (@\w+), click on the \"(.+)\" button\.")
def _post(found: re.Match[str], _: Question) -> list[str]:
    return [f"Press {found[2]} of {found[1]}"]


@cache
def synonyms() -> list[list[str]]:
    """The groups of words that click-checkboxes-soft takes for similar."""
    return _list_of("click-checkboxes-soft", "SYNONYMS")


@cache
def _forwards() -> list[re.Pattern[str]]:
    """The ways in which email-inbox-forward-nl asks for a mail to be sent on."""
    said = _list_of("email-inbox-forward-nl", "NL_TEMPLATES")
    return [re.compile(re.sub("NAME|DEST", r"(?P<\g<0>>\\w+)", re.escape(each))) for each in said]


def _list_of(task: str, name: str) -> list[Any]:
    """A list that stands in a page's script."""
    page = (installed_pages() / "miniwob" / f"{task}.html").read_text()
    listed = re.search(rf"\b{name} = (\[.*?\]);", page, re.DOTALL)
    assert listed is not None, f"{task} has the list {name}"
    plain = re.sub(r",\s*\]", "]", listed[1].replace("'", '"'))
    found: list[Any] = json.loads(plain)
    return found
