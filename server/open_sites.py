"""Allow patterns as expressions that Chrome's own request rules understand.

A tab that a page opens sends its first request before anything can be attached to it. Chrome's
rules hold it back unless it fits one of these expressions (RE2); what they hold back is judged
by the policy itself once the tab is attached to, so they may be stricter than it, never laxer.
"""

import re

from tools.sites import METADATA_NAMES, PRIVATE_SUFFIXES, WEB, SitePattern

PUBLIC = r"^https?://([a-z0-9_-]+\.)+[a-z][a-z0-9-]*\.?(:\d+)?/"
"""Every name that may be a public site's; public addresses in numbers are judged later."""

_PRIVATE = "|".join(map(re.escape, PRIVATE_SUFFIXES))
_NEVER = "|".join(map(re.escape, sorted(METADATA_NAMES)))
NOT_PUBLIC = rf"^https?://(([^/?#@]+\.)?({_PRIVATE})|{_NEVER})\.?(:\d+)?/"
"""Names that look like public ones and are not, or are never opened."""


def expression(pattern: SitePattern) -> str:
    """The addresses of a site."""
    if pattern.text == "*":
        return PUBLIC
    schemes = [pattern.scheme] if pattern.scheme else ["http", "https"]
    host = re.escape(f"[{pattern.host}]" if ":" in pattern.host else pattern.host)
    below = r"([^/?#@:]+\.)"
    if pattern.exact:
        below = ""
    elif not pattern.below:
        below += "?"
    return "|".join(f"^{scheme}://{below}{host}{_port(pattern, scheme)}/" for scheme in schemes)


def _port(pattern: SitePattern, scheme: str) -> str:
    if pattern.port is None:
        return r"(:\d+)?"
    return f"(:{pattern.port})?" if pattern.port == WEB[scheme] else f":{pattern.port}"
