"""What a site is: reading addresses as a browser does, and which of them are never opened.

A site is a registrable domain with everything below it (`shop.example.co.uk` belongs to
`example.co.uk`), or, for IP addresses and names without a public suffix such as localhost, one
host and port: applications on two ports of one machine are two sites.

Addresses are read by the rules of the WHATWG URL standard and not with `urllib`, because the
two disagree exactly where it hurts: `http://a.example\\@b.example/` is a.example to the browser,
and `http://0251.0376.43518/` is 169.254.169.254. No network is touched and nothing is cached on
disk: the public suffix list is the one bundled with tldextract.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Self
from urllib.parse import unquote

import idna
import tldextract

WEB = {"http": 80, "https": 443, "ws": 80, "wss": 443}
"""The schemes that name a host, with their default ports."""

_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):(.*)", re.DOTALL)
_NAMELESS_SCHEME = re.compile(r"(localhost|[^/:?#@]*[.\]][^/:?#@]*):\d", re.IGNORECASE)
_HOST_END = re.compile(r"[/?#]")
_PORT = re.compile(r":(\d*)$")
_FORBIDDEN_IN_HOST = re.compile(r"[\x00-\x20#/:<>?@\[\\\]^|%\x7f]")

_METADATA = (
    IPv4Network("100.100.100.200/32"),  # Alibaba Cloud
    IPv4Network("168.63.129.16/32"),  # Azure
    IPv4Network("192.0.0.192/32"),  # Oracle
    IPv6Network("fd00:ec2::/32"),  # AWS
    IPv6Network("fd20:ce::/32"),  # Google Cloud
    IPv6Network("fd00:c1::/32"),  # Oracle
)
_LINK_LOCAL = (IPv4Network("169.254.0.0/16"), IPv6Network("fe80::/10"))
METADATA_NAMES = frozenset(
    {
        "metadata",
        "metadata.google.internal",
        "metadata.goog",
        "metadata.azure.internal",
        "metadata.tencentyun.com",
        "metadata.packet.net",
        "metadata.platformequinix.com",
        "instance-data",
        "instance-data.ec2.internal",
    }
)
PRIVATE_SUFFIXES = (
    "localhost",
    "local",
    "internal",
    "intranet",
    "lan",
    "home",
    "home.arpa",
    "corp",
)
_NAT64 = IPv6Network("64:ff9b::/96")
_IPV4_COMPATIBLE = IPv6Network("::/96")


@dataclass(frozen=True)
class Address:
    """An address taken apart. `host` is canonical and empty where the scheme has none.

    IPv6 hosts have no brackets; `port` is 0 where the scheme has no host.
    """

    scheme: str
    host: str = ""
    port: int = 0

    @property
    def ip(self) -> IPv4Address | IPv6Address | None:
        """The host as an IP address, with IPv4 taken out of the IPv6 forms that carry it."""
        try:
            return IPv4Address(self.host)
        except ValueError:
            pass
        try:
            return _embedded(IPv6Address(self.host))
        except ValueError:
            return None

    @property
    def netloc(self) -> str:
        """`host:port`, IPv6 in brackets."""
        return f"{_bracketed(self.host)}:{self.port}"

    @property
    def site(self) -> str:
        """The site it belongs to: `example.co.uk`, or `127.0.0.1:8000`; "" without a host."""
        if not self.host:
            return ""
        return _registrable(self.host) or self.netloc

    @property
    def is_private(self) -> bool:
        """Whether it names this computer or the network it is in, as far as the name tells."""
        if (ip := self.ip) is not None:
            return not ip.is_global
        return "." not in self.host or self.host.endswith(tuple(f".{s}" for s in PRIVATE_SUFFIXES))

    @property
    def forbidden(self) -> str:
        """Why no permission opens this host: cloud metadata or link-local; "" if none does."""
        ip = self.ip
        if self.host in METADATA_NAMES or (
            ip is not None and any(ip in network for network in _METADATA)
        ):
            return f"{self.host} is a cloud metadata address, which is never opened"
        if ip is not None and any(ip in network for network in _LINK_LOCAL):
            return f"{self.host} is a link-local (cloud metadata) address, which is never opened"
        return ""


def read_address(url: str) -> Address | None:
    """Take an address apart as a browser would; None if no browser could open it.

    Without a scheme (`shop.example/menu`, `localhost:8000`) it is read as typed into the
    address bar: https.
    """
    text = url.strip("".join(map(chr, range(0x21))))
    text = re.sub(r"[\t\n\r]", "", text)
    match = _SCHEME.match(text)
    if not match or _NAMELESS_SCHEME.match(text):
        if not text or text.startswith(("/", "?", "#", "\\")):
            return None
        match = _SCHEME.match(f"https://{text}")
        assert match is not None
    scheme, rest = match[1].lower(), match[2]
    if scheme == "blob":
        return read_address(rest)
    if scheme not in WEB:
        return Address(scheme)
    authority = _HOST_END.split(rest.replace("\\", "/").lstrip("/"), maxsplit=1)[0]
    return _with_host(scheme, authority.rpartition("@")[2])


def sites_named(text: str) -> list[str]:
    """The sites that a sentence names, as `https://…` or as a bare domain, in order.

    A bare domain must end in a public suffix and look like no file name (`notes.md`); what
    stands behind an @ is an e-mail address and names no site.
    """
    found: list[str] = []
    for word in re.findall(r"(?<![\w@.-])(?:https?://\S+|[\w-]+(?:\.[\w-]+)+(?::\d+)?)(?!@)", text):
        address = read_address(word.rstrip(".,;:!?)]}\"'»”"))
        if address is None or not address.host:
            continue
        explicit = word.startswith(("http://", "https://", "www."))
        known = _extract(address.host)
        if explicit or (known.suffix and known.domain and not _file_like(address.host)):
            found.append(address.site)
    return list(dict.fromkeys(found))


@dataclass(frozen=True)
class SitePattern:
    """One entry of an allow list, or the site that a secret is bound to.

    `example.com` is the domain and everything below it, `*.example.com` only what is below;
    `localhost` and IP addresses mean every port unless one is given; `host:port` and
    `https://host/…` mean exactly that origin; `*` is every public site, but never a private
    address.
    """

    text: str
    host: str = ""
    port: int | None = None
    scheme: str = ""
    below: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a pattern.

        Raises:
            ValueError: it names no site, or a whole suffix such as `com`.
        """
        bare = text.strip()
        if bare == "*":
            return cls("*")
        below = bare.startswith("*.")
        address = read_address(bare.removeprefix("*."))
        if address is None or not address.host or "*" in address.host:
            raise ValueError(f"{text!r} is not a site; give one such as example.com or *")
        if _extract(address.host).suffix == address.host:
            raise ValueError(f"{text!r} is no site but a whole domain suffix; name a site in it")
        if "://" in bare:
            return cls(bare, address.host, address.port, _web_scheme(address.scheme), below)
        explicit = _PORT.search(_HOST_END.split(bare, maxsplit=1)[0])
        has_port = explicit is not None and not bare.endswith(f"{address.host}")
        return cls(bare, address.host, address.port if has_port else None, "", below)

    @property
    def private(self) -> bool:
        """Whether it allows an address of a private network."""
        return self.text != "*" and Address("https", self.host).is_private

    @property
    def exact(self) -> bool:
        """Whether nothing below its host belongs to it."""
        explicit = self.port is not None and not self.below
        return explicit or Address("http", self.host).ip is not None

    def matches(self, address: Address) -> bool:
        """Whether the address lies within this pattern."""
        if not address.host:
            return False
        if self.text == "*":
            return not address.is_private
        if self.scheme and _web_scheme(address.scheme) != self.scheme:
            return False
        if self.port is not None and address.port != self.port:
            return False
        if address.host == self.host:
            return not self.below
        return not self.exact and address.host.endswith(f".{self.host}")


def _with_host(scheme: str, authority: str) -> Address | None:
    port_match = _PORT.search(authority)
    port = WEB[scheme]
    if port_match:
        authority = authority[: port_match.start()]
        port = int(port_match[1]) if port_match[1] else port
        if port > 65535:
            return None
    if authority.startswith("["):
        try:
            return Address(scheme, _ipv6_text(IPv6Address(authority.strip("[]"))), port)
        except ValueError:
            return None
    host = _canonical_host(authority)
    return Address(scheme, host, port) if host else None


def _canonical_host(raw: str) -> str:
    """A host as the browser writes it: lower case, punycode, dotted decimal; "" if invalid."""
    host = unicodedata.normalize("NFKC", unquote(raw)).lower()
    host = re.sub("[\u3002\uff0e\uff61]", ".", host).replace("\u00ad", "").removesuffix(".")
    if not host or _FORBIDDEN_IN_HOST.search(host):
        return ""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except idna.IDNAError:
            return ""
    last = host.rpartition(".")[2]
    if last.isdigit() or re.fullmatch(r"0x[0-9a-f]*", last):
        return _ipv4_text(host)
    return host


def _ipv4_text(host: str) -> str:
    """The WHATWG IPv4 parser: decimal, octal and hexadecimal, one to four parts."""
    parts = host.split(".")
    try:
        numbers = [_ipv4_number(part) for part in parts]
    except ValueError:
        return ""
    if len(numbers) > 4 or any(n > 255 for n in numbers[:-1]):
        return ""
    if numbers[-1] >= 256 ** (5 - len(numbers)):
        return ""
    value = numbers[-1] + sum(n << (8 * (3 - i)) for i, n in enumerate(numbers[:-1]))
    return str(IPv4Address(value))


def _ipv4_number(part: str) -> int:
    if part.startswith("0x"):
        return int(part[2:] or "0", 16)
    if len(part) > 1 and part.startswith("0"):
        return int(part[1:], 8)
    if not part.isdigit():
        raise ValueError(part)
    return int(part)


def _embedded(ip: IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside a mapped, compatible, 6to4 or NAT64 one; else the address."""
    if ip.ipv4_mapped:
        return ip.ipv4_mapped
    if ip.sixtofour:
        return ip.sixtofour
    if ip in _NAT64 or (ip in _IPV4_COMPATIBLE and int(ip) > 0xFFFF):
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip


def _ipv6_text(ip: IPv6Address) -> str:
    return ip.compressed


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _web_scheme(scheme: str) -> str:
    return {"ws": "http", "wss": "https"}.get(scheme, scheme)


def _file_like(host: str) -> bool:
    """Whether a bare name is rather a file's: its suffix is also a file extension."""
    return host.rpartition(".")[2] in {
        "md",
        "py",
        "sh",
        "pl",
        "rs",
        "zip",
        "mov",
        "app",
        "ps",
        "so",
    }


@cache
def _extractor() -> tldextract.TLDExtract:
    return tldextract.TLDExtract(
        suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True
    )


@cache
def _extract(host: str) -> tldextract.tldextract.ExtractResult:
    return _extractor().extract_str(host)


def _registrable(host: str) -> str:
    """The registrable domain, "" for IP addresses and private names.

    A suffix that the list does not know counts as one label, as the list itself says.
    """
    address = Address("http", host)
    if address.ip is not None or address.is_private:
        return ""
    parts = _extract(host)
    if parts.suffix:
        return f"{parts.domain}.{parts.suffix}" if parts.domain else ""
    return ".".join(host.split(".")[-2:])
