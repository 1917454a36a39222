"""How well a tuned model still writes what its base writes: bits per byte of the base's own greedy answers, under both.

    python training/textcost.py models/demur-small.gguf --base SmolLM2-135M-Instruct.Q4_1.gguf --llama llama-4.2.0.jar --data validation.jsonl

The tuned model reads `[respond]` before an answer: for prompts that should be answered, and, forced, for others. One JSON object goes to standard output.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from answers import Answer, BaseAnswers
from base import Base
from data import Example, read_examples, sha256
from dialogue import Dialogue
from llamacpp import LlamaCpp, Piece
from reference import control_ids, read_fields
from vocabulary import RESPOND_LABEL

SEQUENCES = 16


@dataclass(frozen=True)
class Text:
    """The ids that a model reads and, from `first` on, is asked about."""

    ids: list[int]
    first: int


def bits(engine: LlamaCpp, texts: Sequence[Text]) -> np.ndarray:
    """Of each text's ids from `first` on, [texts]."""
    total = np.zeros(len(texts))
    waiting = sorted(range(len(texts)), key=lambda index: len(texts[index].ids))
    slots: dict[int, tuple[int, int]] = {}  # sequence -> text, tokens read
    while waiting or slots:
        room = engine.capacity - len(slots)
        pieces = []
        for sequence in range(SEQUENCES):
            if sequence not in slots and waiting and texts[waiting[-1]].first <= room:
                index = waiting.pop()
                room -= texts[index].first
                engine.forget(sequence)
                slots[sequence] = (index, 0)
            if sequence in slots:
                index, read = slots[sequence]
                end = texts[index].first if read == 0 else read + 1
                pieces.append(Piece(sequence, read, texts[index].ids[read:end]))
                slots[sequence] = (index, end)
        rows = engine.decode(pieces).astype(np.float64)
        for piece, row in zip(pieces, rows, strict=True):
            index, read = slots[piece.sequence]
            ids, top = texts[index].ids, row.max()
            total[index] -= (row[ids[read]] - top - np.log(np.exp(row - top).sum())) / np.log(2)
            if read + 1 == len(ids):
                del slots[piece.sequence]
    return total


def compare(base: LlamaCpp, tuned: LlamaCpp, heads: Sequence[list[int]], answers: Sequence[Answer], respond: int, end: int) -> dict:
    written = [[*answer.ids, *([end] if answer.ended else [])] for answer in answers]
    size = sum(len(answer.text.encode()) for answer in answers)
    before = bits(base, [Text(head + ids, len(head)) for head, ids in zip(heads, written, strict=True)]).sum() / size
    after = bits(tuned, [Text([*head, respond, *ids], len(head) + 1) for head, ids in zip(heads, written, strict=True)]).sum() / size
    return {"answers": len(answers), "bytes": size, "base": float(before), "tuned": float(after), "ratio": float(after / before)}


def _chosen(examples: Sequence[Example], answerable: bool, count: int) -> list[Example]:
    rows = [example for example in examples if (example.label == RESPOND_LABEL) == answerable]
    return random.Random(0).sample(rows, min(count, len(rows)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="+")
    parser.add_argument("--base", type=Path, required=True, help="the GGUF whose answers these are")
    parser.add_argument("--llama", type=Path, required=True, help="a llama.cpp library, or java-llama.cpp's jar with one inside")
    parser.add_argument("--data", type=Path, required=True, help="prompts file (JSONL)")
    parser.add_argument("--rows", type=int, default=300, help="prompts that should be answered, and as many that should not (default: %(default)s)")
    parser.add_argument("--tokens", type=int, default=96, help="limit of an answer (default: %(default)s)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--work", type=Path, default=Path("build/tuning"), help="folder for the answers (default: %(default)s)")
    arguments = parser.parse_args()

    base, examples = Base.read(arguments.base), read_examples(arguments.data)
    asked = {kind: _chosen(examples, kind == "answerable", arguments.rows) for kind in ("answerable", "forced")}

    def log(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def opened(path: Path) -> LlamaCpp:
        return LlamaCpp(arguments.llama, path, arguments.threads, 1024, SEQUENCES)

    source = BaseAnswers(arguments.llama, arguments.base, arguments.work, arguments.tokens, SEQUENCES, arguments.threads, log)
    results = []
    for path in arguments.models:
        fields = read_fields(path)
        result = {"model": path.name, "model_sha256": sha256(path), "base": arguments.base.name}
        # The base's special tokens alone: these are the base's own answers.
        with Dialogue(arguments.llama, base) as dialogue, opened(arguments.base) as before, opened(path) as after:
            for kind, rows in asked.items():
                heads = [dialogue.head([("user", dialogue.clean(example.prompt))]) for example in rows]
                pairs = [(head, answer) for head, answer in zip(heads, source.answers(heads), strict=True) if answer and answer.ids]
                kept, answers = zip(*pairs, strict=True)
                result[kind] = compare(before, after, kept, answers, control_ids(fields)[-1], base.end)
        log(f"{path.name}: " + ", ".join(f"{kind} {result[kind]['base']:.4f} -> {result[kind]['tuned']:.4f} ({result[kind]['ratio']:.4f})" for kind in asked))
        results.append(result)
    print(json.dumps(results, indent=2))


if __name__ == "__main__":
    main()
