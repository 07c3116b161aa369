"""A small Llama whose copying circuit is there before training begins.

The architecture is Llama's to the letter, so that llama.cpp, vLLM and transformers all run
it. What is not Llama's is the initialisation (`wire_induction`): two heads of the first
layer look at the token before, two heads of the second find where the current token stood
before and copy what came after it. Ordinary initialisation needs hours on two cores to find
this circuit; with it wired in, the first hundred steps already repeat random text
(cf. arXiv 2209.11895 on induction heads, 2305.09828 on mimetic initialisation).
"""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from torch import Tensor, nn

from training.attention import causal_attention
from training.tokenizer import families, traits


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of the model."""

    vocabulary: int
    width: int = 256
    layers: int = 6
    heads: int = 4
    hidden: int = 640
    rope_base: float = 1e6  # half of the pairs turn slowly enough to compare distant tokens
    norm_eps: float = 1e-5
    context: int = 4096

    @property
    def halves(self) -> int:
        """Heads that together are as wide as half of the residual stream."""
        return self.width // 2 // self.head_width

    @property
    def head_width(self) -> int:
        """Dimensions of one attention head."""
        return self.width // self.heads


SIZES: dict[str, dict[str, int]] = {
    "mini": {},
    "small": {"width": 512, "layers": 8, "heads": 8, "hidden": 1408},
    "base": {"width": 768, "layers": 12, "heads": 12, "hidden": 2048},
}
"""6.7M parameters, which two cores train in hours, 29M and 90M, for whoever has a GPU.

Heads stay 64 wide: the wired circuit was measured with that.
"""


class Attention(nn.Module):
    """Causal self-attention with rotary positions (halves, as in transformers' Llama)."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.heads, self.head_width = config.heads, config.head_width
        self.q_proj = nn.Linear(config.width, config.width, bias=False)
        self.k_proj = nn.Linear(config.width, config.width, bias=False)
        self.v_proj = nn.Linear(config.width, config.width, bias=False)
        self.o_proj = nn.Linear(config.width, config.width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        batch, length, width = x.shape
        shape = (batch, length, self.heads, self.head_width)
        q = _rotate(self.q_proj(x).view(shape), cos, sin).transpose(1, 2)
        k = _rotate(self.k_proj(x).view(shape), cos, sin).transpose(1, 2)
        v = self.v_proj(x).view(shape).transpose(1, 2)
        mixed = causal_attention(q, k, v)
        out: Tensor = self.o_proj(mixed.transpose(1, 2).reshape(batch, length, width))
        return out


def _rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    low, high = x.chunk(2, dim=-1)
    return torch.cat((low * cos - high * sin, high * cos + low * sin), dim=-1)


class FeedForward(nn.Module):
    """SwiGLU."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.gate_proj = nn.Linear(config.width, config.hidden, bias=False)
        self.up_proj = nn.Linear(config.width, config.hidden, bias=False)
        self.down_proj = nn.Linear(config.hidden, config.width, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.down_proj(F.silu(self.gate_proj(x)) * self.up_proj(x))
        return out


class Norm(nn.Module):
    """RMSNorm."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(config.width))
        self.eps = config.norm_eps

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.eps)


class Block(nn.Module):
    """One layer."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.input_layernorm = Norm(config)
        self.self_attn = Attention(config)
        self.post_attention_layernorm = Norm(config)
        self.mlp = FeedForward(config)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.self_attn(self.input_layernorm(x), cos, sin)
        out: Tensor = x + self.mlp(self.post_attention_layernorm(x))
        return out


class Model(nn.Module):
    """The language model; parameter names are those of transformers' Llama."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.embed_tokens = nn.Embedding(config.vocabulary, config.width)
        self.layers = nn.ModuleList(Block(config) for _ in range(config.layers))
        self.norm = Norm(config)
        self._tables: tuple[Tensor, Tensor] | None = None

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return self.embed_tokens.weight.device

    def forward(self, ids: Tensor, wanted: Tensor | None = None) -> Tensor:
        """Logits for `ids` (batch, length): all positions, or flat ones where `wanted` is set.

        With the mask, the product with the vocabulary is made only where a loss is taken.
        """
        x = self.embed_tokens(ids)
        cos, sin = self._rope(ids.shape[1], x.dtype)
        for block in self.layers:
            x = block(x, cos, sin)
        x = x[wanted] if wanted is not None else x
        return F.linear(self.norm(x), self.embed_tokens.weight)

    def _rope(self, length: int, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
        if self._tables is None or self._tables[0].dtype != dtype:
            angles = torch.arange(self.config.context)[:, None] * rope_angles(self.config)
            cos, sin = angles.cos()[:, None, :], angles.sin()[:, None, :]
            self._tables = cos.to(self.device, dtype), sin.to(self.device, dtype)
        cos, sin = self._tables
        return cos[:length], sin[:length]


def rope_angles(config: ModelConfig) -> Tensor:
    """Radians by which each pair of dimensions turns per position, fastest first."""
    pairs = config.head_width // 2
    return config.rope_base ** (-torch.arange(pairs, dtype=torch.float32) / pairs)


@dataclass(frozen=True)
class Wiring:
    """Strengths of the wired circuit, found by measuring `training.train.copy_accuracy`."""

    token_std: float = 0.06
    constant: float = 0.5
    kinship: float = 0.8  # cosine between tokens that differ only in case or leading space
    likeness: float = 0.3  # cosine between refs, and between digits
    before_pairs: int = 5  # quickly turning pairs that find the tokens before
    before_gain: float = 22.0
    second: float = 0.5  # how much the token two before counts beside the one before
    match_from: int = 16  # first of the slowly turning pairs that compare tokens
    match_gain: float = 4.0
    copy_gain: float = 4.0


def initialise(
    model: Model, tokenizer: Tokenizer, seed: int = 0, wiring: Wiring | None = None
) -> None:
    """Set all weights: small random ones, then the wired circuit (in place)."""
    rng = torch.Generator().manual_seed(seed)
    depth = math.sqrt(2 * model.config.layers)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 2:
                std = 0.02 / depth if name.endswith(("o_proj.weight", "down_proj.weight")) else 0.02
                weight.copy_(torch.randn(weight.shape, generator=rng) * std)
        wiring = wiring or Wiring()
        model.embed_tokens.weight.copy_(_embeddings(model.config, tokenizer, rng, wiring))
        wire_induction(model, rng, wiring)


def _embeddings(
    config: ModelConfig, tokenizer: Tokenizer, rng: torch.Generator, wiring: Wiring
) -> Tensor:
    """Tokens in the upper half, so that what they have in common is a direction from the start.

    A word piece is its family plus its dress (leading space, capital); refs and digits are
    partly their class. "The last ref" or "the same word, with a space" is then one linear map,
    which training finds quickly; with unrelated vectors it takes millions of tokens.
    """
    half, size = config.width // 2, config.vocabulary

    def draw(count: int) -> Tensor:
        return torch.randn(count, half, generator=rng)

    groups, kinds = families(tokenizer), traits(tokenizer)
    shared = draw(max(groups) + 1)[torch.tensor(groups)]
    space, capital, digit, ref = draw(4)
    signs = torch.tensor([[1.0 if t.spaced else -1.0, 1.0 if t.capital else -1.0] for t in kinds])
    dress = signs @ torch.stack((space, capital)) / math.sqrt(2)
    classes = {"digit": digit, "ref": ref}
    like = torch.stack([classes.get(t.kind, torch.zeros(half)) for t in kinds])
    alike = torch.tensor([wiring.likeness if t.kind in classes else 0.0 for t in kinds])[:, None]
    own = (1 - alike).sqrt() * shared + alike.sqrt() * like
    kin = wiring.kinship
    table = torch.zeros(size, config.width)
    table[:, half:] = (math.sqrt(kin) * own + math.sqrt(1 - kin) * dress) * wiring.token_std
    table[:, 0] = wiring.constant
    return table


def wire_induction(model: Model, rng: torch.Generator, wiring: Wiring) -> None:
    """Write the copying circuit into the first two layers.

    The upper half of the residual stream holds the token t, the lower half (but dimension 0,
    which is constant) what came before it: the token before, plus `second` times the one
    before that, turned by a fixed random rotation P so that the two do not mix. Layer 1 asks
    with t + second P (token before) for places that what came before matches: what follows
    two tokens is found by both, where one alone often stands in several places.
    """
    config = model.config
    half = config.width // 2
    rotation = _rotation(half, rng)
    before, match = (model.layers[0].self_attn, model.layers[1].self_attn)
    assert isinstance(before, Attention) and isinstance(match, Attention)
    _wire_before(before, config, wiring, 1, torch.eye(half))
    _wire_before(before, config, wiring, 2, rotation * wiring.second)
    _wire_match(match, config, wiring, rotation * wiring.second, rng)


def _rotation(size: int, rng: torch.Generator) -> Tensor:
    """A random permutation with signs that leaves dimension 0 alone (and empty)."""
    target = torch.randperm(size - 1, generator=rng) + 1
    matrix = torch.zeros(size, size)
    signs = torch.randint(0, 2, (size - 1,), generator=rng) * 2.0 - 1.0
    matrix[target, torch.arange(1, size)] = signs
    return matrix


def _token_power(config: ModelConfig, wiring: Wiring) -> float:
    return config.width // 2 * wiring.token_std**2


def _wire_before(
    layer: Attention, config: ModelConfig, wiring: Wiring, distance: int, place: Tensor
) -> None:
    """Half of the heads look `distance` tokens back, whatever stands there, and write at `place`.

    `place` (half, half) maps the token half onto the lower half of the stream.
    """
    half, head = config.width // 2, config.head_width
    pairs = head // 2
    scale = math.sqrt(config.width / (_token_power(config, wiring) + wiring.constant**2))
    angles = rope_angles(config)[: wiring.before_pairs]
    strength = wiring.before_gain / (scale * wiring.constant)
    gain = 1 / math.sqrt(scale)
    for part in range(config.halves):
        start = (config.halves * (distance - 1) + part) * head
        rows = slice(start, start + head)
        for projection in (layer.q_proj, layer.k_proj, layer.v_proj):
            projection.weight[rows] = 0.0
        found = slice(start, start + len(angles))
        turned = slice(start + pairs, start + pairs + len(angles))
        layer.q_proj.weight[found, 0] = strength
        layer.k_proj.weight[found, 0] = strength * (distance * angles).cos()
        layer.k_proj.weight[turned, 0] = strength * (distance * angles).sin()
        tokens = slice(half + part * head, half + (part + 1) * head)
        layer.v_proj.weight[rows, tokens] = torch.eye(head) * gain
        layer.o_proj.weight[:, rows] = 0.0
        layer.o_proj.weight[1:half, rows] = place[1:, part * head : (part + 1) * head] * gain


def _wire_match(
    layer: Attention, config: ModelConfig, wiring: Wiring, second: Tensor, rng: torch.Generator
) -> None:
    """Heads find the position before which stands what stands here, and copy its token."""
    half, head = config.width // 2, config.head_width
    pairs = head // 2
    power = 2 * _token_power(config, wiring) + wiring.constant**2
    gain = math.sqrt(wiring.copy_gain / math.sqrt(config.width / power))
    for index in range(config.heads):
        rows = slice(index * head, (index + 1) * head)
        for projection in (layer.q_proj, layer.k_proj, layer.v_proj):
            projection.weight[rows] = 0.0
        chosen = [*range(wiring.match_from, pairs), *range(pairs + wiring.match_from, head)]
        random = torch.randn(len(chosen), half, generator=rng) / math.sqrt(half)
        where = torch.tensor(chosen) + index * head
        layer.q_proj.weight[where, half:] = random * wiring.match_gain
        layer.q_proj.weight[where, :half] = random @ second * wiring.match_gain
        layer.k_proj.weight[where, :half] = random * wiring.match_gain
        layer.k_proj.weight[where, 0] = 0.0
        layer.o_proj.weight[:, rows] = 0.0
        part = index % config.halves
        copied = slice(half + part * head, half + (part + 1) * head)
        layer.v_proj.weight[rows, copied] = torch.eye(head) * gain
        layer.o_proj.weight[copied, rows] = torch.eye(head) * gain
