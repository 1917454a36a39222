"""What quantisation will make of a matrix, inside the tuning: the forward pass sees the rounded weights, the step moves the exact ones.

So the weights settle where rounding costs little, and one that hardly moved falls back to where it came from.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

BLOCK = 32
REFRESH = 8  # steps
SPREAD = 0.9  # of a cell: clear of its edges


def round_q4_0(weight: Tensor) -> Tensor:
    """ggml's Q4_0: per 32 weights of a row a 16-bit scale, with which the one of the largest magnitude is -8 steps."""
    blocks = weight.unflatten(-1, (-1, BLOCK))
    highest, lowest = blocks.amax(dim=-1, keepdim=True), blocks.amin(dim=-1, keepdim=True)
    scale = torch.where(highest > -lowest, highest, lowest) / -8
    steps = torch.where(scale == 0, 0.0, blocks / scale).add_(8.5).floor_().clamp_(0, 15).sub_(8)
    return (steps * scale.half().float()).flatten(-2)


def round_q8_0(weight: Tensor) -> Tensor:
    """ggml's Q8_0: per 32 weights of a row a 16-bit scale, with which the largest magnitude is 127 steps."""
    blocks = weight.unflatten(-1, (-1, BLOCK))
    scale = blocks.abs().amax(dim=-1, keepdim=True) / 127
    steps = torch.where(scale == 0, 0.0, blocks / scale).round_()
    return (steps * scale.half().float()).flatten(-2)


ROUNDING = {"Q4_0": round_q4_0, "Q8_0": round_q8_0}
LARGEST = {"Q4_0": 8, "Q8_0": 127}  # the largest magnitude of a block, in steps


class Rounded(nn.Module):
    """A parametrisation that passes the gradient on as if nothing were rounded.

    While it trains, what rounding adds is found anew only every few steps: a weight needs many to move by one of the grid's.
    """

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind
        self.round = ROUNDING[kind]
        self.error: Tensor | None = None
        self.uses = 0

    def forward(self, weight: Tensor) -> Tensor:
        if not self.training or self.uses % REFRESH == 0:
            with torch.no_grad():
                self.error = self.round(weight) - weight
        self.uses += self.training
        return weight + self.error

    def right_inverse(self, weight: Tensor) -> Tensor:
        """What to start from: a matrix that lies on the grid already anywhere within its cells, as one that was tuned on it does.

        From the middle of its cell no weight would leave it in a short tuning. The largest magnitude of a block, which is its scale, stays.
        """
        if not torch.equal(self.round(weight), weight):
            return weight
        blocks = weight.unflatten(-1, (-1, BLOCK))
        largest = blocks.abs().amax(dim=-1, keepdim=True)
        step = largest / LARGEST[self.kind]
        moved = blocks + (torch.rand_like(blocks) - 0.5) * SPREAD * step
        return torch.where(blocks.abs() == largest, blocks, moved).flatten(-2)
