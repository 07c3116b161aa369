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
from torch import Tensor, nn

from training.attention import causal_attention


@dataclass(frozen=True)
class ModelConfig:
    """The sizes of the model. `families` are token groups (see `tokenizer.families`)."""

    vocabulary: int
    width: int = 256
    layers: int = 4
    heads: int = 4
    hidden: int = 640
    rope_base: float = 10_000.0
    norm_eps: float = 1e-5
    context: int = 4096

    @property
    def head_width(self) -> int:
        """Dimensions of one attention head."""
        return self.width // self.heads


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
            self._tables = cos.to(dtype), sin.to(dtype)
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
    before_pairs: int = 6  # quickly turning pairs that find the token before
    before_gain: float = 20.0
    match_from: int = 23  # first of the slowly turning pairs that compare tokens
    match_gain: float = 4.0
    match_heads: int = 4
    copy_gain: float = 4.0


def initialise(
    model: Model, families: list[int], seed: int = 0, wiring: Wiring | None = None
) -> None:
    """Set all weights: small random ones, then the wired circuit (in place)."""
    rng = torch.Generator().manual_seed(seed)
    depth = math.sqrt(2 * model.config.layers)
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if weight.dim() == 2:
                std = 0.02 / depth if name.endswith(("o_proj.weight", "down_proj.weight")) else 0.02
                weight.copy_(torch.randn(weight.shape, generator=rng) * std)
        wire_induction(model, families, rng, wiring or Wiring())


def wire_induction(model: Model, families: list[int], rng: torch.Generator, wiring: Wiring) -> None:
    """Write the copying circuit into embeddings and the first two layers.

    The upper half of the residual stream holds the token, the lower half (but dimension 0,
    which is constant) the token before it.
    """
    config = model.config
    half, head = config.width // 2, config.head_width
    pairs = head // 2

    shared = torch.randn(max(families) + 1, half, generator=rng)[torch.tensor(families)]
    own = torch.randn(config.vocabulary, half, generator=rng)
    kin = wiring.kinship
    table = model.embed_tokens.weight
    table.zero_()
    table[:, half:] = (math.sqrt(kin) * shared + math.sqrt(1 - kin) * own) * wiring.token_std
    table[:, 0] = wiring.constant

    # What RMSNorm multiplies by, before layer 0 and before layer 1.
    token_power = half * wiring.token_std**2
    scale0 = math.sqrt(config.width / (token_power + wiring.constant**2))
    scale1 = math.sqrt(config.width / (2 * token_power + wiring.constant**2))

    before, match = (model.layers[0].self_attn, model.layers[1].self_attn)
    assert isinstance(before, Attention) and isinstance(match, Attention)

    # Layer 0, heads 0 and 1: attend to the previous position, whatever stands there.
    angles = rope_angles(config)[: wiring.before_pairs]
    strength = wiring.before_gain / (scale0 * wiring.constant)
    for index in (0, 1):
        rows = slice(index * head, (index + 1) * head)
        for projection in (before.q_proj, before.k_proj, before.v_proj):
            projection.weight[rows] = 0.0
        start = index * head
        before.q_proj.weight[start : start + len(angles), 0] = strength
        before.k_proj.weight[start : start + len(angles), 0] = strength * angles.cos()
        turned = slice(start + pairs, start + pairs + len(angles))
        before.k_proj.weight[turned, 0] = strength * angles.sin()
        before.o_proj.weight[:, rows] = 0.0
        gain = 1 / math.sqrt(scale0)
        for dim in range(head):
            source = half + index * head + dim
            before.v_proj.weight[index * head + dim, source] = gain
            target = index * head + dim
            if target != 0:  # dimension 0 stays constant
                before.o_proj.weight[target, index * head + dim] = gain

    # Layer 1, every head: find the position whose previous token is the current token.
    for index in range(wiring.match_heads):
        rows = slice(index * head, (index + 1) * head)
        for projection in (match.q_proj, match.k_proj, match.v_proj):
            projection.weight[rows] = 0.0
        chosen = [*range(wiring.match_from, pairs), *range(pairs + wiring.match_from, head)]
        random = torch.randn(len(chosen), half, generator=rng) / math.sqrt(half)
        where = torch.tensor(chosen) + index * head
        match.q_proj.weight[where, half:] = random * wiring.match_gain
        match.k_proj.weight[where, :half] = random * wiring.match_gain
        match.k_proj.weight[where, 0] = 0.0
        match.o_proj.weight[:, rows] = 0.0
        gain = math.sqrt(wiring.copy_gain / scale1)
        for dim in range(head):
            source = half + index % 2 * head + dim
            match.v_proj.weight[index * head + dim, source] = gain
            match.o_proj.weight[source, index * head + dim] = gain
