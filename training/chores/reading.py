"""Chores that take what they enter from the page: values looked up, sums, suggestions, dates."""

from calendar import month_name, monthrange
from collections.abc import Callable, Iterator

from training import teacher
from training.chores.chore import Beat, Chore, of_spot
from training.chores.desk import Desk
from training.layout import Spot
from training.pages import View, Widget
from training.wants import Want

_FIELDS = ("text field", "textbox", "text box", "input", "field")


def _taken(
    desk: Desk, text: str, do: str, value: str, shown: list[Widget], source: Widget, target: Widget
) -> Chore:
    """A value that stands in `source` goes into `target`, then a button."""
    button = Widget("button", desk.submit())
    told, want = desk.ending(button.name)
    page = desk.page([*shown, button])

    def entered(view: View) -> str:
        first, second = view.of(source), view.of(target)
        found = teacher.quote(first) if len(first.line()) < 60 else f"[{first.ref}]"
        thinking = f"{do}: {found}, so {value}: {teacher.quote(second)}"
        return teacher.decided(
            thinking, teacher.action(view, target, "fill", value), completes=True
        )

    def play() -> Iterator[Beat]:
        yield Beat(0, entered, f"fill {target.said}: {value}", target.line)
        target.value, target.focused, target.new = value, True, True
        yield from of_spot(page, 1, Spot(want, button, "click"), desk.effect(button))

    return Chore(text + told, [do, want.do], page, play, desk.proof())


def look_up(desk: Desk) -> Chore:
    """A value that stands beside its label."""
    rng, words = desk.rng, desk.words
    labels = list(dict.fromkeys(words.name(2) for _ in range(rng.randint(2, 7))))
    draws = (words.name, words.person, words.word, words.number, words.city, words.price)
    values = [str(rng.choice(draws)()) for _ in labels]
    at = rng.randrange(len(labels))
    kind = rng.randrange(3)
    if kind == 0:
        lines = [Widget("row", cells=[a, v]) for a, v in zip(labels, values, strict=True)]
        around = [Widget("table", children=lines)]
    elif kind == 1:
        lines = [Widget("item", text=f"{a}: {v}") for a, v in zip(labels, values, strict=True)]
        around = [Widget("list", children=lines)]
    else:
        lines = [Widget("text", text=f"{a}: {v}") for a, v in zip(labels, values, strict=True)]
        around = lines
    field = Widget("field", "" if rng.random() < 0.6 else words.name(1))
    noun = rng.choice(_FIELDS)
    label = labels[at]
    form = rng.choice(
        ("Enter the value of {l} into the {f}", "Type the value of {l} into the {f}",
         "Copy the value of {l} into the {f}", "Put what stands beside {l} into the {f}",
         "Look up {l} and enter it into the {f}", "Write the value of {l} in the {f}")
    )  # fmt: skip
    do = f"Set {noun} to the value of {label}"
    shown = [*around, field] if rng.random() < 0.8 else [field, *around]
    return _taken(desk, form.format(l=label, f=noun), do, values[at], shown, lines[at], field)


def copied(desk: Desk) -> Chore:
    """A text that stands in one field, to be put into the other."""
    rng = desk.rng
    text = desk.latin(9)
    source, target = Widget("field", type="area", value=text), Widget("field")
    form, do = rng.choice(
        (("Copy the text in the textarea below, paste it into the textbox",
          "Set textbox to the text in the textarea"),
         ("Copy the text of the text area into the text field",
          "Set text field to the text of the text area"))
    )  # fmt: skip
    if rng.random() < 0.25:
        form = "Find the last word in the text area, enter it into the text field"
        do = "Set text field to the last word in the text area"
        text = text.split()[-1]
    shown = [source, target] if rng.random() < 0.5 else [target, source]
    return _taken(desk, form, do, text, shown, source, target)


def sums(desk: Desk) -> Chore:
    """A small sum."""
    rng = desk.rng
    a, b = rng.randint(0, 10), rng.randint(0, 10)
    sign, result = rng.choice((("+", a + b), ("-", a - b), ("x", a * b)))
    asked = f"{a} {sign} {b} ="
    field = Widget("field", asked)
    form = rng.choice(
        ("Solve the math problem and type your answer into the textbox",
         "Work out the sum and enter the result in the textbox", "Enter the result of the sum")
    )  # fmt: skip
    return _taken(desk, form, "Set textbox to the answer", str(result), [field], field, field)


def suggested(desk: Desk) -> Chore:
    """The beginning of a word is typed, then one of the suggestions is chosen."""
    rng, words = desk.rng, desk.words
    name = words.dress(words.word())
    start = name[: rng.randint(2, max(2, len(name) - 1))]
    others = [start + words.made_up()[:5] for _ in range(rng.choice((0, 0, 1, 2)))]
    ending = name[-rng.randint(2, 3) :] if others or rng.random() < 0.3 else ""
    if any(other.endswith(ending) for other in others):
        others = []
    label = rng.choice(("Tags:", words.name(1), "Search", "Country", ""))
    field = Widget("field", label)
    options = [Widget(rng.choice(("clickable", "option")), n) for n in (name, *others)]  # type: ignore[arg-type]
    target = options[0]
    rng.shuffle(options)
    told_of = rng.random() < 0.4
    verb = rng.choice(("Choose", "Pick", "Take") if told_of else ("Enter", "Enter", "Choose"))
    text = f'{verb} an item that starts with "{start}"'
    do = f"Choose an item that starts with {start}"
    if ending:
        text, do = f'{text} and ends with "{ending}"', f"{do} and ends with {ending}"
    button = Widget("button", desk.submit())
    told, want = desk.ending(button.name)
    if not told_of:  # the page has a button that nobody speaks of
        told, want = ".", Want("send", "send")
    page = desk.page([field, button])

    def typed(view: View) -> str:
        thinking = f"{do}: {teacher.quote(view.of(field))}"
        return teacher.decided(
            thinking, teacher.action(view, field, "fill", start), completes=False
        )

    def taken(view: View) -> str:
        thinking = f"{do}: {teacher.quote(view.of(target))}"
        return teacher.decided(thinking, teacher.action(view, target, "click"), completes=True)

    def sent(view: View) -> str:
        thinking = f"{want.do}: {teacher.quote(view.of(button))}"
        done = want.kind != "send"
        return teacher.decided(thinking, teacher.action(view, button, "click"), completes=done)

    def play() -> Iterator[Beat]:
        yield Beat(0, typed, f"fill {field.said}: {start}", field.line)
        field.value, field.focused, field.new = start, True, True
        count = len(options)
        hint = Widget("status", text=f"{count} result{'s are' if count > 1 else ' is'} available.")
        lists = [*options, hint] if rng.random() < 0.6 else options
        for widget in lists:
            widget.new = True
        page.widgets += lists
        yield Beat(0, taken, f"click {target.said}", lambda: f"{field.said}: {name}")
        field.value = name
        page.widgets[:] = [w for w in page.widgets if w not in lists]
        yield Beat(1, sent, f"click {button.said}", lambda: desk.effect(button))

    return Chore(text + told, [do, want.do], page, play, desk.proof())


def date(desk: Desk) -> Chore:
    """A day to be chosen in a calendar that opens on the field."""
    rng = desk.rng
    year, month, day = rng.randint(2014, 2035), rng.randint(1, 12), rng.randint(1, 28)
    told = rng.choice((f"{month:02d}/{day:02d}/{year}",) * 3 + (f"{day} {month_name[month]} {year}",
                      f"{year}-{month:02d}-{day:02d}"))  # fmt: skip
    noun = rng.choice(("date", "date", "day", "departure", "date of arrival"))
    form = rng.choice(("Select {d} as the {n}", "Set the {n} to {d}", "Choose {d} as the {n}"))
    button = Widget("button", desk.submit())
    end, want = desk.ending(button.name)
    field = Widget("field", desk.label(noun), states={"readonly"})
    page = desk.page([field, button])
    do = f"Set {noun} to {told}"
    away = rng.choice((0, 0, 1, -1, 2, -2, 3, -4, -6))
    kind = rng.choice(("clickable", "link", "button"))
    names = (("Prev", "Next"), ("Previous", "Next"), ("‹", "›"), ("Previous month", "Next month"))
    back, onward = (Widget(kind, name) for name in rng.choice(names))  # type: ignore[arg-type]
    days_are = rng.choice(("link", "link", "button", "clickable"))

    def calendar(offset: int) -> tuple[list[Widget], str]:
        at = year * 12 + month - 1 + offset
        shown = f"{month_name[at % 12 + 1]} {at // 12}"
        count = monthrange(at // 12, at % 12 + 1)[1]
        days = [Widget(days_are, str(n)) for n in range(1, count + 1)]  # type: ignore[arg-type]
        week = Widget("table", children=[Widget("row", cells="Su Mo Tu We Th Fr Sa".split())])
        return [back, onward, Widget("text", text=shown), week, *days], shown

    def pressed(target: Widget, why: str, *, completes: bool) -> Callable[[View], str]:
        def reply(view: View) -> str:
            thinking = f"{do}: {why}{teacher.quote(view.of(target))}"
            action = teacher.action(view, target, "click")
            return teacher.decided(thinking, action, completes=completes)

        return reply

    def play() -> Iterator[Beat]:
        rest = list(page.widgets)
        opens = pressed(field, "", completes=False)
        yield Beat(0, opens, f"click {field.said}", lambda: f"+ text {calendar(away)[1]}")
        field.focused = True
        for offset in [*range(away, 0, -1 if away > 0 else 1), 0]:
            widgets, shown = calendar(offset)
            page.widgets[:] = [*rest, *widgets]
            for widget in widgets:
                widget.new = True
            if offset:
                way = back if offset > 0 else onward
                why = (
                    f"{month_name[month]} {year} is {'before' if offset > 0 else 'after'} {shown}: "
                )
                turned = pressed(way, why, completes=False)
                yield Beat(0, turned, f"click {way.said}", lambda s=shown: f"- text {s}")  # type: ignore[misc]
            else:
                target = next(w for w in widgets if w.name == str(day))
                chosen = pressed(target, f"{shown}, day {day}: ", completes=True)
                yield Beat(0, chosen, f"click {target.said}", lambda: f"{field.said}: {told}")
        field.value = told
        page.widgets[:] = rest
        yield from of_spot(page, 1, Spot(want, button, "click"), desk.effect(button))

    text = form.format(d=told, n=noun) + end
    return Chore(text, [do, want.do], page, play, desk.proof())


def form_of(desk: Desk) -> Chore:
    """A search whose parts are named by what they are, not by the page's labels."""
    rng, words = desk.rng, desk.words
    forms = (
        ("Search for {a} movies directed by {b} from year {c}.", ("Genre", "Director", "Year")),
        ("Find {a} books written by {b} published in {c}.", ("Topic", "Author", "Year")),
        ("Look for {a} jobs in {b} paying {c}.", ("Profession", "Place", "Salary")),
        ("Search for a {a} car by {b} built in {c}.", ("Colour", "Maker", "Year")),
        ("Find a room in {b} for {c} guests called {a}.", ("Name", "City", "Guests")),
    )
    form, labels = rng.choice(forms)
    values = [words.word(), words.person().split()[1], str(rng.randint(1900, 2035))]
    text = form.format(a=values[0], b=values[1], c=values[2])
    spots = []
    for label, value in zip(labels, values, strict=True):
        field = Widget("field", label)
        spots.append(Spot(Want("set", "field", value, label), field, "fill", value))
    shown = [spot.target for spot in spots]
    rng.shuffle(shown)
    if rng.random() < 0.4:
        shown = [desk.in_rows(shown)]
    button = Widget(rng.choice(("button", "clickable")), rng.choice(("Submit", "Search", "Go")))  # type: ignore[arg-type]
    page = desk.page([*shown, button])
    send = Want("send", "send")

    def sent(view: View) -> str:
        thinking = f"{send.do}: {teacher.quote(view.of(button))}"
        return teacher.decided(thinking, teacher.action(view, button, "click"), completes=False)

    def play() -> Iterator[Beat]:
        for step, spot in enumerate(spots):
            yield from of_spot(page, step, spot)
        yield Beat(len(spots), sent, f"click {button.said}", lambda: desk.effect(button))

    return Chore(text, [*(s.want.do for s in spots), send.do], page, play)
