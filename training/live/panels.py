"""Live tasks with what is not there at first: behind a tab, in a section, in a menu, a page on."""

from collections.abc import Sequence

from training.chores.desk import Desk
from training.layout import Spot
from training.live.chores import COUNTED, proof_of
from training.live.task import Act, LiveTask, Rule, Value, acting, on_the_way
from training.pages import Widget
from training.wants import Want

_NOUNS = ("tab", "section", "panel", "area", "part", "page")


class Target:
    """What is to be done once it is in sight: a control, or one with a button that ends it."""

    def __init__(self, desk: Desk, others: Sequence[str]) -> None:
        rng, words = desk.rng, desk.words
        kind = rng.choice(("button", "link", "clickable", "field", "check", "combo"))
        self.name = next(n for n in iter(desk.thing, None) if n not in others)
        self.end = Widget("button", desk.submit())
        told, want = desk.ending(self.end.name)
        self.values: dict[Widget, Value] = {}
        self.wants: list[Want]
        if kind in ("button", "link", "clickable"):
            self.widget = Widget(kind, self.name)  # type: ignore[arg-type]
            self.text = rng.choice(("press {}", "click on {}", "choose {}", "click {}"))
            self.text = self.text.format(desk.quoted(self.name))
            self.wants, self.ends = [Want("press", "press", self.name)], False
            self.acts = [("click", "")]
            return
        self.ends = True
        if kind == "check":
            self.widget = Widget("check", self.name, type=rng.choice(("checkbox", "switch")))
            form = rng.choice(("turn on {}", "tick {}", "switch {} on", "activate {}"))
            self.text = form.format(desk.quoted(self.name)) + told
            self.wants = [Want("choose", "extra", self.name), want]
            self.values[self.widget] = True
            self.acts = [("check", ""), ("click", "")]
            return
        value = words.name(2) if kind == "combo" else rng.choice((desk.tag, words.email))()
        self.widget = Widget(kind, self.name)  # type: ignore[arg-type]
        if kind == "combo":
            others = [n for n in desk.things(rng.randint(2, 5)) if n.lower() != value.lower()]
            options = [*others, value]
            rng.shuffle(options)
            if options[0] == value:
                options.append(options.pop(0))
            self.widget.options = options
        form = rng.choice(("set {l} to {v}", "change {l} to {v}", "put {v} into {l}"))
        self.text = form.format(l=self.name, v=desk.quoted(value)) + told
        self.wants = [Want("set", "field", value, self.name), want]
        self.values[self.widget] = value
        self.acts = [("select" if kind == "combo" else "fill", value), ("click", "")]

    @property
    def clicks(self) -> list[Widget]:
        """The clicks that count."""
        return [self.end if self.ends else self.widget]

    @property
    def steps(self) -> list[str]:
        """The plan."""
        return [want.do for want in self.wants]

    def deciding(self, step: int = 0) -> list[Act]:
        """The decisions, once it is in sight."""
        widgets = [self.widget, self.end]
        return [
            acting(step + at, self.steps[at], widgets[at], kind, text)
            for at, (kind, text) in enumerate(self.acts)
        ]


def filling(desk: Desk, count: int) -> list[Widget]:
    """What else stands in a panel."""
    rng = desk.rng
    made = [Widget("text", text=desk.latin(6)) for _ in range(rng.randint(0, 2))]
    made += desk.decoys(count)
    rng.shuffle(made)
    return made


def _panels(desk: Desk, names: Sequence[str], target: Target, at: int) -> list[Widget]:
    panels = []
    for n, name in enumerate(names):
        inside = filling(desk, desk.rng.choice((0, 1, 1, 2, 3)))
        if n == at:
            place = desk.rng.randint(0, len(inside))
            inside[place:place] = [target.widget, *([target.end] if target.ends else [])]
        panels.append(Widget("panel", name, children=inside or [Widget("text", text=desk.latin())]))
    return panels


def _told(desk: Desk, noun: str, name: str, does: str, *, named: bool) -> str:
    """The task, with or without the name of the panel that it is about."""
    rng = desk.rng
    if named:
        form = rng.choice(
            ("In the {n} {p}, {d}", "Open {p} and {d}", "Go to {p}, then {d}", "Under {p}, {d}",
             "Switch to the {p} {n} and {d}", "On the {n} called {p}, {d}")
        )  # fmt: skip
    else:
        form = rng.choice(
            ("{d}", "{d}", "Please {d}", "Somewhere on this page: {d}", "{d} (see the {n}s)",
             "Look through the {n}s and {d}")
        )  # fmt: skip
    text = form.format(n=noun, p=name if rng.random() < 0.6 else f'"{name}"', d=does)
    return text[:1].upper() + text[1:] + ("" if text.endswith(".") else ".")


def tabs(desk: Desk) -> LiveTask:
    """Something that is on another tab: named, then it is opened; or found, by trying them."""
    rng = desk.rng
    names = desk.things(rng.randint(2, 5))
    target = Target(desk, names)
    at = rng.randrange(1, len(names))
    noun = rng.choice(_NOUNS)
    panels = _panels(desk, names, target, at)
    heads = [_head(name, open_=n == 0) for n, name in enumerate(names)]
    rules = [
        Rule(
            head,
            show=[panel],
            hide=[p for p in panels if p is not panel],
            opens=[head],
            closes=[h for h in heads if h is not head],
        )
        for head, panel in zip(heads, panels, strict=True)
    ]
    return _opened(desk, noun, names, heads, panels, rules, target, at, [*heads, *panels])


def sections(desk: Desk) -> LiveTask:
    """Something that is in a section that has to be opened first; others stay open."""
    rng = desk.rng
    names = desk.things(rng.randint(1, 5))
    target = Target(desk, names)
    at = rng.randrange(len(names))
    panels = _panels(desk, names, target, at)
    kind = rng.choice(("tab", "button", "button"))
    heads = [_head(name, open_=False, kind=kind) for name in names]
    rules = [
        Rule(head, show=[panel], opens=[head]) for head, panel in zip(heads, panels, strict=True)
    ]
    main = [widget for pair in zip(heads, panels, strict=True) for widget in pair]
    noun = rng.choice(("section", "part", "chapter", "area"))
    return _opened(desk, noun, names, heads, panels, rules, target, at, main)


def _head(name: str, *, open_: bool, kind: str = "tab") -> Widget:
    states = {"expanded", "selected"} if open_ else {"collapsed"}
    return Widget(kind, name, states=states)  # type: ignore[arg-type]


def _opened(
    desk: Desk,
    noun: str,
    names: Sequence[str],
    heads: Sequence[Widget],
    panels: Sequence[Widget],
    rules: Sequence[Rule],
    target: Target,
    at: int,
    main: list[Widget],
) -> LiveTask:
    """The one panel is opened because the task names it, or one after the other."""
    rng = desk.rng
    named = rng.random() < 0.55
    text = _told(desk, noun, names[at], target.text, named=named)
    others = [head for n, head in enumerate(heads) if n != at]
    shown = [n for n, head in enumerate(heads) if "expanded" in head.states]
    if named:
        steps = [f"Open {names[at]}", *target.steps]
        acts = [acting(0, steps[0], heads[at], slips=others), *target.deciding(1)]
    else:
        steps = target.steps
        way = [head for n, head in enumerate(heads[: at + 1]) if n not in shown]
        acts = [on_the_way(0, steps[0], head) for head in way]
        acts += target.deciding()
    hidden = [panel for n, panel in enumerate(panels) if n not in shown]
    return task_of(desk, text, steps, main, acts, target.clicks, target.values, rules, hidden,
                   openers=heads)  # fmt: skip


def task_of(
    desk: Desk,
    text: str,
    steps: Sequence[str],
    main: list[Widget],
    acts: Sequence[Act],
    clicks: Sequence[Widget],
    values: dict[Widget, Value],
    rules: Sequence[Rule],
    hidden: Sequence[Widget],
    openers: Sequence[Widget] = (),
) -> LiveTask:
    """A task on a page with this on it; what only opens something does not count as a click."""
    page, proof = desk.page(main), proof_of(desk)
    page.widgets.insert(desk.rng.randint(0, len(page.widgets)), proof)
    inner = {widget for opener in openers for widget in opener.walk()} - set(clicks)
    counted = [w for w in page.walk() if (w.kind in COUNTED and w not in inner) or w in clicks]
    return LiveTask(
        task=text,
        steps=steps,
        page=page,
        acts=lambda: iter(acts),
        clicks=clicks,
        counted=counted,
        proof=proof,
        values=values,
        rules=rules,
        hidden=[*hidden, proof],
    )


def menu(desk: Desk) -> LiveTask:
    """A command in a menu that opens level by level, under the pointer or on a click."""
    rng = desk.rng
    depth = rng.choice((1, 2, 2, 3))
    kind = rng.choice(("button", "menuitem", "menuitem", "clickable"))
    event = "hover" if kind == "menuitem" and rng.random() < 0.5 else "click"
    names = desk.things(depth * 4 + 4)
    levels = [[names.pop() for _ in range(rng.randint(2, 4))] for _ in range(depth + 1)]
    path = [rng.choice(level) for level in levels]
    rows = [
        [Widget(kind if n == 0 else "menuitem", name) for name in level]  # type: ignore[arg-type]
        for n, level in enumerate(levels)
    ]
    chosen = [next(w for w in row if w.name == name) for row, name in zip(rows, path, strict=True)]
    rules, openers = [], []
    for n, widget in enumerate(chosen[:-1]):
        below = [w for row in rows[n + 2 :] for w in row]
        rules.append(Rule(widget, event, show=rows[n + 1], hide=below))  # type: ignore[arg-type]
        openers.append(widget)
    for row in rows[:1]:  # the other heads close what is open
        below = [w for deeper in rows[1:] for w in deeper]
        more = [w for w in row if w is not chosen[0]]
        rules += [Rule(w, event, hide=below) for w in more]  # type: ignore[arg-type]
        openers += more
    joint = rng.choice((" > ", " / ", " → ", ", then ", " and there "))
    form = rng.choice(("In the menu choose {}.", "Use the menu: {}.", "Choose {} in the menu.",
                       "Click {} in the menu.", "Menu: {}."))  # fmt: skip
    steps = [*(f"Open {name}" for name in path[:-1]), f"Choose {path[-1]}"]
    opening = "hover" if event == "hover" else "click"
    acts = [acting(n, steps[n], w, opening) for n, w in enumerate(chosen[:-1])]
    acts.append(acting(depth, steps[-1], chosen[-1]))
    main = _menu_widgets(rows, chosen)
    hidden = [w for row in rows[1:] for w in row]
    return task_of(desk, form.format(joint.join(path)), steps, main, acts, chosen[-1:], {}, rules,
                   hidden, openers)  # fmt: skip


def _menu_widgets(rows: list[list[Widget]], chosen: list[Widget]) -> list[Widget]:
    """Each level stands behind the entry that opens it."""
    inner: list[Widget] = []
    for row, opener in zip(reversed(rows), reversed(chosen), strict=True):
        at = row.index(opener) + 1
        inner = [*row[:at], *inner, *row[at:]]
    return inner


def wizard(desk: Desk) -> LiveTask:
    """Fields on several pages, one after the other, and a button that ends it on the last."""
    rng, words = desk.rng, desk.words
    count = rng.randint(2, 4)
    labels = list(dict.fromkeys(words.name(2) for _ in range(count)))
    pages, rules, acts, parts = [], [], [], []
    values: dict[Widget, Value] = {}
    steps: list[str] = []
    nexts = [desk.way_on() for _ in labels]
    backs = [Widget("button", "Back") for _ in labels]
    for n, label in enumerate(labels):
        value = rng.choice((desk.tag, words.city, words.person, words.word))()
        field = Widget("field", label)
        values[field] = value
        want = Want("set", "field", value, label)
        spot = Spot(want, field, "fill", value)
        parts.append(f"{label}: {desk.quoted(spot.text)}")
        inside = [*filling(desk, rng.choice((0, 0, 1))), field, nexts[n]]
        if n and rng.random() < 0.5:
            inside.append(backs[n])
        pages.append(Widget("box", children=inside))
        if n:
            acts.append(on_the_way(n, want.do, nexts[n - 1]))
        steps.append(want.do)
        acts.append(acting(n, want.do, field, "fill", value))
    for n, page in enumerate(pages):
        if n + 1 < len(pages):
            rules.append(Rule(nexts[n], show=[pages[n + 1]], hide=[page]))
        if n and backs[n] in page.children:
            rules.append(Rule(backs[n], show=[pages[n - 1]], hide=[page]))
    end = nexts[-1]
    told, want = desk.ending(end.name)
    lead = rng.choice(("Fill in ", "Enter ", "Go through the pages: ", "Type "))
    steps.append(want.do)
    acts.append(acting(len(labels), want.do, end))
    openers = [*nexts[:-1], *backs]
    return task_of(desk, lead + ", ".join(parts) + told, steps, pages, acts, [end], values, rules,
                   pages[1:], openers)  # fmt: skip
