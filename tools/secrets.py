"""Named secrets: the model sees `{{NAME}}`, the page gets the value, and nothing else does.

A secret is bound to sites and filled only there, over a connection that nobody can read. Its
value never leaves this object but through `fill`; `redact` takes it out of whatever else comes
back (page text, errors, logs), in the forms in which pages and logs write it.
"""

import base64
import html
import json
import os
import re
import urllib.parse
from collections.abc import Callable, Mapping, Sequence
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
        self._pattern, self._names = _finder(self._secrets)

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
        if self._pattern is None or not text:
            return text
        return self._pattern.sub(lambda found: f"{{{{{self._names[found.lastindex or 0]}}}}}", text)

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


def _finder(secrets: Mapping[str, _Secret]) -> tuple[re.Pattern[str] | None, dict[int, str]]:
    """One pattern for all values, longest first, and which group is whose."""
    found: list[tuple[int, str, str]] = []
    for name, secret in secrets.items():
        for form in _forms(secret.reveal()):
            if len(form) > 1:
                found.append((len(form), _as_pattern(form), name))
    found.sort(key=lambda entry: -entry[0])
    if not found:
        return None, {}
    pattern = "|".join(f"({text})" for _, text, _ in found)
    return re.compile(pattern), {i: name for i, (_, _, name) in enumerate(found, start=1)}


def _forms(value: str) -> set[str]:
    """The value as it may be written: raw, in URLs, in HTML, in JSON, in base64."""
    stripped = value.strip()
    forms = {value, stripped, repr(value)[1:-1]}
    for text in (value, stripped):
        forms |= {urllib.parse.quote(text, safe=""), urllib.parse.quote_plus(text)}
        forms |= {urllib.parse.quote(text), urllib.parse.quote(text, safe="!'()*~-._")}
        forms |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    escaped = html.escape(value)
    forms |= {escaped, html.escape(value, quote=False), escaped.replace("&#x27;", "&#39;")}
    forms |= {json.dumps(form)[1:-1] for form in tuple(forms)}
    if len(value) >= _SHORT:
        raw = value.encode()
        forms |= {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
    return forms


def _as_pattern(form: str) -> str:
    if len(form) < _SHORT:
        return rf"(?<!\w){re.escape(form)}(?!\w)"
    if len(form) < _SPACED:
        return re.escape(form)
    words = [_GAP.join(map(re.escape, word)) for word in form.split()]
    return f"(?i:{rf'{_GAP}'.join(words)})"
