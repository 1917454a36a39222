"""Writes the trained model as a GGUF that llama.cpp loads as architecture `llama`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import gguf
import numpy as np
from tokenizers import Tokenizer
from torch import nn

from model import Llama
from vocabulary import (
    CATEGORIES,
    CHAT_TEMPLATE,
    END_OF_TEXT,
    IM_END,
    RESPOND_TOKEN,
    SPECIAL_TOKENS,
    Category,
    tokens_and_merges,
)


def write_gguf(path: Path, model: Llama, tokenizer: Tokenizer, name: str, description: str) -> None:
    """Matrices in F16, norms in F32, tied embeddings (no `output.weight`); replaces `path` only when complete."""
    partial = path.with_name(path.name + ".partial")
    writer = gguf.GGUFWriter(partial, "llama")
    _write_metadata(writer, model, name, description)
    _write_vocabulary(writer, tokenizer, model.shape.vocabulary)
    _write_tensors(writer, model)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.replace(path)


def _write_metadata(writer: gguf.GGUFWriter, model: Llama, name: str, description: str) -> None:
    shape = model.shape
    writer.add_name(name)
    writer.add_description(description)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.width)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.hidden)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.heads)
    writer.add_layer_norm_rms_eps(shape.epsilon)
    writer.add_rope_dimension_count(shape.head_width)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_vocab_size(shape.vocabulary)
    add_control_tokens(writer, CATEGORIES)


def add_control_tokens(writer: gguf.GGUFWriter, categories: Sequence[Category]) -> None:
    """Names the control tokens, for Demur to find."""
    writer.add_array("demur.category.ids", [category.id for category in categories])
    writer.add_array("demur.category.tokens", [category.token for category in categories])
    writer.add_array("demur.category.names", [category.name for category in categories])
    writer.add_string("demur.respond_token", RESPOND_TOKEN)


def _write_vocabulary(writer: gguf.GGUFWriter, tokenizer: Tokenizer, size: int) -> None:
    tokens, merges = tokens_and_merges(tokenizer)
    if len(tokens) != size:
        raise ValueError(f"the tokenizer has {len(tokens)} tokens, the model {size}")
    types = [gguf.TokenType.CONTROL if token in SPECIAL_TOKENS else gguf.TokenType.NORMAL for token in tokens]
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("gpt-2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(merges)
    writer.add_bos_token_id(tokenizer.token_to_id(END_OF_TEXT))
    writer.add_eos_token_id(tokenizer.token_to_id(IM_END))
    writer.add_add_bos_token(False)
    writer.add_chat_template(CHAT_TEMPLATE)


def _write_tensors(writer: gguf.GGUFWriter, model: nn.Module) -> None:
    for name, parameter in model.named_parameters():
        values = parameter.detach().float().numpy()
        writer.add_tensor(name, values.astype(np.float16 if values.ndim == 2 else np.float32))
