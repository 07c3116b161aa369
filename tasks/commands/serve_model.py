"""`secondlook serve-model`: a model behind vLLM, planned for this machine."""

from pathlib import Path
from typing import Annotated

import typer

from tasks.commands import options as opt
from tasks.commands.stored import home_folder
from tasks.serving import DEFAULT_MODEL, KEY_VARIABLE, ServeRequest, hand_over

PASS_ON = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Options that are not ours are vLLM's."""

PLAN = "Plan"

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="A name on the Hugging Face hub, a local folder, or `mini` for the bundled model. "
        f"Default: {DEFAULT_MODEL}. Further options after it are passed on to vLLM.",
        show_default=False,
    ),
]
Lora = Annotated[
    Path | None,
    typer.Option(
        "--lora",
        metavar="FOLDER",
        help="Serve this LoRA adapter of the model, too, under its folder's name (docs/tuning.md).",
    ),
]
DryRun = Annotated[
    bool, typer.Option("--dry-run", metavar="", help="Print plan and command, start nothing.")
]
Install = Annotated[
    bool,
    typer.Option(
        "--install",
        metavar="",
        help="Put vLLM into an environment of its own (CUDA or CPU build, 4 to 10 GB).",
    ),
]
Host = Annotated[
    str, typer.Option("--host", metavar="HOST", help="Where to answer. Default: this machine only.")
]
Port = Annotated[
    int, typer.Option("--port", metavar="PORT", min=1, max=65535, help="Default: 8000.")
]
ApiKey = Annotated[
    str,
    typer.Option(
        "--api-key",
        metavar="KEY",
        envvar=KEY_VARIABLE,
        help="What clients must send as their key.",
    ),
]
Verbose = Annotated[
    bool, typer.Option("--verbose", metavar="", help="Show vLLM's own output from the start.")
]
Playground = Annotated[
    bool,
    typer.Option("--playground", metavar="", help="Serve a page beside it that asks it anything."),
]
PlaygroundPort = Annotated[
    int,
    typer.Option(
        "--playground-port",
        metavar="PORT",
        min=0,
        max=65535,
        help="Where that page is, on this machine only. Default: 8001, or the next free one.",
        show_default=False,
    ),
]
Nodes = Annotated[
    int,
    typer.Option(
        "--nodes",
        metavar="N",
        min=1,
        help="Machines like this one, joined by Ray (docs/serving.md).",
        rich_help_panel=PLAN,
    ),
]
Gpus = Annotated[
    str,
    typer.Option(
        "--gpus",
        metavar="COUNTxGB",
        help="Plan for these GPUs, such as 8x80, not for those here; with --dry-run.",
        rich_help_panel=PLAN,
    ),
]
Quantization = Annotated[
    str,
    typer.Option(
        "--quantization",
        metavar="NAME",
        help="Hold the weights in fp8, made while they load.",
        rich_help_panel=PLAN,
    ),
]
MaxModelLen = Annotated[
    int,
    typer.Option(
        "--max-model-len",
        metavar="N",
        min=0,
        help="Tokens of context. Default: what fits.",
        rich_help_panel=PLAN,
    ),
]
TensorParallel = Annotated[
    int,
    typer.Option(
        "--tensor-parallel-size",
        metavar="N",
        min=0,
        help="GPUs to spread each layer over. Default: the fewest that are comfortable.",
        rich_help_panel=PLAN,
    ),
]
Share = Annotated[
    float,
    typer.Option(
        "--gpu-memory-utilization",
        metavar="S",
        min=0,
        max=1,
        help="Part of each GPU's memory that vLLM may take. Default: 0.9.",
        rich_help_panel=PLAN,
    ),
]


def serve_model(
    ctx: typer.Context,
    model: Model = "",
    lora: Lora = None,
    dry_run: DryRun = False,
    install: Install = False,
    host: Host = "127.0.0.1",
    port: Port = 8000,
    api_key: ApiKey = "",
    verbose: Verbose = False,
    playground: Playground = False,
    playground_port: PlaygroundPort = 0,
    nodes: Nodes = 1,
    gpus: Gpus = "",
    quantization: Quantization = "",
    max_model_len: MaxModelLen = 0,
    tensor_parallel_size: TensorParallel = 0,
    gpu_memory_utilization: Share = 0,
    home: opt.Home = None,
) -> int:
    """Serve a model with vLLM, with flags worked out for this machine (docs/serving.md)."""
    if gpus and not dry_run:
        raise typer.BadParameter("--gpus describes a machine that is not here: add --dry-run.")
    flags = list(ctx.args)
    if model.startswith("-"):  # no MODEL, only options of vLLM's
        model, flags = "", [model, *flags]
    hand_over(
        ServeRequest(
            model=model or DEFAULT_MODEL,
            lora=lora,
            home=home_folder(home),
            host=host,
            port=port,
            dry_run=dry_run,
            install=install,
            verbose=verbose,
            nodes=nodes,
            gpus=gpus,
            quantization=quantization,
            max_model_len=max_model_len,
            tensor_parallel_size=tensor_parallel_size,
            gpu_memory_utilization=gpu_memory_utilization,
            playground=playground,
            playground_port=playground_port,
            flags=flags,
        ),
        api_key,
    )
