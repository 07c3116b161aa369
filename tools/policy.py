"""The rules of a run: which sites it may open, and what needs the user's yes.

Everything else asks this one object: navigation actions and the guard before they act, the
network before a document is requested (`tools.enforce`), the secrets before they are filled.
The default is always no: an address that no rule allows is refused, an action that may act
beyond the page waits for a yes.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict

from tools.actions.navigate import absolute
from tools.effects import committing, what_happens
from tools.errors import PolicyRefused
from tools.observation import Element, Observation
from tools.record import Action, Tool
from tools.sites import Address, SitePattern, read_address, sites_named

if TYPE_CHECKING:  # the rules are also used where no browser is
    from playwright.async_api import BrowserContext, Page

    from tools.enforce import Enforcement
    from tools.secrets import Secrets

Decision = Literal["allow", "ask", "refuse"]


class Ruling(BaseModel):
    """What the policy says of one action: plain data, made to travel in an interrupt.

    `reason` is one sentence. `what` shows the person exactly what would happen: the action in
    words, the site, the lines of the page around the element. `site` is set when a yes opens
    a site: pass it to `Policy.grant` then.
    """

    model_config = ConfigDict(frozen=True)

    decision: Decision
    reason: str = ""
    what: str = ""
    site: str | None = None


ALLOWED = Ruling(decision="allow")


class Refusal(BaseModel):
    """A request that the browser was not allowed to make.

    `embedded`: a page wanted it for itself (a frame, a picture, a socket), no tab was to show
    it. `first`: it was the first request of its navigation and carried nothing, so that what
    led to it can be done again after a yes; before a redirect, something was sent already.
    """

    model_config = ConfigDict(frozen=True)

    url: str
    reason: str
    embedded: bool = False
    first: bool = False


class Policy:
    """The rules of one run.

    `allow` are the user's patterns (see `SitePattern`); the start URL's site always belongs to
    them. Without any pattern the sites that the task itself names belong to them too: the task
    is the user's word, while pages are not. Where links lead beyond that, `rule` asks, and a
    yes is kept with `grant`; `granted` gives earlier ones back after a resume. `yes` answers
    every question about actions, but opens no site: that is what `allow` is for.

    Raises:
        PolicyRefused: a pattern names no site.
    """

    def __init__(
        self,
        allow: Sequence[str] = (),
        start_url: str = "",
        yes: bool = False,
        *,
        task: str = "",
        granted: Sequence[str] = (),
        secrets: "Secrets | None" = None,
    ) -> None:
        self.yes = yes
        self._secrets = secrets
        self._granted = list(dict.fromkeys(granted))
        self._enforcement: Enforcement | None = None
        own = [read_address(start_url)] if start_url else []
        sites = [address.site for address in own if address and address.host]
        named = [] if allow or start_url else sites_named(task)
        self._patterns = [_pattern(text) for text in (*allow, *sites, *named)]

    @property
    def granted(self) -> list[str]:
        """The sites that the user opened during the run, for its saved state."""
        return list(self._granted)

    @property
    def private(self) -> bool:
        """Whether the run works within a private network, so that its pages may embed it."""
        return any(pattern.private for pattern in self._all())

    @property
    def open_sites(self) -> list[str]:
        """The patterns of all sites that are open now."""
        return [pattern.text for pattern in self._all()]

    def grant(self, site: str) -> None:
        """Open a site, after the user's yes to a ruling that names it."""
        if site not in self._granted:
            self._granted.append(site)
        if self._enforcement is not None:
            self._enforcement.sites_changed()

    def check_url(self, url: str) -> str | None:
        """Why the tab may not show this address, in one sentence; None if it may."""
        address = read_address(url)
        if address is None:
            return f"{url[:100]!r} is not an address"
        if reason := _never(address, url):
            return reason
        if not address.host or any(pattern.matches(address) for pattern in self._all()):
            return None
        private = " (an address of a private network)" if address.is_private else ""
        return (
            f"{address.site}{private} is not an allowed site; "
            f"allowed: {', '.join(p.text for p in self._all()) or 'none yet'}"
        )

    def check_embedded(self, url: str) -> str | None:
        """Why a page may not load this address into itself: frames, pictures, scripts, sockets.

        Pages embed other sites (payment frames, pictures from elsewhere), and a person's
        browser lets them; but none may reach cloud metadata, nor a public one a private network.
        """
        address = read_address(url)
        if address is None or address.scheme in ("about", "data"):
            return None
        if reason := _never(address, url):
            return reason
        if not address.is_private or self.private or self.check_url(url) is None:
            return None
        return f"{address.netloc} is an address of a private network"

    def site_to_ask(self, url: str) -> str | None:
        """The site that a yes of the user would open; None if it is open, or never will be."""
        address = read_address(url)
        if address is None or _never(address, url) or self.check_url(url) is None:
            return None
        return address.site

    def rule(
        self, tool: Tool, action: Action, element: Element | None, observation: Observation
    ) -> Ruling:
        """What holds for an action on this page, before it is taken."""
        if tool.effect in ("read", "talk"):
            return ALLOWED
        if url := getattr(action, "url", ""):
            return self.rule_url(absolute(url, observation.url), action.said_on(observation))
        if tool.effect == "navigate" or tool.name.endswith("_tab"):
            return ALLOWED  # back and forward are checked where the address is known
        error_page = observation.url.startswith("chrome-error:")
        if not error_page and (reason := self.check_url(observation.url or "about:blank")):
            return Ruling(decision="refuse", reason=f"This page is out of bounds: {reason}.")
        if reason := self._secret_refused(action, observation.url):
            return Ruling(decision="refuse", reason=reason)
        if self.yes or not (reason := committing(tool, action, element, observation)):
            return ALLOWED
        address = read_address(observation.url)
        site = address.site if address else ""
        what = what_happens(action, element, observation, site)
        return Ruling(decision="ask", reason=f"{reason}.", what=what)

    def rule_url(self, url: str, said: str = "") -> Ruling:
        """What holds for opening an address: also after a page tried to and was refused.

        `said` is the action in words. A yes to `ask` is for the whole site in `ruling.site`.
        """
        reason = self.check_url(url)
        if reason is None:
            return ALLOWED
        site = self.site_to_ask(url)
        if site is None:
            return Ruling(decision="refuse", reason=f"{reason}.")
        what = f"{said}\nopens {url}\nand with it the site {site} for the rest of the run"
        return Ruling(decision="ask", reason=f"{reason}.", what=what.strip(), site=site)

    async def install(
        self,
        context: "BrowserContext",
        on_refused: Callable[[Refusal], None],
        *,
        tabs: "Callable[[], Sequence[Page]] | None" = None,
    ) -> "Enforcement":
        """Enforce the rules on the network of a browser, before its first page is loaded.

        `on_refused` hears of each refused request. `tabs` gives the tabs that the
        run works in, in a browser that has others (attached to): those are left alone, and what
        our tabs open counts as ours. None: all tabs of the context.

        Raises:
            PolicyRefused: the browser does not let the rules be enforced.
        """
        from tools.enforce import Enforcement

        self._enforcement = Enforcement(self, context, on_refused, tabs)
        await self._enforcement.start()
        return self._enforcement

    def _all(self) -> list[SitePattern]:
        return [*self._patterns, *map(_pattern, self._granted)]

    def _secret_refused(self, action: Action, url: str) -> str:
        texts = [value for value in action.model_dump().values() if isinstance(value, str)]
        if self._secrets is None:
            return ""
        return next((r for text in texts if (r := self._secrets.refusal(text, url))), "")


def _never(address: Address, url: str) -> str:
    """Why nobody can allow this address; "" if it is one that can be."""
    if address.host:
        return address.forbidden
    if address.scheme == "about" and url.strip().lower().partition("#")[0] == "about:blank":
        return ""
    return f"{address.scheme}: addresses are never opened"


def _pattern(text: str) -> SitePattern:
    try:
        return SitePattern.parse(text)
    except ValueError as error:
        raise PolicyRefused(f"The allowed site {error}.") from error
