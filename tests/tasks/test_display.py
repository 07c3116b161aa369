"""What somebody at a terminal sees: nothing taller or wider than the screen, nothing hostile."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from agent.approve import ApprovalRequest
from agent.events import Finished
from tasks.approver import approval_panel
from tasks.display import LiveDisplay, plan_rows
from tasks.lines import AnswerOnly, JsonLines, PlainLines, Writer
from tasks.view import View
from tests.tasks.told import COSTS, EVIL, RUN, WIDE, steps, whole_run

SIZES = [(80, 24), (120, 40), (40, 12), (20, 6), (200, 60)]
CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]")
STYLING = re.compile(r"\x1b\[[0-9;]*m")


def terminal(width: int, height: int, **more: object) -> Console:
    return Console(
        file=io.StringIO(),
        force_terminal=True,
        width=width,
        height=height,
        **more,  # type: ignore[arg-type]
    )


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("number_of_steps", [1, 3, 40])
def test_the_live_part_never_outgrows_the_screen(
    width: int, height: int, number_of_steps: int
) -> None:
    console = terminal(width, height)
    display = LiveDisplay(console, View(model=f"some-model at {WIDE}"))
    for event in whole_run(number_of_steps):
        display(event)
        lines = console.render_lines(display.frame(), pad=False)
        assert len(lines) < height
        for line in lines:
            assert cell_len("".join(segment.text for segment in line)) <= width


def test_what_scrolls_by_fits_the_width_and_holds_no_control_characters() -> None:
    console = terminal(60, 24, color_system="truecolor")
    display = LiveDisplay(console, View(model="a-model"))
    for event in whole_run():
        display(event)
    plain = STYLING.sub("", written(console))
    assert not CONTROL.search(plain)
    assert all(cell_len(line) <= 60 for line in plain.split("\n"))
    assert "[bold]Funghi[/bold]" in plain


def test_a_failure_and_its_reflection_are_told_with_the_cause() -> None:
    console = terminal(100, 30, color_system=None)
    display = LiveDisplay(console, View(model="a-model"))
    for event in whole_run():
        display(event)
    text = written(console)
    assert "✗ click button Order" in text
    assert "covered: dialog Cookies" in text
    assert "┃ Reflection covered" in text
    assert "┃ → do something first: click Accept all[e2]" in text
    assert "3 actions · 4,321 tokens · 12 s" in text


def test_the_header_says_task_site_and_model() -> None:
    console = terminal(100, 30, color_system=None)
    display = LiveDisplay(console, View(model="secondlook-mini (bundled)"))
    for event in whole_run()[:4]:
        display(event)
    console.print(display.frame())
    assert "http://shop.test/ · secondlook-mini (bundled)" in written(console)


def test_the_plan_keeps_the_step_in_hand_in_sight() -> None:
    plan = steps(40)
    for step in plan[:25]:
        step.done = True
    rows = [row.plain for row in plan_rows(plan, 25, 7, terminal(80, 24))]
    assert len(rows) == 7
    assert rows[0].strip().endswith("steps before")
    assert rows[-1].strip().endswith("steps after")
    assert any(row.startswith("▸ 26 ") for row in rows)
    before, after = (int(re.findall(r"\d+", rows[i])[0]) for i in (0, -1))
    assert before + after + 5 == 40


def test_a_terminal_without_unicode_gets_ascii_marks() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", errors="replace", write_through=True)
    console = Console(file=stream, force_terminal=True, width=80, height=24, color_system=None)
    display = LiveDisplay(console, View(model="a-model"))
    for event in whole_run():
        display(event)
    text = raw.getvalue().decode("ascii")
    assert "+ Step 1 done" in text
    assert "x click button Order" in text
    assert "| -> do something first" in text


def test_plain_lines_are_one_line_an_event_without_control_codes() -> None:
    out = io.StringIO()
    listener = PlainLines("a-model", Writer(out))
    events = whole_run()
    for event in events:
        before = out.getvalue().count("\n")
        listener(event)
        assert out.getvalue().count("\n") - before <= 1
    assert not CONTROL.search(out.getvalue())
    assert f"run {RUN}: Order red" in out.getvalue()
    assert "reflection (covered): The dialog lies over the button" in out.getvalue()


def test_json_lines_round_trip() -> None:
    from agent.events import EVENT

    out = io.StringIO()
    listener = JsonLines(Writer(out))
    events = whole_run()
    for event in events:
        listener(event)
    assert out.getvalue().isascii()
    assert [EVENT.validate_json(line) for line in out.getvalue().splitlines()] == events


def test_quiet_prints_the_answer_only() -> None:
    out, problems = io.StringIO(), io.StringIO()
    listener = AnswerOnly(Writer(out), Writer(problems))
    for event in whole_run():
        listener(event)
    assert out.getvalue() == "Ordered.\nThanks red [bold]Funghi[/bold]\n"
    assert problems.getvalue() == ""


def test_quiet_says_elsewhere_why_there_is_no_answer() -> None:
    out, problems = io.StringIO(), io.StringIO()
    event = Finished(run=RUN, status="limit", answer="60 actions.", resumable=True, usage=COSTS)
    AnswerOnly(Writer(out), Writer(problems))(event)
    assert out.getvalue() == ""
    assert problems.getvalue() == f"60 actions.\nTo go on: secondlook resume {RUN}\n"


@pytest.mark.parametrize(("width", "height"), SIZES[:3])
def test_an_approval_shows_what_will_happen_and_fits_the_screen(width: int, height: int) -> None:
    console = terminal(width, height, color_system=None)
    what = "\n".join([f"button Pay {EVIL}", *(f" {WIDE * 4} line {i}" for i in range(50))])
    request = ApprovalRequest(said="click button Pay", what=what, reason="it pays", site="pay.test")
    console.print(approval_panel(request, console))
    text = written(console)
    assert text.count("\n") < height
    assert "click button Pay" in text
    assert "button Pay red" in text
    assert "pay.test" in text
    assert not CONTROL.search(text)


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def frame(display: LiveDisplay) -> str:
    lines = display.console.render_lines(display.frame(), pad=False)
    return "\n".join("".join(segment.text for segment in line) for line in lines)


def test_the_clock_stands_still_while_the_user_is_asked() -> None:
    clock = Clock()
    display = LiveDisplay(terminal(100, 30, color_system=None), View(model="a-model"), clock)
    with display:
        clock.now = 5
        with display.paused():
            clock.now = 605
        clock.now = 607
        assert "7 s · Ctrl-C" in frame(display)


def test_once_the_run_has_ended_only_the_closing_is_left_to_tell() -> None:
    display = LiveDisplay(terminal(100, 30, color_system=None), View(model="a-model"))
    for event in whole_run():
        display(event)
    assert frame(display).strip().endswith("Closing the browser")
    assert "Ctrl-C" not in frame(display)


def test_a_process_that_leaves_at_once_leaves_the_cursor_on_a_line_of_its_own() -> None:
    display = LiveDisplay(terminal(100, 30, color_system=None), View(model="a-model"))
    display.restore_terminal()
    assert written(display.console).endswith("\x1b[?25h\n")
