"""The REST part: what each address answers. What happens is in `runs` and `pairing`."""

import io
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends, Path, Query, Request, Response
from fastapi.responses import FileResponse, PlainTextResponse
from fastapi.security import HTTPBearer
from rich.console import Console

from server.backend import Client, TheBackend
from server.feed import Reader
from server.pairing import TooSoon, WrongCode
from server.perimeter import COOKIE, Refused
from server.protocol import (
    About,
    Answer,
    CodeShown,
    ErrorBody,
    EventPage,
    Pair,
    Paired,
    PairingInfo,
    Pairings,
    ResumeRun,
    RunDetail,
    RunInfo,
    RunList,
    StartRun,
    Workflows,
)
from server.workflows import workflows
from tasks.story import read_events, story
from tasks.terminal_text import safe

STORY_WIDTH = 100
YEAR = 365 * 24 * 3600


def _errors(*statuses: int) -> dict[int | str, dict[str, Any]]:
    return {status: {"model": ErrorBody} for status in (400, 403, 408, 413, 422, 429, *statuses)}


RunName = Annotated[str, Path(pattern=r"^[\w-]{1,100}$", description="The run's name.")]
Shot = Annotated[str, Path(pattern=r"^[\w-]{1,100}\.jpg$", description="The picture's name.")]
Who = Annotated[str, Query(max_length=100, description="The pairing that is to be proved.")]
Challenge = Annotated[str, Query(max_length=100, description="Random, from the client.")]
After = Annotated[int, Query(ge=0, lt=2**53, description="Only events after this number.")]

strangers = APIRouter(prefix="/api", responses=_errors())
"""Open to all who come from where they may."""

paired = APIRouter(
    prefix="/api",
    responses=_errors(401),
    dependencies=[Depends(HTTPBearer(auto_error=False))],
)
"""Only for paired clients."""


@strangers.get("/about")
async def about(
    request: Request, backend: TheBackend, pairing: Who = "", challenge: Challenge = ""
) -> About:
    """What answers here, whether the request's token is valid, and proof of the pairing."""
    proof = backend.pairings.proof(pairing, challenge) if challenge else ""
    return About(version=backend.version, paired=request.state.client is not None, proof=proof)


@strangers.post("/pair/code")
async def show_code(backend: TheBackend) -> CodeShown:
    """Have the terminal show a pairing code."""
    backend.attempts.take()
    try:
        return CodeShown(seconds=backend.codes.ask())
    except TooSoon as soon:
        sentence = "Too many wrong codes: wait half a minute, and ask for a new one."
        raise Refused(429, "TooOften", sentence, soon.seconds) from soon


@strangers.post("/pair", status_code=201)
async def pair(request: Request, response: Response, asked: Pair, backend: TheBackend) -> Paired:
    """Trade the code for a token. One of our own pages also gets a cookie, and sends both."""
    backend.attempts.take()
    try:
        backend.codes.spend(asked.code)
    except WrongCode as wrong:
        raise Refused(403, "WrongCode", str(wrong)) from wrong
    origin = request.headers.get("origin", "")
    own = origin == f"http://{request.headers['host']}"
    name = "The dashboard" if own else safe(asked.name).strip() or "A client without a name"
    pairing, token, cookie = backend.pairings.add(name, origin, with_cookie=own)
    if cookie:
        response.set_cookie(COOKIE, cookie, max_age=YEAR, httponly=True, samesite="strict")
    backend.say(f"Paired: {name}.")
    return Paired(token=token, pairing=pairing.pairing)


@paired.get("/pairings")
async def pairings(client: Client, backend: TheBackend) -> Pairings:
    """Who may speak."""
    return Pairings(
        pairings=[
            PairingInfo(
                pairing=known.pairing,
                name=known.name,
                origin=known.origin,
                made=known.made,
                yours=known.pairing == client.pairing,
            )
            for known in backend.pairings.all()
        ]
    )


@paired.delete("/pairings/{pairing}", status_code=204, responses=_errors(401, 404))
async def unpair(
    pairing: Annotated[str, Path(max_length=20)],
    client: Client,
    backend: TheBackend,
    response: Response,
) -> None:
    """Take a pairing back, perhaps one's own; its streams are closed."""
    if not backend.pairings.valid(pairing) or not backend.pairings.forget(pairing):
        raise Refused(404, "NoSuchPairing", "There is no such pairing.")
    if pairing == client.pairing:
        response.delete_cookie(COOKIE, httponly=True, samesite="strict")


@paired.get("/runs")
async def runs(
    _: Client,
    backend: TheBackend,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
    before: Annotated[str, Query(max_length=100, description="Only runs older than this.")] = "",
) -> RunList:
    """The stored runs, the newest first."""
    return await backend.runs.newest(limit, before)


@paired.post("/runs", status_code=201, responses=_errors(401, 409, 503))
async def start(asked: StartRun, client: Client, backend: TheBackend) -> RunInfo:
    """Start a run, or put it into the queue."""
    return backend.runs.start(asked, client.pairing)


@paired.get("/workflows")
def list_workflows(_: Client, backend: TheBackend) -> Workflows:
    """The workflows that can be started, with their inputs as the fields of a form."""
    return workflows(backend.runs.home)


known_run = APIRouter(prefix="/runs/{run}", responses=_errors(401, 404))
steering = APIRouter(prefix="/runs/{run}", responses=_errors(401, 404, 409, 503))


@known_run.get("")
async def show(run: RunName, _: Client, backend: TheBackend) -> RunDetail:
    """A run with its plan and what it has used."""
    return backend.runs.detail(run)


@known_run.get("/events")
def events(
    run: RunName,
    _: Client,
    backend: TheBackend,
    after: After = 0,
    limit: Annotated[int, Query(ge=1, le=1000)] = 500,
) -> EventPage:
    """The run's stored events after a number."""
    found = Reader(backend.runs.folder(run).events, after).read()
    page = found[:limit]
    last = (page[-1].number or after) if page else after
    return EventPage(run=run, events=page, last=last, more=len(found) > limit)


@known_run.get("/story", response_class=PlainTextResponse)
def told(run: RunName, _: Client, backend: TheBackend) -> str:
    """The story of the run as `secondlook show` tells it, as plain text."""
    folder = backend.runs.folder(run)
    console = Console(file=io.StringIO(), width=STORY_WIDTH, color_system=None)
    for part in story(folder.load(), folder.path, read_events(folder.events), console):
        console.print(part)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@known_run.get(
    "/screenshots/{name}",
    response_class=FileResponse,
    responses={200: {"content": {"image/jpeg": {}}}},
)
def screenshot(run: RunName, name: Shot, _: Client, backend: TheBackend) -> FileResponse:
    """A picture of the page; the name is the last part of `observed.screenshot`."""
    path = backend.runs.folder(run).screenshots / name
    if not path.is_file():
        raise Refused(404, "NoSuchPicture", "There is no such picture of this run.")
    return FileResponse(path, media_type="image/jpeg")


@steering.post("/answer")
async def answer(
    run: RunName, given: Annotated[Answer, Body()], _: Client, backend: TheBackend
) -> RunInfo:
    """Answer the approval or the question that the run waits for."""
    return backend.runs.answer(run, given)


@steering.post("/pause")
async def pause(run: RunName, _: Client, backend: TheBackend) -> RunInfo:
    """Hold the run; an action under way is finished first."""
    return backend.runs.pause(run)


@steering.post("/take_over")
async def take_over(run: RunName, _: Client, backend: TheBackend) -> RunInfo:
    """Hold the run, so that the user can act in its tab."""
    return backend.runs.take_over(run)


@steering.post("/hand_back")
async def hand_back(run: RunName, _: Client, backend: TheBackend) -> RunInfo:
    """The user has acted: the agent looks anew and goes on."""
    return backend.runs.hand_back(run)


@steering.post("/resume")
async def resume(
    run: RunName, client: Client, backend: TheBackend, asked: ResumeRun | None = None
) -> RunInfo:
    """Let a held run go on, or take up one that stopped."""
    return backend.runs.resume(run, asked or ResumeRun(), client.pairing)


@steering.post("/stop")
async def stop(run: RunName, _: Client, backend: TheBackend) -> RunInfo:
    """Stop the run where it can be resumed."""
    return backend.runs.stop(run)


paired.include_router(known_run)
paired.include_router(steering)
