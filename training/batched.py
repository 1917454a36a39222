"""Times a batched PyTorch pass over the prompts of a file, with the weights of a GGUF that `train.py` wrote: what `demur score` is
measured against.

    python training/batched.py models/demur-tiny.gguf --data examples/prompts.jsonl --batch 32

Prints, for float32 and for bfloat16, the rows per second of the best of several passes and of the middle one, tokenising and the
softmax over the full vocabulary included. With `--scores S`, which `score` wrote for the same rows, it also prints how far the probabilities
lie apart.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path

import numpy as np
import torch

from model import Llama, Shape
from reference import Reference
from trainer import decide_ids
from vocabulary import render_prompt


def load(reference: Reference) -> Llama:
    """The GGUF's weights in the trainer's model, ready for inference."""
    fields = reference.fields
    shape = Shape(
        vocabulary=fields["llama.vocab_size"],
        width=fields["llama.embedding_length"],
        layers=fields["llama.block_count"],
        heads=fields["llama.attention.head_count"],
        hidden=fields["llama.feed_forward_length"],
        context=fields["llama.context_length"],
    )
    model = Llama(shape)
    model.load_state_dict({name: torch.from_numpy(value).float() for name, value in reference.tensors.items()})
    return model.eval()


def decide(reference: Reference, model: Llama, prompts: list[str], batch: int, narrow: bool) -> np.ndarray:
    encoded = [reference.encode(render_prompt(prompt)) for prompt in prompts]
    with torch.autocast("cpu", torch.bfloat16, enabled=narrow):
        return decide_ids(model, encoded, reference.control_ids, batch)


def main() -> None:
    parser = argparse.ArgumentParser(description="Times a batched PyTorch pass over prompts.")
    parser.add_argument("model", type=Path)
    parser.add_argument("--data", type=Path, required=True, help="JSONL with prompt")
    parser.add_argument("--scores", type=Path, help="what demur score wrote for the same rows")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--passes", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    reference = Reference.load(arguments.model)
    model = load(reference)
    prompts = [json.loads(line)["prompt"] for line in arguments.data.read_text(encoding="utf-8").splitlines()]
    for name, narrow in (("float32", False), ("bfloat16", True)):
        decided = decide(reference, model, prompts, arguments.batch, narrow)
        seconds = []
        for _ in range(arguments.passes):
            start = time.perf_counter()
            decide(reference, model, prompts, arguments.batch, narrow)
            seconds.append(time.perf_counter() - start)
        best, middle = len(prompts) / min(seconds), len(prompts) / statistics.median(seconds)
        apart = ""
        if arguments.scores:
            rows = [json.loads(line)["probabilities"] for line in arguments.scores.read_text(encoding="utf-8").splitlines()]
            apart = f", probabilities at most {np.abs(decided - np.array([list(row.values()) for row in rows])).max():.1e} apart"
        print(f"{name}: {best:.0f} rows/s at best, {middle:.0f} in the middle, of {len(prompts)} rows by {arguments.batch}{apart}")


if __name__ == "__main__":
    main()
