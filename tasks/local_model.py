"""Models on this machine's disk: which are worth having, where they lie, which one is used.

Served by llama.cpp like the bundled model (`tasks.bundled`), without a GPU.
"""

import json
from pathlib import Path

import platformdirs
from pydantic import BaseModel, ConfigDict, ValidationError

from tools.errors import StorageFailed

BUNDLED = "mini"
"""What the bundled model is called where a model is chosen."""


class Recommended(BaseModel):
    """A model that is worth its memory. `download` and `memory` are GB; memory is what the
    machine should have, with a browser beside it and 16,384 tokens of context."""

    model_config = ConfigDict(frozen=True)

    name: str
    repo: str
    file: str
    download: float
    memory: int


RECOMMENDED = (
    Recommended(
        name="qwen3-1.7b",
        repo="Qwen/Qwen3-1.7B-GGUF",
        file="Qwen3-1.7B-Q8_0.gguf",
        download=1.8,
        memory=8,
    ),
    Recommended(
        name="qwen3-4b",
        repo="Qwen/Qwen3-4B-GGUF",
        file="Qwen3-4B-Q4_K_M.gguf",
        download=2.5,
        memory=8,
    ),
    Recommended(
        name="qwen3-8b",
        repo="Qwen/Qwen3-8B-GGUF",
        file="Qwen3-8B-Q4_K_M.gguf",
        download=5.0,
        memory=16,
    ),
    Recommended(
        name="qwen3-14b",
        repo="Qwen/Qwen3-14B-GGUF",
        file="Qwen3-14B-Q4_K_M.gguf",
        download=9.0,
        memory=24,
    ),
    Recommended(
        name="qwen3-32b",
        repo="Qwen/Qwen3-32B-GGUF",
        file="Qwen3-32B-Q4_K_M.gguf",
        download=19.8,
        memory=48,
    ),
    Recommended(
        name="reflection-70b",
        repo="bartowski/Reflection-Llama-3.1-70B-GGUF",
        file="Reflection-Llama-3.1-70B-Q4_K_M.gguf",
        download=42.5,
        memory=64,
    ),
)
"""By memory."""


class Source(BaseModel):
    """A GGUF file on the hub."""

    model_config = ConfigDict(frozen=True)

    repo: str
    file: str

    @property
    def path(self) -> Path:
        """Where it lies in the user's cache, or will."""
        return cache_folder() / self.repo.replace("/", "--") / self.file


class _Choice(BaseModel):
    """What the file of the choice holds."""

    path: Path


def source_of(name: str) -> Source | None:
    """The file that a recommended name or REPO/FILE.gguf means; None for anything else."""
    for model in RECOMMENDED:
        if name.lower() == model.name:
            return Source(repo=model.repo, file=model.file)
    owner, _, rest = name.partition("/")
    repo, _, file = rest.partition("/")
    sound = owner and repo and file.endswith(".gguf") and ".." not in name.split("/")
    return Source(repo=f"{owner}/{repo}", file=file) if sound else None


def cache_folder() -> Path:
    """Where pulled models lie."""
    return Path(platformdirs.user_cache_path("secondlook")) / "models"


def chosen() -> Path | None:
    """The model file that answers when no endpoint is named; None for the bundled model."""
    try:
        return _Choice.model_validate_json(_choice_file().read_bytes()).path
    except (OSError, ValidationError):
        return None


def choose(path: Path | None) -> None:
    """Have this file answer from now on, or the bundled model again. Raises StorageFailed."""
    file = _choice_file()
    try:
        if path is None:
            file.unlink(missing_ok=True)
            return
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".draft")
        draft.write_text(json.dumps({"path": str(path)}) + "\n", encoding="utf-8")
        draft.replace(file)
    except OSError as error:
        raise StorageFailed(
            f"{file} cannot be written ({error.strerror}); make it writable."
        ) from error


def _choice_file() -> Path:
    return Path(platformdirs.user_config_path("secondlook")) / "model.json"
