"""The verdict on an action: judged from the page before and after, never from good faith.

Pure: no browser, no clock. The outcome's own cause wins; then the value that was asked for
is compared with the one that is there; then what changed decides. The wordings are uniform,
so that they can be quoted: `combobox Size is Small, not Large`.
"""

from tools.actions.form import Check, Fill, Select
from tools.actions.navigate import Navigate
from tools.actions.pointer import Click
from tools.causes import Cause, Verdict
from tools.changes import Changes, address, changes, find_again, plain, same_document
from tools.dispatch import Outcome
from tools.observation import Element, Observation
from tools.reach import named
from tools.record import REGISTRY, Action

NOTHING = "nothing on the page changed"

_LOUD = ("alert", "status", "dialog", "alertdialog", "log")
"""What tells most about an action, when it came."""
_CONTENT = frozenset({"textbox", "searchbox", "combobox", "spinbutton"})
"""Elements that one clicks to have the focus in them."""
_PROVEN = frozenset({"download", "upload", "scroll", "wait", "read", "extract", "look"})
"""Actions that have shown by themselves that they did their part."""
_MASK = frozenset("•*●")


def judge(action: Action, outcome: Outcome, before: Observation, after: Observation) -> Verdict:
    """What became of the action, as far as the page shows."""
    effect = REGISTRY[action.action].effect
    if outcome.cause is not None:
        return Verdict(cause=outcome.cause, evidence=outcome.evidence)
    if effect == "talk":
        return Verdict(evidence=outcome.text)
    if after.dialog:
        return _boxed(action, after)
    if before.dialog:
        return _unboxed(before, after)
    found = changes(before, after)
    failure = (
        _wrong_value(action, outcome, before, after, found)
        or _rejected(action, before, after, found)
        or _no_effect(action, outcome, before, after, found)
    )
    if failure is not None:
        return failure.model_copy(update={"changed": found.lines()})
    evidence = _success(action, outcome, before, after, found)
    return Verdict(evidence=evidence, changed=found.lines())


def _boxed(action: Action, after: Observation) -> Verdict:
    """The action opened a browser box. One that asks whether to leave, or that came while a
    value was set, leaves open whether the action did its part."""
    open_question = after.dialog.startswith("beforeunload") or isinstance(
        action, Fill | Select | Check
    )
    cause = Cause.DIALOG_OPEN if open_question else None
    return Verdict(cause=cause, evidence=after.dialog.rstrip(": "))


def _unboxed(before: Observation, after: Observation) -> Verdict:
    """A browser box is closed. Behind it nothing could be seen, so nothing can be compared."""
    if not same_document(before, after):
        return Verdict(evidence=f'now at {_path(after.url)} "{after.title}"')
    loud = [plain(e) for e in after.elements if e.role in _LOUD]
    return Verdict(evidence="; ".join([f"{before.dialog.partition(':')[0]} closed", *loud[:2]]))


def _wrong_value(
    action: Action, outcome: Outcome, before: Observation, after: Observation, found: Changes
) -> Verdict | None:
    element = before.element(getattr(action, "ref", None) or "")
    if element is None or not same_document(before, after):
        return None
    now = find_again(element, before, after)
    if isinstance(action, Check):
        wrong = now is not None and ("checked" in now.states) is not action.checked
        said = f"{named(element)} is {'not checked' if action.checked else 'checked'}"
    elif outcome.expected is not None and now is not None:
        value = shown_value(now)
        wrong = value is not None and not same_value(outcome.expected, value)
        said = f"{named(element)} is {value or 'empty'}, not {outcome.expected}"
    else:
        return None
    if not wrong:
        return None
    told = [f"{e.role} {e.name}" for e in _came(found, ("alert", "status")) if e.name]
    return Verdict(cause=Cause.WRONG_VALUE, evidence="; ".join([said, *told[:2]]))


def shown_value(element: Element) -> str | None:
    """What a field holds or a list shows; None if its line does not tell."""
    chosen = [option.label for option in element.options if option.selected]
    if chosen:
        return ", ".join(chosen)
    if element.value is not None:
        return element.value
    return "" if element.role in _CONTENT and not element.options else None


def same_value(expected: str, value: str) -> bool:
    """Whether a field shows what was asked, in the way that pages write it.

    Spaces, case and punctuation that a page adds (`5551234` as `555-1234`) make no
    difference, nor does what is masked or cut off.
    """
    if value and set(value) <= _MASK:
        return bool(expected)
    if "{{" in expected:
        return bool(value)  # the page shows a secret masked or by name; that it is there counts
    if value.endswith("…"):
        return _letters(expected).startswith(_letters(value))
    if (numbers := _numbers(expected, value)) is not None:
        return numbers[0] == numbers[1]
    if _letters(expected) == _letters(value):
        return bool(_letters(expected)) or expected.split() == value.split()
    return bool(expected) and expected in value.split(", ")  # one of several chosen


def _numbers(expected: str, value: str) -> tuple[float, float] | None:
    """Both as numbers, None if one is none."""
    try:
        return float(expected), float(value)
    except ValueError:
        return None


def _letters(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def _rejected(
    action: Action, before: Observation, after: Observation, found: Changes
) -> Verdict | None:
    """The page took the action and said no: fields became invalid, or only an alert came."""
    if not _submits(action) or address(before.url) != address(after.url):
        return None
    alerts = [f"{e.role} {e.name}".strip() for e in _came(found, ("alert",))]
    fields = [e for e in after.elements if "invalid" in e.states]
    known = {(e.role, e.name, e.context) for e in before.elements if "invalid" in e.states}
    newly = [e for e in fields if (e.role, e.name, e.context) not in known]
    if newly or (fields and alerts):
        told = alerts or [f"{named(e)} is invalid" for e in newly]
        return Verdict(cause=Cause.WRONG_VALUE, evidence="; ".join(told[:4]))
    if alerts and not _besides_alerts(found):
        return Verdict(cause=Cause.NO_EFFECT, evidence="; ".join(alerts[:4]))
    return None


def _no_effect(
    action: Action, outcome: Outcome, before: Observation, after: Observation, found: Changes
) -> Verdict | None:
    if action.action in _PROVEN or outcome.text:
        return None
    if found or before.url != after.url or before.tabs != after.tabs or before.tab != after.tab:
        return None
    if after.notices or outcome.expected is not None or isinstance(action, Check):
        return None
    if REGISTRY[action.action].effect == "navigate" or _took_focus(action, before, after):
        return None
    alerts = [f"{e.role} {e.name}".strip() for e in after.elements if e.role == "alert"]
    return Verdict(cause=Cause.NO_EFFECT, evidence="; ".join([NOTHING, *alerts[:2]]))


def _took_focus(action: Action, before: Observation, after: Observation) -> bool:
    """Whether the focus went where one can write; a key may move it anywhere."""
    old = next((e for e in before.elements if "focused" in e.states), None)
    new = next((e for e in after.elements if "focused" in e.states), None)
    if action.action == "press":
        return (old and plain(old), old and old.target) != (new and plain(new), new and new.target)
    ref = getattr(action, "ref", None)
    element = before.element(ref) if ref else None
    if element is None or element.role not in _CONTENT or new is None:
        return False
    return find_again(element, before, after) == new


def _success(
    action: Action, outcome: Outcome, before: Observation, after: Observation, found: Changes
) -> str:
    """The line that shows that the action did its part."""
    if outcome.text and action.action in ("download", "upload", "wait", "scroll"):
        return outcome.text
    if action.action in ("read", "extract", "look"):
        return ""
    if len(after.tabs) > len(before.tabs):
        return f'opened tab {after.tab} "{after.title}"'
    if len(after.tabs) < len(before.tabs):
        return f'tab closed, now at {_path(after.url)} "{after.title}"'
    if not same_document(before, after) or isinstance(action, Navigate):
        return _arrived(action, outcome, after)
    element = before.element(getattr(action, "ref", None) or "")
    if element is not None and (outcome.expected is not None or isinstance(action, Check)):
        now = find_again(element, before, after)
        if now is not None:
            return plain(now)
    return _telling(found) or (after.notices[0] if after.notices else "") or outcome.text


def _arrived(action: Action, outcome: Outcome, after: Observation) -> str:
    words = "now at"
    if isinstance(action, Navigate) and _elsewhere(action.url, after.url):
        words = "landed on"
    told = f'{words} {_path(after.url)} "{after.title}"'
    return f"{told}, {outcome.text}" if outcome.text else told


def _elsewhere(asked: str, landed: str) -> bool:
    """Whether the path is another than asked for; hosts and slashes may differ."""
    path = "/" + address(asked).partition("://")[2].partition("/")[2] if "://" in asked else asked
    here = _path(landed)
    if not path.startswith("/"):
        path = "/" + path.partition("/")[2] if "/" in path else "/"
    return path.partition("?")[0].rstrip("/") != here.partition("?")[0].rstrip("/")


def _path(url: str) -> str:
    """`/checkout?step=2`; the whole address where there is no path."""
    rest = url.partition("://")[2]
    return "/" + rest.partition("/")[2] if rest else url


def _telling(found: Changes) -> str:
    """The one changed line that says most."""
    for role in _LOUD:
        if loud := _came(found, (role,)):
            return f"{'+' if loud[0] in found.came else '~'} {plain(loud[0])}"
    if found.other:
        return f"~ {plain(found.other[0][1])}"
    if found.came:
        return f"+ {plain(found.came[0])}"
    if found.went:
        return f"- {plain(found.went[0])}"
    return "the order changed" if found.reordered else ""


def _came(found: Changes, roles: tuple[str, ...]) -> list[Element]:
    """Lines of these roles that are new or say something else now."""
    fresh = [*found.came, *(after for old, after in found.other if old.name != after.name)]
    return [e for e in fresh if e.role in roles]


def _besides_alerts(found: Changes) -> bool:
    """Whether anything changed but alerts and the words in them."""
    alerts = [e.name for e in _came(found, ("alert",))]
    rest = [*found.came, *found.went, *(after for _, after in found.other)]
    return any(
        e.role != "alert" and not any(e.name and e.name in words for words in alerts) for e in rest
    )


def _submits(action: Action) -> bool:
    return isinstance(action, Click) or action.action == "press" or getattr(action, "submit", False)
