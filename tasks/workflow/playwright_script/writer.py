"""A workflow as a Playwright script for pytest, in which nothing of ours is needed.

`reader` reads such a script back. What Playwright alone cannot do is told in notes,
and stands in the script as a line that says so.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tasks.workflow.conditions import Condition
from tasks.workflow.exact import ExactStep
from tasks.workflow.extract import Asked, Extract, Fields, Found, OneValue
from tasks.workflow.inputs import ChoiceInput, Input, ListInput
from tasks.workflow.load import WorkflowFile
from tasks.workflow.playwright_script.actions import acting, timeout_of
from tasks.workflow.playwright_script.code import (
    expecting,
    holding,
    identifier,
    locator_code,
    string_code,
    text_code,
    value_code,
)
from tasks.workflow.recording import name_from
from tasks.workflow.schema import Workflow
from tasks.workflow.step import Step
from tasks.workflow.steps import Call, Do, ForEach
from tasks.workflow.templates import whole

PREFIX = "INPUT_"
"""What stands before an input's name in the environment, where `NAME` and `PATH` are others'."""

_FIXTURE = '''@pytest.fixture
def page() -> Iterator[Page]:
    """A tab of a new browser. HEADED=1 shows it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            headless="HEADED" not in os.environ,
            executable_path=os.environ.get("CHROMIUM"),
        )
        yield browser.new_page()
        browser.close()'''
_ADDRESS = '''def address(pattern: str) -> re.Pattern[str]:
    """The address, from its path on if it begins with /; * stands for anything."""
    site = r"\\w+://[^/]*" if pattern.startswith("/") else ""
    return re.compile(f"^{site}{'.*'.join(map(re.escape, pattern.split('*')))}[?]?$")'''
_SEVERAL = '''def several(text: str) -> list[str]:
    """The items of a list that is written with commas."""
    return [item.strip() for row in csv.reader([text], skipinitialspace=True) for item in row]'''
_NUMBER = '''def number(text: str) -> float:
    """The number in a text: 1290.5 of "1,290.50 €" and of "1.290,50 €"."""
    digits = re.sub(r"[^\\d.,-]", "", text).strip(".,")
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0:
        return float(digits)
    whole, rest = re.sub("[.,]", "", digits[:last]), digits[last + 1 :]
    thousands = digits.count(digits[last]) > 1 or (digits[last] == "," and len(rest) == 3)
    return float(whole + rest if thousands else f"{whole}.{rest}")'''
_HELPERS = {" number(": _NUMBER, "several(": _SEVERAL, "address(": _ADDRESS}


@dataclass
class Script:
    """A script's text, and what of the workflow it does not do, one line each."""

    text: str
    notes: list[str] = field(default_factory=list)


def to_script(file: WorkflowFile) -> Script:
    """The workflow as a script."""
    return _Writer(file).write()


class _Writer:
    def __init__(self, file: WorkflowFile) -> None:
        self._file = file
        self._workflow: Workflow = file.workflow
        self._notes: list[str] = []
        self._lines: list[str] = []

    def write(self) -> Script:
        workflow = self._workflow
        if workflow.url:
            self._put(1, f"page.goto({text_code(workflow.url)})")
        self._steps(workflow.steps, 1, ("steps",))
        self._outputs()
        name = name_from(workflow.workflow) or "workflow"
        inputs = self._inputs()
        test = f"def test_{name}(page: Page) -> None:\n" + "\n".join(self._lines)
        helpers = [h for word, h in _HELPERS.items() if word in f"{inputs}{test}"]
        code = "\n\n\n".join(filter(None, [*helpers, inputs, _FIXTURE, test]))
        return Script(f"{self._head(code)}\n\n\n{code}\n", self._notes)

    def _head(self, code: str) -> str:
        workflow = self._workflow
        told = [f'"""{_in_docstring(workflow.workflow)}']
        told += ["", _in_docstring(workflow.description)] if workflow.description else []
        told += ["", f"Sites: {', '.join(workflow.sites)}"] if workflow.sites else []
        if workflow.sites:
            self._notes.insert(0, "the script opens any site, not only those that are allowed")
        needed = [
            f"import {name}"
            for name, word in (("csv", "csv."), ("json", "json."), ("re", "re."))
            if re.search(rf"(?<![\w.]){re.escape(word)}", code)
        ]
        joins = ["from urllib.parse import urljoin"] if "urljoin(" in code else []
        return "\n".join(
            [
                *told,
                "",
                "Run it with pytest. It needs `pip install pytest playwright` and a browser:",
                "`playwright install chromium`, or CHROMIUM=/usr/bin/chromium. It asks nobody",
                "before it orders, pays, sends or deletes.",
                '"""',
                "",
                *sorted([*needed, "import os"]),
                "from collections.abc import Iterator",
                *joins,
                "",
                "import pytest",
                "from playwright.sync_api import Page, expect, sync_playwright",
            ]
        )

    def _inputs(self) -> str:
        """What is given to the script: a variable for each input and secret."""
        lines = [_input(name, declared) for name, declared in self._workflow.inputs.items()]
        lines += [f'{identifier(n)} = os.environ["{n}"]  # secret' for n in self._workflow.secrets]
        return "\n".join(lines)

    def _outputs(self) -> None:
        sources = {
            name: value_code(tuple((output.source or name).split(".")))
            for name, output in self._workflow.outputs.items()
        }
        if sources:
            found = ", ".join(f"{string_code(name)}: {code}" for name, code in sources.items())
            self._put(1, "", f"print(json.dumps({{{found}}}, indent=2, ensure_ascii=False))")
        for name, output in self._workflow.outputs.items():
            if output.save:
                self._notes.append(f"the output {name} is printed, not saved as {output.save}")

    def _steps(self, steps: Sequence[Step], depth: int, path: tuple[str | int, ...]) -> None:
        for number, step in enumerate(steps):
            here = (*path, number)
            told = _told(step)
            apart = number > 0 and _reads_as_one(steps[number - 1], step)
            if told or apart or number == 0:
                self._put(depth, "" if number or depth == 1 else None, *told)
            self._without(step, here)
            if step.when:
                condition = " and ".join(_and(c, len(step.when) > 1) for c in step.when)
                self._put(depth, f"if {condition}:")
            inner = depth + bool(step.when)
            following = steps[number + 1] if number + 1 < len(steps) else None
            if isinstance(step, ForEach):
                self._loop(step, inner, here)
            elif isinstance(step, Extract) and isinstance(step.extract, Asked):
                self._sentence(step.extract.do, inner, here)
            elif isinstance(step, Extract):
                self._put(inner, *self._extract(step, here))
            elif isinstance(step, Do | Call):
                self._sentence(
                    step.do if isinstance(step, Do) else f"call {step.call}", inner, here
                )
            elif isinstance(step, ExactStep):
                if isinstance(following, ExactStep) and following.tool == "dialog":
                    self._put(inner, _answering(following))
                self._put(inner, *acting(step))
            self._put(inner, *_expects(step))

    def _without(self, step: Step, here: tuple[str | int, ...]) -> None:
        """Tell what of the step stands in a comment only."""
        if step.retry:
            self._note(here, "the script does not try again (retry)")
        if isinstance(step, ExactStep) and step.approve == "ask":
            self._note(here, "the script asks nobody (approve)")

    def _loop(self, step: ForEach, depth: int, here: tuple[str | int, ...]) -> None:
        over = step.over
        if isinstance(over, str):
            mention = whole(over)
            assert mention is not None, "a loop goes through one name"
            items = value_code(mention.path)
        else:
            items = f"[{', '.join(map(text_code, over))}]"
        self._put(depth, f"for {identifier(step.variable)} in {items}:")
        self._steps(step.steps, depth + 1, (*here, "steps"))
        if any(isinstance(inner, Extract) for inner in step.steps):
            self._note(here, "what a loop extracts is not gathered: the last round's stays")

    def _sentence(self, said: str, depth: int, here: tuple[str | int, ...]) -> None:
        """What takes a model stands there as what is still to be written."""
        for secret in self._workflow.secrets:
            said = re.sub(rf"\{{\{{\s*{secret}\s*\}}\}}", secret, said)
        self._put(depth, f"raise NotImplementedError({text_code(said)})")
        self._note(here, f"no script can do “{said}”: write it out at NotImplementedError")

    def _extract(self, step: Extract, here: tuple[str | int, ...]) -> list[str]:
        source, name = step.extract, identifier(step.into)
        kinds = [source.value] if isinstance(source, OneValue) else []
        kinds = list(source.fields.values()) if isinstance(source, Fields) else kinds
        if any(found.type not in ("text", "number") for found in kinds):
            self._note(here, "what is extracted stays a text, also dates, yes and no")
        if isinstance(source, OneValue):
            return [f"{name} = {_read(source.value)}"]
        assert isinstance(source, Fields), "there is nothing else to extract"
        root = "page" if source.each is None else "element"
        record = ", ".join(f'"{n}": {_read(f, root)}' for n, f in source.fields.items())
        if source.each is None:
            return [f"{name} = {{{record}}}"]
        every = locator_code(source.each)
        return [
            f'{every}.first.wait_for(state="attached")',
            f"{name} = [{{{record}}} for element in {every}.all()]",
        ]

    def _put(self, depth: int, *lines: str | None) -> None:
        self._lines += [
            f"{'    ' * depth}{line}" if line else "" for line in lines if line is not None
        ]

    def _note(self, here: tuple[str | int, ...], what: str) -> None:
        self._notes.append(f"{self._file.place(here)}: {what}")


def _input(name: str, declared: Input) -> str:
    """`size = os.environ.get("INPUT_SIZE", "Large")  # choice ["Small", "Large"]: how large`."""
    key = string_code(PREFIX + name.upper())
    if declared.required:
        value = f"os.environ[{key}]"
    else:
        value = f"os.environ.get({key}, {string_code(declared.default_text)})"
    if isinstance(declared, ListInput):
        value = f"several({value})"
    options = f" {_options(declared)}" if isinstance(declared, ChoiceInput) else ""
    kind = "" if declared.type == "text" and not declared.description else declared.type + options
    told = f": {' '.join(declared.description.split())}" if declared.description else ""
    return f"{identifier(name)} = {value}" + (f"  # {kind}{told}" if kind else "")


def _options(declared: ChoiceInput) -> str:
    return f"[{', '.join(map(string_code, declared.options))}]"


def _told(step: Step) -> list[str]:
    """Comments before a step: its name, and what no code says."""
    told = [f"# {' '.join(step.name.split())}"] if step.name else []
    told += [f"# retry: {step.retry}"] if step.retry else []
    if isinstance(step, ExactStep) and step.approve:
        told.append(f"# approve: {step.approve}")
    if step.timeout and not timeout_of(step):
        told.append(f"# timeout: {step.timeout:g}s")
    return told


def _reads_as_one(before: Step, step: Step) -> bool:
    """Whether two steps would be read back as one if no blank line stood between them."""
    pair = (getattr(before, "tool", ""), getattr(step, "tool", ""))
    return not before.expect and pair in (("fill", "press"), ("hover", "scroll"), ("wait", "wait"))


def _and(condition: Condition, several: bool) -> str:
    code = holding(condition)
    return f"({code})" if several and (" or " in code or " and " in code) else code


def _expects(step: Step) -> list[str]:
    chosen = getattr(step, "ref", None) if getattr(step, "tool", "") == "select" else None
    timeout = f"timeout={step.timeout * 1000:g}" if step.timeout else ""
    return [line for c in step.expect for line in expecting(c, chosen, timeout)]


def _answering(step: ExactStep) -> str:
    """A browser's box must be expected before what opens it."""
    given = {name: getattr(step, name) for name in ("accept", "text")}
    answer = f"accept({text_code(given['text']) if given['text'] else ''})"
    return (
        f'page.once("dialog", lambda dialog: dialog.{answer if given["accept"] else "dismiss()"})'
    )


def _read(found: Found, root: str = "page") -> str:
    where = locator_code(found.locator, root)
    attribute = f'get_attribute("{found.attribute}")' if found.attribute else "inner_text()"
    return f"number({where}.{attribute})" if found.type == "number" else f"{where}.{attribute}"


def _in_docstring(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').rstrip('"').strip()
