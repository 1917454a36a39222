"""An independent float64 forward pass over a GGUF, in numpy: the oracle for other implementations.

    python training/reference.py models/demur-tiny.gguf "What is the capital of France?"

It shares no model code with the trainer. It reads sizes, vocabulary and tensors from the file alone, renders ChatML, and prints one
JSON object per prompt: the ids, the probability of every control token at the first position, their sum, and the argmax.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
from tokenizers import Tokenizer

from vocabulary import PRE_TOKENIZERS, build_tokenizer, render_prompt


def read_fields(path: Path) -> dict:
    return {name: field.contents() for name, field in gguf.GGUFReader(path).fields.items()}


def control_tokens(fields: dict) -> list[str]:
    return [*fields["demur.category.tokens"], fields["demur.respond_token"]]


def control_ids(fields: dict) -> list[int]:
    return [fields["tokenizer.ggml.tokens"].index(token) for token in control_tokens(fields)]


@dataclass(frozen=True)
class Reference:
    """A llama-architecture GGUF as float64 arrays."""

    fields: dict
    tensors: dict[str, np.ndarray]
    tokenizer: Tokenizer

    @staticmethod
    def load(path: Path) -> Reference:
        fields = read_fields(path)
        if fields["general.architecture"] != "llama" or fields["tokenizer.ggml.pre"] not in PRE_TOKENIZERS:
            raise ValueError(f"{path.name} is no llama model with one of the pre-tokenizers {', '.join(PRE_TOKENIZERS)}")
        tensors = {
            tensor.name: gguf.quants.dequantize(tensor.data, tensor.tensor_type).astype(np.float64)
            for tensor in gguf.GGUFReader(path).tensors
        }
        tokens = fields["tokenizer.ggml.tokens"]
        types = fields["tokenizer.ggml.token_type"]
        specials = [token for token, kind in zip(tokens, types, strict=True) if kind == gguf.TokenType.CONTROL]
        tokenizer = build_tokenizer(tokens, fields["tokenizer.ggml.merges"], specials, pre=fields["tokenizer.ggml.pre"])
        return Reference(fields, tensors, tokenizer)

    @property
    def control_tokens(self) -> list[str]:
        """The categories' tokens in the file's order, then the respond token."""
        return control_tokens(self.fields)

    @property
    def control_ids(self) -> list[int]:
        return control_ids(self.fields)

    def encode(self, text: str) -> list[int]:
        """The ids of rendered text; special-token texts in it become their tokens, and no BOS is added."""
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def logits(self, ids: list[int]) -> np.ndarray:
        """The logits row after the last of `ids`."""
        heads = self.fields["llama.attention.head_count"]
        groups = heads // self.fields["llama.attention.head_count_kv"]
        x = self.tensors["token_embd.weight"][ids]
        for layer in range(self.fields["llama.block_count"]):
            weight = {name: self.tensors[f"blk.{layer}.{name}.weight"] for name in _BLOCK_TENSORS}
            y = self._norm(x, weight["attn_norm"])
            q = self._rotate(_split(y @ weight["attn_q"].T, heads))
            k = self._rotate(_split(y @ weight["attn_k"].T, heads // groups)).repeat(groups, axis=0)
            v = _split(y @ weight["attn_v"].T, heads // groups).repeat(groups, axis=0)
            x = x + _attend(q, k, v) @ weight["attn_output"].T
            y = self._norm(x, weight["ffn_norm"])
            gate = y @ weight["ffn_gate"].T
            x = x + (gate / (1.0 + np.exp(-gate)) * (y @ weight["ffn_up"].T)) @ weight["ffn_down"].T
        output = self.tensors.get("output.weight", self.tensors["token_embd.weight"])
        return output @ self._norm(x[-1], self.tensors["output_norm.weight"])

    def probabilities(self, ids: list[int]) -> np.ndarray:
        logits = self.logits(ids)
        exponentials = np.exp(logits - logits.max())
        return exponentials / exponentials.sum()

    def decide(self, prompt: str, system: str | None = None) -> dict:
        ids = self.encode(render_prompt(prompt, system))
        row = self.probabilities(ids)
        names = [*self.fields["demur.category.ids"], "respond"]
        values = {name: float(row[token]) for name, token in zip(names, self.control_ids, strict=True)}
        return {
            "prompt": prompt,
            "system": system,
            "ids": ids,
            "probabilities": values,
            "coverage": float(sum(values.values())),
            "argmax": int(row.argmax()),
        }

    def generate(self, ids: list[int], limit: int) -> str:
        """The greedy continuation of `ids` as text, control tokens masked out, up to the end token."""
        ids = list(ids)
        first = len(ids)
        while len(ids) - first < limit:
            logits = self.logits(ids)
            logits[self.control_ids] = -np.inf
            ids.append(int(logits.argmax()))
            if ids[-1] == self.fields["tokenizer.ggml.eos_token_id"]:
                break
        return self.tokenizer.decode(ids[first:], skip_special_tokens=True)

    def _norm(self, x: np.ndarray, weight: np.ndarray) -> np.ndarray:
        epsilon = self.fields["llama.attention.layer_norm_rms_epsilon"]
        return x / np.sqrt((x * x).mean(axis=-1, keepdims=True) + epsilon) * weight

    def _rotate(self, x: np.ndarray) -> np.ndarray:
        """Turns the pairs (2i, 2i + 1) of [heads, positions, head width]."""
        base = self.fields["llama.rope.freq_base"]
        width = x.shape[-1]
        turns = np.arange(x.shape[1])[:, None] * base ** (-np.arange(0, width, 2) / width)
        pairs = (x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * turns)
        return np.stack((pairs.real, pairs.imag), axis=-1).reshape(x.shape)


_BLOCK_TENSORS = (
    "attn_norm",
    "attn_q",
    "attn_k",
    "attn_v",
    "attn_output",
    "ffn_norm",
    "ffn_gate",
    "ffn_up",
    "ffn_down",
)


def _split(x: np.ndarray, heads: int) -> np.ndarray:
    return x.reshape(len(x), heads, -1).transpose(1, 0, 2)


def _attend(q: np.ndarray, k: np.ndarray, v: np.ndarray) -> np.ndarray:
    scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
    scores[:, np.triu(np.ones(scores.shape[1:], dtype=bool), 1)] = -np.inf
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    mixed = weights / weights.sum(axis=-1, keepdims=True) @ v
    return mixed.transpose(1, 0, 2).reshape(len(q[0]), -1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("prompt", nargs="*", help="without any, one prompt a line is read from standard input")
    parser.add_argument("--system", help="a system message before every prompt")
    parser.add_argument("--generate", type=int, default=0, metavar="N", help="also write up to N greedy tokens after each control token")
    arguments = parser.parse_args()
    reference = Reference.load(arguments.model)
    for prompt in arguments.prompt or (line.rstrip("\n") for line in sys.stdin):
        result = reference.decide(prompt, arguments.system)
        if arguments.generate:
            result["replies"] = {
                token: reference.generate([*result["ids"], identifier], arguments.generate)
                for token, identifier in zip(reference.control_tokens, reference.control_ids, strict=True)
            }
        print(json.dumps(result, ensure_ascii=False))


if __name__ == "__main__":
    main()
