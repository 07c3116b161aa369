"""Live tasks with fields: suggestions, what is sold out or refused, texts to carry."""

from training import teacher
from training.chores.desk import Desk
from training.failures import gone_text
from training.layout import Layout
from training.live.panels import task_of
from training.live.task import Act, Demand, LiveTask, Rule, Value, acting
from training.pages import View, Widget
from training.wants import Want


def suggestions(desk: Desk) -> LiveTask:
    """What is typed brings suggestions, and one of them has to be chosen."""
    rng, words = desk.rng, desk.words
    place = rng.choice((words.city, words.person, lambda: words.name(2)))
    name = place()
    start = name[: rng.randint(2, max(2, min(len(name) - 1, 5)))].rstrip()
    others = [start + words.made_up()[: rng.randint(2, 6)] for _ in range(rng.randint(0, 4))]
    far = [place() for _ in range(rng.randint(1, 4))]
    names = list(dict.fromkeys([name, *others, *far]))
    rng.shuffle(names)
    label = rng.choice((words.name(1), "City", "Name", "To", "Country", "Contact"))
    field = Widget("field", label)
    kind = rng.choice(("option", "option", "clickable"))
    options = {each: Widget(kind, each) for each in names}  # type: ignore[arg-type]
    rules = [Rule(field, "input", query=field, rows=list(options.values()), starts=True)]
    rules += [
        Rule(option, hide=list(options.values()), values={field: each})
        for each, option in options.items()
    ]
    button = Widget("button", desk.submit())
    told, want = desk.ending(button.name)
    whole = rng.random() < 0.6
    typed = name if whole and rng.random() < 0.5 else start
    if whole:
        form = rng.choice(("Choose {v} as {l}", "Enter {v} as {l} and take the suggestion",
                           "Set {l} to {v}", "{l}: {v}", "Pick {v} for {l}"))  # fmt: skip
        text, do = form.format(v=desk.quoted(name), l=label), f"Set {label} to {name}"
    else:
        fits = [each for each in names if each.lower().startswith(start.lower())]
        if len(fits) > 1:
            end = name[-rng.randint(2, 3) :]
            if sum(each.endswith(end) for each in fits) > 1:
                raise KeyError("more than one fits")
            text = f'In {label}, choose what begins with "{start}" and ends in "{end}"'
            do = f"Choose what begins with {start} and ends in {end}"
        else:
            text = f'Take the {label} that begins with "{start}"'
            do = f"Choose what begins with {start}"
    acts = [
        acting(0, do, field, "fill", typed, completes=False),
        acting(0, do, options[name]),
        acting(1, want.do, button),
    ]
    main = [field, *options.values(), button]
    return task_of(desk, text + told, [do, want.do], main, acts, [button], {field: name}, rules,
                   list(options.values()), list(options.values()))  # fmt: skip


def soldout(desk: Desk) -> LiveTask:
    """An option that the page refuses once it is chosen, or does not offer at all."""
    rng, words = desk.rng, desk.words
    label = words.word()
    first, second, *more = desk.things(rng.randint(3, 7))
    options = [first, second, *more[1:]]
    rng.shuffle(options)
    options = [more[0], *options]
    combo = Widget("combo", desk.label(label), options=options)
    alert = Widget("alert", text=gone_text(Layout(rng), first))
    rules = [Rule(combo, "choose", option=first, values={combo: more[0]}, show=[alert])]
    rules += [Rule(combo, "choose", option=o, hide=[alert]) for o in options if o != first]
    if dead := rng.random() < 0.3:
        combo.dead = {first}
    button = Widget("button", desk.submit())
    told, want = desk.ending(button.name)
    lead = rng.choice(
        ("Set {l} to {a}, or {b} if that is gone", "Choose {a} for {l}, else {b}",
         "{l}: {a} (or {b} if it is taken)", "Take {a} as {l}, otherwise {b}")
    )  # fmt: skip
    text = lead.format(l=label, a=desk.quoted(first), b=desk.quoted(second)) + told
    step = Want("set", "option", first, label, second).do

    def reply(view: View, value: str = first) -> str:
        thinking = f"{step}: {teacher.quote(view.of(combo))}"
        if dead:
            thinking, value = f"{thinking}, {first} (disabled), so {second}", second
        return teacher.decided(
            thinking, teacher.action(view, combo, "select", value), completes=True
        )

    def other(view: View) -> str:
        thinking = f"Another way: {teacher.quote(view.of(combo))}"
        return teacher.decided(
            thinking, teacher.action(view, combo, "select", second), completes=True
        )

    insight = f"The value {first} cannot be had, so {second}"
    acts = [Act(0, reply, instead=other, insight=insight), acting(1, want.do, button)]
    main = [combo, alert, button] if rng.random() < 0.5 else [alert, combo, button]
    return task_of(desk, text, [step, want.do], main, acts, [button], {combo: second}, rules,
                   [alert])  # fmt: skip


def refused(desk: Desk) -> LiveTask:
    """A form that says what is wrong with it, and takes it once that is mended."""
    rng, words = desk.rng, desk.words
    labels = list(dict.fromkeys(words.word() for _ in range(rng.randint(1, 3))))
    fields = [Widget("field", desk.label(label)) for label in labels]
    values = [rng.choice((desk.tag, words.person, words.city))() for _ in labels]
    at = rng.randrange(len(labels))
    digits = words.digits(rng.randint(4, 8))
    groups = rng.choice((" ", "-", ".", "/")).join((digits[:3], digits[3:]))
    values[at] = groups
    says = rng.choice(("{}: only digits, please", "{} must be digits only", "{} is not a number",
                       "Write {} without spaces and signs", "{} may have digits only"))  # fmt: skip
    alert = Widget("alert", text=says.format(fields[at].name.rstrip(" *:")))
    button = Widget("button", desk.submit())
    told, want = desk.ending(button.name)
    parts = [f"{label} {desk.quoted(value)}" for label, value in zip(labels, values, strict=True)]
    text = rng.choice(("Enter ", "Fill in ", "Send the form with ", "Put in ")) + desk.joined(parts)
    steps = [Want("set", "field", v, label).do for label, v in zip(labels, values, strict=True)]
    acts = [
        acting(n, step, field, "fill", value)
        for n, (step, field, value) in enumerate(zip(steps, fields, values, strict=True))
    ]
    acts.append(acting(len(steps), want.do, button))

    def mended(view: View) -> str:
        thinking = f"First: {teacher.quote(view.of(fields[at]))}"
        return teacher.decided(
            thinking, teacher.action(view, fields[at], "fill", digits), completes=False
        )

    mend = Act(len(steps), mended, insight=f"The digits of {groups} are {digits}")
    held: dict[Widget, Value] = dict(zip(fields, values, strict=True))
    held[fields[at]] = digits
    main: list[Widget] = [*fields]
    main.insert(rng.choice((0, main.index(fields[at]) + 1, len(main))), alert)
    task = task_of(desk, text + told, [*steps, want.do], [*main, button], acts, [button], held, [],
                   [alert])  # fmt: skip
    task.demands = [Demand(fields[at], r"\d*", alert)]
    task.mends = {alert: mend}
    return task


def carried(desk: Desk) -> LiveTask:
    """A text that stands somewhere on the page goes into a field: a whole one, or a part."""
    rng, words = desk.rng, desk.words
    labels = list(dict.fromkeys(words.name(2) for _ in range(rng.randint(2, 6))))
    draws = (words.person, words.email, words.code, words.phone, words.street, words.word)
    values = [rng.choice(draws)() for _ in labels]
    at = rng.randrange(len(labels))
    label, value = labels[at], values[at]
    held = rng.random() < 0.4
    if held:
        sources = [Widget("field", a, value=v) for a, v in zip(labels, values, strict=True)]
        around = list(sources)
    elif rng.random() < 0.5:
        sources = [Widget("row", cells=[a, v]) for a, v in zip(labels, values, strict=True)]
        around = [Widget("table", children=[Widget("row", cells=["", ""]), *sources])]
    else:
        sources = [Widget("item", text=f"{a}: {v}") for a, v in zip(labels, values, strict=True)]
        around = [Widget("list", children=sources)]
    goal = next(name for name in iter(lambda: words.name(2), None) if name not in labels)
    field = Widget("field", goal)
    button = Widget("button", desk.submit())
    told, want = desk.ending(button.name)
    form = rng.choice(
        ("Copy {l} into {g}", "Put the {l} into the field {g}", "Enter the {l} as {g}",
         "Write the same into {g} that stands at {l}", "{g} shall be the same as {l}",
         "Take over {l} into {g}")
    )  # fmt: skip
    do = f"Set {goal} to the value of {label}"

    def entered(view: View) -> str:
        first, second = view.of(sources[at]), view.of(field)
        found = teacher.quote(first) if len(first.line()) < 60 else f"[{first.ref}]"
        thinking = f"{do}: {found}, so {value}: {teacher.quote(second)}"
        return teacher.decided(thinking, teacher.action(view, field, "fill", value), completes=True)

    acts = [Act(0, entered), acting(1, want.do, button)]
    shown = [*around, field] if rng.random() < 0.7 else [field, *around]
    return task_of(desk, form.format(l=label, g=goal) + told, [do, want.do], [*shown, button],
                   acts, [button], {field: value}, [], [])  # fmt: skip


def cased(desk: Desk) -> LiveTask:
    """A word to be written in other letters than the task has it."""
    rng, words = desk.rng, desk.words
    word = rng.choice((words.word, words.made_up, lambda: words.person().split()[0]))()
    if not word.isalpha():
        raise KeyError(word)
    given = rng.choice((word.lower(), word.upper(), word.title(), word))
    which = rng.choice(("upper", "lower", "capital first"))
    value = {"upper": word.upper(), "lower": word.lower()}.get(which, word.capitalize())
    how = {
        "upper": ("in capitals", "in capital letters", "in upper case", "all in big letters"),
        "lower": ("in small letters", "in lower case", "without any capital letter"),
        "capital first": ("with a capital first letter and the rest small",),
    }[which]
    label = words.name(1) if rng.random() < 0.5 else ""
    noun = f"the field {label}" if label else rng.choice(("the field", "the text field"))
    form = rng.choice(("Write {v} {h} into {n}", "Type {v} into {n}, {h}", "Put {v} {h} into {n}",
                       "Enter {v} into {n} {h}"))  # fmt: skip
    field = Widget("field", label)
    button = Widget("button", desk.submit())
    told, want = desk.ending(button.name)
    text = form.format(v=f'"{given}"', h=rng.choice(how), n=noun) + told
    do = Want("set", "field", value, label or "text field").do
    acts = [acting(0, do, field, "fill", value), acting(1, want.do, button)]
    return task_of(desk, text, [do, want.do], [field, button], acts, [button], {field: value}, [],
                   [])  # fmt: skip
