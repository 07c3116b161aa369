"""Live tasks with lists: pages of them, icons on their rows, several entries that fit, a search."""

from collections.abc import Callable, Sequence

from training import teacher
from training.chores.desk import Desk
from training.live.panels import task_of
from training.live.task import Act, LiveTask, Rule, acting, on_the_way
from training.pages import View, Widget
from training.wants import Want

_ICONS = ("trash", "star", "pencil", "heart", "flag", "bell", "lock", "eye", "share", "download")
_VERBS = {
    "trash": ("Delete {}", "Throw {} away", "Remove {}", "Put {} into the bin"),
    "star": ("Give {} a star", "Mark {} with a star", "Star {}"),
    "pencil": ("Edit {}", "Change {}"),
    "heart": ("Like {}", "Add {} to the favourites", "Give {} a heart"),
    "flag": ("Flag {}", "Put a flag on {}"),
    "bell": ("Get notified about {}", "Ring the bell of {}"),
    "lock": ("Lock {}", "Put a lock on {}"),
    "eye": ("Watch {}", "Show {}"),
    "share": ("Share {}", "Share {} with others"),
    "download": ("Download {}", "Save {} to disk"),
}
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_NTH = ("1st", "2nd", "3rd", "4th", "5th", "6th", "7th", "8th")


def pager(desk: Desk) -> LiveTask:
    """An entry that may be pages on in a list."""
    rng = desk.rng
    count, size = rng.randint(2, 5), rng.randint(2, 5)
    names = desk.things(count * size)
    at = rng.randrange(len(names))
    kind = rng.choice(("link", "link", "button", "clickable"))
    entries = [Widget(kind, name) for name in names]  # type: ignore[arg-type]
    way = rng.choice(("button", "link", "clickable"))
    onward, back = rng.choice(
        (("Next", "Previous"), ("›", "‹"), ("Next page", "Previous page"), (">", "<"),
         ("More", "Back"), ("Older", "Newer"))
    )  # fmt: skip
    pages, rules, turns = [], [], []
    for n in range(count):
        inner = entries[n * size : (n + 1) * size]
        items = [Widget("item", children=[w], text=_beside(desk)) for w in inner]
        turn = [Widget(way, back), Widget(way, onward)]  # type: ignore[arg-type]
        told = Widget("text", text=f"Page {n + 1} of {count}")
        here = [turn[0]] * (n > 0) + [told] + [turn[1]] * (n + 1 < count)
        turns.append(turn)
        pages.append(Widget("box", children=[Widget("list", children=items), *here]))
    for n, turn in enumerate(turns):
        if n:
            rules.append(Rule(turn[0], show=[pages[n - 1]], hide=[pages[n]]))
        if n + 1 < count:
            rules.append(Rule(turn[1], show=[pages[n + 1]], hide=[pages[n]]))
    want = Want("choose", "item", names[at])
    form = rng.choice(
        ("Open {}.", "Choose {} in the list.", "Find {} in the list and click it.", "Click {}.",
         "Go to {}, it may be on a later page.", "Look for {} and open it.", "Select {}.")
    )  # fmt: skip
    acts = [on_the_way(0, want.do, turns[n][1]) for n in range(at // size)]
    acts.append(acting(0, want.do, entries[at]))
    openers = [w for turn in turns for w in turn]
    return task_of(desk, form.format(desk.quoted(names[at])), [want.do], pages, acts,
                   [entries[at]], {}, rules, pages[1:], openers)  # fmt: skip


def _beside(desk: Desk) -> str:
    return desk.rng.choice(("", "", desk.words.price(), desk.words.date()))


def rows(desk: Desk) -> LiveTask:
    """An icon or a button that every entry has, of the one entry that is meant."""
    rng, words = desk.rng, desk.words
    people = list(dict.fromkeys(words.person() for _ in range(rng.randint(2, 6))))
    icons = rng.sample(_ICONS, rng.randint(1, 4))
    icon, at = rng.choice(icons), rng.randrange(len(people))
    by = rng.random() < 0.6
    names = people if by else desk.things(len(people))
    short = [name.split()[0] for name in names]
    if by and len(set(short)) == len(short) and rng.random() < 0.7:
        names = short
    table = rng.random() < 0.4
    entries, smalls = [], []
    kind = "picture" if rng.random() < 0.7 else "button"
    for name in names:
        inner = [Widget(kind, i) for i in icons]  # type: ignore[arg-type]
        smalls.append(inner)
        if table:
            cells = [name, desk.latin(4), words.date()][: rng.choice((2, 3))]
            entries.append(Widget("row", cells=cells, children=inner))
        else:
            entries.append(Widget("item", text=f"{name} {desk.latin(5)}", children=inner))
    head = Widget("row", cells=[words.name(1), words.name(1), words.name(1)])
    around = Widget("table", children=[head, *entries]) if table else Widget("list")
    around.children = around.children or entries
    noun = rng.choice(("mail", "message", "entry", "comment", "post", "note", "file", "task"))
    told = desk.quoted(names[at]) if rng.random() < 0.3 else names[at]
    what = rng.choice((f"the {noun} by {told}", f"the {noun} from {told}", f"{told}'s {noun}"))
    what = (
        what if by else rng.choice((f"the {noun} {told}", f"{told}", f"the {noun} called {told}"))
    )
    form = rng.choice((*_VERBS[icon], f"Click the {icon} icon of {{}}", f"Press {icon} at {{}}"))
    text = form.format(what) + "."
    step = f"Press {icon} of {names[at]}"
    target = smalls[at][icons.index(icon)]
    act = acting(0, step, target)
    return task_of(desk, text, [step], [around], [act], [target], {}, [], [])


def meant(desk: Desk) -> LiveTask:
    """Several entries are called alike: the one by somebody, or the one at a place."""
    rng, words = desk.rng, desk.words
    count = rng.randint(2, 6)
    title = desk.thing()
    people = list(dict.fromkeys(words.person() for _ in range(count)))
    kind = rng.choice(("link", "button", "clickable"))
    button = rng.choice(("Open", "Read", "Show", "View", "Play", title))
    at = rng.randrange(len(people))
    targets = [Widget(kind, button) for _ in people]  # type: ignore[arg-type]
    items = [
        Widget("item", text=f"{title} by {person}" if button != title else f"by {person}",
               children=[target])
        for person, target in zip(people, targets, strict=True)
    ]  # fmt: skip
    if rng.random() < 0.5:
        which = f"the {rng.choice((_ORDINALS, _NTH))[at]} {title}"
        if at == len(people) - 1 and rng.random() < 0.5:
            which = f"the last {title}"
        why = ", ".join(f"{n + 1} {person}" for n, person in enumerate(people[: at + 1])) + ": "
    else:
        which, why = f"{title} by {people[at]}", ""
    verb = rng.choice(("Open", "Choose", "Click", "Show", "Select", "Go to"))
    text = f"{verb} {which}{rng.choice(('.', '', ' in the list.'))}"
    step = f"Choose {which}"
    act = acting(0, step, targets[at], why=why)
    main = [Widget("list", children=items)]
    return task_of(desk, text, [step], main, [act], [targets[at]], {}, [], [])


def finder(desk: Desk) -> LiveTask:
    """A search, then one of its results."""
    rng, words = desk.rng, desk.words
    query = words.word()
    hits = list(dict.fromkeys(f"{query.title()} {words.name(1)}" for _ in range(rng.randint(1, 4))))
    others = desk.things(rng.randint(2, 5))
    others = [name for name in others if query.lower() not in name.lower()]
    names = [*hits, *others]
    rng.shuffle(names)
    at = rng.randrange(len(hits))
    kind = rng.choice(("link", "button", "clickable"))
    results = {name: Widget(kind, name) for name in names}  # type: ignore[arg-type]
    field = Widget("field", rng.choice(("Search", "Find", words.name(1), "")), type="search")
    button = Widget("button", rng.choice(("Search", "Find", "Go", "Look up")))
    rule = Rule(button, query=field, rows=list(results.values()))
    which = hits[at]
    target = results[which]
    form = rng.choice(("Search for {q} and open {w}.", "Find {q} and choose {w}.",
                       "Look for {q}, then click {w}.", 'Search "{q}" and select {w}.',
                       "Enter {q} into the search and open {w}."))  # fmt: skip
    steps = [f"Set search to {query}", f"Press {button.name}", f"Choose {which}"]
    acts = [
        acting(0, steps[0], field, "fill", query),
        acting(1, steps[1], button),
        acting(2, steps[2], target),
    ]
    main = [field, button, *results.values()]
    return task_of(desk, form.format(q=query, w=which), steps, main, acts, [target],
                   {field: query}, [rule], list(results.values()), [button])  # fmt: skip


def several(desk: Desk) -> LiveTask:
    """Several entries of a list to be marked, those of one kind, then a button."""
    rng, words = desk.rng, desk.words
    kinds = list(dict.fromkeys(words.word() for _ in range(rng.randint(2, 3))))
    kind = kinds[0]
    names = desk.things(rng.randint(3, 8))
    of = [kind if n < 2 else rng.choice(kinds) for n in range(len(names))]
    rng.shuffle(of)
    boxes = [Widget("check", f"{name} ({which})", type="checkbox")
             for name, which in zip(names, of, strict=True)]  # fmt: skip
    chosen = [box for box, which in zip(boxes, of, strict=True) if which == kind]
    if len(chosen) > 5:
        raise KeyError("too many")
    button = Widget("button", desk.submit())
    told, want = desk.ending(button.name)
    form = rng.choice(
        ("Select all {k} entries", "Tick every {k} one", "Mark everything that is {k}",
         "Choose all that are {k}", "Check all of the kind {k}")
    )  # fmt: skip
    step = f"Choose all that are {kind}"
    acts: list[Act] = []
    for n, box in enumerate(chosen):
        last = n + 1 == len(chosen)
        acts.append(Act(0, _ticked(step, box, chosen[n + 1 :], last=last)))
    acts.append(acting(1, want.do, button))
    values: dict[Widget, str | bool] = dict.fromkeys(chosen, True)
    return task_of(desk, form.format(k=kind) + told, [step, want.do], [*boxes, button], acts,
                   [button], values, [], [])  # fmt: skip


def _ticked(step: str, box: Widget, rest: Sequence[Widget], *, last: bool) -> Callable[[View], str]:
    def reply(view: View) -> str:
        left = f", then {len(rest)} more" if rest else ", the last one"
        thinking = f"{step}: {teacher.quote(view.of(box))}{left}"
        return teacher.decided(thinking, teacher.action(view, box, "check"), completes=last)

    return reply
