"""What a model is made of, as far as its fit into a machine depends on it.

Read from a local folder (config.json and the weights' sizes), else from the hub's config,
else, for the models that everybody asks for, from the table here.
"""

import json
import re
import socket
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from pydantic import BaseModel, ConfigDict, ValidationError

HUB_SECONDS = 10
"""How long the hub may take to say what a model is made of."""

_WIDTHS = {"float32": 4, "bfloat16": 2, "float16": 2}
"""Bytes of one stored parameter."""

_INDEX = "model.safetensors.index.json"


class UnknownModel(Exception):
    """Nobody says what the model is made of: one sentence with what to do."""


class ModelShape(BaseModel):
    """A decoder-only model. `stored_bytes` is what the weights take on disk, 0 if unknown;
    `quantised` is the method of a checkpoint that is quantised already, such as "awq"."""

    model_config = ConfigDict(frozen=True)

    name: str
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    hidden: int
    intermediate: int
    vocabulary: int
    context: int
    tied: bool = False
    experts: int = 0
    stored_as: str = "bfloat16"
    stored_bytes: int = 0
    quantised: str = ""

    @property
    def embeddings(self) -> int:
        """Parameters of the embedding and the output layer, which no method here quantises."""
        return self.vocabulary * self.hidden * (1 if self.tied else 2)

    @property
    def parameters(self) -> int:
        """From the weights' size where it is known, else from the Llama architecture."""
        if self.stored_bytes and not self.quantised:
            return self.stored_bytes // _WIDTHS.get(self.stored_as, 2)
        return self.embeddings + self.layers * self._layer() + self.hidden

    def _layer(self) -> int:
        """Parameters of one layer: queries and output, keys and values, the gated MLP, norms."""
        attention = 2 * self.hidden * self.head_dim * (self.heads + self.kv_heads)
        return attention + 3 * self.hidden * self.intermediate + 2 * self.hidden

    def kv_bytes(self, tensor_parallel: int, layers: int) -> int:
        """Bytes of key and value of one token on one GPU, in bf16. With more GPUs than KV
        heads vLLM gives each GPU a whole one."""
        heads = max(1, self.kv_heads // tensor_parallel)
        return 2 * layers * heads * self.head_dim * 2

    @property
    def size(self) -> str:
        """Short, as people say it: 8B, 70B, 4M."""
        count = self.parameters
        return f"{count // 10**9}B" if count >= 1e9 else f"{count // 10**6}M"


def from_config(name: str, config: Mapping[str, Any], stored_bytes: int = 0) -> ModelShape:
    """The shape that a config.json describes. Raises UnknownModel where it lacks something."""
    text = config.get("text_config") or config
    quantised = (config.get("quantization_config") or {}).get("quant_method", "")
    try:
        heads, hidden = int(text["num_attention_heads"]), int(text["hidden_size"])
        experts = text.get("num_local_experts") or text.get("num_experts") or 0
        shape = ModelShape(
            name=name,
            layers=text["num_hidden_layers"],
            heads=heads,
            kv_heads=text.get("num_key_value_heads") or heads,
            head_dim=text.get("head_dim") or hidden // heads,
            hidden=hidden,
            intermediate=text["intermediate_size"],
            vocabulary=text["vocab_size"],
            context=text["max_position_embeddings"],
            tied=bool(config.get("tie_word_embeddings", text.get("tie_word_embeddings", False))),
            experts=experts,
            stored_as=str(text.get("dtype") or text.get("torch_dtype") or "bfloat16"),
            stored_bytes=stored_bytes,
            quantised=quantised,
        )
    except (KeyError, TypeError, ValueError, ValidationError, ZeroDivisionError) as error:
        raise UnknownModel(
            f"The config.json of {name} does not say how large the model is ({error}): "
            "only decoder models with the usual fields can be planned for."
        ) from error
    if not stored_bytes and (experts or quantised):
        raise UnknownModel(
            f"How much the weights of {name} take is not known: download it, and name its folder."
        )
    return shape


def from_folder(folder: Path) -> ModelShape:
    """The shape of a model in a local folder, in Hugging Face form. Raises UnknownModel."""
    try:
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnknownModel(
            f"{folder} is no model in Hugging Face form: its config.json cannot be read."
        ) from error
    weights = [*folder.glob("*.safetensors")] or [*folder.glob("*.bin")]
    if not weights:
        raise UnknownModel(f"{folder} holds no weights (*.safetensors): download it again.")
    return from_config(folder.name, config, sum(file.stat().st_size for file in weights))


def from_hub(name: str) -> ModelShape | None:
    """The shape that the hub tells; None where it cannot be reached or does not give it."""
    from httpx2 import HTTPError
    from huggingface_hub import hf_hub_download
    from huggingface_hub.errors import EntryNotFoundError, HfHubHTTPError

    if not _reachable():
        return None

    def read(file: str) -> Any:
        path = hf_hub_download(name, file, etag_timeout=HUB_SECONDS)
        return json.loads(Path(path).read_text(encoding="utf-8"))

    try:
        config = read("config.json")
    except (OSError, ValueError, HfHubHTTPError, HTTPError):
        return None
    try:
        stored = int(read(_INDEX)["metadata"]["total_size"])
    except EntryNotFoundError:
        stored = _single_file(name)
    except (OSError, ValueError, KeyError, TypeError, HfHubHTTPError, HTTPError):
        stored = 0
    return from_config(name, config, stored)


def _reachable() -> bool:
    """Whether the hub is there at all: its own client would try for half a minute."""
    from huggingface_hub.constants import ENDPOINT

    parts = urlsplit(ENDPOINT)
    if getproxies():
        return True  # only the proxy knows
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=HUB_SECONDS).close()
    except OSError:
        return False
    return True


def _single_file(name: str) -> int:
    """Bytes of the weights of a model that is not cut into several files; 0 if unknown."""
    from httpx2 import HTTPError
    from huggingface_hub import get_hf_file_metadata, hf_hub_url
    from huggingface_hub.errors import HfHubHTTPError

    try:
        url = hf_hub_url(name, "model.safetensors")
        return get_hf_file_metadata(url, timeout=HUB_SECONDS).size or 0
    except (OSError, HfHubHTTPError, HTTPError):
        return 0


def shape_of(model: str) -> ModelShape:
    """The shape of a folder or of a model on the hub. Raises UnknownModel."""
    folder = Path(model).expanduser()
    if folder.is_dir():
        return from_folder(folder)
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", model) or model.startswith((".", "/")):
        raise UnknownModel(
            f"{model!r} is neither a folder here nor a name on the hub such as "
            "mattshumer/Reflection-Llama-3.1-70B."
        )
    found = from_hub(model) or KNOWN.get(model.lower())
    if found is None:
        raise UnknownModel(
            f"The hub does not tell what {model} is made of (is the name right, the network "
            "up, HF_TOKEN set for a model behind a licence?): download it, and name its folder."
        )
    return found


def _llama(name: str, layers: int, hidden: int, intermediate: int, **more: Any) -> ModelShape:
    """Llama 3.1 as its configs on the hub have it: heads of 128, 8 of them for keys."""
    values = {"vocabulary": 128256, "context": 131072, **more}
    return ModelShape(
        name=name,
        layers=layers,
        heads=hidden // 128,
        kv_heads=8,
        head_dim=128,
        hidden=hidden,
        intermediate=intermediate,
        **values,
    )


LLAMA_8B = _llama("meta-llama/Llama-3.1-8B-Instruct", 32, 4096, 14336)
LLAMA_70B = _llama("meta-llama/Llama-3.1-70B-Instruct", 80, 8192, 28672)
LLAMA_405B = _llama("meta-llama/Llama-3.1-405B-Instruct", 126, 16384, 53248)
REFLECTION_70B = _llama(
    "mattshumer/Reflection-Llama-3.1-70B",
    80,
    8192,
    28672,
    vocabulary=128262,  # the six tags are tokens of their own
    context=8192,  # the hub tells the true length; vLLM always takes a lower one
)


def _known() -> dict[str, ModelShape]:
    table = {REFLECTION_70B.name.lower(): REFLECTION_70B}
    for shape in (LLAMA_8B, LLAMA_70B, LLAMA_405B):
        for prefix in ("meta-llama/Llama-3.1", "meta-llama/Meta-Llama-3.1"):
            for suffix in ("", "-Instruct"):
                name = f"{prefix}-{shape.size}{suffix}"
                table[name.lower()] = shape.model_copy(update={"name": name})
    return table


KNOWN = _known()
"""By name in lower case."""
