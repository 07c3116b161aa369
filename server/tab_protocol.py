"""What the relay and the extension say to each other about lent tabs.

The backend asks, the extension answers each question by its number and tells events without
one. CDP itself travels inside as it is: it is Chrome's language, not ours.
"""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

MAX_MESSAGE = 64 * 1024 * 1024
"""Bytes of one message: a picture of a large page, or all of its text."""

Params = dict[str, Any]
Tab = Annotated[int, Field(ge=0, lt=2**53)]


class Question(BaseModel):
    """Base of what the backend asks. `root` is the tab that was lent first, whose lending it
    is about; tabs that this one opened belong to the same lending."""

    root: int = 0


class Lend(Question):
    """Attach to the tab, and to those that an interrupted lending had followed from it.

    Each of them is told as `Followed` before the answer. What cannot be lent is answered with
    an error, one sentence that says why.
    """

    do: Literal["lend"] = "lend"


class Release(Question):
    """Let go of all tabs of a lending."""

    do: Literal["release"] = "release"


class Command(Question):
    """A CDP command to one of the tabs, or to a frame or worker in it (`session`)."""

    do: Literal["command"] = "command"
    tab: int
    session: str = ""
    method: str
    params: Params


class OpenTab(Question):
    """Open an empty tab beside the lent one. It is told as `Followed`, then answered: `tab`."""

    do: Literal["open"] = "open"


class CloseTab(Question):
    """Close a tab that was opened for the run."""

    do: Literal["close"] = "close"
    tab: int


class OpenSites(Question):
    """Which addresses a new tab may request before it is attached to, as RE2 expressions;
    `refused` are exceptions among them."""

    do: Literal["sites"] = "sites"
    allowed: list[str]
    refused: list[str]


class Mark(Question):
    """Whether the assistant acts now: the tabs bear a mark, and the user's input is told."""

    do: Literal["mark"] = "mark"
    acting: bool


class Ping(Question):
    """Are you there? Also keeps Chrome from putting the extension to sleep."""

    do: Literal["ping"] = "ping"


# -- what the extension tells ------------------------------------------------------------------


class Told(BaseModel):
    """Base of what the extension tells by itself."""

    model_config = ConfigDict(extra="ignore")

    root: Tab = 0


class Greeting(Told):
    """The first message: the browser, and the tabs whose lending was interrupted."""

    kind: Literal["greeting"]
    user_agent: str = Field(max_length=1000)
    interrupted: list[Tab] = Field(default_factory=list, max_length=1000)


class Answered(Told):
    """The answer to the question with this number: a result, or an error in words."""

    kind: Literal["answer"]
    id: int
    result: Params = Field(default_factory=dict)
    error: str = ""
    code: int = -32000


class Event(Told):
    """A CDP event of a tab, or of a frame or worker in it."""

    kind: Literal["event"]
    tab: Tab
    session: str = ""
    method: str
    params: Params = Field(default_factory=dict)


class Followed(Told):
    """A tab now belongs to the lending and is attached to: the lent one, one that was asked
    for, or one that any of these opened. `info` is its CDP TargetInfo. One that is `loading`
    has nothing to show yet: `Arrived` or `Blocked` comes next, or `Gone`."""

    kind: Literal["followed"]
    tab: Tab
    info: Params
    loading: bool = False


class Arrived(Told):
    """A followed tab shows its first page."""

    kind: Literal["arrived"]
    tab: Tab


class Blocked(Told):
    """A followed tab's first request was not let out, for its site was not among the open;
    `redirected`: an earlier one was, and led here."""

    kind: Literal["blocked"]
    tab: Tab
    url: str
    redirected: bool = False


class Gone(Told):
    """A tab is no longer attached to."""

    kind: Literal["gone"]
    tab: Tab
    why: Literal["closed", "cancelled", "lost"]


class Touched(Told):
    """The user clicked or typed in one of the tabs while the assistant was acting."""

    kind: Literal["touched"]
    tab: Tab
    how: Literal["pointer", "key"]


AnyTold = Greeting | Answered | Event | Followed | Arrived | Blocked | Gone | Touched
TOLD: TypeAdapter[AnyTold] = TypeAdapter(Annotated[AnyTold, Field(discriminator="kind")])
