"""A base model to tune: any GGUF of the Llama family, its metadata kept as they are and its tensors dequantised.

A GGUF holds queries and keys in llama.cpp's order of rotary pairs, which is the model's own, so nothing is permuted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import gguf
import torch
from torch import Tensor

from model import Llama, Shape, rotary_angles

_SIZES = {
    "width": "embedding_length",
    "layers": "block_count",
    "heads": "attention.head_count",
    "hidden": "feed_forward_length",
    "context": "context_length",
    "epsilon": "attention.layer_norm_rms_epsilon",
}


@dataclass(frozen=True)
class Base:
    """A base GGUF: its keys with their values, and its sizes. Tensors are read on demand."""

    path: Path
    fields: dict[str, Any]
    shape: Shape

    @staticmethod
    def read(path: Path) -> Base:
        reader = gguf.GGUFReader(path)
        fields = {name: field.contents() for name, field in reader.fields.items()}
        if fields.get("general.architecture") != "llama":
            raise ValueError(f"{path.name}: architecture {fields.get('general.architecture')!r}; only llama can be tuned")
        if any(key.startswith("demur.") for key in fields):
            raise ValueError(f"{path.name} has control tokens already; tune its base model")
        return Base(path, fields, _shape(path, fields, [tensor.name for tensor in reader.tensors]))

    @property
    def tokens(self) -> list[str]:
        return self.fields["tokenizer.ggml.tokens"]

    @property
    def types(self) -> list[int]:
        return self.fields["tokenizer.ggml.token_type"]

    @property
    def specials(self) -> list[str]:
        """The texts that the tokenizer takes for one token wherever they stand."""
        special = (gguf.TokenType.CONTROL, gguf.TokenType.USER_DEFINED, gguf.TokenType.UNKNOWN)
        return [token for token, kind in zip(self.tokens, self.types, strict=True) if kind in special]

    @property
    def end(self) -> int:
        """The id that ends an answer."""
        return self.fields.get("tokenizer.ggml.eot_token_id", self.fields["tokenizer.ggml.eos_token_id"])

    def model(self, rows: Tensor | None = None, ids: Sequence[int] = ()) -> Llama:
        """The base in PyTorch, float32; with `rows` as the output rows of the tokens `ids`, of which those past the vocabulary are appended.

        Without tied embeddings the input rows of these tokens are the mean of all others.
        """
        tensors = read_tensors(self.path)
        if rows is not None:
            inputs = tensors["token_embd.weight"]
            tensors["token_embd.weight"] = _with_rows(inputs, rows.float() if self.shape.tied else inputs.mean(0).repeat(len(ids), 1), ids)
            if not self.shape.tied:
                tensors["output.weight"] = _with_rows(tensors["output.weight"], rows.float(), ids)
        with torch.device("meta"):
            model = Llama(replace(self.shape, vocabulary=len(tensors["token_embd.weight"])))
        model.load_state_dict(tensors, assign=True)
        model.cosines, model.sines = rotary_angles(self.shape, self.shape.context)
        return model


def read_tensors(path: Path) -> dict[str, Tensor]:
    """A GGUF's tensors by name, dequantised to float32."""
    return {
        tensor.name: torch.tensor(gguf.quants.dequantize(tensor.data, tensor.tensor_type), dtype=torch.float32)
        for tensor in gguf.GGUFReader(path).tensors
    }


def _with_rows(matrix: Tensor, rows: Tensor, ids: Sequence[int]) -> Tensor:
    size = max(len(matrix), max(ids) + 1)
    wider = torch.cat((matrix, torch.zeros(size - len(matrix), matrix.shape[1])))
    wider[list(ids)] = rows
    return wider


def _shape(path: Path, fields: dict[str, Any], tensors: list[str]) -> Shape:
    """The sizes, or an error that names what the trainer's model does not compute."""
    values = {name: fields[f"llama.{key}"] for name, key in _SIZES.items()}
    shape = Shape(
        vocabulary=len(fields["tokenizer.ggml.tokens"]),
        rope_base=fields.get("llama.rope.freq_base", 10000.0),
        kv_heads=fields.get("llama.attention.head_count_kv", values["heads"]),
        tied="output.weight" not in tensors,
        **values,
    )
    for key in ("attention.key_length", "attention.value_length", "rope.dimension_count"):
        if fields.get(f"llama.{key}", shape.head_width) != shape.head_width:
            raise ValueError(f"{path.name}: llama.{key} {fields[f'llama.{key}']} differs from the head width {shape.head_width}")
    if fields.get("llama.rope.scaling.type", "none") != "none":
        raise ValueError(f"{path.name}: scaled rotary embeddings cannot be tuned")
    with torch.device("meta"):
        known = set(Llama(shape).state_dict())
    if set(tensors) != known:
        names = ", ".join(sorted(set(tensors) ^ known)[:5])
        raise ValueError(f"{path.name}: its tensors are not those of the model here: {names}")
    return shape
