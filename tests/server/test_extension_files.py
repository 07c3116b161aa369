"""`secondlook extension`: where it lies, and the store package that Chrome would be given."""

import json
import re
import tomllib
from pathlib import Path
from zipfile import ZipFile

from server.extension_files import EXTENSION, pack
from tests.tasks.command import secondlook

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def test_it_says_where_the_extension_lies_and_how_to_load_it() -> None:
    told = secondlook("extension")
    assert told.code == 0
    folder = next(line.strip() for line in told.out.splitlines() if line.startswith("  /"))
    manifest = json.loads((Path(folder) / "manifest.json").read_text())
    assert manifest["manifest_version"] == 3
    for step in ("chrome://extensions", "Developer mode", "Load unpacked", "secondlook serve"):
        assert step in told.out


def test_the_package_holds_the_extension_at_the_projects_version(tmp_path: Path) -> None:
    version = PROJECT["project"]["version"]
    assert json.loads((EXTENSION / "manifest.json").read_text())["version"] == version
    told = secondlook("extension", "--zip", tmp_path / "secondlook.zip")
    assert (told.code, version in told.out) == (0, True)
    with ZipFile(tmp_path / "secondlook.zip") as package:
        names = set(package.namelist())
        manifest = json.loads(package.read("manifest.json"))
    assert manifest["version"] == version, "pip install -e . again"
    assert {name.rpartition(".")[2] for name in names} <= {"json", "html", "js", "css", "png"}
    assert named_by(manifest) <= names
    assert names == {p.relative_to(EXTENSION).as_posix() for p in EXTENSION.rglob("*.*")}


def named_by(manifest: dict[str, object]) -> set[str]:
    """The files that the manifest, the pages and the scripts of the extension name."""
    named = set(re.findall(r'"([\w/-]+\.(?:js|html|png))"', json.dumps(manifest)))
    panel = (EXTENSION / "panel.html").read_text()
    named |= set(re.findall(r'(?:src|href)="([\w/.-]+\.\w+)"', panel))
    for script in EXTENSION.rglob("*.js"):
        for name in re.findall(r'from "(\.[^"]+)";', script.read_text()):
            named.add((script.parent / name).resolve().relative_to(EXTENSION).as_posix())
    return named


def test_the_same_bytes_every_time_and_nothing_left_where_it_cannot_be_written(
    tmp_path: Path,
) -> None:
    for name in ("one.zip", "two.zip"):
        pack(tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    (tmp_path / "taken").mkdir()
    for target, code in (("nowhere/one.zip", 6), ("taken", 2)):
        told = secondlook("extension", "--zip", tmp_path / target)
        assert (told.code, told.out) == (code, "")
        assert told.err.count("\n") == 1
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one.zip", "taken", "two.zip"]


def test_an_installed_secondlook_has_all_of_it() -> None:
    server = ROOT / "server"
    patterns = PROJECT["tool"]["setuptools"]["package-data"]["server"]
    shipped = {path for pattern in patterns for path in server.glob(pattern) if path.is_file()}
    assert {path for path in EXTENSION.rglob("*") if path.is_file()} <= shipped
