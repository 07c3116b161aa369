"""What a model can be served on: the GPUs and the memory that are here."""

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path

from pydantic import BaseModel, ConfigDict

GB = 1_000_000_000
_SMI = ("nvidia-smi", "--query-gpu=memory.total,compute_cap", "--format=csv,noheader,nounits")

_BF16 = 8.0
"""NVIDIA's compute capability from which on GPUs compute in bf16."""


class Machine(BaseModel):
    """`nodes` machines that are alike, each with these GPUs (bytes of memory) and this RAM.
    `capability` is NVIDIA's number for what the GPUs can do, 0 if unknown."""

    model_config = ConfigDict(frozen=True)

    gpus: tuple[int, ...] = ()
    capability: float = 0
    ram: int = 0
    nodes: int = 1

    @property
    def gpu_memory(self) -> int:
        """Bytes of the smallest GPU: vLLM gives each the same share of the model."""
        return min(self.gpus, default=0)

    @property
    def has_bf16(self) -> bool:
        """Whether the GPUs compute in bf16; without it, fp16 takes its place."""
        return not self.capability or self.capability >= _BF16

    @property
    def words(self) -> str:
        """As a sentence names it: `2 machines with 8 GPUs of 80 GB each`."""
        if not self.gpus:
            return f"no GPU and {self.ram / GB:.0f} GB of memory"
        count = len(self.gpus)
        each = f"{count} GPU{'s' if count > 1 else ''} of {self.gpu_memory / GB:.0f} GB"
        return f"{self.nodes} machines with {each} each" if self.nodes > 1 else each


def this_machine(nodes: int = 1) -> Machine:
    """What is found here; NVIDIA GPUs only, as `CUDA_VISIBLE_DEVICES` lets vLLM see them."""
    gpus = _gpus()
    return Machine(
        gpus=tuple(memory for memory, _ in gpus),
        capability=min((capability for _, capability in gpus), default=0),
        ram=_ram(),
        nodes=nodes,
    )


def described(gpus: str, nodes: int = 1) -> Machine:
    """The machine that `8x80` describes: 8 GPUs of 80 GB. Raises ValueError for other words."""
    found = re.fullmatch(r"(\d+)\s*[x×]\s*(\d+(?:\.\d+)?)\s*(?:gb)?", gpus.strip(), re.IGNORECASE)
    if not found or not int(found[1]) or not float(found[2]):
        raise ValueError(f"--gpus {gpus!r} is not COUNTxGB, such as 8x80.")
    return Machine(gpus=(int(float(found[2]) * GB),) * int(found[1]), ram=_ram(), nodes=nodes)


def _gpus() -> list[tuple[int, float]]:
    """Memory in bytes and capability of each GPU that may be used."""
    if not shutil.which(_SMI[0]):
        return []
    try:
        done = subprocess.run(_SMI, capture_output=True, text=True, timeout=30, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    found = re.findall(r"^\s*(\d+)\s*,\s*(\d+\.\d+)", done.stdout, re.MULTILINE)
    gpus = [(int(mebibytes) * 2**20, float(capability)) for mebibytes, capability in found]
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return gpus
    chosen = [int(number) for number in visible.split(",") if number.strip().isdigit()]
    return [gpus[number] for number in chosen if number < len(gpus)]


def _ram() -> int:
    """Bytes of memory; a container's own limit counts where it is lower."""
    if platform.system() not in ("Linux", "Darwin"):
        return 0
    whole = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:
        return whole
    return min(whole, int(limit)) if limit.isdigit() else whole
