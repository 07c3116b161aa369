"""From what Playwright raises to a cause that the model reads: one table, nowhere else.

`tests/tools/test_failures.py` provokes the errors in a real browser and proves that each row
is met and each error has a row.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.async_api import Error, TimeoutError

from tools.causes import Cause


class ActionFailed(Exception):
    """A tool could not do its part; becomes a verdict, never reaches the user as an error."""

    def __init__(self, cause: Cause, evidence: str) -> None:
        super().__init__(evidence)
        self.cause = cause
        self.evidence = evidence


@dataclass(frozen=True)
class Row:
    """One kind of Playwright error.

    In `evidence`, `{it}` is the element in words ("button Save"), `{text}` what was given to
    it, `{host}` and `{url}` the address, `{code}` the first group of the pattern.
    """

    pattern: re.Pattern[str]
    cause: Cause
    evidence: str


def _row(pattern: str, cause: Cause, evidence: str) -> Row:
    return Row(re.compile(pattern, re.IGNORECASE), cause, evidence)


GONE = "the browser is gone"

TABLE: tuple[Row, ...] = (
    # The browser.
    _row(r"target page, context or browser has been closed", Cause.BROWSER_GONE, GONE),
    _row(r"target crashed|page crashed", Cause.BROWSER_GONE, "the page has crashed"),
    _row(r"connection closed|browser has been closed|browser closed", Cause.BROWSER_GONE, GONE),
    # Loading documents.
    _row(r"ERR_NAME_NOT_RESOLVED", Cause.NAVIGATION_FAILED, "{host} does not exist"),
    _row(r"ERR_CONNECTION_REFUSED", Cause.NAVIGATION_FAILED, "{host} refuses the connection"),
    _row(
        r"ERR_(?:CONNECTION_(?:RESET|CLOSED|ABORTED)|EMPTY_RESPONSE|HTTP2_\w+|QUIC_\w+)",
        Cause.NAVIGATION_FAILED,
        "{host} broke the connection off",
    ),
    _row(r"ERR_(?:CONNECTION_)?TIMED_OUT|goto: timeout", Cause.TIMEOUT, "{host} does not answer"),
    _row(
        r"ERR_(?:INTERNET_DISCONNECTED|ADDRESS_UNREACHABLE|NETWORK_\w+|PROXY_\w+)",
        Cause.NAVIGATION_FAILED,
        "no network",
    ),
    _row(
        r"ERR_(?:CERT|SSL|BAD_SSL)_\w+",
        Cause.NAVIGATION_FAILED,
        "the certificate of {host} is not valid",
    ),
    _row(r"ERR_TOO_MANY_REDIRECTS", Cause.NAVIGATION_FAILED, "{host} redirects in circles"),
    _row(r"ERR_BLOCKED_BY_CLIENT", Cause.BLOCKED_BY_POLICY, "{host} is not allowed"),
    _row(
        r"cannot navigate to invalid url|ERR_INVALID_URL|ERR_UNKNOWN_URL_SCHEME|ERR_UNSAFE_PORT",
        Cause.NAVIGATION_FAILED,
        "{url} cannot be opened",
    ),
    _row(r"ERR_ABORTED", Cause.NAVIGATION_FAILED, "{host} sent no page"),
    _row(r"net::(ERR_\w+)", Cause.NAVIGATION_FAILED, "{host} cannot be loaded ({code})"),
    _row(
        r"interrupted by another navigation|execution context was destroyed|"
        r"frame (?:was|has been|got) detached|navigating frame was detached",
        Cause.NAVIGATED_AWAY,
        "page changed under it",
    ),
    # The element.
    _row(
        r"not attached to the DOM|is not attached|element is not connected|"
        r"element was detached from the DOM",
        Cause.DETACHED,
        "{it} is gone",
    ),
    _row(r"intercepts pointer events", Cause.COVERED, "something covers it"),
    _row(r"element is inert", Cause.COVERED, "something covers it"),
    _row(r"element is not enabled", Cause.DISABLED, "{it} is disabled"),
    _row(r"option being selected is not enabled", Cause.DISABLED, "{text} is disabled"),
    _row(r"element is not editable", Cause.DISABLED, "{it} cannot be changed"),
    _row(
        r"element is not visible|element is outside of the viewport",
        Cause.NOT_VISIBLE,
        "{it} is hidden",
    ),
    _row(r"element is not stable", Cause.TIMEOUT, "{it} keeps moving"),
    _row(r"did not find some options", Cause.NOT_FOUND, "no option {text}"),
    # The value.
    _row(
        r"cannot type text into input|malformed value|input of type .* cannot be filled|"
        r"element is not an <(?:input|select)>|not a checkbox or radio|"
        r"not an HTMLInputElement|non-multiple file input",
        Cause.WRONG_VALUE,
        "{it} does not take {text}",
    ),
    _row(r"cannot uncheck radio", Cause.WRONG_VALUE, "{it} is checked; choose another instead"),
    _row(r"did not change its state", Cause.NO_EFFECT, "nothing on the page changed"),
    _row(r"unknown key: \"?([^\"\n]*)", Cause.NOT_FOUND, "no key {code}"),
    # Nothing of the above before the time was up.
    _row(r"timeout \d+ms exceeded[\s\S]*locator resolved to", Cause.TIMEOUT, "{it} did not react"),
    _row(r"timeout \d+ms exceeded[\s\S]*waiting for \S*aria-ref", Cause.DETACHED, "{it} is gone"),
    _row(r"timeout \d+ms exceeded", Cause.TIMEOUT, "it did not finish in time"),
)

_LANDED = re.compile(r"(?:click|dblclick|hover|drag|tap|move and up) action done")


def landed(error: Error) -> bool:
    """Whether the pointer action itself was carried out before Playwright gave up waiting."""
    return isinstance(error, TimeoutError) and bool(_LANDED.search(str(error)))


def explain(error: Error, it: str = "", text: str = "", url: str = "") -> tuple[Cause, str]:
    """The cause and the evidence for a Playwright error.

    A call log tells of many attempts; what it says last about the element decides.
    """
    message = str(error)
    found = [(m, row) for row in TABLE if (m := _last(row.pattern, message))]
    states = [pair for pair in found if not pair[0].group().lower().startswith("timeout")]
    if states and isinstance(error, TimeoutError):
        match, row = max(states, key=lambda pair: pair[0].start())
    elif found:
        match, row = found[0]
    else:
        return Cause.NO_EFFECT, _first_line(message)
    code = match.group(1) if match.re.groups and match.group(1) else ""
    host = urlsplit(url).hostname or url or "the site"
    evidence = row.evidence.format(
        it=it or "the element", text=text, host=host, url=url or "the address", code=code
    )
    return row.cause, evidence


def _last(pattern: re.Pattern[str], message: str) -> re.Match[str] | None:
    return max(pattern.finditer(message), key=lambda m: m.start(), default=None)


def _first_line(message: str) -> str:
    line = message.strip().splitlines()[0] if message.strip() else "the browser did not say why"
    return line.split(": ", 1)[-1]
