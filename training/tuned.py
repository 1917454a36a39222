"""Writes a tuned base, or a copy of the base, as a GGUF: the base's keys as they are, and each matrix in the type that a rule names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from fnmatch import fnmatchcase
from pathlib import Path

import gguf
import numpy as np
from torch import Tensor

from base import Base, read_tensors
from export import add_control_tokens
from tokensets import TokenSet, Vocabulary

FILE_TYPES = {
    "F32": gguf.LlamaFileType.ALL_F32,
    "F16": gguf.LlamaFileType.MOSTLY_F16,
    "BF16": gguf.LlamaFileType.MOSTLY_BF16,
    "Q8_0": gguf.LlamaFileType.MOSTLY_Q8_0,
    "Q4_0": gguf.LlamaFileType.MOSTLY_Q4_0,
}
_OWN = {
    "general.architecture",
    "general.name",
    "general.description",
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.token_type",
    "llama.vocab_size",
}
_QUANTISATION = {"general.file_type", "general.quantization_version"}


def type_of(tensor: str, types: Mapping[str, str]) -> str:
    """The type of a matrix: that of the first pattern that fits its name."""
    for pattern, kind in types.items():
        if fnmatchcase(tensor, pattern):
            return kind
    raise ValueError(f"no type for {tensor}: end [types] with \"*\"")


def check_types(types: Mapping[str, str]) -> None:
    unknown = set(types.values()) - set(FILE_TYPES)
    if unknown or "*" not in types:
        raise ValueError(f"[types] needs a pattern \"*\" and knows {', '.join(FILE_TYPES)}, not {', '.join(sorted(unknown)) or 'none'}")


def write_tuned(
    path: Path,
    base: Base,
    token_set: TokenSet,
    vocabulary: Vocabulary,
    tensors: Mapping[str, np.ndarray],
    types: Mapping[str, str],
    name: str,
    description: str,
) -> None:
    """Norms stay F32; replaces `path` only when complete."""
    check_types(types)
    partial = path.with_name(path.name + ".partial")
    writer = gguf.GGUFWriter(partial, "llama")
    _carry_over(writer, base, _OWN | _QUANTISATION)
    writer.add_name(name)
    writer.add_description(description)
    if "general.base_model.count" not in base.fields:
        writer.add_base_model_count(1)
        writer.add_base_model_name(0, base.fields.get("general.name", base.path.stem))
    writer.add_vocab_size(len(vocabulary.tokens))
    writer.add_token_list(vocabulary.tokens)
    writer.add_token_types(vocabulary.types)
    add_control_tokens(writer, token_set.categories)
    _finish(writer, tensors.items(), types)
    partial.replace(path)


def read_tuned(path: Path, base: Base, vocabulary: Vocabulary) -> dict[str, Tensor]:
    """The tensors of a file that `write_tuned` wrote from this base, dequantised."""
    tensors = read_tensors(path)
    tokens = gguf.GGUFReader(path).fields["tokenizer.ggml.tokens"].contents()
    if tokens != vocabulary.tokens or set(tensors) != {tensor.name for tensor in gguf.GGUFReader(base.path).tensors}:
        raise ValueError(f"{path.name} is not {base.path.name} with the control tokens of these settings")
    return tensors


def write_copy(path: Path, base: Base, kind: str) -> None:
    """The base as it is with all matrices in one type."""
    partial = path.with_name(path.name + ".partial")
    writer = gguf.GGUFWriter(partial, "llama")
    _carry_over(writer, base, {"general.architecture"} | _QUANTISATION)
    tensors = gguf.GGUFReader(base.path).tensors
    _finish(writer, ((tensor.name, gguf.quants.dequantize(tensor.data, tensor.tensor_type)) for tensor in tensors), {"*": kind})
    partial.replace(path)


def _carry_over(writer: gguf.GGUFWriter, base: Base, without: Set[str]) -> None:
    for field in gguf.GGUFReader(base.path).fields.values():
        if field.name not in without and not field.name.startswith("GGUF."):
            kind = field.types[0]
            writer.add_key_value(field.name, field.contents(), kind, field.types[-1] if kind == gguf.GGUFValueType.ARRAY else None)


def _finish(writer: gguf.GGUFWriter, tensors: Iterable[tuple[str, np.ndarray]], types: Mapping[str, str]) -> None:
    writer.add_file_type(FILE_TYPES[types["*"]])
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    for tensor, values in tensors:
        _add(writer, tensor, values, types)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add(writer: gguf.GGUFWriter, tensor: str, values: np.ndarray, types: Mapping[str, str]) -> None:
    kind = gguf.GGMLQuantizationType["F32" if values.ndim == 1 else type_of(tensor, types)]
    try:
        data = gguf.quants.quantize(np.ascontiguousarray(values, dtype=np.float32), kind)
    except gguf.quants.QuantError as wrong:
        raise ValueError(f"{tensor} cannot be {kind.name}: {wrong}") from wrong
    writer.add_tensor(tensor, data, raw_dtype=kind)
