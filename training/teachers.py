"""Soft targets from models that did not see the row: cross-fitted teachers over folds of the same training file.

A teacher trained on a row knows its label by heart and teaches nothing new. So the rows are split into folds, each teacher is trained
on all folds but one, and a row's soft target comes from the teachers of its own fold. Prompts are spliced within a fold, so that its teacher
knows neither half. The linear teachers judge the prompt before augmentation, so the model also learns that the form does not matter.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from data import Example
from sequences import Batch
from trainer import Targets, hard_targets

# Teachers of one kind: the probabilities that each fold's teacher gives a batch, [folds, rows, labels].
Teachers = Callable[[Batch], Tensor]


@dataclass(frozen=True)
class Teaching:
    """How the teachers are made and how much they count: a target is (1 - share) × label + share × teacher."""

    share: float = 0.5
    folds: int = 8
    linear_epochs: int = 6
    llama_epochs: int = 0


def fold_of(example: Example, folds: int) -> int:
    """By the prompt's first six words, so that near-duplicates mostly share a fold."""
    return zlib.crc32(" ".join(example.prompt.lower().split()[:6]).encode()) % folds


def blended_targets(examples: Sequence[Example], kinds: Sequence[Teachers], teaching: Teaching) -> Targets:
    """The mean over the kinds of teachers, blended with the label; a spliced prompt has no label."""
    labels = hard_targets(examples, 0.0)
    folds = torch.tensor([fold_of(example, teaching.folds) for example in examples])

    @torch.no_grad()
    def targets(batch: Batch) -> Tensor:
        judged = torch.stack([teachers(batch) for teachers in kinds]).mean(dim=0)
        own = judged[folds[batch.examples], torch.arange(len(batch.examples))]
        blended = teaching.share * own + (1 - teaching.share) * labels(batch)
        return torch.where(batch.spliced[:, None], own, blended)

    return targets
