"""Starting values for the token embeddings from which tokens occur together in the training prompts.

Random vectors make every rare token a stranger that the model learns by heart. Tokens that keep the same company start close together
instead, so that what is learned about one holds for the other (latent semantic analysis: the leading directions of the positive
pointwise mutual information).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from tokenizers import Tokenizer
from torch import Tensor

WINDOW = 4  # pairs this close count twice: they say more than two words of one prompt


def cooccurrence_embeddings(tokenizer: Tokenizer, prompts: Sequence[str], width: int, seed: int) -> Tensor:
    """[vocabulary, width] with rows of about unit variance times width^-0.5; tokens that never occur stay random."""
    size = tokenizer.get_vocab_size()
    counts = torch.zeros(size, size)
    for encoding in tokenizer.encode_batch(list(prompts), add_special_tokens=False):
        ids = torch.tensor(encoding.ids[:128])
        if len(ids) < 2:
            continue
        unique = ids.unique()
        counts[unique[:, None], unique[None, :]] += 1.0
        for distance in range(1, min(WINDOW, len(ids) - 1) + 1):
            counts[ids[:-distance], ids[distance:]] += 0.5
            counts[ids[distance:], ids[:-distance]] += 0.5
    counts.fill_diagonal_(0.0)
    seen = counts.sum(dim=1)
    total = seen.sum()
    smooth = seen**0.75
    expected = seen[:, None] * (smooth / smooth.sum())[None, :]
    information = torch.log(counts.div_(expected.clamp_(min=1e-9)).clamp_(min=1.0))
    generator = torch.Generator().manual_seed(seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        left, strengths, _ = torch.svd_lowrank(information, q=width + 16, niter=3)
    vectors = left[:, :width] * strengths[:width].sqrt()
    # A random rotation spreads the few strong directions over all coordinates, as the trainer's optimizer expects.
    rotation = torch.linalg.qr(torch.randn(width, width, generator=generator))[0]
    vectors = vectors @ rotation
    noise = torch.randn(size, width, generator=generator)
    scale = vectors.norm(dim=1, keepdim=True)
    known = (seen[:, None] > 0) & (scale > 1e-6) & (total > 0)
    unit = torch.where(known, vectors / scale.clamp(min=1e-6), torch.zeros(()))
    mixed = unit + 0.3 * noise * width**-0.5
    return torch.where(known, mixed, noise * width**-0.5)
