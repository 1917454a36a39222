"""Turns a Hugging Face folder of the Llama family into a base GGUF: `config.json`, safetensors, and a `tokenizer.json` with byte-level BPE.

Queries and keys are put in llama.cpp's order of rotary pairs. Which pre-tokenizer of llama.cpp's a tokenizer has is told from its structure,
and believed only after llama.cpp gave the same ids for texts that tell them apart.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf.utility import LocalTensor, SafetensorsLocal
from tokenizers import Tokenizer

from data import sha256
from llamacpp import LlamaCpp

_TYPES = {"BF16": torch.bfloat16, "F16": torch.float16, "F32": torch.float32}
_PROBES = (
    "Hello, world! It's 12345678 o'clock on 2024-01-02.",
    "  leading,  double   and trailing spaces \n\n\tand\r\n tabs ",
    "I'll WE'VE they'd 'S ''' don't!!! (a+b)*c == d/e; x_1",
    "d\u00e9j\u00e0 vu \u65e5\u672c\u8a9e \u0928\u092e\u0938\u094d\u0924\u0947 \U0001f600 \u00bd \u0663 x\u00b2",
)


def base_of_folder(folder: Path, work: Path, library: Path) -> Path:
    """The GGUF in `work`, made if it is not there; named after the folder's content."""
    key = hashlib.sha256("".join(sha256(path) for path in sorted(folder.iterdir()) if path.is_file()).encode()).hexdigest()[:16]
    path = work / f"base-{key}.gguf"
    if not path.exists():
        work.mkdir(parents=True, exist_ok=True)
        partial = path.with_name(path.name + ".partial")
        _convert(folder, partial)
        _check(folder, partial, library)
        partial.replace(path)
    return path


def _convert(folder: Path, path: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if config.get("model_type") != "llama" or config.get("attention_bias") or config.get("mlp_bias"):
        raise ValueError(f"{folder.name} is no Llama without biases: model_type {config.get('model_type')!r}")
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_name(folder.name)
    _write_sizes(writer, config, folder.name)
    _write_vocabulary(writer, folder, config["vocab_size"])
    _write_tensors(writer, folder, config)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _write_sizes(writer: gguf.GGUFWriter, config: dict, name: str) -> None:
    rope = config.get("rope_parameters") or {**(config.get("rope_scaling") or {}), "rope_theta": config.get("rope_theta", 10000.0)}
    if rope.get("rope_type", rope.get("type", "default")) != "default":
        raise ValueError(f"{name}: scaled rotary embeddings cannot be tuned")
    heads = config["num_attention_heads"]
    head_width = config.get("head_dim") or config["hidden_size"] // heads
    writer.add_context_length(config["max_position_embeddings"])
    writer.add_embedding_length(config["hidden_size"])
    writer.add_block_count(config["num_hidden_layers"])
    writer.add_feed_forward_length(config["intermediate_size"])
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.get("num_key_value_heads") or heads)
    writer.add_key_length(head_width)
    writer.add_value_length(head_width)
    writer.add_rope_dimension_count(head_width)
    writer.add_rope_freq_base(rope["rope_theta"])
    writer.add_layer_norm_rms_eps(config["rms_norm_eps"])
    writer.add_vocab_size(config["vocab_size"])


def _write_vocabulary(writer: gguf.GGUFWriter, folder: Path, size: int) -> None:
    state = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    if max([*state["model"]["vocab"].values(), *(added["id"] for added in state["added_tokens"])]) >= size:
        raise ValueError(f"{folder.name}: the tokenizer has more tokens than the model")
    tokens = [f"[PAD{at}]" for at in range(size)]
    types = [gguf.TokenType.UNUSED] * size
    for token, at in state["model"]["vocab"].items():
        tokens[at], types[at] = token, gguf.TokenType.NORMAL
    for added in state["added_tokens"]:
        tokens[added["id"]] = added["content"]
        types[added["id"]] = gguf.TokenType.CONTROL if added["special"] else gguf.TokenType.USER_DEFINED
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre(_pre_tokenizer(state, folder.name))
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    special = gguf.SpecialVocab(folder, load_merges=True, n_vocab=size)
    special.add_to_gguf(writer, quiet=True)
    if special.chat_template is None:
        raise ValueError(f"{folder.name} has no chat template")
    if "bos" not in special.add_special_token:
        writer.add_add_bos_token(False)


def _pre_tokenizer(state: dict, name: str) -> str:
    """llama.cpp's name for it."""
    pre = state["pre_tokenizer"] or {}
    steps = pre.get("pretokenizers", [pre])
    kinds = [step.get("type") for step in steps]
    if state["model"]["type"] == "BPE" and state.get("normalizer") is None:
        if kinds == ["ByteLevel"] and steps[0]["use_regex"] and not steps[0]["add_prefix_space"]:
            return "gpt-2"
        if kinds == ["Digits", "ByteLevel"] and steps[0]["individual_digits"] and not steps[1]["add_prefix_space"]:
            return "smollm"
        if kinds == ["Split", "ByteLevel"] and r"\p{N}{1,3}" in steps[0]["pattern"].get("Regex", ""):
            return "llama-bpe"
    raise ValueError(f"{name}: this tokenizer is not known here; convert the model to GGUF with llama.cpp's own tool and tune that")


def _write_tensors(writer: gguf.GGUFWriter, folder: Path, config: dict) -> None:
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.LLAMA, config["num_hidden_layers"])
    heads = config["num_attention_heads"]
    for file in sorted(folder.glob("*.safetensors")):
        for name, tensor in SafetensorsLocal(file).tensors.items():
            if name == "lm_head.weight" and config.get("tie_word_embeddings"):
                continue
            target = names.get_name(name, try_suffixes=(".weight",))
            if target is None:
                raise ValueError(f"{folder.name}: tensor {name} is not known")
            values = _values(tensor)
            if name.endswith(("q_proj.weight", "k_proj.weight")):
                mine = heads if name.endswith("q_proj.weight") else config.get("num_key_value_heads") or heads
                values = values.unflatten(0, (mine, 2, -1)).transpose(1, 2).reshape(values.shape)
            kind = tensor.dtype if values.dim() > 1 else "F32"
            writer.add_tensor(
                target,
                gguf.quants.quantize(values.float().numpy(), gguf.GGMLQuantizationType[kind]),
                raw_dtype=gguf.GGMLQuantizationType[kind],
            )


def _values(tensor: LocalTensor) -> torch.Tensor:
    return torch.from_numpy(np.array(tensor.mmap_bytes())).view(_TYPES[tensor.dtype]).reshape(tensor.shape)


def _check(folder: Path, path: Path, library: Path) -> None:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    with LlamaCpp(library, path, 1) as engine:
        for text in _PROBES:
            expected, found = tokenizer.encode(text, add_special_tokens=False).ids, engine.tokenize(text, add_special=False)
            if expected != found:
                raise ValueError(f"{folder.name}: llama.cpp tokenises {text!r} differently")
