"""A linear classifier on hashed words, word pairs and letter groups: cheap, strong on few data, and a teacher for the model."""

from __future__ import annotations

import random
import re
import zlib
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from data import Example
from vocabulary import LABELS

BUCKETS = 1 << 18
_WORD = re.compile(r"\w+(?:'\w+)?|[^\w\s]")


def features(text: str) -> list[int]:
    """Bucket numbers of a text's words, word pairs (neighbours and next but one) and letter groups of 3 to 5, without case."""
    words = ["^", *_WORD.findall(text.lower()), "$"]
    grams = [f"w{word}" for word in words]
    grams += [f"p{left} {right}" for left, right in zip(words, words[1:])]
    grams += [f"s{left} {right}" for left, right in zip(words, words[2:])]
    letters = " ".join(words)
    grams += [letters[at : at + size] for size in (3, 4, 5) for at in range(len(letters) - size + 1)]
    return [zlib.crc32(gram.encode()) % BUCKETS for gram in dict.fromkeys(grams)]


class LinearModel(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.table = nn.EmbeddingBag(BUCKETS, len(LABELS), mode="sum")
        self.bias = nn.Parameter(torch.zeros(len(LABELS)))
        nn.init.zeros_(self.table.weight)

    def forward(self, texts: Sequence[str]) -> Tensor:
        """Logits, [texts, labels]; each text's features have the Euclidean length 1."""
        return self.table(*bags(texts)) + self.bias


class Committee:
    """Several linear models that read a text's features once."""

    def __init__(self, models: Sequence[LinearModel]) -> None:
        self.table = torch.cat([model.table.weight.detach() for model in models], dim=1)
        self.bias = torch.cat([model.bias.detach() for model in models])

    def probabilities(self, texts: Sequence[str]) -> Tensor:
        """[models, texts, labels]"""
        flat, offsets, weights = bags(texts)
        logits = F.embedding_bag(flat, self.table, offsets, mode="sum", per_sample_weights=weights) + self.bias
        return logits.unflatten(1, (-1, len(LABELS))).softmax(dim=-1).transpose(0, 1)


def bags(texts: Sequence[str]) -> tuple[Tensor, Tensor, Tensor]:
    """Bucket numbers of all texts in a row, where each text begins, and the weight of each number."""
    numbers = [features(text) for text in texts]
    lengths = torch.tensor([len(bag) for bag in numbers])
    flat = torch.tensor([bucket for bag in numbers for bucket in bag])
    return flat, lengths.cumsum(0) - lengths, (lengths.float() ** -0.5).repeat_interleave(lengths)


def fit_linear(examples: Sequence[Example], epochs: int, seed: int, rate: float = 0.03) -> LinearModel:
    rng = random.Random(seed)
    model = LinearModel()
    optimizer = torch.optim.Adam(model.parameters(), lr=rate)
    labels = torch.tensor([example.label for example in examples])
    order = list(range(len(examples)))
    for epoch in range(epochs):
        rng.shuffle(order)
        for group in optimizer.param_groups:
            group["lr"] = rate * (1 - epoch / epochs)
        for start in range(0, len(order), 512):
            chosen = order[start : start + 512]
            loss = F.cross_entropy(model([examples[index].prompt for index in chosen]), labels[chosen], label_smoothing=0.02)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return model
