"""What a tool is: one record with typed arguments and a declared effect.

The guard rules on the declared effect, not on names; the answer's grammar is built from the
argument models; the model reads their docstrings and field descriptions. Nothing else
describes an action anywhere.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from tools.observation import Element, Observation

Effect = Literal["read", "input", "navigate", "commit", "talk"]
"""read: looks only. input: changes the page. navigate: loads a document. commit: always acts
beyond the page (upload). talk: speaks with the user or ends the run; touches no page.
A click is `input`; the guard raises it to `commit` when the element's words say so."""

REF_PATTERN = r"^\[e[0-9]+\]$"


class Action(BaseModel):
    """Base of all arguments: what the model answers for one action.

    Each subclass sets `action: Literal["name"]`, its docstring is the description that the
    model reads, and its fields have descriptions.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: str

    def said(self, element: Element | None = None) -> str:
        """The action in words without refs, for history, display and log.

        `select combobox Size: Large`, `click button Add (Funghi)`, `press Enter`.
        """
        words = self.action.replace("_", " ")
        if element is not None:
            target = f"{element.role} {element.name}".strip()
            words += f" {target}" + (f" ({element.context})" if element.context else "")
        given = self.model_dump(exclude={"action", "ref"}, exclude_defaults=True, warnings=False)
        if not given:
            return words
        return f"{words}{': ' if element is not None else ' '}" + ", ".join(
            value if isinstance(value, str) else f"{name} {value}" for name, value in given.items()
        )

    def said_on(self, page: Observation) -> str:
        """The same with the elements that its refs mean on this page."""
        return self.said(page.element(getattr(self, "ref", None) or ""))


class RefAction(Action):
    """Base of actions on one element of the page."""

    ref: str = Field(pattern=REF_PATTERN, description="the element's ref, e.g. [e12]")


@dataclass(frozen=True)
class Done:
    """What a tool function returns when it did its part; judging the effect is verify's job.

    `text` is what a read or extract brought; `locator` is the resilient role-and-name
    locator that replays the action later (never a ref); `expected` is the value that the
    element must hold now (verify compares), None when nothing is to be compared. `opens` says
    that the element announces something that comes a moment later: suggestions, a submenu.
    """

    text: str = ""
    locator: str = ""
    expected: str | None = None
    opens: bool = False


@dataclass(frozen=True)
class Tool:
    """One action that the assistant can take.

    `roles` are the element roles for which the action makes sense; the decoder is only
    offered refs of those. Empty means that the action takes no ref.
    """

    name: str
    args: type[Action]
    effect: Effect
    run: Callable[..., Awaitable[Done]]
    roles: frozenset[str] = frozenset()

    @property
    def description(self) -> str:
        """The sentence that the model reads."""
        return " ".join((self.args.__doc__ or "").split())


REGISTRY: dict[str, Tool] = {}
"""All tools by name; filled when `tools.actions` is imported."""


def tool(
    effect: Effect, roles: frozenset[str] = frozenset()
) -> Callable[[Callable[..., Awaitable[Done]]], Callable[..., Awaitable[Done]]]:
    """Register an async function `run(args, hands) -> Done` as a tool.

    The first parameter's annotation is the argument model; its `action` literal is the name.
    """

    def register(run: Callable[..., Awaitable[Done]]) -> Callable[..., Awaitable[Done]]:
        args: Any = next(iter(run.__annotations__.values()))
        name = args.model_fields["action"].annotation.__args__[0]
        REGISTRY[name] = Tool(name=name, args=args, effect=effect, run=run, roles=roles)
        return run

    return register
