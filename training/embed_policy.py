"""Writes a calibrated policy into a GGUF model, under the key that Demur reads a model's own policy from.

    python training/embed_policy.py policy.json model.gguf out.gguf

Everything else of the model stays as it is, byte for byte where the file's layout allows; a policy that was in it is replaced. The model's
fingerprint leaves this key out, so that the policy's calibration still names the model that carries it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import gguf
import numpy as np

KEY = "demur.policy"
_STRUCTURE = ("GGUF.version", "GGUF.tensor_count", "GGUF.kv_count")


def embed(policy: str, model: Path, out: Path) -> None:
    """Writes `out`, which may be `model`, as a whole or not at all."""
    reader = gguf.GGUFReader(model)
    architecture = reader.fields[gguf.Keys.General.ARCHITECTURE].contents()
    partial = out.with_name(out.name + ".partial")
    writer = gguf.GGUFWriter(partial, architecture, endianess=reader.endianess)
    writer.data_alignment = reader.alignment
    for name, field in reader.fields.items():
        if name in _STRUCTURE or name in (KEY, gguf.Keys.General.ARCHITECTURE):
            continue
        kind = field.types[0]
        element = field.types[1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), kind, sub_type=element)
    writer.add_string(KEY, policy)
    for tensor in reader.tensors:
        writer.add_tensor(tensor.name, np.array(tensor.data), raw_dtype=tensor.tensor_type)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    partial.replace(out)


def check(policy: str, model: Path) -> None:
    """Raises a ValueError unless the policy is one for this model. Demur checks the rest when it reads it."""
    parsed = json.loads(policy)
    if not isinstance(parsed, dict) or parsed.get("version") != 1 or not isinstance(parsed.get("categories"), list):
        raise ValueError("is no policy file of version 1")
    fields = gguf.GGUFReader(model).fields
    vocabulary = {token.strip() for token in fields["tokenizer.ggml.tokens"].contents()}
    tokens = [category["token"] for category in parsed["categories"]] + [parsed["respond"]]
    missing = [token for token in tokens if token.strip() not in vocabulary]
    if missing:
        raise ValueError(f"names tokens that {model.name} does not have: {', '.join(missing)}")


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes a policy into a GGUF model, as the model's own.")
    parser.add_argument("policy", type=Path, help="a policy file, as demur calibrate writes it")
    parser.add_argument("model", type=Path, help="the GGUF model, in one file")
    parser.add_argument("out", type=Path, help="the file to write; may be the model itself")
    arguments = parser.parse_args()
    policy = arguments.policy.read_text(encoding="utf-8")
    try:
        check(policy, arguments.model)
    except (ValueError, KeyError, TypeError) as error:
        print(f"{arguments.policy}: {error}", file=sys.stderr)
        return 1
    embed(policy, arguments.model, arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
