"""What a frozen base knows at the first position: its hidden states and how much probability its own vocabulary claims there.

One pass over a prompts file takes minutes to hours on a CPU, so it is made in shards that are kept: a run that was interrupted goes on, and later
runs over the same prompts with the same base read the shards alone. A shard is a random sample of the rows.
"""

from __future__ import annotations

import hashlib
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from data import sha256
from model import Llama
from precision import NARROW, autocast

SHARD = 512  # rows
TOKENS = 4096  # of a batch, padding included


@dataclass(frozen=True)
class Features:
    """`hidden` [rows, width] after the output norm; `total` [rows], the logarithm of the sum of exp over all logits of the base.

    `states` [rows, blocks × width] is what leaves the blocks that were asked for, each scaled to the mean square 1.
    """

    hidden: Tensor
    total: Tensor
    states: Tensor

    def __getitem__(self, rows: Tensor) -> Features:
        return Features(self.hidden[rows], self.total[rows], self.states[rows])

    def rest(self, rows: Tensor) -> Tensor:
        """The same sum without the logits of these output rows, [rows]: what control tokens that take their places compete with."""
        return torch.log1p(-torch.exp(self.hidden @ rows.T - self.total[:, None]).sum(dim=1).clamp(max=0.999)) + self.total


class FrozenBase:
    """Computes features with the base's matrices in bfloat16 if the processor has it; the model is made only if some shard is missing. `blocks` count from 1."""

    def __init__(self, path: Path, load: Callable[[], Llama], blocks: Sequence[int], cache: Path, log: Callable[[str], None]) -> None:
        self.digest = sha256(path)
        self.load = load
        self.blocks = blocks
        self.cache = cache
        self.log = log
        self.model: Llama | None = None

    def features(self, name: str, ids: Sequence[list[int]]) -> Features:
        """Of every sequence at its last token; `name` is for the log."""
        key = hashlib.sha256(f"{self.digest} {' '.join(map(str, self.blocks))}".encode())
        for sequence in ids:
            key.update(np.array([len(sequence), *sequence], dtype=np.int32).tobytes())
        folder = self.cache / f"features-{key.hexdigest()[:16]}"
        folder.mkdir(parents=True, exist_ok=True)
        order = random.Random(0).sample(range(len(ids)), len(ids))
        shards = [sorted(order[start : start + SHARD], key=lambda index: len(ids[index])) for start in range(0, len(order), SHARD)]
        self._fill(name, ids, folder, shards)
        parts = [np.load(folder / f"{number:04d}.npz") for number in range(len(shards))]
        hidden, total, states = (np.concatenate([part[field] for part in parts]) for field in ("hidden", "total", "states"))
        place = np.argsort(np.concatenate(shards))
        return Features(torch.from_numpy(hidden[place]).double(), torch.from_numpy(total[place]).double(), torch.from_numpy(states[place]))

    def _fill(self, name: str, ids: Sequence[list[int]], folder: Path, shards: list[list[int]]) -> None:
        missing = [number for number in range(len(shards)) if not (folder / f"{number:04d}.npz").exists()]
        sizes = {number: sum(len(ids[index]) for index in shards[number]) for number in missing}
        begun, done = time.monotonic(), 0
        for count, number in enumerate(missing, 1):
            made = self._shard([ids[index] for index in shards[number]])
            partial = folder / f"{number:04d}.partial.npz"
            np.savez(partial, **{field: value.numpy() for field, value in vars(made).items()})
            partial.replace(folder / f"{number:04d}.npz")
            done += sizes[number]
            spent = time.monotonic() - begun
            left = spent / done * (sum(sizes.values()) - done)
            self.log(f"features of {name}: shard {count}/{len(missing)}, {done / spent:.0f} tokens/s, {left:.0f} s left")

    @torch.no_grad()
    def _shard(self, ids: list[list[int]]) -> Features:
        if self.model is None:
            self.model = self.load().eval()
            for module in self.model.blk.modules():
                if NARROW and isinstance(module, nn.Linear):
                    module.bfloat16()
        model, made = self.model, []
        size = max(1, TOKENS // max(map(len, ids)))
        for start in range(0, len(ids), size):
            chosen = ids[start : start + size]
            padded = torch.zeros(len(chosen), max(map(len, chosen)), dtype=torch.long)
            for row, sequence in enumerate(chosen):
                padded[row, : len(sequence)] = torch.tensor(sequence)
            last = torch.tensor([len(sequence) - 1 for sequence in chosen])
            with self._watched(last) as states, autocast():
                hidden = model(padded, last).float()
            scaled = [state * state.square().mean(dim=1, keepdim=True).rsqrt() for state in states]
            empty = torch.zeros(len(chosen), 0)
            made.append((hidden, torch.logsumexp(model.logits(hidden), dim=1), torch.cat([empty, *scaled], dim=1).half()))
        return Features(*map(torch.cat, zip(*made, strict=True)))

    @contextmanager
    def _watched(self, last: Tensor) -> Iterator[list[Tensor]]:
        """Collects what leaves the blocks at each row's last token; the last block computes that one alone."""
        states: list[Tensor] = []

        def keep(_block: nn.Module, _inputs: object, output: Tensor) -> None:
            at = last if output.shape[1] > 1 else torch.zeros_like(last)
            states.append(output[torch.arange(len(last)), at].float())

        hooks = [self.model.blk[number - 1].register_forward_hook(keep) for number in sorted(self.blocks)]
        try:
            yield states
        finally:
            for hook in hooks:
                hook.remove()
