"""Trained weights to what others load: one GGUF file, and a Hugging Face folder.

The GGUF file is for llama.cpp (rows of Q and K in its order, protocol tags and refs as
user-defined tokens, because control tokens are never printed). The folder is for vLLM and
transformers; both hold the same tokenizer and chat template.
"""

import json
from pathlib import Path

import gguf
import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor

from training import tokenizer as tokens_of
from training.model import Model, ModelConfig
from training.train import replace_file

NAME = "secondlook-mini"


def trained_model(out: Path) -> tuple[Model, Tokenizer]:
    """The model as last saved in `out`, in bf16; raises FileNotFoundError if there is none."""
    tokenizer = tokens_of.load(out / "tokenizer.json")
    weights = out / "weights.safetensors"
    if not weights.exists():
        raise FileNotFoundError(f"{weights} is missing: run `python -m training make` first")
    sizes = json.loads((out / "meta.json").read_text())["model"]
    model = Model(ModelConfig(**sizes)).to(torch.bfloat16)
    model.load_state_dict(load_file(weights))
    return model, tokenizer


def export(out: Path, path: Path, kind: str = "q8_0") -> None:
    """Write `path` (GGUF, f16 or q8_0), and beside it the Hugging Face folder of its name."""
    model, tokenizer = trained_model(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    replace_file(path, lambda draft: write_gguf(model, tokenizer, draft, kind))
    folder = path.with_suffix("")
    write_folder(model, tokenizer, folder)
    print(f"{path}: {path.stat().st_size / 1e6:.1f} MB ({kind}); {folder}")


def write_gguf(model: Model, tokenizer: Tokenizer, path: Path, kind: str) -> None:
    """Write the model as one GGUF file."""
    config = model.config
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(NAME)
    writer.add_license("apache-2.0")
    writer.add_context_length(config.context)
    writer.add_embedding_length(config.width)
    writer.add_block_count(config.layers)
    writer.add_feed_forward_length(config.hidden)
    writer.add_head_count(config.heads)
    writer.add_head_count_kv(config.heads)
    writer.add_rope_dimension_count(config.head_width)
    writer.add_rope_freq_base(config.rope_base)
    writer.add_layer_norm_rms_eps(config.norm_eps)
    writer.add_vocab_size(config.vocabulary)
    types = {"f16": gguf.LlamaFileType.MOSTLY_F16, "q8_0": gguf.LlamaFileType.MOSTLY_Q8_0}
    writer.add_file_type(types[kind])
    _add_tokenizer(writer, tokenizer)
    for name, tensor in model.named_parameters():
        _add_tensor(writer, _gguf_name(name), _in_gguf_order(name, tensor, config), kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_tokenizer(writer: gguf.GGUFWriter, tokenizer: Tokenizer) -> None:
    state = json.loads(tokenizer.to_str())
    types = [int(gguf.TokenType.NORMAL)] * tokenizer.get_vocab_size()
    for added in state["added_tokens"]:
        kind = gguf.TokenType.CONTROL if added["special"] else gguf.TokenType.USER_DEFINED
        types[added["id"]] = int(kind)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list([tokenizer.id_to_token(i) or "" for i in range(len(types))])
    writer.add_token_types(types)
    writer.add_token_merges([" ".join(pair) for pair in state["model"]["merges"]])
    writer.add_bos_token_id(tokens_of.id_of(tokenizer, "<|begin_of_text|>"))
    writer.add_eos_token_id(tokens_of.id_of(tokenizer, "<|eot_id|>"))
    writer.add_pad_token_id(tokens_of.id_of(tokenizer, "<|end_of_text|>"))
    writer.add_add_bos_token(False)  # the chat template writes it
    writer.add_chat_template(tokens_of.CHAT_TEMPLATE)


def _gguf_name(name: str) -> str:
    if not name.startswith("layers."):
        return {"embed_tokens.weight": "token_embd.weight", "norm.weight": "output_norm.weight"}[
            name
        ]
    _, layer, *rest = name.split(".")
    part = {
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
        "q_proj": "attn_q",
        "k_proj": "attn_k",
        "v_proj": "attn_v",
        "o_proj": "attn_output",
        "gate_proj": "ffn_gate",
        "up_proj": "ffn_up",
        "down_proj": "ffn_down",
    }[rest[-2]]
    return f"blk.{layer}.{part}.weight"


def _in_gguf_order(name: str, tensor: Tensor, config: ModelConfig) -> Tensor:
    """Llama in llama.cpp turns neighbouring dimensions; ours (and transformers') turns halves."""
    if not name.endswith(("q_proj.weight", "k_proj.weight")):
        return tensor
    halves = tensor.view(config.heads, 2, config.head_width // 2, config.width)
    return halves.transpose(1, 2).reshape(tensor.shape)


def _add_tensor(writer: gguf.GGUFWriter, name: str, tensor: Tensor, kind: str) -> None:
    values = tensor.detach().float().numpy()
    if values.ndim == 1:
        writer.add_tensor(name, values)
    elif kind == "f16":
        writer.add_tensor(name, values.astype(np.float16))
    else:
        quantised = gguf.quants.quantize(values, gguf.GGMLQuantizationType.Q8_0)
        writer.add_tensor(name, quantised, raw_dtype=gguf.GGMLQuantizationType.Q8_0)


def write_folder(model: Model, tokenizer: Tokenizer, folder: Path) -> None:
    """Write the model as a Hugging Face folder."""
    folder.mkdir(parents=True, exist_ok=True)
    config = model.config
    bos, eos = (tokens_of.id_of(tokenizer, t) for t in ("<|begin_of_text|>", "<|eot_id|>"))
    pad = tokens_of.id_of(tokenizer, "<|end_of_text|>")
    settings = {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": config.width,
        "intermediate_size": config.hidden,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.heads,
        "head_dim": config.head_width,
        "vocab_size": config.vocabulary,
        "max_position_embeddings": config.context,
        "rope_theta": config.rope_base,
        "rms_norm_eps": config.norm_eps,
        "hidden_act": "silu",
        "attention_bias": False,
        "mlp_bias": False,
        "tie_word_embeddings": True,
        "bos_token_id": bos,
        "eos_token_id": eos,
        "pad_token_id": pad,
        "torch_dtype": "bfloat16",
    }
    words = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|begin_of_text|>",
        "eos_token": "<|eot_id|>",
        "pad_token": "<|end_of_text|>",
        "model_max_length": config.context,
        "clean_up_tokenization_spaces": False,
        "chat_template": tokens_of.CHAT_TEMPLATE,
    }
    generation = {"bos_token_id": bos, "eos_token_id": [eos, pad], "pad_token_id": pad}
    for name, data in (
        ("config.json", settings),
        ("tokenizer_config.json", words),
        ("generation_config.json", generation),
    ):
        (folder / name).write_text(json.dumps(data, indent=2) + "\n")
    tokenizer.save(str(folder / "tokenizer.json"))
    tensors = {f"model.{name}": p.detach().contiguous() for name, p in model.named_parameters()}
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
