"""How many tokens a text has: fast enough to be asked for every line of a page.

Exact counts need the endpoint. So a few samples are counted there once, and from them what a
letter, a digit, a sign, a ref and a foreign byte cost; the estimate errs on the high side.
"""

import re
from collections.abc import Awaitable, Callable

_REF = re.compile(r"\[e\d+\]")
_WORD = re.compile(r"[A-Za-z]+")
_DIGIT = re.compile(r"[0-9]")
_SIGN = re.compile(r"[!-/:-@\[-`{-~]")

MARGIN = 1.15
"""What the estimate adds to what the samples cost."""

_WORDS = (
    "button Continue to checkout link Previous page textbox Email address combobox Country "
    "checkbox Subscribe to the newsletter heading Your basket listitem Mushroom risotto "
    "alert Postcode is missing region Delivery Kowalczyk Thessaloniki Hjelmeland quizzical"
)
_SAMPLES = {
    "letter": _WORDS,
    "digit": "0 17 365 2048 90210 1 23 456 7890 12345 67 8 9",
    "sign": '(a): "b"; c, d. - e / f | g & h ~ i $ j % k # l + m = n ? o ! p * q @ r _ s',
    "ref": "".join(f"[e{n}]" for n in (1, 7, 12, 48, 99, 123, 299)),
    "byte": "Größe wählen Straße déjà prix 12 € 送料無料 カートに入れる Цена доставки",
}


class TokenCounter:
    """Estimates tokens. Until `calibrate`, with what ordinary vocabularies need."""

    def __init__(self) -> None:
        self._cost = {"letter": 0.30, "digit": 1.0, "sign": 1.0, "ref": 5.0, "byte": 0.8}
        self.exact: Callable[[str], Awaitable[int]] | None = None

    def count(self, text: str) -> int:
        """Tokens of the text, rather too many than too few."""
        cost = self._cost
        refs = _REF.findall(text)
        plain = _REF.sub("", text) if refs else text
        tokens = len(refs) * cost["ref"] + len(_DIGIT.findall(plain)) * cost["digit"]
        tokens += len(_SIGN.findall(plain)) * cost["sign"]
        tokens += sum(max(1.0, len(w) * cost["letter"]) for w in _WORD.findall(plain))
        if not plain.isascii():
            tokens += (
                sum(len(c.encode("utf-8", "replace")) for c in plain if c > "\x7f") * (cost["byte"])
            )
        return int((tokens + plain.count("\n")) * MARGIN) + 1

    async def calibrate(self, exact: Callable[[str], Awaitable[int]]) -> None:
        """Learn the costs from an endpoint that counts exactly."""
        for name in ("letter", "digit", "sign", "ref", "byte"):
            sample = _SAMPLES[name]
            tokens = await exact(sample)
            others = {n: c for n, c in self._cost.items() if n != name}
            number, rest = _parts(sample, name, others)
            self._cost[name] = min(6.0, max(0.05, (tokens - rest) / number))
        self.exact = exact


def _parts(sample: str, name: str, cost: dict[str, float]) -> tuple[int, float]:
    """How often the sample has what is to be learned, and what the rest of it costs."""
    letters = sum(map(len, _WORD.findall(_REF.sub("", sample))))
    signs, digits = len(_SIGN.findall(sample)), len(_DIGIT.findall(sample))
    foreign = sum(len(c.encode()) for c in sample if c > "\x7f")
    match name:
        case "letter":
            return letters, 0
        case "digit":
            return digits, 0
        case "sign":
            return signs, letters * 1.0  # single letters: a token each
        case "ref":
            return len(_REF.findall(sample)), 0
        case _:
            return foreign, letters * cost["letter"] + digits * cost["digit"]
