"""Uploads and downloads."""

from pathlib import Path

from tests.tools.acting import Actor

PAGE = """<label>Photo <input type=file id=f onchange="o.textContent = this.files[0].name"></label>
<button onclick="f.click()">Choose</button><button>Plain</button><p role=status id=o></p>
<a href=/menu.pdf download>Menu</a><a href=/broken.bin download>Broken</a>"""


async def test_upload_to_a_field_and_through_a_button(actor: Actor, tmp_path: Path) -> None:
    one, two = tmp_path / "one.png", tmp_path / "two.png"
    one.write_bytes(b"1")
    two.write_bytes(b"2")
    await actor.open(PAGE)
    acted = await actor.act("upload", "file Photo", path=str(one))
    assert acted.line == "ok, one.png given to file Photo"
    assert "+ status one.png" in acted.verdict.changed
    acted = await actor.act("upload", "button Choose", path=str(two))
    assert acted.line == "ok, two.png given to button Choose"
    assert await actor.session.page.evaluate("f.files[0].name") == "two.png"
    acted = await actor.act("upload", "button Plain", path=str(two))
    assert acted.line == "no_effect, button Plain asks for no file"


async def test_a_file_that_does_not_exist(actor: Actor) -> None:
    await actor.open(PAGE)
    acted = await actor.act("upload", "file Photo", path="/nowhere/at/all.png")
    assert acted.line == "not_found, no file /nowhere/at/all.png"


async def test_a_download_is_saved_and_its_path_told(actor: Actor) -> None:
    actor.site.handle("/menu.pdf", lambda _: (200, {"Content-Type": "application/pdf"}, b"%PDF"))
    await actor.open(PAGE)
    acted = await actor.act("download", "link Menu")
    path = actor.session.downloads / "menu.pdf"
    assert acted.line == f"ok, saved {path}"
    assert path.read_bytes() == b"%PDF"
