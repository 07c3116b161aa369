"""`secondlook doctor`: is all here that a run needs?"""

from rich.console import Console
from rich.table import Table
from rich.text import Text

from tasks.commands import options as opt
from tasks.commands.stored import home_folder
from tasks.pieces import BAD, DIM, FAILED, GOOD, OK, mark, said


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
        model_url=opt.checked_model_url(model_url),
        model_name=model,
    )
    console = Console()

    def show(check: Check) -> None:
        if json_lines:
            Writer().line(check.model_dump_json(ensure_ascii=True))
            return
        symbol, style = (OK, GOOD) if check.ok else (FAILED, BAD)
        row = Table.grid(padding=(0, 1))
        row.add_column(width=1)
        row.add_column(width=8, style="bold")
        row.add_column(overflow="fold")
        body = said(check.found)
        if check.do:
            body.append(f"\n{mark(console, '→')} ", style=DIM).append_text(said(check.do, "bold"))
        row.add_row(Text(mark(console, symbol), style=style), check.name, body)
        console.print(row)

    async def all_checks() -> list[Check]:
        checks = []
        async for check in examine(what):
            show(check)
            checks.append(check)
        return checks

    return verdict(run_stoppable(all_checks(), on_first=_nothing, on_second=_nothing))


def _nothing() -> None:
    """Nothing is being saved that somebody would have to be told about."""
