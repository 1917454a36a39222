"""The independent computation of a head's probabilities, on heads and features made here."""

import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import gguf
import numpy as np
import pytest

from head_check import compare, read_features, read_head

LABELS = ["safety", "unsupported", "respond"]
KEY = "the model: x\nwhat is read: [Value[layer=2, pooling=LAST], Value[layer=2, pooling=MEAN], Value[layer=5, pooling=LAST]]\n"
WIDTH = 7


@pytest.fixture
def made(tmp_path: Path):
    """A head that reads two of three values in another order than the features have, the features, and what comes of both."""
    random = np.random.default_rng(1)
    states = random.normal(size=(20, 3, WIDTH)) * 40
    weight = (random.normal(size=(3, 2 * WIDTH)) / 40).astype(np.float32)
    bias = random.normal(size=3).astype(np.float32)
    writer = gguf.GGUFWriter(tmp_path / "a.head.gguf", "demur.head")
    writer.add_array("demur.head.categories", LABELS[:2])
    writer.add_array("demur.head.layers", [5, 2])
    writer.add_array("demur.head.poolings", ["last", "mean"])
    writer.add_uint32("demur.head.width", WIDTH)
    writer.add_array("demur.head.weight", weight.ravel().tolist())
    writer.add_array("demur.head.bias", bias.tolist())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    records, halves = [], np.zeros_like(states)
    for row, state in enumerate(states):
        units = np.array([2.0**-3, 2.0, 2.0**4], dtype=np.float32)
        scaled = (state / units[:, None]).astype(np.float16)
        halves[row] = scaled.astype(np.float64) * units[:, None].astype(np.float64)
        body = bytes([1]) + units.tobytes()
        record = body + b"\0" * ((len(body) + 2 * states[0].size) % 2) + scaled.tobytes()
        records.append(record + struct.pack("<I", zlib.crc32(record)))
    (tmp_path / "a.features").write_bytes(
        b"DEMURFT1" + struct.pack("<iii", 3, WIDTH, len(KEY)) + KEY.encode() + b"".join(records)
    )
    logits = halves[:, [2, 1]].reshape(20, -1) @ weight.astype(np.float64).T + bias
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities = powers / powers.sum(axis=1, keepdims=True)
    scores = [{"probabilities": dict(zip(LABELS, row))} for row in probabilities.tolist()]
    return tmp_path, scores


def test_the_probabilities_are_those_of_the_matrix_and_the_states(made):
    folder, scores = made
    found = compare(read_head(folder / "a.head.gguf"), read_features(folder / "a.features"), scores, 1e-3)
    assert found.rows == 20 and found.compared > 30
    assert found.worst < 1e-12 and found.flips == 0


def test_scores_of_another_order_are_found_out(made):
    folder, scores = made
    (folder / "scores.jsonl").write_text("".join(json.dumps(row) + "\n" for row in scores[::-1]))
    program = Path(__file__).parent.parent / "head_check.py"
    ended = subprocess.run(
        [sys.executable, program, folder / "a.head.gguf", folder / "a.features", folder / "scores.jsonl"], capture_output=True, text=True
    )
    assert ended.returncode == 1 and "do not belong together" in ended.stderr


def test_more_scores_than_rows_are_found_out(made):
    folder, scores = made
    with pytest.raises(ValueError, match="20 rows have features and 21 have scores"):
        compare(read_head(folder / "a.head.gguf"), read_features(folder / "a.features"), [*scores, scores[0]], 1e-3)


def test_a_damaged_row_is_found_out(made):
    folder, _ = made
    data = bytearray((folder / "a.features").read_bytes())
    data[-10] ^= 1
    (folder / "a.features").write_bytes(data)
    with pytest.raises(ValueError, match="row 19 is damaged"):
        read_features(folder / "a.features")


def test_a_file_that_ends_within_a_row_is_found_out(made):
    folder, _ = made
    data = (folder / "a.features").read_bytes()
    (folder / "a.features").write_bytes(data[:-1])
    with pytest.raises(ValueError, match="ends within a row"):
        read_features(folder / "a.features")
