"""What an exact step does, as Python statements for Playwright."""

from collections.abc import Callable, Mapping

from tasks.workflow.exact import ExactStep
from tasks.workflow.locator import LocatorExpression
from tasks.workflow.playwright_script.code import locator_code, text_code
from tasks.workflow.step import Step

SCROLLS: Mapping[str, tuple[int, int]] = {
    "down": (0, 600),
    "up": (0, -600),
    "right": (600, 0),
    "left": (-600, 0),
    "bottom": (0, 1_000_000),
    "top": (0, -1_000_000),
}
"""How far the wheel is turned: pixels to the right and down."""

_TIMED = frozenset(
    "click fill type select check hover drag upload navigate back forward wait".split()
)


def timeout_of(step: Step) -> str:
    """The timeout as an argument, where the step's call takes one."""
    timed = isinstance(step, ExactStep) and (
        step.tool in _TIMED or (step.tool == "press" and bool(step.locators))
    )
    return f"timeout={step.timeout * 1000:g}" if timed and step.timeout else ""


def acting(step: ExactStep) -> list[str]:
    """The statements that do what an exact step does."""
    locator = step.locators.get("ref")
    where = locator_code(locator) if locator else "page.keyboard"
    write = _ACTIONS[step.tool]
    lines = write(step, where, step.locators)
    return [_with_timeout(lines[0], timeout_of(step)), *lines[1:]] if lines else []


def _with_timeout(line: str, timeout: str) -> str:
    if not timeout:
        return line
    return f"{line[:-1]}{'' if line.endswith('()') else ', '}{timeout})"


Write = Callable[[ExactStep, str, Mapping[str, LocatorExpression]], list[str]]


def _given(step: ExactStep, name: str) -> str:
    return text_code(str(getattr(step, name)))


def _click(step: ExactStep, where: str, _: object) -> list[str]:
    how = getattr(step, "how", "single")
    call = {"single": "click()", "double": "dblclick()", "right": 'click(button="right")'}[how]
    return [f"{where}.{call}"]


def _fill(step: ExactStep, where: str, _: object) -> list[str]:
    enter = [f'{where}.press("Enter")'] if getattr(step, "submit", False) else []
    return [f"{where}.fill({_given(step, 'text')})", *enter]


def _check(step: ExactStep, where: str, _: object) -> list[str]:
    checked = getattr(step, "checked", True)
    if isinstance(checked, str):
        return [f'{where}.set_checked({text_code(checked)} == "yes")']
    return [f"{where}.{'check' if checked else 'uncheck'}()"]


def _scroll(step: ExactStep, where: str, locators: Mapping[str, LocatorExpression]) -> list[str]:
    x, y = SCROLLS[getattr(step, "direction", "down")]
    over = [f"{where}.hover()"] if locators else []
    return [*over, f"page.mouse.wheel({x}, {y})"]


def _download(step: ExactStep, where: str, _: object) -> list[str]:
    return [
        "with page.expect_download() as download:",
        f"    {where}.click()",
        "download.value.save_as(download.value.suggested_filename)",
    ]


def _navigate(step: ExactStep, where: str, _: object) -> list[str]:
    url = str(getattr(step, "url", ""))
    relative = url.startswith(("/", "?", "#", "."))
    target = f"urljoin(page.url, {text_code(url)})" if relative else text_code(url)
    return [f"page.goto({target})"]


def _close_tab(step: ExactStep, where: str, _: object) -> list[str]:
    tab = getattr(step, "tab", None)
    if tab is None:
        return ["page.close()", "page = page.context.pages[-1]"]
    return [f"page.context.pages[{_number(tab)}].close()"]


def _wait(step: ExactStep, where: str, _: object) -> list[str]:
    text, gone = _given(step, "text"), _given(step, "gone")
    lines = [f"page.get_by_text({text}).first.wait_for()"] if text != '""' else []
    lines += [f'page.get_by_text({gone}).first.wait_for(state="hidden")'] if gone != '""' else []
    return lines or ['page.wait_for_load_state("networkidle")']


def _number(value: object) -> str:
    return f"int({text_code(value)})" if isinstance(value, str) else str(value)


_ACTIONS: Mapping[str, Write] = {
    "click": _click,
    "fill": _fill,
    "type": lambda s, w, _: [f"{w}.press_sequentially({_given(s, 'text')})"],
    "select": lambda s, w, _: [f"{w}.select_option({_given(s, 'option')})"],
    "check": _check,
    "press": lambda s, w, _: [f"{w}.press({_given(s, 'key')})"],
    "hover": lambda s, w, _: [f"{w}.hover()"],
    "scroll": _scroll,
    "drag": lambda s, w, found: [f"{w}.drag_to({locator_code(found['to'])})"],
    "upload": lambda s, w, _: [f"{w}.set_input_files({_given(s, 'path')})"],
    "download": _download,
    "navigate": _navigate,
    "back": lambda s, w, _: ["page.go_back()"],
    "forward": lambda s, w, _: ["page.go_forward()"],
    "open_tab": lambda s, w, _: [
        "page = page.context.new_page()",
        f"page.goto({_given(s, 'url')})",
    ],
    "switch_tab": lambda s, w, _: [f"page = page.context.pages[{_number(getattr(s, 'tab', 0))}]"],
    "close_tab": _close_tab,
    "dialog": lambda s, w, _: [],
    "wait": _wait,
}
