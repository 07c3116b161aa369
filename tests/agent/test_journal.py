"""What left the browser is on disk before anyone could forget it."""

from pathlib import Path

import pytest

from agent.errors import RunStorageFailed
from agent.journal import Journal
from tests.site_server import Answer, Request, Site, html_answer
from tools.session import Session

FORM = "<form method=post action=/order><button>Order</button></form>"


@pytest.fixture
def journal(session: Session, tmp_path: Path) -> Journal:
    made = Journal(tmp_path / "journal.jsonl", lambda text: text.replace("hunter2", "{{PIN}}"))
    made.follow(session)
    return made


async def test_a_post_is_sent_and_answered_and_its_page_is_no_place_to_return_to(
    site: Site, session: Session, journal: Journal
) -> None:
    site.handle("/order", lambda _: html_answer("<h1>Thanks</h1>"))
    await session.page.goto(site.page("/form", FORM))
    journal.begin(3)
    async with journal.held():
        await session.page.get_by_role("button").click()
        assert await journal.answers(10)
    await session.page.get_by_text("Thanks").wait_for()
    trail = journal.read(3)
    assert (trail.sent, trail.answered, trail.status) == (True, True, 200)
    assert trail.page == site.url("/form")
    assert not journal.read(2).sent


async def test_the_order_is_on_disk_when_the_site_hears_of_it(
    site: Site, session: Session, journal: Journal
) -> None:
    known: list[bool] = []

    def order(_: Request) -> tuple[int, dict[str, str], bytes]:
        known.append(journal.read(1).sent)
        return html_answer("<h1>Thanks</h1>", 503)

    site.handle("/order", order)
    await session.page.goto(site.page("/form", FORM))
    journal.begin(1)
    async with journal.held():
        await session.page.get_by_role("button").click()
        await journal.answers(10)
    assert known == [True]
    assert journal.read(1).status == 503
    assert not journal.read(1).answered


async def test_looking_around_sends_nothing(site: Site, session: Session, journal: Journal) -> None:
    journal.begin(1)
    await session.page.goto(site.page("/plain", "<h1>Plain</h1>"))
    assert not journal.sent
    assert journal.read(1).page == site.url("/plain")


async def test_an_answer_after_a_redirect_is_the_place_to_return_to(
    site: Site, session: Session, journal: Journal
) -> None:
    site.handle("/order", lambda _: (303, {"Location": "/thanks"}, b""))
    site.page("/thanks", "<h1>Thanks</h1>")
    await session.page.goto(site.page("/form", FORM))
    journal.begin(1)
    async with journal.held():
        await session.page.get_by_role("button").click()
        await journal.answers(10)
    await session.page.get_by_text("Thanks").wait_for()
    assert journal.read(1).status == 303
    assert journal.read(1).page == site.url("/thanks")


async def test_secrets_are_kept_by_name_and_a_cut_line_is_passed_over(
    site: Site, session: Session, journal: Journal, tmp_path: Path
) -> None:
    await session.page.goto(site.page("/plain", "<h1>Plain</h1>") + "?pin=hunter2")
    path = tmp_path / "journal.jsonl"
    assert "hunter2" not in path.read_text()
    path.write_text(path.read_text() + '{"kind": "se')
    assert journal.read(1).page.endswith("?pin={{PIN}}")


async def test_what_cannot_be_written_down_does_not_happen(
    site: Site, session: Session, tmp_path: Path
) -> None:
    heard: list[Request] = []

    def answer(request: Request) -> Answer:
        heard.append(request)
        return html_answer("Thanks")

    site.handle("/order", answer)
    await session.page.goto(site.page("/form", FORM))
    journal = Journal(tmp_path / "nowhere" / "journal.jsonl", str)
    journal.follow(session)
    with pytest.raises(RunStorageFailed):
        journal.begin(1)
    async with journal.held():
        await session.page.get_by_role("button").click()
        await journal.answers(5)
    assert heard == []
    with pytest.raises(RunStorageFailed):
        journal.begin(2)
