"""Writes calibrated policies into a GGUF model or a head file, under the keys that Demur reads a model's own policies from.

    python training/embed_policy.py policy.json model.gguf out.gguf [--strict strict.json] [--permissive permissive.json] \\
        [--replies models/replies.json]

The first policy is the balanced one, which applies where none is named; `demur ask --preset strict` names another. --replies
gives categories that have no reply of their own one: in a file like models/replies.json, a text for each category's id.
Everything else of the model stays as it is, byte for byte where the file's layout allows; policies that were in it are replaced, and go where
they are not given again. The model's fingerprint leaves these keys out, so that a policy's calibration still names the model that carries it.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

import gguf
import numpy as np

KEY = "demur.policy"
STRICT_KEY, PERMISSIVE_KEY = f"{KEY}.strict", f"{KEY}.permissive"
_KEYS = (KEY, STRICT_KEY, PERMISSIVE_KEY)
_STRUCTURE = ("GGUF.version", "GGUF.tensor_count", "GGUF.kv_count")


def embed(policies: dict[str, str], model: Path, out: Path) -> None:
    """Writes `out`, which may be `model`, as a whole or not at all; `policies` has the text of each key that is set."""
    reader = gguf.GGUFReader(model)
    architecture = reader.fields[gguf.Keys.General.ARCHITECTURE].contents()
    partial = out.with_name(out.name + ".partial")
    writer = gguf.GGUFWriter(partial, architecture, endianess=reader.endianess)
    writer.data_alignment = reader.alignment
    for name, field in reader.fields.items():
        if name in (*_STRUCTURE, *_KEYS, *policies, gguf.Keys.General.ARCHITECTURE):
            continue
        kind = field.types[0]
        element = field.types[1] if kind == gguf.GGUFValueType.ARRAY else None
        writer.add_key_value(name, field.contents(), kind, sub_type=element)
    for key, policy in policies.items():
        writer.add_string(key, policy)
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
    if (
        not isinstance(parsed, dict)
        or parsed.get("version") not in (1, 2)
        or not isinstance(parsed.get("categories"), list)
    ):
        raise ValueError("is no policy file of version 1 or 2")
    tokens = _tokens(parsed)
    if tokens:
        fields = gguf.GGUFReader(model).fields
        vocabulary = {token.strip() for token in fields["tokenizer.ggml.tokens"].contents()}
        missing = [token for token in tokens if token.strip() not in vocabulary]
        if missing:
            raise ValueError(f"names tokens that {model.name} does not have: {', '.join(missing)}")


def _tokens(policy: dict) -> list[str]:
    """The control tokens that the policy is for; none where it is for another readout."""
    if policy["version"] == 1:
        return [category["token"] for category in policy["categories"]] + [policy["respond"]]
    readout = policy.get("readout") or {}
    return list(readout.get("tokens", {}).values()) if readout.get("kind") == "tokens" else []


def with_replies(policy: str, replies: dict[str, str]) -> str:
    """The policy with a reply for each category that has none and of which there is one."""
    parsed = json.loads(policy)
    for category in parsed["categories"]:
        if category.get("reply") is None and category["id"] in replies:
            category["reply"] = replies[category["id"]]
    return json.dumps(parsed, ensure_ascii=False)


def read_replies(text: str) -> dict[str, str]:
    """Raises a ValueError unless it is a text for each category."""
    replies = json.loads(text)
    if not isinstance(replies, dict) or not all(isinstance(reply, str) and reply.strip() for reply in replies.values()):
        raise ValueError("is no object with a text for each category")
    return replies


def main() -> int:
    parser = argparse.ArgumentParser(description="Writes policies into a GGUF model, as the model's own.")
    parser.add_argument("policy", type=Path, help="the balanced policy, a file as demur calibrate writes it")
    parser.add_argument("model", type=Path, help="the GGUF model, in one file")
    parser.add_argument("out", type=Path, help="the file to write; may be the model itself")
    parser.add_argument("--strict", type=Path, help="the policy of --preset strict")
    parser.add_argument("--permissive", type=Path, help="the policy of --preset permissive")
    parser.add_argument("--replies", type=Path, help="replies by category, as JSON; models/replies.json has some")
    arguments = parser.parse_args()
    files = {KEY: arguments.policy, STRICT_KEY: arguments.strict, PERMISSIVE_KEY: arguments.permissive}
    policies, file = {}, None
    try:
        replies = {}
        if arguments.replies:
            file = arguments.replies
            replies = read_replies(file.read_text(encoding="utf-8"))
        for key, file in files.items():
            if file is not None:
                policy = file.read_text(encoding="utf-8")
                check(policy, arguments.model)
                policies[key] = with_replies(policy, replies) if replies else policy
    except (ValueError, KeyError, TypeError) as error:
        print(f"{file}: {error}", file=sys.stderr)
        return 1
    embed(policies, arguments.model, arguments.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
