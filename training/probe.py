"""Linear probes: what several blocks of the frozen base say about a prompt together, for soft targets.

A tuned base ranks prompts of sources that it was trained on better than a probe, and a probe carries over better to other sources. A row's target comes
from a probe that did not see it, as in `teachers.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from data import Example
from teachers import fold_of


@dataclass(frozen=True)
class Probing:
    """`blocks` (counted from 1) whose states a probe sees, none for no probes; a target is (1 - share) × label + share × probe."""

    blocks: Sequence[int] = ()
    decay: float = 1e-3
    folds: int = 5
    share: float = 0.4


@dataclass(frozen=True)
class Probe:
    mean: Tensor
    scale: Tensor
    weights: Tensor
    bias: Tensor

    def probabilities(self, states: Tensor) -> Tensor:
        """[rows, labels]"""
        return (((states.float() - self.mean) * self.scale) @ self.weights.T + self.bias).softmax(dim=1)


def fit_probe(states: Tensor, labels: Tensor, classes: int, decay: float, steps: int = 120) -> Probe:
    """A multinomial regression on standardised states; `decay` times the squared norm of the weights is added to the mean loss."""
    states = states.float()
    mean, scale = states.mean(dim=0), states.std(dim=0).clamp(min=1e-3).reciprocal()
    states = (states - mean) * scale
    weights = torch.zeros(classes, states.shape[1], requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights, bias], max_iter=steps, history_size=10, tolerance_grad=1e-5, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        value = F.cross_entropy(states @ weights.T + bias, labels) + decay * weights.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return Probe(mean, scale, weights.detach(), bias.detach())


def cross_fitted(states: Tensor, labels: Tensor, examples: Sequence[Example], classes: int, probing: Probing) -> Tensor:
    """Each row's probabilities by the probe of the other folds, [rows, labels]."""
    folds = torch.tensor([fold_of(example, probing.folds) for example in examples])
    found = torch.zeros(len(labels), classes)
    for fold in range(probing.folds):
        own = folds == fold
        found[own] = fit_probe(states[~own], labels[~own], classes, probing.decay).probabilities(states[own])
    return found
