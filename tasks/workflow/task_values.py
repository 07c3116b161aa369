"""Which words of a run came from its task: those are what another run will want different.

Pure text: no model is asked. What is found is shown to the person who records, who may rename
it or put it back.
"""

import re
from collections.abc import Iterator

_NO_LABELS = frozenset(
    "a an and another any as at be but by called can choose click enter exactly fill for from give "
    "has have i if in into is it its label me my named of on one only onto open or order our "
    "please press put select set some take that the then there this to two type until use using "
    "want was with without you your".split()
)
"""Words beside a value that do not say what it is."""
_PRESSED = frozenset("click hit press push tap".split())
"""Words before the name of a control that the task itself names."""
_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_OPENING, _CLOSING = "\"'“‘«„", "\"'”’»"
_QUOTES = re.escape(_OPENING + _CLOSING)


class TaskWords:
    """The words of a task, and of what the user answered on the way."""

    def __init__(self, *texts: str) -> None:
        self._text = "\n".join(texts)
        self._words = [word.casefold() for word in re.findall(r"\w+", self._text)]

    def hold(self, value: str) -> bool:
        """Whether a typed value came from here; spaces, punctuation and case do not count."""
        wanted = "".join(re.findall(r"\w+", value.casefold()))
        return bool(wanted) and (self._joined(wanted) or self._date(value))

    def part_of(self, name: str) -> str:
        """The longest run of a name's words that the task says, if it is a value: "" if not.

        A value is quoted in the task, or has a capital letter or a digit where no sentence
        begins: `Funghi` of `Add Funghi` in `Order a Funghi pizza`, nothing of `Place order`.
        """
        words = name.split()
        for length in range(len(words), 0, -1):
            for start in range(len(words) - length + 1):
                phrase = " ".join(words[start : start + length]).strip(" .,:;!?()" + _OPENING)
                if any(self._is_value(match) for match in self._places(phrase)):
                    return phrase
        return ""

    def label(self, value: str) -> str:
        """The word that says in the task what a value is: `size` of `size Large`; "" if none."""
        for match in self._places(value):
            before = re.search(
                rf"([^\W\d_][\w-]*)\s*[:=]?\s*[{_QUOTES}]?$", self._text[: match.start()]
            )
            if before and self._says_what(before[1], before.start(1)):
                return before[1]
        for match in self._places(value):
            after = re.match(rf"[{_QUOTES}]?\s+([^\W\d_][\w-]*)", self._text[match.end() :])
            if after and after[1].lower() not in _NO_LABELS and after[1].islower():
                return after[1]
        return ""

    def _joined(self, wanted: str) -> bool:
        """Whether whole words of the task, written together, are this."""
        for start in range(len(self._words)):
            text = ""
            for word in self._words[start:]:
                text += word
                if len(text) >= len(wanted):
                    break
            if text == wanted:
                return True
        return False

    def _date(self, value: str) -> bool:
        """Whether the task names this day (YYYY-MM-DD) in another way."""
        match = re.fullmatch(r"\d{4}-(\d\d)-(\d\d)", value)
        if match is None:
            return False
        month, day = int(match[1]), int(match[2])
        days = {f"{day}", f"{day:02}", *(f"{day}{end}" for end in ("st", "nd", "rd", "th"))}
        names = {f"{month}", f"{month:02}"} | {_MONTHS[month - 1]} if 1 <= month <= 12 else set()
        said = {word[:3] if word.isalpha() else word for word in self._words}
        return bool(days & set(self._words)) and bool(names & said)

    def _places(self, phrase: str) -> Iterator[re.Match[str]]:
        if phrase:
            yield from re.finditer(rf"(?<!\w){re.escape(phrase)}(?!\w)", self._text)

    def _is_value(self, match: re.Match[str]) -> bool:
        before, after = self._text[: match.start()], self._text[match.end() :]
        previous = re.search(rf"(\w+)\s*[{_QUOTES}]?$", before)
        if previous and previous[1].lower() in _PRESSED:
            return False
        if before[-1:] in _OPENING and before and after[:1] in _CLOSING and after:
            return True
        begins_sentence = not before.strip() or re.search(r"[.!?\n]\s*$", before) is not None
        telling = any(c.isupper() or c.isdigit() for c in match[0])
        return telling and not begins_sentence

    def _says_what(self, word: str, start: int) -> bool:
        begins = not self._text[:start].strip()
        return word.lower() not in _NO_LABELS and not begins
