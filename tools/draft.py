"""An element in the making: what pruning and describing still change."""

from dataclasses import dataclass, field

from tools.observation import Element, Option


@dataclass(slots=True, eq=False)
class Line:
    """One line while it is being worked on.

    For an element without a name of its own: `hint` is a name to take before the words
    beside it, `fallback` one to take after them. `column` is the table header above it, `box`
    where it stands.
    """

    role: str
    depth: int
    name: str = ""
    target: str = ""
    value: str | None = None
    states: list[str] = field(default_factory=list)
    options: list[Option] = field(default_factory=list)
    interactive: bool = False
    context: str = ""
    hint: str = ""
    fallback: str = ""
    column: str = ""
    box: tuple[int, int, int, int] | None = None

    def element(self) -> Element:
        """The finished line, not numbered yet."""
        return Element(
            role=self.role,
            name=self.name,
            context=self.context,
            target=self.target,
            value=self.value,
            states=tuple(self.states),
            options=tuple(self.options),
            depth=self.depth,
            interactive=self.interactive,
        )


def clip(text: str, length: int) -> str:
    """At most `length` characters, with `…` where something was cut."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"
