"""Chores with single controls: buttons, boxes, lists, fields."""

from collections.abc import Iterator

from training import teacher
from training.chores.chore import Beat, Chore, of_spot
from training.chores.desk import Desk
from training.layout import PLACEHOLDERS, Spot
from training.pages import Page, View, Widget
from training.wants import Want

_ORDINALS = ("1st", "2nd", "3rd", "4th", "5th", "6th")
_FIELDS = (
    "text field|text field|textbox|text box|text input|input field|input|box|field|text area"
).split("|")


def of_spots(
    desk: Desk, task: str, spots: list[Spot], widgets: list[Widget], *, proven: bool = True
) -> Chore:
    """A chore whose steps are these wants, each with its widget on the one page."""
    page = desk.page(widgets)

    def play() -> Iterator[Beat]:
        for step, spot in enumerate(spots):
            clicks = spot.action == "click"
            yield from of_spot(page, step, spot, desk.effect(spot.target) if clicks else "")

    steps = [spot.want.do for spot in spots]
    return Chore(task, steps, page, play, desk.proof() if proven else None)


def ended(desk: Desk, text: str, spots: list[Spot], widgets: list[Widget], name: str = "") -> Chore:
    """The same, with a button that ends it."""
    button = Widget("button", name or desk.submit())
    told, want = desk.ending(button.name)
    rest = [Widget("button", name) for name in ("Cancel", "Reset") if desk.rng.random() < 0.08]
    spots = [*spots, Spot(want, button, "click", leaves=True)]
    return of_spots(desk, text + told, spots, [*widgets, button, *rest])


def press(desk: Desk) -> Chore:
    """One button or link to click, or several one after the other."""
    rng = desk.rng
    count = rng.choice((1, 1, 1, 1, 2, 2, 3))
    names = desk.things(count + rng.choice((0, 0, 1, 2, 3, 5)))
    kind = rng.choice(("button", "button", "button", "link", "clickable", "tab"))
    made = [Widget(kind, name) for name in names]  # type: ignore[arg-type]
    spots = [Spot(Want("press", "press", w.name), w, "click") for w in made[:count]]
    told = [desk.quoted(name) for name in names[:count]]
    noun = {"clickable": "link"}.get(kind, kind)
    if count == 1:
        forms = (
            ("Follow {}.", "Open the link {}.", "Follow the link {}.", "Press {}.", "Go to {}.")
            if noun == "link"
            else ('Click on the {} {n}.', 'Click on the "{}" {n}.', "Click {}.", "Click {n} {}.",
                  "Press {}.", "Press the {} {n}", "Hit {}.", "Push the {n} {}.", "Click on {}.",
                  "Please click {}.", "Find the {n} {} and click it.")
        )  # fmt: skip
        form = rng.choice(forms)
        text = form.format(names[0] if '"' in form else told[0], n=noun)
        if kind == "button" and len(names) == 1 and rng.random() < 0.5:
            text = rng.choice(("Click the button.", "Press the button.", "Click on the button"))
            spots = [Spot(Want("press", "press", "the button"), made[0], "click")]
    else:
        text = rng.choice(
            ("First press " + ", then ".join(told) + ".",
             "Press " + " and then ".join(told) + ".",
             "Press " + desk.joined(told) + " in this order.")
        )  # fmt: skip
    rng.shuffle(made)
    for _ in range(rng.choice((0, 0, 1, 2))):
        more = Widget("field", desk.words.name(2)) if rng.random() < 0.5 else Widget("text")
        more.text = desk.latin() if more.kind == "text" else ""
        made.insert(rng.randint(0, len(made)), more)
    return of_spots(desk, text, spots, made)


def tick(desk: Desk) -> Chore:
    """Boxes to tick (or to untick), then a button."""
    rng = desk.rng
    kind = "switch" if rng.random() < 0.08 else "checkbox"
    names = desk.things(rng.randint(2, 12))
    made = [Widget("check", name, type=kind) for name in names]
    few = min(len(names), rng.choice((0, 1, 2, 2, 3, 3, 4, 5, 6)))
    wanted = rng.sample(made, few)
    told = [desk.quoted(w.name) if rng.random() < 0.15 else w.name for w in wanted]
    if not wanted:
        text = rng.choice(("Select nothing", "Choose none of them", "Tick nothing"))
        return ended(desk, text, [], made)
    form = rng.choice(
        ("Select {}", "Select {}", "Tick {}", "Check {}", "Check the boxes {}", "Choose {}",
         "Mark {}", "Select the checkboxes {}", "Turn on {}", "Pick {}")
    )  # fmt: skip
    text = form.format(desk.joined(told))
    spots = [Spot(Want("choose", "extra", w.name), w, "check") for w in wanted]
    return ended(desk, text, spots, made)


def untick(desk: Desk) -> Chore:
    """One box to clear, then a button."""
    rng = desk.rng
    names = desk.things(rng.randint(2, 6))
    made = [Widget("check", name, type="checkbox", checked=rng.random() < 0.6) for name in names]
    target = rng.choice(made)
    target.checked = True
    do = rng.choice(("Untick {}", "Uncheck {}", "Deselect {}", "Turn off {}", "Clear {}"))
    text = do.format(desk.quoted(target.name))
    button = Widget("button", desk.submit())
    told, want = desk.ending(button.name)
    page = desk.page([*made, button])
    step = f"Untick {target.name}"

    def cleared(view: View) -> str:
        action = {**teacher.action(view, target, "check"), "checked": False}
        thinking = f"{step}: {teacher.quote(view.of(target))}"
        return teacher.decided(thinking, action, completes=True)

    def play() -> Iterator[Beat]:
        yield Beat(0, cleared, f"uncheck {target.said}", target.line)
        target.checked = False
        yield from of_spot(page, 1, Spot(want, button, "click"), desk.effect(button))

    return Chore(text + told, [step, want.do], page, play, desk.proof())


def choose(desk: Desk) -> Chore:
    """One of several: radio buttons, or an option of a list without a label."""
    rng = desk.rng
    names = desk.things(rng.randint(2, 8))
    name = rng.choice(names)
    told = desk.quoted(name) if rng.random() < 0.3 else name
    want = Want("choose", "item", name)
    if rng.random() < 0.5:
        text = rng.choice(("Select {}", "Choose {}", "Pick {}", "Decide for {}")).format(told)
        made = [Widget("check", n, type="radio") for n in names]
        return ended(desk, text, [Spot(want, made[names.index(name)], "check")], made)
    form = rng.choice(
        ("Select {} from the list", "Choose {} from the list", "Pick {} from the dropdown",
         "Select {} in the drop-down list", "Choose {} in the list", "Set the list to {}")
    )  # fmt: skip
    options = [rng.choice(PLACEHOLDERS[1:]), *names] if rng.random() < 0.3 else names
    combo = Widget("combo", desk.words.name(1) if rng.random() < 0.4 else "", options=options)
    combo.value = rng.choice((options[0], options[0], rng.choice(options)))
    return ended(desk, form.format(told), [Spot(want, combo, "select", name)], [combo])


def fill(desk: Desk) -> Chore:
    """Something to type into the only field, then a button."""
    rng, words = desk.rng, desk.words
    value = rng.choice((desk.tag, desk.thing, words.word, lambda: desk.latin(3), words.email))()
    value = words.number() if rng.random() < 0.1 else value
    noun = rng.choice(_FIELDS)
    form = rng.choice(
        ("Enter {} into the {}", "Type {} into the {}", "Enter {} in the {}", "Write {} in the {}",
         "Put {} into the {}", "Type {} in the {}", "Fill the {1} with {0}", "Input {} in the {}")
    )  # fmt: skip
    told = f'"{value}"' if rng.random() < 0.7 else value
    if value.isalpha() and value.isascii() and rng.random() < 0.2:
        upper = rng.random() < 0.5
        told = f'"{value.lower() if upper else value.upper()}"'
        value = value.upper() if upper else value.lower()
        case = "upper" if upper else "lower"
        form = rng.choice(
            (
                f"Type {{}} in all {case} case letters in the {{}}",
                f"Enter {{}} in {case} case into the {{}}",
            )
        )
    text = form.format(told, noun)
    label = "" if rng.random() < 0.6 else words.name(2)
    target = Widget("field", label, type="area" if noun == "text area" else "text")
    spot = Spot(Want("set", "field", value, noun), target, "fill", value)
    return ended(desk, text, [spot], [target])


def labelled(desk: Desk) -> Chore:
    """Fields told by their labels, then a button."""
    rng, words = desk.rng, desk.words
    labels = list(dict.fromkeys(words.word() for _ in range(rng.choice((1, 2, 2, 3)))))
    values = [rng.choice((desk.tag, words.word, desk.thing))() for _ in labels]
    told = [f'"{v}"' if rng.random() < 0.8 else v for v in values]
    lead, form = rng.choice(
        (("Enter ", "the {a} {v}"), ("Enter ", "{v} as {a}"), ("Type ", "{v} into {a}"),
         ("Fill in ", "{a} {v}"), ("Set ", "{a} to {v}"))
    )  # fmt: skip
    parts = [form.format(a=label, v=value) for label, value in zip(labels, told, strict=True)]
    spots = [_field(desk, label, value) for label, value in zip(labels, values, strict=True)]
    return ended(desk, lead + desk.joined(parts), spots, [spot.target for spot in spots])


def login(desk: Desk) -> Chore:
    """A name and a password, then the button that logs in."""
    rng, words = desk.rng, desk.words
    label = rng.choice(("username", "username", "user name", "email"))
    name = words.email() if label == "email" else rng.choice((desk.tag, words.word))()
    password = desk.tag()
    form = rng.choice(
        ('Enter the {a} "{n}" and the password "{p}" into the text fields',
         'Enter the {a} "{n}" and the password "{p}" into the text fields',
         "Log in as {a} {n} with the password {p}", 'Use {a} "{n}", password "{p}"')
    )  # fmt: skip
    spots = [_field(desk, label, name), _field(desk, "password", password)]
    button = rng.choice(("Login", "Login", "Log in", "Sign in"))
    text = form.format(a=label, n=name, p=password)
    return ended(desk, text, spots, [spot.target for spot in spots], button)


def _field(desk: Desk, label: str, value: str) -> Spot:
    kind = "password" if label == "password" else "text"
    target = Widget("field", desk.label(label), type=kind)
    return Spot(Want("set", "field", value, label), target, "fill", value)


def focus(desk: Desk) -> Chore:
    """A field to be in."""
    rng = desk.rng
    label = desk.words.word() if rng.random() < 0.5 else ""
    made = [Widget("field", desk.label(label) if label else "")]
    noun = f"{label} field" if label else rng.choice(("textbox", "text field"))
    if label:
        made += [Widget("field", desk.words.name(1)) for _ in range(rng.randint(0, 3))]
        target = made[0]
        rng.shuffle(made)
    else:
        target = made[0]
    form = rng.choice(("Focus into the {}.", "Click into the {}.", "Put the cursor into the {}."))
    want = Want("choose", "item", noun)
    return of_spots(desk, form.format(noun), [Spot(want, target, "click")], made, proven=False)


def nth(desk: Desk) -> Chore:
    """One of several by its place."""
    rng = desk.rng
    count = rng.randint(2, 5)
    at = rng.randrange(count)
    kind, noun = rng.choice((("check", "checkbox"), ("button", "button")))
    names = [""] * count if rng.random() < 0.3 else desk.things(count)
    made = [Widget(kind, name, type="checkbox") for name in names]  # type: ignore[arg-type]
    which = "last" if at == count - 1 and rng.random() < 0.5 else _ORDINALS[at]
    verb = rng.choice(("Click", "Click on", "Press", "Choose", "Select"))
    text = f"{verb} the {which} {noun}"
    action = "check" if kind == "check" else "click"
    spot = Spot(Want("choose", "item", f"the {which} {noun}"), made[at], action)  # type: ignore[arg-type]
    if rng.random() < 0.5:
        return ended(desk, text, [spot], made)
    return of_spots(desk, text + ".", [spot], made)


def pause(desk: Desk) -> Chore:
    """Two buttons with a time to wait between them."""
    rng = desk.rng
    names = desk.things(rng.choice((2, 2, 3)))
    made = [Widget("button", name) for name in names]
    first, then = names[0], names[1]
    seconds = rng.randint(1, 9)
    told = f"{seconds} second{'s' if seconds > 1 else ''}"
    form = rng.choice(
        ("Press {a}, wait {t}, then press {b}.", "Click {a}, wait {t} and click {b}.",
         "Click button {a}, wait {t}, then click button {b}.", "Press {a} and {t} later {b}.")
    )  # fmt: skip
    text = form.format(a=desk.quoted(first), b=desk.quoted(then), t=told)
    spots = [
        Spot(Want("press", "press", name), w, "click")
        for name, w in zip(names[:2], made[:2], strict=True)
    ]
    rng.shuffle(made)
    page = desk.page(made)
    steps = [spots[0].want.do, f"Wait {told}", spots[1].want.do]

    def waited(view: View) -> str:
        return teacher.decided(steps[1], {"action": "wait", "seconds": seconds}, completes=True)

    def play() -> Iterator[Beat]:
        yield from of_spot(page, 0, spots[0], desk.effect(spots[0].target))
        yield Beat(1, waited, f"wait {seconds} seconds", lambda: f"{seconds} seconds are over")
        yield from of_spot(page, 2, spots[1], desk.effect(spots[1].target))

    return Chore(text, steps, page, play, desk.proof())


def of_row(desk: Desk) -> Chore:
    """A button that every entry has, of one entry."""
    rng = desk.rng
    names = desk.things(rng.randint(2, 6))
    buttons = rng.sample(
        "Edit Delete View Reply Share Like Remove Open Add Copy Archive Rename Follow".split(),
        rng.randint(1, 3),
    )
    listed = rng.random() < 0.5
    entries = []
    for name in names:
        inner = [Widget("button", label) for label in buttons]
        if listed:
            text = f"{name} {desk.latin(5)}" if rng.random() < 0.6 else name
            entries.append(Widget("item", text=text, children=inner))
        else:
            entries.append(Widget("row", cells=[name, desk.words.price()], children=inner))
    at, label = rng.randrange(len(names)), rng.choice(buttons)
    if not listed:
        head = Widget("row", cells=[desk.words.name(1), desk.words.name(1), ""])
        around = [Widget("table", children=[head, *entries])]
    else:
        around = [Widget("list", children=entries)]
    target = entries[at].children[buttons.index(label)]
    context = entries[at].text or " | ".join(entries[at].cells)
    form = rng.choice(
        ('Click "{b}" for {n}.', "{b} {n}.", "Press {b} at {n}", "Click on the {b} button of {n}.",
         'For {n}, click on the "{b}" button.', "Click {b} on the entry {n}.", "{b} the entry {n}.")
    )  # fmt: skip
    want = Want("press", "press", f"{label} of {names[at]}")
    spot = Spot(want, target, "click", context=context)
    return of_spots(desk, form.format(b=label, n=names[at]), [spot], around)


def drag(desk: Desk) -> Chore:
    """An entry to be moved to a place."""
    rng = desk.rng
    names = desk.things(rng.randint(3, 6))
    items = [Widget("item", text=name) for name in names]
    source, place = rng.sample(range(len(names)), 2)
    told = desk.quoted(names[source]) if rng.random() < 0.2 else names[source]
    where = rng.choice((f"to the {_ORDINALS[place]} position", f"to {names[place]}"))
    verb = rng.choice(("Drag", "Drag", "Move"))
    step = f"Drag {names[source]} {where}"
    page: Page = desk.page([Widget("list", children=items)])

    def dragged(view: View) -> str:
        first, second = view.of(items[source]), view.of(items[place])
        action = {**teacher.action(view, items[source], "drag"), "to": f"[{second.ref}]"}
        thinking = f"{step}: {teacher.quote(first)}, onto {teacher.quote(second)}"
        return teacher.decided(thinking, action, completes=True)

    def play() -> Iterator[Beat]:
        said = f"drag listitem {names[source]} to listitem {names[place]}"
        yield Beat(0, dragged, said, lambda: f"~ {items[place].said}")

    return Chore(f"{verb} {told} {where}.", [step], page, play, desk.proof())
