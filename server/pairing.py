"""Who may speak to the backend: a one-time code from the terminal, then a token.

The code says that whoever asks sees the user's terminal. The token says so from then on. It is
stored as a hash only, in `pairings.json` of the home folder, readable by the user alone;
removing it there (`secondlook serve --forget`) takes effect at once, also in a running backend.
"""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from agent.folder import storing, write_private

CODE_SECONDS = 600.0
TRIES = 5
COOLING_SECONDS = 30.0
"""After so many wrong tries a code is worth nothing, and a new one comes after so long."""

_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
_LENGTH = 8


class WrongCode(Exception):
    """The code is not the one in the terminal, or no longer."""


class TooSoon(Exception):
    """No code is shown yet; `seconds` is how long it takes."""

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class Codes:
    """The one code that may be valid. `show` puts it before the user with its seconds."""

    def __init__(
        self, show: Callable[[str, float], None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._show = show
        self._clock = clock
        self._code = ""
        self._ends = 0.0
        self._tries = 0
        self._next = 0.0

    def ask(self) -> float:
        """Show a code, the valid one if there is one; its seconds. Raises TooSoon."""
        now = self._clock()
        if not self._code or now >= self._ends:
            if now < self._next:
                raise TooSoon(self._next - now)
            self._code = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
            self._ends, self._tries = now + CODE_SECONDS, TRIES
        self._show(f"{self._code[:4]}-{self._code[4:]}", self._ends - now)
        return self._ends - now

    def spend(self, code: str) -> None:
        """Use the code up. Raises WrongCode."""
        given = "".join(c for c in code.upper() if c.isalnum())
        right = hmac.compare_digest(given.encode(), self._code.encode())
        if not self._code or self._clock() >= self._ends:
            raise WrongCode("No code is valid now: ask for one, and look into the terminal.")
        if right:
            self._code = ""
            return
        self._tries -= 1
        if self._tries:
            raise WrongCode("That is not the code in the terminal: look again.")
        self._code, self._next = "", self._clock() + COOLING_SECONDS
        raise WrongCode("That is not the code in the terminal; ask for a new one in half a minute.")


class Pairing(BaseModel):
    """A client that may speak. `origin` is where its pages come from, "" if it is no browser.

    `cookie` is the hash of a second secret, which a page of our own sends as a cookie:
    cookies go to every port of this machine, and what a page keeps to its own port alone.
    """

    pairing: str
    name: str
    origin: str = ""
    token: str
    cookie: str = ""
    made: datetime = Field(default_factory=lambda: datetime.now(UTC))


class _Stored(BaseModel):
    pairings: list[Pairing] = Field(default_factory=list)


class Pairings:
    """The stored pairings, read anew whenever the file has changed."""

    def __init__(self, home: Path) -> None:
        self._path = home / "pairings.json"
        self._read_at: tuple[int, int] | None = None
        self._pairings: list[Pairing] = []

    def all(self) -> list[Pairing]:
        """Those that may speak now."""
        try:
            stat = self._path.stat()
            if (stat.st_mtime_ns, stat.st_ino) != self._read_at:
                self._pairings = _Stored.model_validate_json(self._path.read_bytes()).pairings
                self._read_at = (stat.st_mtime_ns, stat.st_ino)
        except (OSError, ValidationError):  # nobody can show to be one of them
            self._pairings, self._read_at = [], None
        return self._pairings

    def add(self, name: str, origin: str, *, with_cookie: bool) -> tuple[Pairing, str, str]:
        """A new pairing, its token, and its cookie or "". Raises RunStorageFailed."""
        token = secrets.token_urlsafe(32)
        cookie = secrets.token_urlsafe(32) if with_cookie else ""
        pairing = Pairing(
            pairing=secrets.token_hex(4),
            name=name,
            origin=origin,
            token=hashed(token),
            cookie=hashed(cookie) if cookie else "",
        )
        self._write([*self.all(), pairing])
        return pairing, token, cookie

    def find(self, token: str, cookie: str = "") -> Pairing | None:
        """Whose token this is, with the cookie if the pairing has one."""
        given, found = hashed(token), None
        for pairing in self.all():
            if hmac.compare_digest(pairing.token, given):
                found = pairing
        if found and found.cookie and not hmac.compare_digest(found.cookie, hashed(cookie)):
            return None
        return found

    def valid(self, pairing: str) -> bool:
        """Whether this one may still speak."""
        return any(known.pairing == pairing for known in self.all())

    def proof(self, pairing: str, challenge: str) -> str:
        """What only a holder of this pairing can make of a challenge; "" without the pairing."""
        for known in self.all():
            if known.pairing == pairing:
                return proof_of(known.token, challenge)
        return ""

    def forget(self, pairing: str = "") -> int:
        """Take one pairing back, or all; how many there were. Raises RunStorageFailed."""
        left = [known for known in self.all() if pairing and known.pairing != pairing]
        gone = len(self.all()) - len(left)
        if gone:
            self._write(left)
        return gone

    def _write(self, pairings: list[Pairing]) -> None:
        with storing(self._path.parent):
            self._path.parent.mkdir(parents=True, exist_ok=True)
        write_private(self._path, _Stored(pairings=pairings).model_dump_json(indent=1))


def proof_of(token_hash: str, challenge: str) -> str:
    """What shows knowledge of a token's hash, without showing it."""
    return hmac.digest(token_hash.encode(), challenge.encode(), "sha256").hex()


def hashed(secret: str) -> str:
    """What is stored of a secret. 256 random bits cannot be guessed: a fast hash is good enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
