"""What the model was asked and what it wrote, word for word, in a run that is to keep them.

Nothing in the run reads them: they are there for who trains the model on its own runs.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from agent.context import Prompt
from agent.events import Asked
from agent.folder import storing
from agent.model.request import Message


class Chat(BaseModel):
    """One line of `chats.jsonl`: a question, and the answer as the model wrote it, tags and all.

    An answer that needed a second try stands under the question as it was put at first.
    """

    model_config = ConfigDict(frozen=True)

    question: Asked
    messages: list[Message]
    answer: str


class Chats:
    """Appends to a run's `chats.jsonl`, redacted."""

    def __init__(self, path: Path, redact: Callable[[str], str]) -> None:
        self._path = path
        self._redact = redact

    def add(self, question: Asked, prompt: Prompt, answer: str) -> None:
        """Keep a question with its answer. Raises `RunStorageFailed`."""
        asked = (("system", prompt.system), ("user", prompt.user))
        messages = [{"role": role, "content": self._redact(text)} for role, text in asked]
        chat = Chat(question=question, messages=messages, answer=self._redact(answer))
        with storing(self._path), self._path.open("ab") as file:
            file.write(f"{chat.model_dump_json()}\n".encode())


def read_chats(path: Path) -> Iterator[Chat]:
    """The chats in a file, in their order; a line cut off by a kill is passed over."""
    for line in path.read_bytes().splitlines():
        with suppress(ValidationError):
            yield Chat.model_validate_json(line)
