"""A workflow in the making: steps as they come from a run, a person, or another recorder's file.

Values become inputs named after their field, secrets stay names, and what cannot be carried over
is told in `notes`, one line each.
"""

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tasks.workflow.inputs import DateInput, FileInput, Input, ListInput, NumberInput, TextInput
from tasks.workflow.load import parse
from tasks.workflow.locator import LocatorExpression, Part
from tasks.workflow.parts import Part as WorkflowPart
from tasks.workflow.problems import RecordingError
from tasks.workflow.schema import Output, Workflow
from tasks.workflow.step import Step
from tasks.workflow.steps import ForEach
from tasks.workflow.templates import NAME, mentions
from tasks.workflow.write import to_yaml
from tools.roles import LISTS

SUFFIXES = (".yaml", ".yml")
LONGEST_NAME = 30
"""Characters of a name that is made from a label."""
TEMPLATE = "{{{{ {} }}}}"
"""How an input is named where its value is filled in."""
IN_WORDS = "[{}]"
"""How an input is named in words for people."""
WORDS = frozenset({"workflow", "name", "description"})
"""The texts for people."""

_TEMPLATE = re.compile(rf"\{{\{{ ({NAME}) \}}\}}")
_WORD = re.compile(rf"\[({NAME})\]")

_SECRET = re.compile(
    r"passw|passphrase|passcode|(?<![a-z])(?:pass|pwd?|pin|otp|token)(?![a-z])|secret|kennwort"
    r"|contrase|mot.de.passe|senha|wachtwoord|l[öo]senord|has[łl]o|парол|密码|密碼|パスワード|비밀번호"
    r"|(?<![a-z])cv[cv]|card.?n(?:umber|o\b|um\b)|kartennummer",
    re.IGNORECASE,
)
_NUMBERS = frozenset({"spinbutton", "slider"})


@dataclass
class Recording:
    """Collects the parts of a workflow; `notes` are what a person should know about it."""

    title: str
    description: str = ""
    url: str = ""
    sites: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, Output] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    inputs: dict[str, Input] = field(default_factory=dict)
    secrets: list[str] = field(default_factory=list)
    _dropped: dict[str, str] = field(default_factory=dict, repr=False)
    """What was typed as a secret, with its template."""
    _withheld: set[str] = field(default_factory=set, repr=False)
    """The inputs that must be given each time, because their values are not for a file."""

    def input(self, label: str, value: str, role: str = "") -> str:
        """The template of an input that has this value by default, made if there is none.

        Equal values under the same label are one input; `role` is that of the field.
        """
        base = name_from(label) or "value"
        name, number = base, 1
        while (known := self.inputs.get(name)) is not None or name in self.secrets:
            if known is not None and known.default_text == value:
                break
            number += 1
            name = f"{base}_{number}"
        self.inputs.setdefault(name, _typed(value, role))
        return TEMPLATE.format(name)

    def withheld(self, label: str, value: str, role: str = "") -> str:
        """The template of an input whose value takes part in the recording, and is not kept."""
        template = self.input(label, value, role)
        self._withheld.update(mention.name for mention in mentions(template))
        return template

    def file(self, label: str, description: str) -> str:
        """The template of an input that is a file, to be given each time."""
        name = name_from(label) or "file"
        while name in self.inputs or name in self.secrets:
            name = f"{name}_"
        self.inputs[name] = FileInput(description=description)
        return TEMPLATE.format(name)

    @property
    def values(self) -> dict[str, str]:
        """What the inputs hold, by name."""
        given = {name: declared.default_text for name, declared in self.inputs.items()}
        return {name: value for name, value in given.items() if value}

    def secret(self, name: str) -> str:
        """The template of a secret."""
        if name not in self.secrets:
            self.secrets.append(name)
        return f"{{{{{name}}}}}"

    def looks_secret(self, words: str, value: str) -> bool:
        """Whether a value typed into a field with these words about it is likely to be a secret.

        What was one in another field (`Repeat the password`) is one in any.
        """
        return value in self._dropped or _SECRET.search(words) is not None or _is_card(value)

    def secret_for(self, label: str, value: str) -> str:
        """The template of a secret that is named after its field: `PASSWORD`."""
        known = self._dropped.get(value)
        template = known or self.secret((name_from(label) or "secret").upper())
        if value:
            self._dropped[value] = template
        return template

    def workflow(self) -> Workflow:
        """The workflow, checked as if it came from a file. Raises RecordingError without steps."""
        if not self.steps:
            raise RecordingError("Nothing was done that a workflow could repeat.")
        made = Workflow(
            workflow=self.title,
            description=self.description,
            url=self.url,
            sites=self.sites,
            inputs={
                name: declared.model_copy(update={"default": None})
                if name in self._withheld
                else declared
                for name, declared in self.inputs.items()
            },
            secrets=self.secrets,
            steps=self.steps,
            outputs=self.outputs,
        )
        return parse(to_yaml(made)).workflow


def check_target(path: Path) -> None:
    """Make sure that a recording can be written there before it is made. Raises RecordingError."""
    if path.suffix not in SUFFIXES:
        raise RecordingError(f"{path} is no name for a workflow: let it end in .yaml.")
    check_new(path)


def check_new(path: Path) -> None:
    """Make sure that a file can be made there. Raises RecordingError."""
    if path.exists():
        raise RecordingError(f"{path} is there already: choose another name, or delete it first.")
    if not path.absolute().parent.is_dir():
        raise RecordingError(f"There is no folder {path.absolute().parent} to write to.")


def save(text: str, path: Path, *, new: bool = True) -> None:
    """Write a file whole or not at all; a `new` one must not be there. Raises RecordingError."""
    if new:
        check_new(path)
    draft = path.with_name(f".{path.name}.new")
    try:
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise RecordingError(f"{path} cannot be written ({error.strerror or error}).") from error


def renamed(workflow: Workflow, names: Mapping[str, str]) -> Workflow:
    """The workflow with inputs renamed; one whose new name is empty becomes its value again.

    Raises RecordingError for a name that is none or taken, and an input that is not there.
    """
    for old, new in names.items():
        if old not in workflow.inputs:
            known = ", ".join(workflow.inputs) or "none"
            raise RecordingError(f"There is no input {old} to rename; inputs: {known}.")
        if new and not re.fullmatch(NAME, new):
            raise RecordingError(f"{new!r} is no name for an input: use letters, digits and _.")
        if not new and workflow.inputs[old].default is None:
            raise RecordingError(f"The input {old} has no value that could stand in its place.")
        if not new and isinstance(workflow.inputs[old], ListInput):
            raise RecordingError(f"The input {old} is a list: a loop goes through it in its place.")
    entries = {step.variable for step in workflow.steps if isinstance(step, ForEach)}
    kept = [new for name in workflow.inputs if (new := names.get(name, name))]
    taken = next((n for n in kept if kept.count(n) > 1 or n in {*workflow.secrets, *entries}), "")
    if taken:
        raise RecordingError(f"The name {taken} is taken: choose another.")
    inputs = {new: i for name, i in workflow.inputs.items() if (new := names.get(name, name))}
    values = {name: declared.default_text for name, declared in workflow.inputs.items()}

    def put(form: str, match: re.Match[str]) -> str:
        name = match[1]
        if name not in values:
            return match[0]
        new = names.get(name, name)
        return form.format(new) if new else values[name]

    changed: Workflow = texts_changed(
        workflow.model_copy(update={"inputs": inputs}),
        lambda text: _TEMPLATE.sub(partial(put, TEMPLATE), text),
        lambda text: _WORD.sub(partial(put, IN_WORDS), text),
    )
    return changed


def _is_card(value: str) -> bool:
    """Whether this is the number of a payment card, by its check digit."""
    digits = re.sub(r"[ -]", "", value)
    if not re.fullmatch(r"[0-9]{13,19}", digits):
        return False
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(digits)))
    return sum(number - 9 * (number > 9) for number in doubled) % 10 == 0


def name_from(label: str) -> str:
    """A name for an input from the label of its field: `Card number` is `card_number`."""
    plain = unicodedata.normalize("NFKD", label.replace("ß", "ss")).encode("ascii", "ignore")
    words = re.findall(r"[a-z0-9]+", plain.decode().lower())
    while len(words) > 1 and len("_".join(words)) > LONGEST_NAME:
        words.pop()
    name = "_".join(words)[:LONGEST_NAME]
    return f"_{name}" if name[:1].isdigit() else name


def address_pattern(url: str, values: Iterable[str] = ()) -> str:
    """An address from its path on, with * for what may be another next time.

    That is the query, and every part of the path with a digit or made from one of `values`.
    """
    parts = urlsplit(url)
    slugs = {slug for value in values if (slug := _slug(value))}
    route = parts.fragment if parts.fragment.startswith(("/", "!/")) else ""
    query = "*" if parts.query or (parts.fragment and not route) else ""
    path = _wild(parts.path or "/", slugs)
    return path + query + (f"#{_wild(route, slugs)}" if route else "")


def templated(text: str, values: Mapping[str, str], form: str = TEMPLATE) -> str:
    """The text with `{{ name }}` for each value that stands in it as words of their own.

    `values` are what inputs hold, by name; those of a single character stay. `form` is how a name
    is written.
    """
    by_value = {value: name for name, value in values.items() if len(value.strip()) > 1}
    if not by_value:
        return text
    longest_first = sorted(by_value, key=len, reverse=True)
    one = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")
    return one.sub(lambda match: form.format(by_value[match[0]]), text)


def steadied(locator: LocatorExpression, role: str, name: str) -> LocatorExpression:
    """The locator without the options of a list in it.

    Playwright names a list by its label's whole text, which holds the options when they stand
    within the label; other options next time would be another locator.
    """
    last = locator.parts[-1]
    label = str(dict(last.arguments).get("text", "")) if last.name == "get_by_label" else ""
    if role not in LISTS or not name or not label.startswith(f"{name} "):
        return locator
    named = Part("get_by_role", (("role", role), ("name", name), ("exact", True)))
    return LocatorExpression((*locator.parts[:-1], named))


def with_inputs(locator: LocatorExpression, values: Mapping[str, str]) -> LocatorExpression:
    """The locator with templates for the values in its texts.

    A text that is nothing but a value must be met exactly, because another value may well stand
    within a longer name.
    """
    filled = locator.filled(lambda text: templated(text, values))
    return LocatorExpression(tuple(map(_exact, filled.parts)))


def _exact(part: Part) -> Part:
    given = dict(part.arguments)
    text = given.get("name", given.get("text", ""))
    whole = isinstance(text, str) and _TEMPLATE.fullmatch(text)
    if not whole or "exact" in given:
        return part
    return replace(part, arguments=(*part.arguments, ("exact", True)))


def _typed(value: str, role: str) -> Input:
    if role in _NUMBERS:
        try:
            return NumberInput(default=float(value))
        except ValueError:
            return TextInput(default=value)
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            return DateInput(default=date.fromisoformat(value))
        except ValueError:
            return TextInput(default=value)
    return TextInput(default=value)


def _wild(path: str, slugs: Collection[str]) -> str:
    return "/".join(
        "*" if re.search(r"\d", part) or _slug(part) in slugs else part for part in path.split("/")
    )


def _slug(text: str) -> str:
    return "".join(c for c in text.casefold() if c.isalnum())


def texts_changed(value: Any, put: Callable[[str], str], put_in_words: Callable[[str], str]) -> Any:
    """A part of a workflow with each text put through `put`, texts for people through the other."""
    if isinstance(value, WorkflowPart):
        texts = {
            name: texts_changed(
                getattr(value, name), put_in_words if name in WORDS else put, put_in_words
            )
            for name in type(value).model_fields
        }
        return value.model_copy(update=texts)
    if isinstance(value, LocatorExpression):
        return value.filled(put)
    if isinstance(value, list):
        return [texts_changed(item, put, put_in_words) for item in value]
    if isinstance(value, dict):
        return {key: texts_changed(item, put, put_in_words) for key, item in value.items()}
    return put(value) if isinstance(value, str) else value
