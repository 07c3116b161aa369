"""`python -m training from-site URL`: from a user's own site to chat files, with a summary."""

import asyncio
import json
import random
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, zip_longest
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from agent.errors import AgentError
from tools.actions.navigate import absolute
from tools.errors import ToolError
from training.chats import HELD_BACK, examples
from training.conversation import Conversation
from training.evaluate import kind_of
from training.site.crawl import Crawl, Seen
from training.site.description import Description, read_description, tasks_like
from training.site.larger import Solving, larger_model, proposed
from training.site.options import Options
from training.site.practice import Walk
from training.site.tasks import Maker, SiteTask
from training.site.visit import Visit, open_visit
from training.train import replace_file

Practised = list[Conversation]
"""What came of one task."""

KINDS = ("plan", "decide", "reflect", "finish")


def from_site(options: Options) -> None:
    """Read the site, practise on it, write the files. Raises SystemExit with one sentence."""
    try:
        asyncio.run(_run(replace(options, url=absolute(options.url, "")), Console(stderr=True)))
    except (ToolError, AgentError) as error:
        sys.exit(str(error))


async def _run(options: Options, console: Console) -> None:
    description = read_description(options.description)
    rng = random.Random(options.seed)
    async with open_visit(options) as visit:
        with console.status("Reading …") as status:
            crawl = Crawl(visit, description.words)
            seen = await crawl.run(lambda page: status.update(f"Reading {page.url} …"))
            tasks, unused = _tasks(options, description, seen, rng)
            done: list[Practised] = []
            for number, task in enumerate(tasks):
                if visit.over:
                    break
                status.update(f"Task {number + 1} of {len(tasks)}: {escape(task.task)}")
                done.append(await Walk(visit, task, rng).run())
            if options.model_url and options.tasks:
                status.update("Asking the larger model …")
                done += await _asked(options, visit, seen, description, console)
    sizes = _write(options.out, [made for made in done if made])
    console.print(_table(seen, done, visit, sizes))
    for example in unused:
        console.print(f"No page fits the example: {example}", markup=False)


def _tasks(
    options: Options, description: Description, seen: Sequence[Seen], rng: random.Random
) -> tuple[list[SiteTask], list[str]]:
    """What to practise: like the user's examples first, then each page's by turns.

    And the examples that fit no page.
    """
    maker = Maker(rng, seen)
    like = {example: tasks_like(example, seen, maker, rng) for example in description.examples}
    own = zip_longest(*(maker.tasks(page, options.tasks) for page in seen))
    tasks = [*chain(*like.values()), *(task for turn in own for task in turn if task)]
    return tasks, [example for example, made in like.items() if not made]


async def _asked(
    options: Options,
    visit: Visit,
    seen: Sequence[Seen],
    description: Description,
    console: Console,
) -> list[Practised]:
    """What the larger model makes of each page; what it made so far if it goes away."""
    done: list[Practised] = []
    try:
        async with larger_model(options) as model:
            for page in seen:
                for task in await proposed(model, page, description.whole, options.tasks):
                    if visit.over:
                        return done
                    done.append(await Solving(model, visit, task, page.url).run())
    except AgentError as error:
        console.print(f"The larger model was of no help: {error}", markup=False)
    return done


def _write(out: Path, done: Sequence[Practised]) -> dict[Path, int]:
    """Write the files; how many lines each has. A task's conversations stay together."""
    held_back = done[HELD_BACK - 1 :: HELD_BACK] or done[1:][-1:]
    kept = [made for made in done if not any(made is other for other in held_back)]
    sizes = {}
    for name, part in (("train", kept), ("test", held_back)):
        path = out / f"{name}.jsonl"
        lines = [
            json.dumps(example, ensure_ascii=False) + "\n"
            for made in part
            for conversation in made
            for example in examples(conversation)
        ]
        replace_file(path, lambda draft, lines=lines: draft.write_text("".join(lines)))
        sizes[path] = len(lines)
    return sizes


def _table(
    seen: Sequence[Seen], done: Sequence[Practised], visit: Visit, sizes: dict[Path, int]
) -> Table:
    table = Table(show_header=False)
    table.add_row("pages", str(len(seen)))
    table.add_row("requests refused", str(len(visit.refused)))
    table.add_row("tasks", str(sum(map(bool, done))))
    kinds = Counter(kind_of(made[0]) for task in done for made in task)
    for kind in KINDS:
        table.add_row(f"conversations: {kind}", str(kinds[kind]))
    for path, lines in sizes.items():
        table.add_row(escape(str(path)), f"{lines} lines")
    return table
