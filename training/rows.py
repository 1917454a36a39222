"""The control tokens' output rows over a frozen base: a multinomial regression that also has to outweigh the base's own vocabulary."""

from __future__ import annotations

import torch
from torch import Tensor

from features import Features


def fit_rows(features: Features, base_rows: Tensor, labels: Tensor, controls: int, decay: float, steps: int = 400) -> Tensor:
    """[controls, width], in float64.

    Minimises the mean of -ln p(label), p over the full vocabulary, plus `decay` times the squared norm of the rows. `base_rows` are the output rows
    whose places the control tokens take; [0, width] if they are appended. The function is convex, so the start does not matter. Rows as long as
    the base's own survive quantisation; a hidden state's weak directions would draw much longer ones.
    """
    hidden, rest = features.hidden, features.rest(base_rows.double())
    # The steps are taken in coordinates where the features have the second moment 1, or they would be hundreds.
    moment = hidden.T @ hidden / len(hidden) + 10 * decay * torch.eye(hidden.shape[1], dtype=torch.float64)
    inverse = torch.linalg.inv(torch.linalg.cholesky(moment))
    weights = torch.zeros(controls, hidden.shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=steps, history_size=20, tolerance_grad=1e-6, line_search_fn="strong_wolfe")

    def loss() -> Tensor:
        optimizer.zero_grad()
        rows = weights @ inverse
        value = -log_likelihood(hidden @ rows.T, rest, labels).mean() + decay * rows.square().sum()
        value.backward()
        return value

    optimizer.step(loss)
    return weights.detach() @ inverse


def log_likelihood(logits: Tensor, rest: Tensor, labels: Tensor) -> Tensor:
    total = torch.logsumexp(torch.cat((logits, rest[:, None]), dim=1), dim=1)
    return logits.gather(1, labels[:, None]).squeeze(1) - total


def probabilities(features: Features, base_rows: Tensor, rows: Tensor) -> Tensor:
    """Of the control tokens over the full vocabulary, [prompts, controls]."""
    logits = features.hidden @ rows.T
    both = torch.cat((logits, features.rest(base_rows.double())[:, None]), dim=1)
    return both.softmax(dim=1)[:, :-1]
