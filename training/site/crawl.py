"""Reading a site: the pages that links lead to, nearest first, within bounds."""

import heapq
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from urllib.parse import urldefrag, urlsplit

from tools.actions.pointer import Click
from tools.errors import ToolError
from tools.observation import Observation
from training.site.things import Thing, things_on
from training.site.visit import Visit

PER_PATH = 3
"""Pages that differ in their query only, as calendars and lists have them without end."""


@dataclass(frozen=True)
class Seen:
    """A page of the site."""

    url: str
    page: Observation
    things: list[Thing]

    def links(self) -> list[Thing]:
        """Its links that may be followed."""
        return [thing for thing in self.things if thing.facts.href]


class Crawl:
    """The pages of a site as they are found. `words` are those that matter to the user."""

    def __init__(self, visit: Visit, words: frozenset[str]) -> None:
        self.visit = visit
        self.seen: list[Seen] = []
        self._words = words
        self._order = count()
        self._waiting: list[tuple[int, int, int, str]] = []
        self._known: set[str] = set()
        self._paths: Counter[str] = Counter()
        self._states: set[str] = set()

    async def run(self, told: Callable[[Seen], None]) -> list[Seen]:
        """Read pages until there are no more, or enough. Raises ToolError if the first has none."""
        bounds = self.visit.options
        self._note(bounds.url, 0, "")
        while self._waiting and len(self.seen) < bounds.pages and not self.visit.over:
            depth, _, _, url = heapq.heappop(self._waiting)
            problem = await self.visit.open(url)
            if problem and not self.seen and depth == 0:
                raise ToolError(f"{url} cannot be read: {problem}.")
            seen = None if problem else await self._read()
            if seen is None:
                continue
            self.seen.append(seen)
            told(seen)
            for link in seen.links() if depth < bounds.depth else ():
                self._note(link.facts.href, depth + 1, link.element.name)
        return self.seen

    async def _read(self) -> Seen | None:
        """The page that is open, unless another address showed the same."""
        page = await self.visit.look()
        url = urldefrag(self.visit.session.page.url).url
        state = "\n".join(element.line(refs=False) for element in page.elements)
        if not page.elements or state in self._states:
            return None
        self._states.add(state)
        self._known.add(url)
        things = [t for t in await things_on(self.visit, page) if self._of_use(t, page)]
        return Seen(url, page, things)

    def _of_use(self, thing: Thing, page: Observation) -> bool:
        """A link only if following it opens a page of the site and does nothing else."""
        if not thing.facts.href:
            return thing.element.role != "link"
        click = Click(ref=f"[{thing.element.ref}]")
        return self.visit.allows(thing.facts.href) and self.visit.harmless(
            click, thing.element, page
        )

    def _note(self, url: str, depth: int, name: str) -> None:
        bare = urldefrag(url).url
        path = urlsplit(bare).path
        if bare in self._known or self._paths[path] >= PER_PATH:
            return
        self._known.add(bare)
        self._paths[path] += 1
        wanted = len(self._words & frozenset(name.lower().split()))
        heapq.heappush(self._waiting, (depth, -wanted, next(self._order), bare))
