"""What `secondlook serve`, `serve-model`, `playground` and `extension` ask of modules of
`server`, and the handing over to them.

`tasks` stands below `server`, so a command does not call it but becomes it: the same process
goes on as the server, which then gets every signal and whose exit status counts.
"""

import os
import sys
from pathlib import Path
from typing import NoReturn

from pydantic import BaseModel, Field

DEFAULT_MODEL = "mattshumer/Reflection-Llama-3.1-70B"
MINI = "mini"
"""How the bundled model is called where a model's name is expected."""

KEY_VARIABLE = "VLLM_API_KEY"
"""Where vLLM reads its key; on a command line every user of the machine could read it."""


class ServeRequest(BaseModel):
    """One call of `serve-model`. `flags` are vLLM's own and passed on as they are; 0 and ""
    leave a choice to the arithmetic."""

    model: str = DEFAULT_MODEL
    lora: Path | None = None
    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    dry_run: bool = False
    install: bool = False
    verbose: bool = False
    nodes: int = 1
    gpus: str = ""
    quantization: str = ""
    max_model_len: int = 0
    tensor_parallel_size: int = 0
    gpu_memory_utilization: float = 0
    playground: bool = False
    playground_port: int = 0
    flags: list[str] = Field(default_factory=list)


class BackendRequest(BaseModel):
    """One call of `serve`: where it answers, what runs get, how many work at once. `forget`
    takes all pairings back instead."""

    home: Path
    port: int = 8770
    at_once: int = 4
    model_url: str = ""
    model: str = ""
    executable: str = ""
    forget: bool = False


class PlaygroundRequest(BaseModel):
    """One call of `playground`: the endpoint as a run names it, and a port; 0 leaves it open."""

    model_url: str = ""
    model: str = ""
    port: int = 0


class ExtensionRequest(BaseModel):
    """One call of `extension`: the store package to write, or none and only to say where it is."""

    zip: Path | None = None


Request = ServeRequest | BackendRequest | PlaygroundRequest | ExtensionRequest

_MODULES: dict[type[BaseModel], str] = {
    ServeRequest: "server.vllm",
    BackendRequest: "server.serve",
    PlaygroundRequest: "server.playground_server",
    ExtensionRequest: "server.extension_files",
}


def hand_over(request: Request, key: str = "") -> NoReturn:
    """Become the server that this request asks for."""
    module = _MODULES[type(request)]
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}  # no folder here may shadow `server`
    if key:
        environment[KEY_VARIABLE] = key
    sys.stdout.flush()
    sys.stderr.flush()
    arguments = [sys.executable, "-m", module, request.model_dump_json()]
    os.execve(sys.executable, arguments, environment)
