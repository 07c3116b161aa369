"""Chores with what opens and closes: tabs, sections, menus, dialogs."""

from collections.abc import Callable, Iterator

from training import teacher
from training.chores.chore import Beat, Chore, of_spot
from training.chores.controls import of_spots
from training.chores.desk import Desk
from training.layout import Spot
from training.pages import View, Widget
from training.wants import Want


def _labels(desk: Desk, count: int) -> tuple[str, list[str]]:
    """What the panels are called in the task, and what their heads say."""
    rng = desk.rng
    noun = rng.choice(("tab", "tab", "section", "section", "panel", "chapter"))
    if rng.random() < 0.6:
        return noun, [f"{noun.title()} #{n + 1}" for n in range(count)]
    return noun, desk.things(count)


def _head(desk: Desk, name: str, *, open_: bool, linked: bool) -> Widget:
    head = Widget("tab", name, states={"expanded", "selected"} if open_ else {"collapsed"})
    head.children = [Widget("link", name)] if linked else []
    return head


def switch(desk: Desk) -> Chore:
    """A tab to go to."""
    rng = desk.rng
    count = rng.randint(2, 5)
    noun, names = _labels(desk, count)
    shown, at = rng.randrange(count), rng.randrange(count)
    linked = rng.random() < 0.6
    heads = [_head(desk, n, open_=i == shown, linked=linked) for i, n in enumerate(names)]
    panel = Widget("panel", names[shown], children=[Widget("text", text=desk.latin())])
    told = desk.quoted(names[at]) if rng.random() < 0.4 else names[at]
    form = rng.choice(("Click on {}.", "Switch to {}.", "Open {}.", "Go to the {} {}.", "Show {}."))
    want = Want("press", "press", names[at])
    spot = Spot(want, heads[at], "click")
    return of_spots(desk, form.format(told, noun), [spot], [*heads, panel], proven=False)


def search(desk: Desk) -> Chore:
    """A link that is in one of several panels: they are opened one after the other."""
    rng = desk.rng
    count = rng.randint(1, 4)
    noun, names = _labels(desk, count)
    tabs, linked = rng.random() < 0.5, rng.random() < 0.6
    links = desk.things(count * rng.randint(1, 4))
    kind = rng.choice(("clickable", "clickable", "link"))
    panels = [_panel(desk, name, links[n::count], kind) for n, name in enumerate(names)]
    target = rng.choice([w for panel in panels for w in panel.children if w.kind == kind])
    heads = [_head(desk, name, open_=False, linked=tabs and linked) for name in names]
    told = desk.quoted(target.name)
    form = rng.choice(
        ("Switch between the tabs to find and click on the link {l}.",
         "Expand the {n}s below, to find and click on the link {l}.",
         "Look through the {n}s for the link {l} and click it.",
         "Find {l} in the {n}s and click it.",
         "Click the link {l}, it is in one of the {n}s.", "Open the {n} with {l} and press {l}.")
    )  # fmt: skip
    page = desk.page(list(heads))
    at = page.widgets.index(heads[0])
    want = Want("press", "press", target.name)
    others = [w for w in page.widgets if w not in heads]

    def show(which: int) -> None:
        for n, head in enumerate(heads):
            head.states = {"expanded", "selected"} if n == which else {"collapsed"}
        main: list[Widget] = []
        for n, head in enumerate(heads):
            main.append(head)
            if n == which and not tabs:
                main.append(panels[n])
        if tabs and which >= 0:
            main.append(panels[which])
        page.widgets[:] = [*others[:at], *main, *others[at:]]

    def opened(head: Widget) -> str:
        return f"+ tabpanel {head.name}" if rng.random() < 0.5 else f"~ {head.line()}"

    def play() -> Iterator[Beat]:
        start = 0 if tabs else -1
        show(start)
        for n, panel in enumerate(panels):
            if n != start:
                yield Beat(
                    0, _open(want, heads[n]), f"click {heads[n].said}", lambda n=n: opened(heads[n])
                )  # type: ignore[misc]
                show(n)
            if target in panel.children:
                yield from of_spot(page, 0, Spot(want, target, "click"), desk.effect(target))
                return

    show(0 if tabs else -1)
    return Chore(form.format(n=noun, l=told), [want.do], page, play, desk.proof())


def _panel(desk: Desk, name: str, links: list[str], kind: str) -> Widget:
    inside: list[Widget] = []
    for link in links:
        if desk.rng.random() < 0.6:
            inside.append(Widget("text", text=desk.latin(6)))
        inside.append(Widget(kind, link))  # type: ignore[arg-type]
    if desk.rng.random() < 0.5:
        inside.append(Widget("text", text=desk.latin(6)))
    return Widget("panel", name, children=inside)


def _open(want: Want, head: Widget) -> Callable[[View], str]:
    return lambda view: teacher.go_on(view, want, head)


def expand(desk: Desk) -> Chore:
    """A section to open, then a button that may be in it."""
    rng = desk.rng
    name = rng.choice((f"Section #{rng.randint(1, 99)}", desk.thing()))
    head = _head(desk, name, open_=False, linked=False)
    button = Widget("button", desk.submit())
    told, want = desk.ending(button.name)
    form = rng.choice(("Expand the section below", "Open the section", "Unfold the section {}"))
    do = Want("choose", "item", "the section" if "{}" not in form else f"the section {name}")
    text = Widget("text", text=desk.latin())
    panel = Widget("panel", name, children=[text])
    inside = rng.random() < 0.4
    page = desk.page([head] if inside else [head, button])

    def play() -> Iterator[Beat]:
        spot = Spot(do, head, "click")
        yield from of_spot(page, 0, spot, rng.choice((f"+ tabpanel {name}", f"~ tab {name}")))
        head.states = {"expanded", "selected"}
        panel.children = [text, button] if inside else [text]
        page.widgets.insert(page.widgets.index(head) + 1, panel)
        yield from of_spot(page, 1, Spot(want, button, "click"), desk.effect(button))

    return Chore(form.format(name) + told, [do.do, want.do], page, play, desk.proof())


def menu(desk: Desk) -> Chore:
    """A path through a menu."""
    rng = desk.rng
    depth = rng.choice((1, 2, 2, 3, 3))
    levels = [desk.things(rng.randint(2, 5)) for _ in range(depth)]
    path = [rng.choice(level) for level in levels]
    if len({p.lower() for p in path}) < depth:
        return menu(desk)
    joint = rng.choice((">", " > ", ">", " / ", " -> "))
    form = rng.choice(("Select {}", "Choose {}", "Go to {}", "Open {}", "In the menu, choose {}."))
    text = form.format(joint.join(path))
    if depth == 2 and rng.random() < 0.3:
        text = f"Open the menu {desk.quoted(path[0])} and choose {desk.quoted(path[1])}."
    rows = [[Widget("menuitem", name) for name in level] for level in levels]
    page = desk.page(list(rows[0]))
    steps = [f"Open {name}" for name in path[:-1]]
    last = Want("choose", "item", path[-1])

    def play() -> Iterator[Beat]:
        for n, step in enumerate(steps):
            target = next(w for w in rows[n] if w.name == path[n])
            yield Beat(
                n,
                _pointed_at(step, target),
                f"hover {target.said}",
                lambda n=n: f"+ menuitem {levels[n + 1][0]}",  # type: ignore[misc]
            )
            at = page.widgets.index(target)
            page.widgets[at + 1 : at + 1] = rows[n + 1]
            for widget in rows[n + 1]:
                widget.new = True
        target = next(w for w in rows[-1] if w.name == path[-1])
        yield from of_spot(page, depth - 1, Spot(last, target, "click"), desk.effect(target))

    return Chore(text, [*steps, last.do], page, play, desk.proof())


def _pointed_at(step: str, target: Widget) -> Callable[[View], str]:
    """A menu opens under the pointer; a click may choose its head."""

    def reply(view: View) -> str:
        thinking = f"{step}: {teacher.quote(view.of(target))}"
        return teacher.decided(thinking, teacher.action(view, target, "hover"), completes=True)

    return reply


def dialog(desk: Desk) -> Chore:
    """A dialog of the page to be closed, by a button named or not."""
    rng = desk.rng
    closer = rng.choice(("Close", "Close", "×", "x", "X", "Dismiss", "OK"))
    button = Widget("button", closer)
    inside = [Widget("text", text=desk.latin()), button]
    rng.shuffle(inside)
    names = desk.things(rng.randint(1, 3))
    title = desk.words.name(2)
    if rng.random() < 0.45:
        others = [Widget("button", name) for name in names]
        box = Widget("dialog", title, children=[*inside, *others])
        target = rng.choice(others)
        form = rng.choice(
            ("Press {} in the dialog.", 'Answer the dialog with "{}".', "Say {} to the message.")
        )
        want = Want("press", "press", target.name)
        return of_spots(desk, form.format(target.name), [Spot(want, target, "click")], [box])
    box = Widget("dialog", title, children=inside)
    text = rng.choice(
        ('Close the dialog box by clicking the "x".', "Close the dialog.", "Close the window.",
         "Close the popup.", f"Close {title}.", "Dismiss the dialog.", "Close the message box.")
    )  # fmt: skip
    page = desk.page([box])

    def closed(view: View) -> str:
        thinking = f"Close the dialog: {teacher.quote(view.of(button))}"
        return teacher.decided(thinking, teacher.action(view, button, "click"), completes=True)

    def play() -> Iterator[Beat]:
        yield Beat(0, closed, f"click {button.said}", lambda: f"- dialog {title}")
        page.widgets.remove(box)

    return Chore(text, ["Close the dialog"], page, play)
