"""`python -m server.extension_files REQUEST`: the extension as it ships. `secondlook extension`
becomes it: where the unpacked extension lies and how Chrome loads it, or its store package.
"""

import json
import os
import sys
from contextlib import suppress
from importlib.metadata import version
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from pydantic import ValidationError

from tasks.exit_codes import ExitCode
from tasks.serving import ExtensionRequest
from tasks.terminal_text import safe

EXTENSION = Path(__file__).with_name("extension")

_SUFFIXES = frozenset({".json", ".html", ".js", ".css", ".png"})
"""What the extension is made of; whatever else lies in the folder is nobody else's business."""

_LOADING = """\
The extension lies in

  {folder}

To load it in Chrome (or Chromium, Edge, Brave):

  1. Open chrome://extensions and switch on "Developer mode", at the top right.
  2. Press "Load unpacked" and choose that folder.
  3. Run `secondlook serve` and click the secondlook icon in the toolbar (it may be behind the
     puzzle piece): the side panel opens and says how to pair.

After an update of secondlook, press the extension's reload button on that page."""


def main() -> None:
    """Do what the request says; leave with the exit code."""
    try:
        request = ExtensionRequest.model_validate_json(sys.argv[1])
    except (IndexError, ValidationError):
        sys.exit(f"{__doc__}")
    told = _LOADING.format(folder=EXTENSION)
    if request.zip:
        name = safe(str(request.zip))
        try:
            pack(request.zip)
        except OSError as error:
            why = f"{name} cannot be written ({error.strerror}): choose another file."
            print(f"secondlook: {why}", file=sys.stderr)
            sys.exit(ExitCode.STORAGE)
        told = f"The store package of version {version('secondlook')} is {name}."
    with suppress(BrokenPipeError):
        print(told, flush=True)
        return
    os._exit(0)  # whoever read it has read enough; the interpreter's own flush would complain


def pack(target: Path) -> None:
    """Write the package that Chrome's Web Store takes, the same bytes on every machine.

    Raises OSError.
    """
    draft = target.with_name(f".{target.name}.draft")
    try:
        with ZipFile(draft, "w", ZIP_STORED) as package:  # zlib's versions differ in what they make
            for file in sorted(EXTENSION.rglob("*")):
                if file.suffix in _SUFFIXES and file.is_file():
                    entry = ZipInfo(file.relative_to(EXTENSION).as_posix())  # dated 1980
                    entry.create_system, entry.external_attr = 3, 0o100644 << 16
                    package.writestr(entry, _content(file))
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def _content(file: Path) -> bytes:
    """What the package holds of a file; its manifest has the project's version."""
    if file != EXTENSION / "manifest.json":
        return file.read_bytes()
    manifest = json.loads(file.read_bytes()) | {"version": version("secondlook")}
    return f"{json.dumps(manifest, indent=2, ensure_ascii=False)}\n".encode()


if __name__ == "__main__":
    main()
