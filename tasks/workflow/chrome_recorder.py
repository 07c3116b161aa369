"""Import of recordings that Chrome's DevTools exports as JSON (its Recorder panel).

What a workflow cannot say is told in the recording's notes, one line each; what was typed into
something that looks like a password becomes a secret, and its value is dropped.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, ValidationError

from tasks.workflow.chrome_selectors import Pointed, Selector, Use, pointed
from tasks.workflow.conditions import AtUrl, Condition, Count, Hidden, Visible
from tasks.workflow.exact import EXACT, ExactStep
from tasks.workflow.notation import LocatorError
from tasks.workflow.problems import RecordingError
from tasks.workflow.recording import (
    Recording,
    address_pattern,
    with_inputs,
)
from tasks.workflow.sentences import sentence

LARGEST = 10_000_000
"""Bytes of a recording at most."""

_BUTTONS = {"primary": "single", "secondary": "right"}
_MODIFIERS = ("Control", "Alt", "Shift", "Meta")
_KEYS = {"\r": "Enter", "\n": "Enter", "NumpadEnter": "Enter", " ": "Space"}


class _Step(BaseModel):
    type: str
    timeout: float | None = None
    target: str = "main"
    frame: list[int] = []
    asserted: list[dict[str, Any]] = Field(default=[], alias="assertedEvents")


class _Pointing(_Step):
    selectors: list[Selector] = Field(min_length=1)


class _Click(_Pointing):
    type: Literal["click", "doubleClick"]
    button: str = "primary"
    duration: float = 0


class _Hover(_Pointing):
    type: Literal["hover"]


class _Change(_Pointing):
    type: Literal["change"]
    value: str


class _Key(_Step):
    type: Literal["keyDown", "keyUp"]
    key: str = Field(min_length=1)


class _Navigate(_Step):
    type: Literal["navigate"]
    url: str


class _WaitForElement(_Pointing):
    type: Literal["waitForElement"]
    operator: Literal[">=", "==", "<="] = ">="
    count: int = 1
    visible: bool | None = None
    properties: dict[str, Any] = {}
    attributes: dict[str, Any] = {}


class _Viewport(_Step):
    type: Literal["setViewport"]
    width: float
    height: float


class _LeftOut(_Step):
    type: Literal["scroll", "close", "waitForExpression", "emulateNetworkConditions", "customStep"]
    name: str = ""
    expression: str = ""


class _UserFlow(BaseModel):
    """Chrome's file."""

    title: str = ""
    steps: list[
        Annotated[
            _Click | _Hover | _Change | _Key | _Navigate | _WaitForElement | _Viewport | _LeftOut,
            Field(discriminator="type"),
        ]
    ]


_WHY = {
    "scroll": "scrolling: a step scrolls to its element by itself",
    "close": "closing the tab: a run closes its browser itself",
    "emulateNetworkConditions": "a slower network",
}


def read_chrome_recording(path: Path) -> Recording:
    """The recording in one of Chrome's files. Raises RecordingError with one sentence."""
    flow = _read(path)
    return _Importer(flow, path).convert()


def _read(path: Path) -> _UserFlow:
    try:
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
    except OSError as error:
        raise RecordingError(f"{path} cannot be read ({error.strerror or error}).") from error
    if len(raw) > LARGEST:
        raise RecordingError(f"{path} is larger than {LARGEST // 1_000_000} MB: no recording is.")
    try:
        data = json.loads(raw)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise RecordingError(f"{path} is no JSON ({error.msg}, {where}).") from error
    except (ValueError, RecursionError) as error:
        raise RecordingError(f"{path} is no JSON that can be read.") from error
    if not isinstance(data, dict) or "steps" not in data:
        raise RecordingError(
            f"{path} is no recording of Chrome's Recorder: export it there as a JSON file."
        )
    try:
        return _UserFlow.model_validate(data)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = first["loc"]
        number = place[1] if len(place) > 1 and isinstance(place[1], int) else None
        step = f"step {number + 1}: " if number is not None else ""
        raise RecordingError(f"{path}: {step}{sentence(first)}.") from error


class _Importer:
    """Turns Chrome's steps into ours, one after the other."""

    def __init__(self, flow: _UserFlow, path: Path) -> None:
        self._steps = flow.steps
        self._path = path
        self._made = Recording(title=flow.title.strip() or path.stem)
        self._tabs = ["main"]
        self._tab = "main"
        self._held: list[str] = []
        self._number = 0
        self._filled: ExactStep | None = None
        self._unsure: list[str] = []

    def convert(self) -> Recording:
        for number, step in enumerate(self._steps, 1):
            self._number = number
            try:
                self._take(step)
            except LocatorError as error:
                self._note(f"left out, {error}")
        if self._unsure:
            fields = ", ".join(dict.fromkeys(self._unsure))
            self._made.notes.append(
                f"taken for text fields, because the file does not tell: {fields}; write select: "
                "and option: for a list"
            )
        return self._made

    def _take(self, step: _Step) -> None:
        if step.target != self._tab and not isinstance(step, _Viewport):
            self._go_to(step.target)
        if isinstance(step, _Key):
            self._key(step)
        elif isinstance(step, _Navigate):
            self._navigate(step)
        elif isinstance(step, _WaitForElement):
            self._wait(step)
        elif isinstance(step, _Change):
            self._change(step)
        elif isinstance(step, _Click):
            self._click(step)
        elif isinstance(step, _Hover):
            self._add("hover", step, ref=self._pointed(step, "click"))
        else:
            self._leave_out(step)
        if not isinstance(step, _Change | _Key):
            self._filled = None

    def _leave_out(self, step: _Step) -> None:
        if isinstance(step, _Viewport):
            why = f"the window's size, {step.width:g} by {step.height:g}"
        elif isinstance(step, _LeftOut) and step.type == "waitForExpression":
            why = f"JavaScript is never run from a file: {step.expression[:60]}"
        elif isinstance(step, _LeftOut) and step.type == "customStep":
            why = f"the extension's own step {step.name[:60]}"
        else:
            why = _WHY[step.type]
        self._note(f"left out, {why}")

    def _go_to(self, target: str) -> None:
        """Follow the recording into another tab; one that just opened is the current one."""
        if target in self._tabs:
            self._made.steps.append(
                EXACT["switch_tab"].model_validate({"switch_tab": self._tabs.index(target)})
            )
        else:
            self._tabs.append(target)
        self._tab = target

    def _navigate(self, step: _Navigate) -> None:
        if not self._made.url and not self._made.steps:
            self._made.url = step.url
            return
        self._made.steps.append(EXACT["navigate"].model_validate({"navigate": step.url}))
        site = urlsplit(step.url).netloc
        if site != urlsplit(self._made.url).netloc and site not in self._made.sites:
            self._made.sites.append(site)

    def _click(self, step: _Click) -> None:
        behind = self._next()
        if isinstance(behind, _Change) and behind.selectors == step.selectors:
            return  # it put the cursor into a field that is then filled in
        how = "double" if step.type == "doubleClick" else _BUTTONS.get(step.button)
        if how is None:
            self._note(f"left out, a click with the {step.button} button")
            return
        if step.duration > 500:
            self._note(f"a short click in the place of one of {step.duration / 1000:g} s")
        self._add("click", step, ref=self._pointed(step, "click"), how=how)

    def _change(self, step: _Change) -> None:
        behind = self._next()
        if isinstance(behind, _Change) and behind.selectors == step.selectors:
            return  # Chrome writes one at each pause in typing: the last one counts
        field = self._pointed(step, "fill")
        label = field.label or "value"
        if self._made.looks_secret(f"{label} {field.clues}", step.value):
            text = self._made.secret_for(label, step.value)
            self._note(f"what was typed into {label} is not kept: it is the secret {text} now")
        else:
            text = self._made.input(label, step.value, field.role)
        chooses = field.role in ("combobox", "listbox") or field.tag == "select"
        if chooses:
            self._add("select", step, ref=field, option=text)
        else:
            self._add("fill", step, ref=field, text=text)
            if "{{ " in text and not field.role and field.tag not in ("input", "textarea"):
                self._unsure.append(label)
        last = self._made.steps[-1]
        assert isinstance(last, ExactStep)
        self._filled = last

    def _key(self, step: _Key) -> None:
        key = _key_name(step.key)
        if key in _MODIFIERS:
            self._held = [k for k in self._held if k != key]
            self._held += [key] if step.type == "keyDown" else []
            return
        held = [k for k in self._held if k != "Shift" or len(key) > 1]
        if step.type == "keyUp" or (len(key) == 1 and not held and self._typing()):
            return
        if key == "Tab" and not held and self._typing():
            return  # it went on to the next field, which is named
        if key == "Enter" and not held and self._submit(step):
            return
        self._filled = None
        pressed = "+".join([*held, key.lower() if held and len(key) == 1 else key])
        self._add("press", step, key=pressed)

    def _typing(self) -> bool:
        """Whether a change stands before or behind the keys that are being pressed."""
        before = (s for s in reversed(self._steps[: self._number]) if not isinstance(s, _Key))
        return isinstance(self._next(), _Change) or isinstance(next(before, None), _Change)

    def _next(self) -> _Step | None:
        """The next step that is no key."""
        return next((s for s in self._steps[self._number :] if not isinstance(s, _Key)), None)

    def _submit(self, step: _Key) -> bool:
        """Whether this Enter sends the field that was just filled in."""
        if self._filled is None or self._filled.tool != "fill":
            return False
        sent = self._filled.model_copy(update={"submit": True, "expect": self._arrived(step)})
        self._made.steps[-1] = sent
        self._filled = None
        return True

    def _wait(self, step: _WaitForElement) -> None:
        """What is waited for becomes what the step before it must lead to."""
        if step.properties or step.attributes:
            named = ", ".join([*step.properties, *step.attributes])
            self._note(f"waits for the element only, not for its {named}")
        seen = self._pointed(step, "see").locator
        condition: Condition
        if step.visible is False:
            condition = Hidden(hidden=seen)
        elif (step.operator, step.count) == (">=", 1):
            condition = Visible(visible=seen)
        else:
            key = {">=": "at_least", "<=": "at_most", "==": "is"}[step.operator]
            condition = Count.model_validate({"count": seen, key: step.count})
        if not self._made.steps:
            self._note("left out, nothing was done before this wait")
            return
        last = self._made.steps[-1]
        self._made.steps[-1] = last.model_copy(update={"expect": [*last.expect, condition]})

    def _pointed(self, step: _Pointing, use: Use) -> Pointed:
        found = pointed(step.selectors, step.frame, use)
        return replace(found, locator=with_inputs(found.locator, self._made.values))

    def _add(self, action: str, step: _Step, ref: Pointed | None = None, **given: object) -> None:
        model = EXACT[action]
        known = {model.written_as(name): value for name, value in given.items()}
        if ref is not None:
            known[model.written_as("ref")] = ref.locator
        if step.timeout:
            known["timeout"] = f"{step.timeout:g}ms"
        self._made.steps.append(model.model_validate(known | {"expect": self._arrived(step)}))

    def _arrived(self, step: _Step) -> list[Condition]:
        """The address that a step led to, where Chrome saw one."""
        urls: Sequence[Any] = [e.get("url") for e in step.asserted if e.get("type") == "navigation"]
        found = [url for url in urls if isinstance(url, str) and url.startswith("http")]
        return [AtUrl(url=address_pattern(found[-1]))] if found else []

    def _note(self, what: str) -> None:
        self._made.notes.append(
            f"step {self._number} ({self._steps[self._number - 1].type}): {what}"
        )


def _key_name(key: str) -> str:
    """Playwright's name of a key: `a` for `KeyA`, `Control` for `ControlLeft`."""
    if character := re.fullmatch(r"(?:Key|Digit)(.)", key):
        return character[1].lower()
    if modifier := re.fullmatch(rf"({'|'.join(_MODIFIERS)})(?:Left|Right)", key):
        return modifier[1]
    return _KEYS.get(key, key)
