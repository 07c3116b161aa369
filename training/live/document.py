"""A live task as an HTML document, with the rules that its script follows."""

import json
from collections.abc import Sequence
from importlib.resources import files
from typing import Any

from training.live.task import Demand, LiveTask, Rule, Value
from training.markup import to_html
from training.pages import Widget

STANDS = "() => window.task ? [task.done, task.reward, task.why] : null"
"""Whether the page's task is over, its reward, and what is wrong; null for another page."""

_CONTROLS = ("field", "combo", "check")


def document(task: LiveTask) -> str:
    """The page, ready to be served; the same for the same task."""
    keys = keys_of(task)
    page = to_html(task.page, lambda widget: f' data-key="{keys[widget]}"')
    spec = json.dumps(_spec(task, keys), ensure_ascii=True).replace("<", "\\u003c")
    script = (files("training.live") / "page.html").read_text(encoding="utf-8")
    return page.replace("</body>", script.replace("SPEC", spec) + "</body>")


def keys_of(task: LiveTask) -> dict[Widget, int]:
    """The number by which the document knows each widget."""
    return {widget: at for at, widget in enumerate(task.page.walk())}


def _spec(task: LiveTask, keys: dict[Widget, int]) -> dict[str, Any]:
    controls = [widget for widget in task.page.walk() if widget.kind in _CONTROLS]
    values = {keys[widget]: task.values.get(widget, held(widget)) for widget in controls}
    return {
        "hidden": _numbers(task.hidden, keys),
        "rules": [_rule(rule, keys) for rule in task.rules],
        "demands": [_demand(demand, keys) for demand in task.demands],
        "counted": _numbers(task.counted, keys),
        "clicks": _numbers(task.clicks, keys),
        "values": values,
        "proof": keys[task.proof],
    }


def held(widget: Widget) -> Value:
    """What a control holds as it is drawn."""
    if widget.kind == "check":
        return widget.checked
    if widget.kind == "combo" and not widget.value:
        return next((option for option in widget.options if option not in widget.dead), "")
    return widget.value


def _rule(rule: Rule, keys: dict[Widget, int]) -> dict[str, Any]:
    return {
        "on": keys[rule.on],
        "event": rule.event,
        "show": _numbers(rule.show, keys),
        "hide": _numbers(rule.hide, keys),
        "values": {keys[widget]: value for widget, value in rule.values.items()},
        "opens": _numbers(rule.opens, keys),
        "closes": _numbers(rule.closes, keys),
        "option": rule.option,
        "query": None if rule.query is None else keys[rule.query],
        "rows": _numbers(rule.rows, keys),
        "starts": rule.starts,
    }


def _demand(demand: Demand, keys: dict[Widget, int]) -> dict[str, Any]:
    return {
        "field": keys[demand.field],
        "pattern": demand.pattern,
        "alert": keys[demand.alert],
    }


def _numbers(widgets: Sequence[Widget], keys: dict[Widget, int]) -> list[int]:
    return [keys[widget] for widget in widgets]
