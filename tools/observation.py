"""What the model sees of a page: the data, and the one format in which it is written.

One element a line, indented by nesting, the ref directly after the name:

    heading Menu[e1]
    listitem Margherita 8.50[e2]
     button Add[e3]
    combobox Size[e4]: Small (Small | Medium | Large, sold out (disabled))
    textbox Email[e5]: ann@example.com
    checkbox Olives[e6] (checked)
    *alert Street is missing[e7]

`*` marks a line that is new or changed since the last observation. States stand in round
brackets after the ref, the value after a colon, a list's options last. Every line that the
model may point at has a ref: elements it can act on, and texts it can cite as evidence.
Text from the page can never look like a ref or a tag of ours: `clean` sees to that.
"""

import re
from collections.abc import Sequence

from pydantic import BaseModel, ConfigDict, Field

_REF_LIKE = re.compile(r"\[(e\d+)\]")
_TAG_LIKE = re.compile(r"<(?=[|/!?A-Za-z])")
# Characters that are invisible or turn the reading order: controls, soft hyphen, zero-width,
# bidi, variation selectors, tag characters, icon fonts' private use, lone surrogates.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ud800-\uf8ff\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufffb\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)


class Option(BaseModel):
    """One choice of a list."""

    model_config = ConfigDict(frozen=True)

    label: str
    disabled: bool = False
    selected: bool = False


class Element(BaseModel):
    """One line of the page.

    `ref` is our number for this observation ("e12"); `target` is what `tools.locate` finds the
    element by (Playwright's own ref, "f1e3"), "" for pure text. `depth` is the nesting after
    pruning. `states` are words such as checked, disabled, expanded, required, invalid, focused,
    below, above.
    `context` tells apart controls of the same role and name ("Margherita 8.50").
    """

    model_config = ConfigDict(frozen=True)

    ref: str = ""
    role: str
    name: str = ""
    context: str = ""
    target: str = ""
    value: str | None = None
    states: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    depth: int = 0
    interactive: bool = False
    new: bool = False

    def line(self, *, refs: bool = True) -> str:
        """The element as the model reads it; without refs for history and verdicts."""
        head = self.head()
        if refs and self.ref:
            head += f"[{self.ref}]" if head != self.role else f" [{self.ref}]"
        return head + self.tail()

    def head(self) -> str:
        """What stands before the ref: role, name and what tells it from its twins."""
        name = f" {self.name}" if self.name else ""
        if self.context:
            name += f" ({self.context})"
        return self.role + name

    def tail(self, shown: Sequence[Option] | None = None) -> str:
        """What stands after the ref: states, value and options.

        `shown` are the options to write out when there are too many; the rest is counted.
        """
        states = f" ({', '.join(self.states)})" if self.states else ""
        value = f": {self.value}" if self.value else ""
        labels = [_option(option) for option in (self.options if shown is None else shown)]
        if len(labels) < len(self.options):
            labels.append(f"… {len(self.options) - len(labels)} more")
        options = f" ({' | '.join(labels)})" if labels else ""
        return states + value + options


class Observation(BaseModel):
    """One look at the page.

    `elements` holds every element before budgeting, in page order; `text` is what the model
    reads, `tokens` its length as counted by the caller's counter, never above the budget.
    `shown` are the refs in `text`. `fingerprint` is equal for equal page states (URL, lines
    without refs). `dialog` is an open alert/confirm/prompt, "" otherwise. `tabs` are the
    titles of all tabs, `tab` the index of the current one. `notices` are events since the
    last look (popup opened, download finished, request refused).
    """

    model_config = ConfigDict(frozen=True)

    url: str
    title: str = ""
    text: str = ""
    elements: list[Element] = Field(default_factory=list)
    shown: list[str] = Field(default_factory=list)
    tokens: int = 0
    fingerprint: str = ""
    dialog: str = ""
    tabs: list[str] = Field(default_factory=list)
    tab: int = 0
    notices: list[str] = Field(default_factory=list)

    def element(self, ref: str) -> Element | None:
        """The element with this ref, given as `[e12]` or `e12`; None if there is none."""
        bare = ref.strip("[]")
        return next((e for e in self.elements if e.ref == bare), None)


def clean(text: str) -> str:
    """Make page text harmless and one line: no line breaks, no ref or tag of ours in it.

    Characters that nobody sees go first, so that none can hide a ref or a tag from the rest.
    """
    seen = text if text.isascii() and text.isprintable() else _UNSEEN.sub("", text)
    flat = " ".join(seen.split())
    return _TAG_LIKE.sub("‹", _REF_LIKE.sub(r"(\1)", flat))


def render(elements: list[Element]) -> str:
    """The lines of these elements, as the model reads them."""
    return "\n".join(f"{'*' if e.new else ''}{' ' * e.depth}{e.line()}" for e in elements)


def _option(option: Option) -> str:
    return f"{option.label} (disabled)" if option.disabled else option.label
