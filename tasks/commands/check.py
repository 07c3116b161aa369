"""`secondlook doctor`: is all here that a run needs?"""

from rich.console import Console
from rich.text import Text

from tasks.commands import options as opt
from tasks.commands.stored import home_folder
from tasks.pieces import BAD, DIM, FAILED, GOOD, OK, mark, marked, said


def doctor(
    executable: opt.Executable = "",
    cdp: opt.Cdp = "",
    model_url: opt.ModelUrl = "",
    model: opt.ModelName = "",
    home: opt.Home = None,
    json_lines: opt.Json = False,
) -> int:
    """Check browser, model and disk, and say what to do about what is missing."""
    from tasks.doctor import Check, Examined, examine, verdict
    from tasks.lines import Writer
    from tasks.signals import run_stoppable

    what = Examined(
        home=home_folder(home),
        executable=executable,
        cdp_url=cdp,
        model_url=opt.checked_url(model_url, "--model-url"),
        model_name=model,
    )
    console = Console()

    def show(check: Check) -> None:
        if json_lines:
            Writer().line(check.model_dump_json(ensure_ascii=True))
            return
        symbol, style = (OK, GOOD) if check.ok else (FAILED, BAD)
        body = Text.assemble((f"{check.name:<9}", "bold"), said(check.found))
        if check.do:
            body.append_text(Text(f"\n{'':<9}→ ", style=DIM)).append_text(said(check.do, "bold"))
        console.print(marked(mark(console, symbol), style, body))

    async def all_checks() -> list[Check]:
        checks = []
        async for check in examine(what):
            show(check)
            checks.append(check)
        return checks

    return verdict(run_stoppable(all_checks(), on_first=_nothing, on_second=_nothing))


def _nothing() -> None:
    """Nothing is being saved that somebody would have to be told about."""
