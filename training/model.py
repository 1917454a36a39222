"""The Llama architecture in PyTorch, as llama.cpp computes it: RMS norms, rotary pairs side by side, grouped queries, SwiGLU."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils.checkpoint import checkpoint


@dataclass(frozen=True)
class Shape:
    """The sizes that a GGUF states; everything else follows from them. `kv_heads` 0 means as many as `heads`."""

    vocabulary: int
    width: int
    layers: int
    heads: int
    hidden: int
    context: int = 1024
    rope_base: float = 10000.0
    epsilon: float = 1e-5
    kv_heads: int = 0
    tied: bool = True

    def __post_init__(self) -> None:
        if self.width % self.heads or (self.width // self.heads) % 2:
            raise ValueError(f"width {self.width} does not split into {self.heads} heads of even size")
        if self.kv_heads and self.heads % self.kv_heads:
            raise ValueError(f"{self.heads} heads do not share {self.kv_heads} heads of keys and values evenly")

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    @property
    def groups(self) -> int:
        """How many heads of queries share one of keys and values."""
        return self.heads // (self.kv_heads or self.heads)

    def as_dict(self) -> dict:
        return asdict(self)


class RMSNorm(nn.Module):
    def __init__(self, width: int, epsilon: float) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))
        self.epsilon = epsilon

    def forward(self, x: Tensor) -> Tensor:
        return F.rms_norm(x, (x.shape[-1],), self.weight, self.epsilon)


@dataclass(frozen=True)
class Rotary:
    """Cosines and sines of the queries, [..., head_width / 2], and what is added to their scores: a large negative past them."""

    cosines: Tensor
    sines: Tensor
    mask: Tensor

    def only(self, at: Tensor) -> Rotary:
        """For one query per row of a batch."""
        return Rotary(*(table[at][:, None, None] for table in (self.cosines, self.sines, self.mask)))


def rotary_angles(shape: Shape, length: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines, [length, head_width / 2]."""
    pairs = torch.arange(0, shape.head_width, 2, dtype=torch.float64)
    angles = torch.arange(length, dtype=torch.float64)[:, None] * shape.rope_base ** (-pairs / shape.head_width)
    return angles.cos().float(), angles.sin().float()


def rotate(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """Rotates neighbouring pairs (2i, 2i + 1), llama.cpp's NORM order, so the export permutes nothing."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cosines - odd * sines, even * sines + odd * cosines), dim=-1).flatten(-2)


class Block(nn.Module):
    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.shape = shape
        width, hidden = shape.width, shape.hidden
        narrow = width // shape.groups
        self.attn_norm = RMSNorm(width, shape.epsilon)
        self.attn_q = nn.Linear(width, width, bias=False)
        self.attn_k = nn.Linear(width, narrow, bias=False)
        self.attn_v = nn.Linear(width, narrow, bias=False)
        self.attn_output = nn.Linear(width, width, bias=False)
        self.ffn_norm = RMSNorm(width, shape.epsilon)
        self.ffn_gate = nn.Linear(width, hidden, bias=False)
        self.ffn_up = nn.Linear(width, hidden, bias=False)
        self.ffn_down = nn.Linear(hidden, width, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, rotary: Rotary, at: Tensor | None = None) -> Tensor:
        """[batch, length, width], or with `at` [batch, 1, width]: the result at one position of each row."""
        y = self.attn_norm(x)
        k = self._share(rotate(self._split(self.attn_k(y)), rotary.cosines, rotary.sines))
        v = self._share(self._split(self.attn_v(y)))
        if at is not None:
            rows = torch.arange(len(x))
            x, y, rotary = x[rows, at, None], y[rows, at, None], rotary.only(at)
        q = rotate(self._split(self.attn_q(y)), rotary.cosines, rotary.sines)
        # Written out: on a CPU in bf16 and at these lengths the fused kernel's backward pass is several times slower.
        scores = q @ k.transpose(-1, -2) * self.shape.head_width**-0.5 + rotary.mask
        mixed = (scores.softmax(dim=-1) @ v).transpose(1, 2).flatten(2)
        x = x + self.dropout(self.attn_output(mixed))
        y = self.ffn_norm(x)
        return x + self.dropout(self.ffn_down(F.silu(self.ffn_gate(y)) * self.ffn_up(y)))

    def _split(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (-1, self.shape.head_width)).transpose(1, 2)

    def _share(self, x: Tensor) -> Tensor:
        return x if self.shape.groups == 1 else x.repeat_interleave(self.shape.groups, dim=1)


class Llama(nn.Module):
    """Takes right-padded ids: causality keeps the padding out of every earlier position, so there is no mask.

    With `recompute` training keeps each block's input alone and runs the block again for the backward pass. No gradient passes the first
    `frozen` blocks or, if there are any, reaches the input embeddings.
    """

    def __init__(self, shape: Shape, dropout: float = 0.0, token_dropout: float = 0.0) -> None:
        super().__init__()
        self.shape = shape
        self.token_dropout = token_dropout
        self.recompute = False
        self.frozen = 0
        self.token_embd = nn.Embedding(shape.vocabulary, shape.width)
        self.blk = nn.ModuleList(Block(shape, dropout) for _ in range(shape.layers))
        self.output_norm = RMSNorm(shape.width, shape.epsilon)
        if not shape.tied:
            self.output = nn.Linear(shape.width, shape.vocabulary, bias=False)
        cosines, sines = rotary_angles(shape, shape.context)
        self.register_buffer("cosines", cosines, persistent=False)
        self.register_buffer("sines", sines, persistent=False)
        self._initialise()

    def _initialise(self) -> None:
        deep = (2 * self.shape.layers) ** -0.5
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                scale = deep if name.endswith(("attn_output.weight", "ffn_down.weight")) else 1.0
                nn.init.normal_(parameter, std=scale * parameter.shape[1] ** -0.5)

    def forward(self, ids: Tensor, at: Tensor | None = None, first_droppable: int = 0) -> Tensor:
        """Hidden states after the output norm: [batch, length, width], or with `at` [batch, width] at one position per row.

        With `at` the last block computes that position alone, which saves about half of a two-layer model's work. In training the
        embedding of an id from `first_droppable` on is zeroed with probability `token_dropout`.
        """
        x = self.token_embd(ids)
        if self.training and self.token_dropout > 0:
            dropped = (torch.rand(ids.shape) < self.token_dropout) & (ids >= first_droppable)
            x = x.masked_fill(dropped.unsqueeze(-1), 0.0)
        if self.frozen:
            x = x.detach()
        length = ids.shape[1]
        mask = torch.full((length, length), -1e4).triu(1)
        rotary = Rotary(self.cosines[:length], self.sines[:length], mask)
        for number, block in enumerate(self.blk[:-1]):
            if number < self.frozen:
                with torch.no_grad():
                    x = block(x, rotary)
            elif self.recompute and self.training:
                x = checkpoint(block, x, rotary, use_reentrant=False)
            else:
                x = block(x, rotary)
        x = self.output_norm(self.blk[-1](x, rotary, at))
        return x if at is None else x.squeeze(1)

    def logits(self, hidden: Tensor) -> Tensor:
        return F.linear(hidden, self.output_rows)

    @property
    def output_rows(self) -> nn.Parameter:
        """The vocabulary's output rows, [vocabulary, width]; with tied embeddings the token embeddings themselves."""
        return self.token_embd.weight if self.shape.tied else self.output.weight
