"""A run that this process works on, or will when it is its turn: what can be done to it."""

import asyncio
import logging
from collections.abc import Callable

from agent.approve import Approval, ApprovalRequest
from agent.events import HeldFor
from agent.folder import RunFolder
from agent.gate import Gate
from agent.state import Outcome
from server.feed import Feed
from server.perimeter import Refused
from server.protocol import (
    Answer,
    ApprovalAnswer,
    ApprovalAsked,
    QuestionAnswer,
    QuestionAsked,
    RunStateName,
)
from tasks.failures import Edge
from tasks.output import AskedSecrets
from tasks.terminal_text import safe

log = logging.getLogger("secondlook")

PATIENCE = 60.0
"""Seconds that an action under way has to end before a stop breaks it off."""


class ActiveRun:
    """Speaks for the user (it is the run's `Approver`), and holds, lets go and stops the run.

    `pairing` is who asked for it; `lent` is the tab that it works in, with the pairing whose
    extension lends it. `changed` is called whenever it stands elsewhere than before.
    """

    def __init__(
        self,
        folder: RunFolder,
        feed: Feed,
        pairing: str,
        lent: tuple[str, int] | None,
        changed: Callable[[], None],
    ) -> None:
        self.folder = folder
        self.feed = feed
        self.pairing = pairing
        self.lent = lent
        self.tab_is_back = False
        self.gate = Gate()
        self.waiting: ApprovalAsked | QuestionAsked | None = None
        self.task: asyncio.Task[None] | None = None
        self._changed = changed
        self._opened = folder.load().opened
        self._stopping: asyncio.Task[None] | None = None
        self._answer: asyncio.Future[ApprovalAnswer | QuestionAnswer] | None = None
        self._told: set[asyncio.Task[None]] = set()

    @property
    def state(self) -> RunStateName:
        """Where it stands."""
        if self._stopping:
            return "stopping"
        if self.task is None:
            return "queued"
        if self.gate.held:
            return self.gate.held if self.gate.resting else "pausing"
        if self.waiting:
            return "needs_approval" if self.waiting.kind == "approval" else "needs_answer"
        return "running"

    def begin(self, task: asyncio.Task[None]) -> None:
        """Its turn has come."""
        self.feed.begin()
        self.task = task
        self._changed()

    def stopped(self, why: str) -> None:
        """Write down why it stopped, unless the run itself has."""
        record = self.folder.load()
        if record.status == "running":
            return  # another process was quicker, and holds it
        if record.opened == self._opened:  # it was not even taken up
            outcome = Outcome(status=record.status, answer=why)
        elif record.status == "stopped" and record.outcome is None:
            outcome = Outcome(status="stopped", answer=why)
        else:
            return
        self.folder.save(record.model_copy(update={"outcome": outcome}))

    def failed(self, error: Exception) -> None:
        """Write down that an error stopped it: in one sentence, without secrets."""
        settings = self.folder.load().settings
        redact = AskedSecrets(settings).redact
        edge = Edge(folder=self.folder.path, redact=redact)
        _, name, sentence = edge.told(error)
        log.info("the run %s stopped: %s %s", self.folder.run, name, safe(sentence))
        self.stopped(sentence)

    # -- speaking for the user ------------------------------------------------------------------

    async def approve(self, request: ApprovalRequest) -> Approval:
        """Wait for the user's decision."""
        shown = request.model_dump(exclude={"kind"})
        answer = await self._ask(ApprovalAsked(to=self.feed.last, **shown))
        assert isinstance(answer, ApprovalAnswer)
        return Approval(decision=answer.decision, reason=answer.reason)

    async def answer(self, question: str) -> str | None:
        """Wait for the user's answer."""
        answer = await self._ask(QuestionAsked(to=self.feed.last, question=question))
        assert isinstance(answer, QuestionAnswer)
        return answer.answer

    async def _ask(self, asked: ApprovalAsked | QuestionAsked) -> ApprovalAnswer | QuestionAnswer:
        self._answer = asyncio.get_running_loop().create_future()
        self.waiting = asked
        self._changed()
        try:
            return await self._answer
        finally:
            self.waiting = None
            self._changed()

    def take(self, answer: Answer) -> None:
        """The user's answer. Raises Refused if this is not what the run waits for."""
        fits = self.waiting and (answer.kind, answer.to) == (self.waiting.kind, self.waiting.to)
        if not fits or self._answer is None or self._answer.done():
            raise Refused(409, "NotAsked", "The run no longer waits for this answer.")
        self._answer.set_result(answer)

    # -- steering -------------------------------------------------------------------------------

    def hold(self, why: HeldFor) -> None:
        """Pause it, or let the user act in its tab. Raises Refused while it is being stopped."""
        if self.state in ("queued", "stopping"):
            raise Refused(409, "NotRunning", f"The run is {self.state}: it cannot be paused.")
        self.gate.hold(why)
        self._changed()
        self._tell_at_rest()

    def release(self) -> None:
        """Let it go on. Raises Refused if it is not held."""
        if not self.gate.held or self._stopping:
            raise Refused(409, "NotPaused", f"The run is not paused: it is {self.state}.")
        self.gate.release()
        self._changed()

    def stop(self) -> "asyncio.Task[None]":
        """Stop it where it can be resumed: an action under way is finished and judged first."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop())
            self._changed()
        return self._stopping

    async def _stop(self) -> None:
        assert self.task is not None, "a run in the queue is taken out there"
        self.gate.hold("paused")
        try:
            async with asyncio.timeout(PATIENCE):
                await self.gate.at_rest()
        except TimeoutError:
            pass  # its intent is on disk: whether it happened is found out on resume
        self.task.cancel()
        await asyncio.wait({self.task})

    def _tell_at_rest(self) -> None:
        """Tell once what was under way has ended."""
        if self.gate.resting:
            return

        async def wait() -> None:
            await self.gate.at_rest()
            self._changed()

        task = asyncio.create_task(wait())
        self._told.add(task)
        task.add_done_callback(self._told.discard)
