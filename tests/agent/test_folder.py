"""A run's folder: its name, its record, its lock, and what is said when it cannot be written."""

import os
import re
import stat
from pathlib import Path

import pytest

from agent.errors import RunNotFound, RunStorageFailed
from agent.folder import RunFolder, all_runs
from agent.locks import hold, locked
from agent.settings import RunSettings


def settings(home: Path, task: str = "Order a Funghi pizza") -> RunSettings:
    return RunSettings(task=task, home=home)


def test_a_run_is_named_after_the_day_and_the_task(tmp_path: Path) -> None:
    folder = RunFolder.create(settings(tmp_path))
    assert re.fullmatch(r"\d{8}-funghi-\w\w", folder.run)
    assert (folder.path / "run.json").is_file()
    assert list(tmp_path.glob(".new-*")) == []


@pytest.mark.parametrize("task", ["!!!", "ビザを注文", "../../etc/passwd", "a" * 500])
def test_any_task_gives_a_name_that_is_a_safe_folder(tmp_path: Path, task: str) -> None:
    folder = RunFolder.create(settings(tmp_path, task))
    assert re.fullmatch(r"[a-z0-9-]{5,40}", folder.run)
    assert folder.path.parent == tmp_path / "runs"


def test_only_the_user_can_read_it(tmp_path: Path) -> None:
    folder = RunFolder.create(settings(tmp_path))
    folder.write("storage.json", "{}")
    assert stat.S_IMODE(folder.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(folder.storage.stat().st_mode) == 0o600


def test_a_run_whose_process_died_reads_as_stopped(tmp_path: Path) -> None:
    folder = RunFolder.create(settings(tmp_path))
    assert folder.load().status == "stopped"
    with hold(folder.lock, "busy"):
        assert locked(folder.lock)
        assert folder.load().status == "running"
        with pytest.raises(RunStorageFailed, match="busy"), hold(folder.lock, "busy"):
            pass
    assert folder.load().resumable


def test_runs_are_listed_newest_first_and_strangers_are_passed_over(tmp_path: Path) -> None:
    names = [RunFolder.create(settings(tmp_path, f"Find Thing{n}")).run for n in range(3)]
    (tmp_path / "runs" / "notes").mkdir()
    assert [record.run for record in all_runs(tmp_path)] == names[::-1]
    assert list(all_runs(tmp_path / "nowhere")) == []


@pytest.mark.parametrize("name", ["20260101-none-x1", "../runs", "", "."])
def test_a_run_that_is_not_there_is_said_so(tmp_path: Path, name: str) -> None:
    with pytest.raises(RunNotFound, match="There is no run"):
        RunFolder.find(tmp_path, name)


def test_a_home_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file is in the way")
    with pytest.raises(RunStorageFailed, match=r"cannot be written .*--home") as failed:
        RunFolder.create(settings(tmp_path / "home"))
    assert "\n" not in str(failed.value)


@pytest.mark.skipif(not Path("/dev/full").exists() or os.geteuid() != 0, reason="needs /dev/full")
def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    folder = RunFolder.create(settings(tmp_path))
    (folder.path / "storage.new").symlink_to("/dev/full")
    with pytest.raises(RunStorageFailed, match="No space left"):
        folder.write("storage.json", "x" * 10_000)


def test_a_damaged_record_is_one_sentence(tmp_path: Path) -> None:
    folder = RunFolder.create(settings(tmp_path))
    (folder.path / "run.json").write_text("{")
    with pytest.raises(RunStorageFailed, match=r"run\.json cannot be read"):
        folder.load()
