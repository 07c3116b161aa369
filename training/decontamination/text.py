"""Texts as they are compared: as words, and with their values masked."""

import re

from training.conversation import Conversation

MASK = "something"

_WORD = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*")
_TASK = re.compile(r"^Task: (.*)$", re.MULTILINE)
_QUOTED = re.compile(r"[\"“”][^\"“”]*[\"“”]|(?<!\w)'[^']*'(?!\w)")
_ADDRESS = re.compile(r"\S+@\S+\.\S+|@\w+")
_NUMBER = re.compile(r"[-+$€£(#]*\d[\w:/.,()-]*\w\b\)?|[-+$€£(#]*\d\)?")
_SENDING = re.compile(
    r"[.,;]?\s*(?:and |then |finally )*(?:press|click|hit|push|tap)?(?: on)?(?: the)?"
    r"\s*[\"“']?submit[\"”']?(?: button)?(?: when (?:done|finished)| at the end)?[.!]?$",
    re.IGNORECASE,
)
_PIECE = re.compile(r"[\w'-]+|[^\w\s]")
_BEFORE_A_SENTENCE = ".!?:;"
_PRESSED = "Submit"
"""Written like a name in the middle of a sentence, but not a value."""
_SMALL = frozenset(
    "the a an and or with is if else for to of in on at by no not be it its this that then from "
    "as are was".split()
)


def words_of(text: str) -> list[str]:
    """The lower-case words of a text."""
    return _WORD.findall(text.lower())


def task_of(conversation: Conversation) -> str:
    """The task that a conversation is about; empty where its prompt names none."""
    found = _TASK.search(conversation[0].content)
    return found[1] if found else ""


def masked(text: str) -> str:
    """The text with `something` for what is quoted, a number, an address or a name.

    Tasks of one template differ in these only.
    """
    for value in (_QUOTED, _ADDRESS, _NUMBER):
        text = value.sub(f" {MASK} ", text)
    kept: list[str] = []
    begins = True
    for piece in _PIECE.findall(text):
        named = piece[:1].isupper() and not begins and piece != _PRESSED
        begins = piece in _BEFORE_A_SENTENCE
        word = MASK if named else piece
        if word != MASK or kept[-1:] != [MASK]:
            kept.append(word)
    return re.sub(r" ([.,])", r"\1", " ".join(kept))


def without_sending(text: str) -> str:
    """The text without "and press Submit" at its end, which many tasks share that share no more."""
    return _SENDING.sub("", text)


def tells(text: str) -> bool:
    """Whether a masked text says more than one thing: "Click on something" could be any task."""
    return len({word for word in words_of(text) if word not in _SMALL} - {MASK}) >= 2
