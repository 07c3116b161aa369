"""A Playwright script in Python as a workflow: the opposite of `writer`.

Also scripts that others wrote or recorded (`playwright codegen`) are read, as far as a workflow
can say what they do; every line that it cannot is told. The script is never run.
"""

import ast
import json
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from tasks.workflow.notation import parse_locator
from tasks.workflow.playwright_script.code import name_of
from tasks.workflow.playwright_script.declarations import comments, declared
from tasks.workflow.playwright_script.expressions import Data, Expressions, Unknown, without_await
from tasks.workflow.playwright_script.statements import (
    dialog_step,
    element_step,
    number,
    page_step,
    timeout_of,
)
from tasks.workflow.problems import RecordingError
from tasks.workflow.recording import Recording
from tasks.workflow.schema import Output
from tasks.workflow.sentences import sentence
from tasks.workflow.steps import step_from

LARGEST = 1_000_000
"""Characters of a script at most."""

_HELPERS = frozenset({"page", "address", "several", "number"})
_BOILERPLATE = re.compile(
    r"^(browser|context|playwright|p|pw)\b.*\.(launch|new_context|new_page|close)\(|"
    r"^\w+ = (?:\w+\.)+(launch|new_context|launch_persistent_context|value)\b|"
    r"\.set_default_\w*timeout\("
)
_DIRECTIVE = re.compile(r"(retry|approve|timeout): (\S+)")
_ABOUT = ("Sites: ", "Run it with pytest")


def read_script(path: Path) -> Recording:
    """The workflow that a script describes. Raises RecordingError with one sentence."""
    try:
        source = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(f"{path} cannot be read as a script ({error}).") from error
    if len(source) > LARGEST:
        raise RecordingError(f"{path} is too large for a script.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = without_await(ast.parse(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f" in line {error.lineno}" if isinstance(error, SyntaxError) else ""
        raise RecordingError(f"{path} is no Python that can be read{where}.") from error
    return _Reader(path, source, tree).read()


class _Reader:
    def __init__(self, path: Path, source: str, tree: ast.Module) -> None:
        self._path = path
        self._tree = tree
        self._comments = comments(source)
        self._made = Recording(title=path.stem)
        self._read = Expressions(roots={"page"}, names=(), secrets=())
        self._tabs = ["page"]
        self._tab = "page"
        self._dialog: Data | None = None

    def read(self) -> Recording:
        self._about(ast.get_docstring(self._tree) or "")
        for statement in self._tree.body:
            self._declare(statement)
        steps: list[Data] = []
        for function in self._functions():
            self._block(function.body, steps)
        for step in steps:
            try:
                self._made.steps.append(step_from(step))
            except ValidationError as error:
                said = sentence(error.errors(include_url=False)[0])
                self._made.notes.append(f"left out, {said}: {json.dumps(step)[:80]}")
        return self._made

    def _functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef | ast.Module]:
        """Where the script's steps stand: its tests, else the first function with a page."""
        defined = [
            n for n in self._tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
        ]
        tests = [f for f in defined if f.name.startswith("test")]
        if not tests:
            tests = [f for f in defined if f.name not in _HELPERS and "page" in ast.dump(f)][:1]
        if len(tests) > 1:
            others = ", ".join(f.name for f in tests[1:])
            self._made.notes.append(f"left out, only the first test is read: {others}")
        return [*tests[:1]] or [self._tree]

    def _about(self, told: str) -> None:
        """Title, description and sites, as they stand in the docstring."""
        paragraphs = [p.strip() for p in told.split("\n\n") if p.strip()]
        if not paragraphs:
            return
        self._made.title = " ".join(paragraphs[0].split())
        for paragraph in paragraphs[1:]:
            if paragraph.startswith("Sites: "):
                self._made.sites = paragraph.removeprefix("Sites: ").split(", ")
        rest = [p for p in paragraphs[1:] if not p.startswith(_ABOUT)]
        self._made.description = "\n\n".join(rest)

    def _declare(self, statement: ast.stmt) -> None:
        found = declared(statement, self._comments)
        if found is None:
            return
        name, given = found
        if given is None:
            self._made.secret(name)
            self._read.secrets.add(name)
        else:
            self._made.inputs[name] = given
            self._read.names.add(name)

    def _block(self, statements: Sequence[ast.stmt], steps: list[Data]) -> None:
        """Read statements one after the other; some steps take two."""
        waiting = list(statements)
        while waiting:
            statement = waiting.pop(0)
            before = len(steps)
            try:
                taken = self._statement(statement, waiting, steps)
            except (Unknown, IndexError, ValueError, KeyError):
                self._left_out(statement)
                continue
            del waiting[:taken]
            if len(steps) > before:
                self._comment(statement, steps[before])
                if self._dialog and "dialog" not in steps[-1]:
                    steps.append(self._dialog)
                    self._dialog = None

    def _left_out(self, statement: ast.stmt) -> None:
        code = ast.unparse(statement).split("\n")[0]
        if not _BOILERPLATE.search(code):
            self._made.notes.append(f"line {statement.lineno}: left out, {code[:100]}")

    def _comment(self, statement: ast.stmt, step: Data) -> None:
        """Name, retry, approve and timeout stand in comments before the step."""
        told_above: list[str] = []
        line = statement.lineno - 1
        while (comment := self._comments.get(line)) and comment.alone:
            told_above.insert(0, comment.text)
            line -= 1
        names = []
        for told in told_above:
            if directive := _DIRECTIVE.fullmatch(told):
                step[directive[1]] = directive[2]
            else:
                names.append(told)
        if names:
            step["name"] = " ".join(names)

    def _statement(self, statement: ast.stmt, following: list[ast.stmt], steps: list[Data]) -> int:
        """Read one statement; how many of the following ones belonged to it."""
        match statement:
            case ast.Expr(value=ast.Constant()) | ast.Pass() | ast.Import() | ast.ImportFrom():
                return 0
            case ast.Expr(value=ast.Call() as call):
                return self._call(call, statement, following, steps)
            case ast.Assign(targets=[ast.Name(id=variable)], value=value):
                return self._assign(variable, value, following, steps)
            case ast.Assert(test=test):
                self._expect(self._read.question(test), steps)
            case ast.If(test=test, body=body, orelse=[]):
                self._if(test, body, steps)
            case ast.For(target=ast.Name(id=variable), iter=over, body=body):
                steps.append(self._loop(name_of(variable), over, body))
            case ast.With(items=[item], body=body):
                return self._with(item, body, following, steps)
            case ast.Raise(exc=ast.Call(func=ast.Name(id="NotImplementedError"), args=[said])):
                text = self._read.text(said)
                called = re.fullmatch(r"call (\S+\.ya?ml)", text)
                steps.append({"call": called[1]} if called else {"do": text})
            case _:
                raise Unknown
        return 0

    def _if(self, test: ast.expr, body: list[ast.stmt], steps: list[Data]) -> None:
        inner: list[Data] = []
        self._block(body, inner)
        if len(inner) != 1:
            raise Unknown
        when = self._read.question(test)
        steps.append({**inner[0], "when": when.get("all", when)})

    def _loop(self, variable: str, over: ast.expr, body: list[ast.stmt]) -> Data:
        if isinstance(over, ast.List):
            items: str | list[str] = [self._read.text(item) for item in over.elts]
        else:
            items = self._read.text(over)
        fresh = variable not in self._read.names
        self._read.names.add(variable)
        inner: list[Data] = []
        self._block(body, inner)
        if fresh:
            self._read.names.discard(variable)
        return {"for_each": {variable: items}, "steps": inner}

    def _with(
        self, item: ast.withitem, body: list[ast.stmt], following: list[ast.stmt], steps: list[Data]
    ) -> int:
        """A download, a new tab, or what a script is set up in."""
        code = ast.unparse(item.context_expr)
        if ".expect_" in code:
            self._block(body, steps)
            if ".expect_download(" not in code or not steps or "click" not in steps[-1]:
                return 0
            steps[-1] = {"download": steps[-1]["click"]}
            saved = following and "download" in ast.unparse(following[0])
            return 1 if saved else 0
        if "sync_playwright" in code or "async_playwright" in code:
            self._block(body, steps)
            return 0
        raise Unknown

    def _assign(
        self, variable: str, value: ast.expr, following: list[ast.stmt], steps: list[Data]
    ) -> int:
        code = ast.unparse(value)
        if code.endswith(".context.new_page()"):
            match following:
                case [ast.Expr(value=ast.Call(func=ast.Attribute(attr="goto"), args=[url])), *_]:
                    steps.append({"open_tab": self._read.text(url)})
                    return 1
        if code.endswith(".new_page()") or re.fullmatch(r"\w+\.value", code):
            self._new_tab(variable)
            return 0
        match value:
            case ast.Subscript(value=ast.Attribute(attr="pages"), slice=index):
                steps.append({"switch_tab": number(index, self._read)})
                return 0
        steps.append({"extract": self._extracted(value), "as": name_of(variable)})
        self._read.names.add(name_of(variable))
        return 0

    def _new_tab(self, variable: str) -> None:
        """A new page; one that a click opened is the current tab from then on."""
        if variable not in self._tabs:
            self._tabs.append(variable)
        self._read.roots.add(variable)
        self._tab = variable

    def _extracted(self, value: ast.expr) -> Any:
        match value:
            case ast.Dict(keys=keys, values=values):
                return {"fields": self._fields(keys, values)}
            case ast.ListComp(
                elt=ast.Dict(keys=keys, values=values),
                generators=[ast.comprehension(target=ast.Name(id=row), iter=over, ifs=[])],
            ):
                match over:
                    case ast.Call(func=ast.Attribute(value=every, attr="all")):
                        each = self._read.locator(every)
                        self._read.roots.add(row)
                        fields = self._fields(keys, values)
                        self._read.roots.discard(row)
                        return {"each": each, "fields": fields}
        found = self._value(value)
        return found if isinstance(found, str) else {"value": found}

    def _fields(self, keys: Sequence[ast.expr | None], values: list[ast.expr]) -> Data:
        names = [self._read.text(key) for key in keys if key is not None]
        return {name: self._value(value) for name, value in zip(names, values, strict=True)}

    def _value(self, value: ast.expr) -> str | Data:
        match value:
            case ast.Call(func=ast.Name(id="number"), args=[inner]):
                text = self._value(inner)
                return (text if isinstance(text, dict) else {"locator": text}) | {"type": "number"}
            case ast.Call(
                func=ast.Attribute(value=found, attr="inner_text" | "text_content" | "input_value")
            ):
                return self._read.locator(found)
            case ast.Call(func=ast.Attribute(value=found, attr="get_attribute"), args=[attribute]):
                name = self._read.text(attribute)
                return {"locator": self._read.locator(found), "attribute": name}
        raise Unknown

    def _expect(self, condition: Data, steps: list[Data]) -> None:
        if not steps:
            raise Unknown
        expected = steps[-1].setdefault("expect", [])
        last = expected[-1] if expected else {}
        bounds = {"count", "at_least", "at_most"}
        if set(condition) | set(last) <= bounds and condition.get("count") == last.get("count"):
            expected[-1] = last | condition
        else:
            expected.append(condition)

    def _call(
        self, call: ast.Call, statement: ast.stmt, following: list[ast.stmt], steps: list[Data]
    ) -> int:
        """An action, or what is expected; how many of the following statements belong to it."""
        code = ast.unparse(call)
        if code.startswith("print("):
            return self._print(call)
        if code.startswith("expect("):
            self._expect(self._read.expectation(call), steps)
            if (timeout := timeout_of(call)) and steps:
                steps[-1].setdefault("timeout", timeout)
            return 0
        root = self._read.root(call)
        if root not in self._read.roots:
            raise Unknown
        if dialog := dialog_step(call, self._read):
            self._dialog = dialog
            return 0
        on = ast.unparse(call.func).rpartition(".")[0]
        if re.fullmatch(r"\w+(\.keyboard|\.mouse|\.context\.pages\[.*\])?", on):
            if isinstance(call.func, ast.Attribute) and call.func.attr == "close" and not following:
                return 0  # the end of the script
            step, taken = page_step(call, following, self._read)
        else:
            step, taken = element_step(call, statement, following, self._read)
        self._go_to(root, steps)
        if "navigate" in step and not steps and not self._made.url:
            self._made.url = step["navigate"]
        elif step:
            timeout = timeout_of(call)
            steps.append(self._kept_secret(step) | ({"timeout": timeout} if timeout else {}))
        return taken

    def _kept_secret(self, step: Data) -> Data:
        """What a script types into a password field in so many words is a secret."""
        text = step.get("text", "")
        place = step.get("fill") or step.get("type") or ""
        if not text or "{{" in text or not self._made.looks_secret(place, text):
            return step
        name = self._made.secret_for(parse_locator(place).said(), text)
        self._made.notes.append(f"what is typed into {place} is not kept: it is the secret {name}")
        return step | {"text": name}

    def _go_to(self, root: str, steps: list[Data]) -> None:
        """Follow the script into another tab."""
        if root in self._tabs and root != self._tab:
            steps.append({"switch_tab": self._tabs.index(root)})
            self._tab = root

    def _print(self, call: ast.Call) -> int:
        """The outputs."""
        match call:
            case ast.Call(
                func=ast.Name(id="print"),
                args=[ast.Call(args=[ast.Dict(keys=keys, values=values), *_])],
            ):
                for key, value in zip(keys, values, strict=True):
                    assert key is not None
                    name, source = self._read.text(key), self._read.path(value)
                    given = {} if source == name else {"from": source}
                    self._made.outputs[name] = Output.model_validate(given)
                return 0
        raise Unknown
