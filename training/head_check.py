"""Computes a head's probabilities anew, in float64, and compares them with those that Demur wrote.

    python training/head_check.py any.head.gguf any.features scores.jsonl [--tolerance 0.03] [--least 0.001]

The features are what `demur fit --keep-features` leaves beside a head, or benchmarks/src/main/java/dev/demur/fit/StoredFeatures reads
of any rows; they hold the hidden states of the rows in their order, in half precision, and the scores are `demur score`'s of the
same rows in the same order, or of the first of them, by the same model and head. Nothing of Demur's is used: the head is read by the package gguf, the
features by the few lines below. A probability above --least may differ by --tolerance, in shares of itself; another one is an
error (exit status 1), because then head and features do not belong together, or one of the two computes wrongly. llama.cpp rounds
activations to eight bits, which is where most of the difference comes from that remains.
"""

from __future__ import annotations

import argparse
import json
import struct
import sys
import zlib
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

MAGIC = b"DEMURFT1"
PREFIX = "demur.head."


@dataclass(frozen=True)
class Head:
    """`weight` [labels, values × width] and `bias` [labels]; `values` are (layer, pooling), ascending by layer."""

    labels: list[str]
    values: list[tuple[int, str]]
    weight: np.ndarray
    bias: np.ndarray

    def probabilities(self, states: np.ndarray) -> np.ndarray:
        """[rows, labels] of [rows, values × width], in float64."""
        logits = states @ self.weight.T + self.bias
        logits -= logits.max(axis=1, keepdims=True)
        powers = np.exp(logits)
        return powers / powers.sum(axis=1, keepdims=True)


def read_head(path: Path) -> Head:
    fields = gguf.GGUFReader(path).fields

    def content(name: str):
        return fields[PREFIX + name].contents()

    values = list(zip(content("layers"), content("poolings"), strict=True))
    labels = [*content("categories"), "respond"]
    weight = np.array(content("weight"), dtype=np.float32).astype(np.float64).reshape(len(labels), len(values) * content("width"))
    return Head(labels, values, weight, np.array(content("bias"), dtype=np.float32).astype(np.float64))


@dataclass(frozen=True)
class Features:
    """`states` [rows, values, width]; NaN in rows that could not be read."""

    key: str
    values: list[tuple[int, str]]
    states: np.ndarray

    def of(self, head: Head) -> np.ndarray:
        """[rows, values × width], those that the head reads, in its order."""
        places = [self.values.index(value) for value in head.values]
        return self.states[:, places].reshape(len(self.states), -1)


def values_of(key: str) -> list[tuple[int, str]]:
    """The values that the key names, as `Value[layer=9, pooling=LAST]`."""
    line = next(line for line in key.splitlines() if line.startswith("what is read: "))
    parts = [part.split("]")[0] for part in line.split("Value[")[1:]]
    return [(int(part.split("layer=")[1].split(",")[0]), part.split("pooling=")[1].lower()) for part in parts]


def read_features(path: Path) -> Features:
    data = path.read_bytes()
    if not data.startswith(MAGIC):
        raise ValueError(f"{path}: holds no features")
    vectors, width, length = struct.unpack_from("<iii", data, len(MAGIC))
    start = len(MAGIC) + 12 + length
    key = data[len(MAGIC) + 12 : start].decode()
    size = 1 + 4 * vectors + 2 * vectors * width + 4
    size += size & 1
    if (len(data) - start) % size:
        raise ValueError(f"{path}: ends within a row")
    states = np.full(((len(data) - start) // size, vectors, width), np.nan)
    for row in range(len(states)):
        record = data[start + row * size : start + (row + 1) * size]
        if zlib.crc32(record[:-4]) != struct.unpack_from("<I", record, size - 4)[0]:
            raise ValueError(f"{path}: row {row} is damaged")
        if record[0] == 1:
            units = np.frombuffer(record, "<f4", vectors, 1).astype(np.float64)
            halves = np.frombuffer(record, "<f2", vectors * width, size - 4 - 2 * vectors * width)
            states[row] = halves.astype(np.float64).reshape(vectors, width) * units[:, None]
    return Features(key, values_of(key), states)


@dataclass(frozen=True)
class Comparison:
    rows: int
    compared: int
    worst: float
    median: float
    flips: int


def compare(head: Head, features: Features, scores: list[dict], least: float) -> Comparison:
    if not 0 < len(scores) <= len(features.states):
        raise ValueError(f"{len(features.states)} rows have features and {len(scores)} have scores")
    own = head.probabilities(features.of(head)[: len(scores)])
    theirs = np.array([[row["probabilities"][label] for label in head.labels] for row in scores])
    looked_at = (np.maximum(own, theirs) > least) & ~np.isnan(own)
    if not looked_at.any():
        raise ValueError("there is nothing to compare")
    errors = (np.abs(own - theirs) / np.maximum(own, theirs))[looked_at]
    known = ~np.isnan(own).any(axis=1)
    flips = int((own[known].argmax(axis=1) != theirs[known].argmax(axis=1)).sum())
    return Comparison(int(known.sum()), int(looked_at.sum()), float(errors.max()), float(np.median(errors)), flips)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("head", type=Path)
    parser.add_argument("features", type=Path)
    parser.add_argument("scores", type=Path)
    parser.add_argument("--tolerance", type=float, default=0.03)
    parser.add_argument("--least", type=float, default=0.001)
    arguments = parser.parse_args()
    scores = [json.loads(line) for line in arguments.scores.read_text(encoding="utf-8").splitlines() if line.strip()]
    found = compare(read_head(arguments.head), read_features(arguments.features), scores, arguments.least)
    print(
        f"{found.compared} probabilities above {arguments.least:g} of {found.rows} rows: relative difference {found.median:.2e} in the"
        f" median, {found.worst:.2e} at most; another label is likeliest in {found.flips} rows"
    )
    if found.worst > arguments.tolerance:
        sys.exit(f"more than {arguments.tolerance:g}: head, features and scores do not belong together, or one of the two computes wrongly")


if __name__ == "__main__":
    main()
