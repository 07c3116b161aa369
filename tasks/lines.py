"""Output for pipes, logs and machines: plain lines, JSON lines, or the answer alone."""

import os
import sys
from typing import TextIO

from agent.events import (
    ActionTaken,
    AnyEvent,
    ApprovalGiven,
    ApprovalNeeded,
    Decided,
    Finished,
    Judged,
    Mended,
    Observed,
    Planned,
    Question,
    Reflected,
    Started,
    StepDone,
    StepUndone,
    Waiting,
)
from tasks.blocks import cause_words, costs
from tasks.going_on import how_to_go_on
from tasks.pieces import duration
from tasks.terminal_text import safe
from tasks.view import answering


class Writer:
    """Prints to stdout line by line; a reader that went away ends the printing, not the run."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout

    def line(self, text: str) -> None:
        """Print one line at once."""
        try:
            print(text, file=self._stream, flush=True)
        except BrokenPipeError:
            sink = os.open(os.devnull, os.O_WRONLY)
            os.dup2(sink, self._stream.fileno())
            os.close(sink)


class PlainLines:
    """Listener: one line an event, no control codes."""

    def __init__(self, model: str, writer: Writer) -> None:
        self._model = model
        self._writer = writer
        self._began: float | None = None

    def __call__(self, event: AnyEvent) -> None:
        """Print one event, or nothing for those that only a live display can use."""
        text = plain(event, self._model)
        if text is not None:
            began = self._began = self._began or event.at.timestamp()
            self._writer.line(f"[{duration(event.at.timestamp() - began):>6}] {safe(text)}")


class JsonLines:
    """Listener: one JSON object a line, as `docs/events.md` says; ASCII, so safe anywhere."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def __call__(self, event: AnyEvent) -> None:
        """Print one event."""
        self._writer.line(event.model_dump_json(ensure_ascii=True))


class AnswerOnly:
    """Listener for `--quiet`: the answer on stdout; why there is none goes to stderr."""

    def __init__(self, writer: Writer, problems: Writer) -> None:
        self._writer = writer
        self._problems = problems

    def __call__(self, event: AnyEvent) -> None:
        """Print the answer when the run has ended."""
        if isinstance(event, Finished):
            out = self._writer if event.status == "done" else self._problems
            out.line(safe(event.answer, keep_lines=True))
            if event.resumable:
                self._problems.line(f"To go on: {how_to_go_on(event.run, event.folder)}")


class StepsOnly:
    """Listener for `plan`: the numbered steps, each with what will be true when it is done."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def __call__(self, event: AnyEvent) -> None:
        """Print the plan when it is made."""
        if isinstance(event, Planned):
            digits = len(str(len(event.steps)))
            for number, step in enumerate(event.steps, 1):
                then = f"  → {safe(step.expect)}" if step.expect else ""
                self._writer.line(f"{number:>{digits}}. {safe(step.do)}{then}")


def plain(event: AnyEvent, model: str) -> str | None:
    """The event in one line, or None."""
    match event:
        case Started():
            begins = "resumed" if event.resumed else "run"
            who = answering(model, event)
            return f"{begins} {event.run}: {event.task} (model: {who}; folder: {event.folder})"
        case Planned():
            steps = "; ".join(f"{i}. {step.do}" for i, step in enumerate(event.steps, 1))
            return f"{'new plan' if event.replanned else 'plan'}: {steps}"
        case StepDone():
            return f"step {event.step + 1} done: {event.do}" + in_brackets(event.evidence)
        case StepUndone():
            return f"step {event.step + 1} open again: {event.do}" + in_brackets(event.reason)
        case Observed():
            return f"page: {event.url} {event.title}" + "".join(f"; {n}" for n in event.notices)
        case Decided():
            return f"thought: {event.thinking}" if event.thinking else None
        case ActionTaken():
            return f"action: {event.said}"
        case Judged():
            cause = event.verdict.cause
            outcome = f"failed, {cause_words(cause)}" if cause else "ok"
            return f"{outcome}: {event.said}" + in_brackets(event.verdict.evidence)
        case Reflected():
            head = f"reflection ({cause_words(event.cause)}): {event.diagnosis}"
            return f"{head} -> {event.strategy.value.replace('_', ' ')}: {event.advice}"
        case Mended():
            return f"step {event.step + 1} mended ({event.why}): {', '.join(event.instead)}"
        case ApprovalNeeded():
            return f"approval needed: {event.said}" + in_brackets(event.reason)
        case ApprovalGiven():
            return f"approval: {event.decision}" + in_brackets(event.reason)
        case Waiting():
            return f"waiting for {event.reason}"
        case Question():
            return f"question: {event.question}"
        case Finished():
            cited = "".join(f" [{line}]" for line in event.evidence)
            resume = f"; to go on: {how_to_go_on(event.run, event.folder)}"
            end = f"{event.status}: {event.answer}{cited} ({costs(event.usage)})"
            return end + resume if event.resumable else end
    return None


def in_brackets(text: str) -> str:
    """` (text)`, or nothing."""
    return f" ({text})" if text else ""
