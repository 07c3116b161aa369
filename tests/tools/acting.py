"""Short ways for tests to take an action on a page as the loop does, and to judge it."""

from dataclasses import dataclass
from typing import Any

from tests.site_server import Site
from tests.tools.looking import see
from tools.causes import Verdict
from tools.dispatch import Hands, Outcome, parse_action, perform
from tools.observation import Observation
from tools.policy import Policy
from tools.secrets import Secrets
from tools.session import Session
from tools.verdict import judge


@dataclass
class Acted:
    """What came of an action, and the page before and after it."""

    outcome: Outcome
    verdict: Verdict
    before: Observation
    after: Observation

    @property
    def line(self) -> str:
        """The verdict as the model reads it."""
        return self.verdict.line()


class Actor:
    """Looks, acts, looks again and judges; the last look is the next action's first."""

    def __init__(self, session: Session, site: Site, secrets: Secrets | None = None) -> None:
        """Act in `session`, where both origins of `site` are allowed."""
        self.session = session
        self.site = site
        self.secrets = secrets or Secrets()
        self.policy = Policy(allow=["127.0.0.1", "localhost"], start_url=site.url())
        self.seen: Observation | None = None

    async def open(self, html: str, path: str = "/made-up.html") -> Observation:
        """Serve this HTML, open it and look at it."""
        await self.session.page.goto(self.site.page(path, html))
        return await self.look()

    async def show(self, file: str) -> Observation:
        """Open a page of `tests/site/` and look at it."""
        await self.session.page.goto(self.site.url(f"/{file}"))
        return await self.look()

    async def look(self) -> Observation:
        """Look at the page as it is now."""
        self.seen = await see(self.session, redact=self.secrets.redact, previous=self.seen)
        return self.seen

    def ref(self, words: str) -> str:
        """The ref of the line that begins with these words: `button Save`."""
        assert self.seen is not None, "look first"
        lines = [e for e in self.seen.elements if e.line(refs=False).startswith(words)]
        assert lines, f"no line {words!r} in:\n{self.seen.text}"
        return f"[{lines[0].ref}]"

    async def act(self, name: str, on: str = "", **arguments: Any) -> Acted:
        """Take the action `name` on the line that begins with `on`, and judge it."""
        if on:
            arguments["ref"] = self.ref(on)
        before = self.seen or await self.look()
        action = parse_action({"action": name, **arguments})
        hands = Hands(self.session, before, self.secrets, self.policy)
        outcome = await perform(action, hands)
        after = await self.look()
        return Acted(outcome, judge(action, outcome, before, after), before, after)
