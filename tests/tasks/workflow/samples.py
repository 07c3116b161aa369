"""Workflow files that the tests of reading and checking share."""

from pathlib import Path

import pytest

from tasks.workflow.load import parse
from tasks.workflow.problems import WorkflowInvalid

STEPS = "workflow: Try\nsteps:\n"
"""What every file needs; its steps begin in line 3."""

RIGHT = """\
# everything that a file can say
workflow: Try everything
description: no more than that
url: "{{ shop }}/start"
sites: [127.0.0.1:8765, "*.example.com"]
inputs:
  shop: text
  size: {type: choice, options: [Small, No], default: No}
  count: {type: number, default: 2}
  express: {type: yes_no, default: no, description: be quick}
  day: {type: date, default: 2026-11-24}
  toppings: {type: list, default: [Olives, "007"]}
  photo: {type: file, default: photo.png}
secrets: [CARD]
steps:
  - select: get_by_label("Size")
    option: "{{ size }}"
    expect: {value: get_by_label("Size"), is: "{{ size }}"}
  - fill: 'get_by_role("textbox", name="Card: number")'
    text: "{{CARD}}"
    submit: yes
    retry: 2
    timeout: 1m
  - fill: get_by_label("Day")
    text: 2026-11-24
  - for_each: {topping: "{{ toppings }}"}
    steps:
      - check: get_by_label("{{ topping }}")
      - extract: {each: get_by_role("row"), fields: {name: get_by_role("cell").first}}
        as: rows
  - for_each: {row: "{{ rows }}"}
    steps:
      - do: look at {{ row.name }}
  - when: [{input: size, is: No}, {not: {any: [{checked: get_by_text("x")}, {url: /a*}]}}]
    press: Enter
    in: get_by_label("Day")
    approve: ask
  - extract: {do: the cheapest, fields: {name: text, price: {type: number}}, many: no}
    as: cheapest
    expect:
      - text: "{{ cheapest.price }}"
        in: get_by_role("main")
      - {count: get_by_role("row"), at_least: 1}
  - dialog: dismiss
  - switch_tab: "{{ count }}"
  - wait:
    gone: Loading
  - back:
outputs:
  rows: {save: rows.csv}
  best: {from: cheapest.name}
  cheapest:
"""

NAMES = """\
workflow: Try
inputs: {size: text, toppings: list}
secrets: [CARD]
steps:
"""

LOGIN = """\
workflow: Log in
inputs: {user: text, age: {type: number, default: 3}}
secrets: [PASSWORD]
sites: [login.example]
steps:
- extract: get_by_text("Hello")
  as: greeting
outputs: {greeting: }
"""


def problems(text: str) -> list[str]:
    """What is wrong with a file, each as `line:column message`."""
    with pytest.raises(WorkflowInvalid) as caught:
        parse(text, Path("file.yaml"))
    assert str(caught.value).startswith("file.yaml:")
    return [f"{p.line}:{p.column} {p.message}" for p in caught.value.problems]
