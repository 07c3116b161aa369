"""What a site's robots.txt lets a crawler open (RFC 9309).

The standard library's parser knows neither `*` and `$` in paths nor that the longest rule wins.
"""

import re
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

AGENT = "secondlook"
"""The name by which a robots.txt can address us."""

_Group = list[tuple[bool, str]]


@dataclass
class Robots:
    """The rules for us: whether to allow, and the pattern of the path."""

    rules: _Group = field(default_factory=list)

    @classmethod
    def parse(cls, text: str, agent: str = AGENT) -> Self:
        """The groups that name this agent; those for everybody if none does."""
        groups: dict[str, _Group] = {}
        named: list[str] = []
        in_rules = False
        for line in text.splitlines():
            key, _, value = line.partition("#")[0].partition(":")
            key, value = key.strip().lower(), value.strip()
            if key == "user-agent":
                named = [] if in_rules else named
                in_rules = False
                named.append(value.lower())
                groups.setdefault(value.lower(), [])
            elif key in ("allow", "disallow"):
                in_rules = True
                for name in named if value else ():
                    groups[name].append((key == "allow", value))
        return cls(groups.get(agent, groups.get("*", [])))

    @classmethod
    def closed(cls) -> Self:
        """Nothing may be opened: so it is when a robots.txt cannot be read for now."""
        return cls([(False, "/")])

    def allow(self, url: str) -> bool:
        """Whether this address may be opened: the longest rule wins, of equal ones the kinder."""
        parts = urlsplit(url)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        fitting = [(len(rule), allows) for allows, rule in self.rules if _pattern(rule).match(path)]
        return max(fitting, default=(0, True))[1]


def _pattern(rule: str) -> re.Pattern[str]:
    ends = rule.endswith("$")
    pieces = rule.removesuffix("$").split("*")
    return re.compile(".*".join(map(re.escape, pieces)) + ("$" if ends else ""))
