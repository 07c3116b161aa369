"""An application that nobody here wrote: Django's admin site, with its example workflow."""

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import tasks.workflow
from agent.settings import RunSettings
from tasks.workflow.run import WorkflowResult, run_workflow

EXAMPLE = Path(tasks.workflow.__file__).parent / "examples" / "django_user.yaml"
ADMIN_PASSWORD, NEW_PASSWORD = "chief-7-secret", "lark-under-9-roofs"


@dataclass(frozen=True)
class Office:
    """A Django project that is being served."""

    url: str
    folder: Path

    def users(self) -> list[tuple[Any, ...]]:
        """Name, address and whether staff, as Django's database has it."""
        with closing(sqlite3.connect(self.folder / "db.sqlite3")) as database:
            return database.execute(
                "select username, email, is_staff from auth_user order by id"
            ).fetchall()


async def _django(folder: Path, *arguments: str) -> asyncio.subprocess.Process:
    environment = {**os.environ, "DJANGO_SUPERUSER_PASSWORD": ADMIN_PASSWORD}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, *arguments),
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    """A new project with the admin site, as Django makes it, and somebody who may enter."""
    folder = tmp_path / "office"
    folder.mkdir()
    for command in (
        ("-m", "django", "startproject", "office", "."),
        ("manage.py", "migrate"),
        ("manage.py", "createsuperuser", "--noinput", "--username=boss", "--email=b@x.example"),
    ):
        process = await _django(folder, *command)
        await process.communicate()
        assert process.returncode == 0, command
    server = await _django(folder, "-u", "manage.py", "runserver", "--noreload", "127.0.0.1:0")
    try:
        assert server.stdout is not None
        told = ""
        while not (url := re.search(r"server at (http://\S+?)/\s", told)):
            line = await server.stdout.readline()
            assert line, f"Django does not serve: {told}"
            told += line.decode()
        yield Office(url[1], folder)
    finally:
        server.terminate()
        await server.communicate()


async def test_a_user_is_added_in_django_s_admin_site(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ADMIN_PASSWORD", ADMIN_PASSWORD)
    monkeypatch.setenv("NEW_PASSWORD", NEW_PASSWORD)

    async def add(username: str, email: str, staff: str = "no") -> WorkflowResult:
        given = {"site": office.url, "username": username, "email": email, "staff": staff}
        settings = RunSettings(task="x", home=tmp_path, screenshots=False)
        return await run_workflow(EXAMPLE, given, yes=True, heal=False, settings=settings)

    added = await add("ann", "ann@office.example", staff="yes")
    assert added.ok, added.answer
    assert added.usage.model_calls == 0
    boss, ann = ("boss", "b@x.example", 1), ("ann", "ann@office.example", 1)
    assert office.users() == [boss, ann]
    assert (tmp_path / "users.csv").read_text().splitlines() == [
        "username,email,staff",
        "ann,ann@office.example,True",
        "boss,b@x.example,True",
    ]
    kept = b"".join(f.read_bytes() for f in added.folder.rglob("*") if f.is_file())
    assert ADMIN_PASSWORD.encode() not in kept
    assert NEW_PASSWORD.encode() not in kept

    twice = await add("ann", "other@office.example")
    assert twice.status == "failed"
    assert "Save, and go on to the details" in twice.answer
    assert "textbox Username: is invalid" in twice.answer
    assert office.users() == [boss, ann]
