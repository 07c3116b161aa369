"""Named secrets: the model sees `{{NAME}}`, the page gets the value, and nothing else does.

A secret is bound to sites and filled only there, over a connection that nobody can read. Its
value never leaves this object but through `fill`; `redact` takes it out of whatever else comes
back (page text, errors, logs), in the forms in which pages and logs write it.
"""

import base64
import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html.entities import codepoint2name
from typing import Any, NoReturn

import keyring
from keyring.errors import KeyringError

from tools.errors import PolicyRefused, SecretMissing
from tools.sites import Address, SitePattern, read_address

SERVICE = "secondlook"
"""The name under which the system keyring holds secrets."""

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_MENTION = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_GAP = r"[\s\u00ad\u200b-\u200d\u2060\ufeff·-]{0,3}"
_BETWEEN = dict.fromkeys(c for c in range(0x3001) if re.fullmatch(_GAP, chr(c))) | {0xFEFF: None}
"""The characters of `_GAP`, to be deleted."""
_SHORT = 4
"""Shorter values are words of any page: redacted only where they stand alone."""
_SPACED = 6
"""From this length on a value is found in any case and with gaps in it ("4111 1111 …")."""


class _Secret:
    """One value with the sites that it may be filled on. Has no readable form."""

    __slots__ = ("_value", "sites")

    def __init__(self, value: str, sites: list[SitePattern]) -> None:
        self._value = value
        self.sites = sites

    def reveal(self) -> str:
        """The value itself."""
        return self._value

    def __repr__(self) -> str:
        return "<secret>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret cannot be saved or copied")


class Secrets:
    """The secrets of one run. Empty by default; see `load`."""

    def __init__(self, secrets: Mapping[str, tuple[str, Sequence[str]]] | None = None) -> None:
        """Hold values with the sites they are for (`{"PASSWORD": ("hunter2", ["a.example"])}`)."""
        self._secrets = {
            name: _Secret(value, [SitePattern.parse(site) for site in sites])
            for name, (value, sites) in (secrets or {}).items()
        }
        self._forms = _forms(self._secrets)
        self._patterns: dict[tuple[int, ...], re.Pattern[str]] = {}

    @classmethod
    def load(
        cls,
        specs: Sequence[str],
        default_site: str = "",
        prompt: Callable[[str], str | None] | None = None,
        *,
        environ: Mapping[str, str] | None = None,
    ) -> "Secrets":
        """Read the secrets that the user named: `NAME`, bound to `default_site`, or `NAME@site`.

        `default_site` is the start URL or its site; a secret may be given several times for
        several sites. Each value comes from the environment variable SECONDLOOK_SECRET_NAME or
        NAME, from the system keyring (service "secondlook"), or from `prompt(name)`.

        Raises:
            SecretMissing: a name is none, has no value, or is bound to no site.
        """
        wanted: dict[str, list[str]] = {}
        for spec in specs:
            name, _, site = spec.strip().partition("@")
            if not _NAME.fullmatch(name):
                raise SecretMissing(
                    f"{name[:40]!r} is no name for a secret; use letters, digits and _ as in "
                    "--secret SHOP_PASSWORD, and never the value itself."
                )
            wanted.setdefault(name, []).append(_bound(name, site, default_site))
        environ = os.environ if environ is None else environ
        return cls({n: (_value(n, environ, prompt), sites) for n, sites in wanted.items()})

    @property
    def names(self) -> list[str]:
        """The names, in the order given; what the model is told."""
        return list(self._secrets)

    def refusal(self, text: str, url: str) -> str:
        """Why a text with secrets may not be filled on this page, in one sentence; "" if it may."""
        address = read_address(url)
        for name in _MENTION.findall(text):
            secret = self._secrets.get(name)
            if secret is None:
                known = ", ".join(self._secrets) or "none"
                return f"No secret {name} was given (known: {known}); add --secret {name}."
            sites = ", ".join(site.text for site in secret.sites)
            if address is None or not any(site.matches(address) for site in secret.sites):
                where = address.site if address and address.site else "this page"
                return f"The secret {name} is bound to {sites} and is not filled on {where}."
            if _readable(address, secret.sites):
                return f"The secret {name} is not filled on {address.site} without https."
        return ""

    def fill(self, text: str, url: str) -> str:
        """The text with values for names, for a field in a document at `url` (its own frame's).

        Raises:
            SecretMissing: it names a secret that was not given.
            PolicyRefused: a secret in it is not bound to that site, or the page is not https.
        """
        if reason := self.refusal(text, url):
            unknown = any(name not in self._secrets for name in _MENTION.findall(text))
            raise SecretMissing(reason) if unknown else PolicyRefused(reason)
        return _MENTION.sub(lambda found: self._secrets[found[1]].reveal(), text)

    def redact(self, text: str) -> str:
        """The text with every value replaced by `{{NAME}}`, however it is written there.

        Also URL-encoded, escaped for HTML or JSON, in base64, and, for values of six characters
        or more, in other case or with spaces and hyphens in it. Values of fewer than four
        characters are replaced where they stand alone; a single character is kept by no page.
        """
        squeezed = _squeezed(text) if self._forms else ""
        found = tuple(i for i, form in enumerate(self._forms) if form.may_be_in(squeezed))
        if not found:
            return text
        if found not in self._patterns:
            self._patterns[found] = re.compile("|".join(f"({self._forms[i].regex})" for i in found))
        return self._patterns[found].sub(
            lambda match: f"{{{{{self._forms[found[(match.lastindex or 1) - 1]].name}}}}}", text
        )

    def redact_data(self, data: Any) -> Any:
        """The same for JSON data: every text in lists and dicts, keys included."""
        if isinstance(data, str):
            return self.redact(data)
        if isinstance(data, Mapping):
            return {self.redact_data(key): self.redact_data(value) for key, value in data.items()}
        if isinstance(data, list | tuple):
            return [self.redact_data(item) for item in data]
        return data

    def __repr__(self) -> str:
        return f"Secrets({', '.join(self._secrets)})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("secrets cannot be saved or copied")


def _bound(name: str, site: str, default_site: str) -> str:
    """The pattern of the site that a secret is bound to."""
    if site:
        pattern = site
    else:
        address = read_address(default_site) if default_site else None
        if address is None or not address.host:
            raise SecretMissing(
                f"The secret {name} is bound to no site; say --secret {name}@example.com, or "
                "give the start page with --url."
            )
        plain = "://" in default_site and address.scheme == "http"
        pattern = f"http://{address.netloc}" if plain and not address.is_private else address.site
    try:
        if SitePattern.parse(pattern).text == "*":
            raise ValueError("* is every site")
    except ValueError as error:
        raise SecretMissing(f"The secret {name} cannot be bound so: {error}.") from error
    return pattern


def _value(
    name: str, environ: Mapping[str, str], prompt: Callable[[str], str | None] | None
) -> str:
    value = environ.get(f"SECONDLOOK_SECRET_{name}") or environ.get(name) or _from_keyring(name)
    if not value and prompt is not None:
        value = prompt(name)
    if not value:
        raise SecretMissing(
            f"The secret {name} has no value; set the environment variable {name}, store it with "
            f"`keyring set {SERVICE} {name}`, or run in a terminal to be asked."
        )
    return value


def _from_keyring(name: str) -> str | None:
    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError:
        return None  # no keyring here, or it stays locked: the other ways remain


def _readable(address: Address, sites: list[SitePattern]) -> bool:
    """Whether others could read along: http on a public network, unless the user chose it."""
    if address.scheme == "https" or address.is_private:
        return False
    return not any(site.scheme == "http" and site.matches(address) for site in sites)


@dataclass(frozen=True, repr=False)
class _Form:
    """One way in which a value is looked for.

    `runs` are the letters and digits that stand together in it: text without all of them is
    passed over, which is most text, without a look at the slower pattern.
    """

    name: str
    regex: str
    runs: tuple[str, ...]

    def may_be_in(self, squeezed: str) -> bool:
        """Whether the value may be in a text; see `_squeezed`."""
        return all(run in squeezed for run in self.runs)


def _squeezed(text: str) -> str:
    """A text in lower case without what may stand between the characters of a value."""
    return text.translate(_BETWEEN).casefold()


def _forms(secrets: Mapping[str, _Secret]) -> list[_Form]:
    """What to look for, the longest value first."""
    found: list[tuple[int, _Form]] = []
    for name, secret in secrets.items():
        value = secret.reveal()
        runs = tuple(run.casefold() for run in re.findall(r"[A-Za-z0-9]+", value))
        for form in {value, value.strip()}:
            if len(form) > 1:
                found.append((len(form), _Form(name, _written(form), runs)))
        if len(value) >= _SHORT:
            raw = value.encode()
            for encode in (base64.b64encode, base64.urlsafe_b64encode):
                form = encode(raw).decode().rstrip("=")
                regex = f"{re.escape(form)}=*"
                found.append((len(form), _Form(name, regex, (_squeezed(form),))))
    found.sort(key=lambda entry: -entry[0])
    return [form for _, form in found]


def _written(value: str) -> str:
    """A pattern for the value as pages, addresses, JSON and logs write it."""
    characters = [_character(c) for c in value]
    if len(value) < _SHORT:
        return rf"(?<!\w){''.join(characters)}(?!\w)"
    if len(value) < _SPACED:
        return "".join(characters)
    return f"(?i:{_GAP.join(characters)})"


def _character(c: str) -> str:
    """One character, plain or escaped; letters and digits are escaped nowhere."""
    if c.isascii() and c.isalnum():
        return c
    if c.isspace():
        return r"(?:\s+|\+|%20|%0a|%09|&nbsp;|&#\d+;|\\+[nrt]|\\+u00a0)"
    percent = "".join(f"%{byte:02x}" for byte in c.encode())
    units = c.encode("utf-16-be").hex()
    json_form = "".join(rf"\\+u{units[i : i + 4]}" for i in range(0, len(units), 4))
    forms = [rf"\\*{re.escape(c)}", percent, json_form, f"&#{ord(c)};", f"&#x0*{ord(c):x};"]
    if entity := codepoint2name.get(ord(c)):
        forms.append(f"&{entity};")
    if ord(c) < 256:
        forms.append(rf"\\+x{ord(c):02x}")
    return f"(?i:{'|'.join(forms)})"
