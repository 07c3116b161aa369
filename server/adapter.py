"""A LoRA adapter as PEFT writes it, and vLLM's flags for serving it beside its base."""

import json
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

CONFIG = "adapter_config.json"

_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""Those that vLLM 0.32 has room for (`vllm/config/lora.py`)."""


class NotAnAdapter(Exception):
    """The folder cannot be served: one sentence with what to do."""


class Adapter(BaseModel):
    """`rank` is what its matrices have."""

    model_config = ConfigDict(frozen=True)

    name: str
    folder: Path
    rank: int

    @property
    def flags(self) -> list[str]:
        """For vLLM, with room for this rank."""
        room = next((rank for rank in _RANKS if rank >= self.rank), _RANKS[-1])
        modules = f"{self.name}={self.folder}"
        return ["--enable-lora", "--max-lora-rank", str(room), "--lora-modules", modules]


class _Config(BaseModel):
    peft_type: str
    r: int


def read_adapter(folder: Path) -> Adapter:
    """The adapter in this folder, named after it. Raises NotAnAdapter."""
    folder = folder.expanduser().absolute()
    try:
        config = _Config.model_validate(json.loads((folder / CONFIG).read_text()))
    except FileNotFoundError as error:
        raise NotAnAdapter(
            f"There is no LoRA adapter in {folder} ({CONFIG} is missing): give the folder that "
            "`trl sft` wrote (docs/tuning.md)."
        ) from error
    except (OSError, ValueError, ValidationError) as error:
        raise NotAnAdapter(f"{folder / CONFIG} cannot be read: make the adapter anew.") from error
    if config.peft_type != "LORA" or config.r > _RANKS[-1]:
        raise NotAnAdapter(
            f"{folder} holds a {config.peft_type} adapter of rank {config.r}, and vLLM serves "
            f"LORA up to rank {_RANKS[-1]}: train one of those."
        )
    return Adapter(name=folder.name, folder=folder, rank=config.r)
