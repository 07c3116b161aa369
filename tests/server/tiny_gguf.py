"""A Llama with random weights as a GGUF file: the bundled model's shape without its sense.

Random weights answer nonsense, so what a grammar lets through is all that makes it valid.
Like the bundled model it has refs and protocol tags as single, user-defined tokens.
"""

from collections.abc import Iterator
from pathlib import Path

import gguf
import numpy as np

REFS = tuple(f"[e{number}]" for number in range(1, 301))
TAGS = ("<thinking>", "</thinking>", "<reflection>", "</reflection>", "<output>", "</output>")
CONTROL = ("<|begin_of_text|>", "<|end_of_text|>", "<|start_header_id|>", "<|end_header_id|>")
CHAT_TEMPLATE = (
    "{{ bos_token }}{%- for message in messages -%}"
    "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n'"
    " + message['content'] + '<|eot_id|>' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}"
    "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{%- endif -%}"
)


def write_random_model(
    path: Path,
    *,
    words: str = "",
    width: int = 64,
    layers: int = 2,
    heads: int = 4,
    hidden: int = 128,
    context: int = 4096,
    seed: int = 0,
) -> None:
    """Write the model; `words` become tokens of the vocabulary beside single bytes."""
    tokens, types, merges = _vocabulary(words)
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name("random")
    writer.add_context_length(context)
    writer.add_embedding_length(width)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(hidden)
    writer.add_head_count(heads)
    writer.add_head_count_kv(heads)
    writer.add_rope_dimension_count(width // heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokens.index("<|begin_of_text|>"))
    writer.add_eos_token_id(tokens.index("<|eot_id|>"))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)
    for name, shape in _tensors(len(tokens), width, layers, hidden):
        weight = rng.normal(0, 0.05, shape) if len(shape) == 2 else np.ones(shape)
        writer.add_tensor(name, weight.astype(np.float16 if len(shape) == 2 else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _vocabulary(words: str) -> tuple[list[str], list[int], list[str]]:
    letter = _byte_letters()
    tokens = dict.fromkeys(letter)
    merges: dict[str, None] = {}
    for word in words.split():
        for text in (word, " " + word):
            units = [letter[byte] for byte in text.encode()]
            left = units[0]
            for right in units[1:]:
                merges.setdefault(f"{left} {right}")
                left += right
                tokens.setdefault(left)
    normal = list(tokens)
    special = [*CONTROL, "<|eot_id|>"]
    named = [*TAGS, *REFS]
    types = [int(gguf.TokenType.NORMAL)] * len(normal)
    types += [int(gguf.TokenType.CONTROL)] * len(special)
    types += [int(gguf.TokenType.USER_DEFINED)] * len(named)
    return [*normal, *special, *named], types, list(merges)


def _byte_letters() -> list[str]:
    """GPT-2's printable stand-in for each byte."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    spare = iter(range(256, 512))
    return [chr(byte) if byte in plain else chr(next(spare)) for byte in range(256)]


def _tensors(
    vocabulary: int, width: int, layers: int, hidden: int
) -> Iterator[tuple[str, tuple[int, ...]]]:
    yield "token_embd.weight", (vocabulary, width)
    yield "output_norm.weight", (width,)
    for layer in range(layers):
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            yield f"blk.{layer}.{name}.weight", (width, width)
        yield f"blk.{layer}.ffn_gate.weight", (hidden, width)
        yield f"blk.{layer}.ffn_up.weight", (hidden, width)
        yield f"blk.{layer}.ffn_down.weight", (width, hidden)
        yield f"blk.{layer}.attn_norm.weight", (width,)
        yield f"blk.{layer}.ffn_norm.weight", (width,)
