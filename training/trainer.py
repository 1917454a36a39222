"""The training loop: Muon and AdamW with a warm-up and a linear decline, averaged weights, a checkpoint after every epoch."""

from __future__ import annotations

import copy
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn import functional as F

from data import Example
from model import Llama
from precision import autocast
from sequences import Batch, SequenceMaker, batches
from vocabulary import LABELS, RESPOND_LABEL, SPECIAL_TOKENS, control_ids, render_prompt

Targets = Callable[[Batch], Tensor]


@dataclass(frozen=True)
class Schedule:
    epochs: int = 10
    batch: int = 64
    rate: float = 2e-3
    embedding_rate: float = 1.0
    warmup: float = 0.05
    decay: float = 0.05
    smoothing: float = 0.05
    reply_weight: float = 0.3
    average: float = 0.998
    weak_weight: float = 1.0
    refusal_weight: float = 1.0
    source_power: float = 0.0


def row_weights(examples: Sequence[Example], schedule: Schedule) -> Tensor:
    """Weights with mean 1: less for rows of doubtful labels and of sources that have many, more for rows to refuse."""
    sizes: dict[str, int] = {}
    for example in examples:
        sizes[example.source] = sizes.get(example.source, 0) + 1
    weights = torch.tensor(
        [
            (schedule.weak_weight if example.trust == "weak" else 1.0)
            * (schedule.refusal_weight if example.label != RESPOND_LABEL else 1.0)
            * sizes[example.source] ** -schedule.source_power
            for example in examples
        ]
    )
    return weights / weights.mean()


def hard_targets(examples: Sequence[Example], smoothing: float) -> Targets:
    """The label, with `smoothing` of its mass spread over all six."""
    labels = torch.tensor([example.label for example in examples])

    def targets(batch: Batch) -> Tensor:
        return F.one_hot(labels[batch.examples], len(LABELS)).float() * (1 - smoothing) + smoothing / len(LABELS)

    return targets


def fit(
    model: Llama,
    maker: SequenceMaker,
    targets: Targets,
    schedule: Schedule,
    seed: int,
    log: Callable[[str], None],
    checkpoint: Path | None = None,
    after_epoch: Callable[[int, Llama], None] | None = None,
) -> Llama:
    """Trains `model` and returns the averaged weights; continues from `checkpoint` if it exists."""
    averaged = copy.deepcopy(model).eval()
    optimizers = _optimizers(model, schedule)
    first = 0
    if checkpoint and checkpoint.exists():
        first = _restore(checkpoint, model, averaged, optimizers)
        if first:
            log(f"continues after epoch {first}")
    weights = row_weights(maker.examples, schedule)
    begun = time.monotonic()
    for epoch in range(first, schedule.epochs):
        rng = random.Random(f"{seed}/{epoch}")
        torch.manual_seed(seed * 1000 + epoch)
        model.train()
        sums = np.zeros(4)
        made = batches(maker.epoch(rng), schedule.batch, rng)
        for number, batch in enumerate(made):
            rate = schedule.rate * rate_factor((epoch + number / len(made)) / schedule.epochs, schedule.warmup)
            for optimizer in optimizers:
                for group in optimizer.param_groups:
                    group["lr"] = rate * group["share"]
            loss, parts = _loss(model, batch, targets(batch), weights, maker.controls, schedule)
            model.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            for optimizer in optimizers:
                optimizer.step()
            step = epoch * len(made) + number
            _average(averaged, model, min(schedule.average, (step + 1) / (step + 10)))
            sums += parts
        spent = time.monotonic() - begun
        left = spent / (epoch + 1 - first) * (schedule.epochs - epoch - 1)
        decision, reply = sums[:2] / np.maximum(sums[2:], 1.0)
        log(f"epoch {epoch + 1}/{schedule.epochs}: decision loss {decision:.4f}, reply loss {reply:.4f}, {spent:.0f} s, {left:.0f} s left")
        if checkpoint:
            _save(checkpoint, epoch + 1, model, averaged, optimizers)
        if after_epoch:
            after_epoch(epoch + 1, averaged)
    return averaged


def _loss(
    model: Llama, batch: Batch, targets: Tensor, weights: Tensor, controls: list[int], schedule: Schedule
) -> tuple[Tensor, np.ndarray]:
    """The loss, and for the log: decision loss, reply loss, and how many batches have each."""
    first = len(SPECIAL_TOKENS)
    reply = torch.zeros(())
    with autocast():
        if len(batch.reply_rows):
            hidden = model(batch.ids, first_droppable=first)
            logits = model.logits(hidden[torch.arange(len(batch.ids)), batch.decide_at])
            reply_logits = model.logits(hidden[batch.reply_rows, batch.reply_positions])
            reply = F.cross_entropy(reply_logits.float(), batch.reply_targets)
        else:
            logits = model.logits(model(batch.ids, batch.decide_at, first))
    share = batch.decide * weights[batch.examples]
    per_row = -(targets * F.log_softmax(logits.float(), dim=-1)[:, controls]).sum(dim=-1)
    decision = (per_row * share).sum() / share.sum().clamp(min=1.0)
    loss = decision + schedule.reply_weight * reply
    return loss, np.array([decision.item(), reply.item(), 1.0, float(len(batch.reply_rows) > 0)])


@torch.no_grad()
def decision_probabilities(model: Llama, batch: Batch, controls: list[int]) -> Tensor:
    """Of the control tokens at the first position of a batch's sequences, scaled to sum 1, [rows, labels]."""
    with autocast():
        logits = model.logits(model(batch.ids, batch.decide_at))
    return logits.float()[:, controls].softmax(dim=-1)


@torch.no_grad()
def decide(model: Llama, tokenizer: Tokenizer, prompts: Sequence[str], batch: int = 128) -> np.ndarray:
    """Probabilities of the control tokens at the first position, [prompts, 6], over the full vocabulary."""
    encoded = [encoding.ids for encoding in tokenizer.encode_batch([render_prompt(p) for p in prompts], add_special_tokens=False)]
    return decide_ids(model, encoded, control_ids(tokenizer), batch)


@torch.no_grad()
def decide_ids(model: Llama, encoded: Sequence[list[int]], controls: list[int], batch: int = 128) -> np.ndarray:
    model.eval()
    order = sorted(range(len(encoded)), key=lambda index: len(encoded[index]))
    result = np.zeros((len(encoded), len(controls)))
    for start in range(0, len(order), batch):
        chosen = order[start : start + batch]
        ids = torch.zeros(len(chosen), max(len(encoded[index]) for index in chosen), dtype=torch.long)
        for row, index in enumerate(chosen):
            ids[row, : len(encoded[index])] = torch.tensor(encoded[index])
        last = torch.tensor([len(encoded[index]) - 1 for index in chosen])
        logits = model.logits(model(ids, last))
        result[chosen] = logits.double().softmax(dim=-1)[:, controls].numpy()
    return result


def _optimizers(model: Llama, schedule: Schedule) -> list[torch.optim.Optimizer]:
    """Muon for the blocks' matrices, scaled to AdamW's step sizes, and AdamW for the rest; `share` is a group's part of the learning rate."""
    matrices = [parameter for parameter in model.blk.parameters() if parameter.dim() == 2]
    norms = [parameter for parameter in model.parameters() if parameter.dim() != 2]
    rest = [
        {"params": [model.token_embd.weight], "weight_decay": schedule.decay, "share": schedule.embedding_rate},
        {"params": norms, "weight_decay": 0.0, "share": 1.0},
    ]
    muon = torch.optim.Muon(matrices, lr=schedule.rate, weight_decay=schedule.decay, adjust_lr_fn="match_rms_adamw")
    muon.param_groups[0]["share"] = 1.0
    return [muon, torch.optim.AdamW(rest, lr=schedule.rate, betas=(0.9, 0.98), fused=True)]


def rate_factor(progress: float, warmup: float) -> float:
    """Up from almost 0 until `warmup`, then down to 0 at the end; both run over 0 to 1."""
    return max(min((progress + 1e-3) / warmup, (1 - progress) / (1 - warmup)), 0.0)


@torch.no_grad()
def _average(averaged: Llama, model: Llama, share: float) -> None:
    for kept, new in zip(averaged.parameters(), model.parameters(), strict=True):
        kept.lerp_(new, 1 - share)


def _save(path: Path, epoch: int, model: Llama, averaged: Llama, optimizers: Sequence[torch.optim.Optimizer]) -> None:
    partial = path.with_name(path.name + ".partial")
    state = {
        "epoch": epoch,
        "model": model.state_dict(),
        "averaged": averaged.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
    }
    torch.save(state, partial)
    partial.replace(path)


def _restore(path: Path, model: Llama, averaged: Llama, optimizers: Sequence[torch.optim.Optimizer]) -> int:
    state = torch.load(path, weights_only=True)
    model.load_state_dict(state["model"])
    averaged.load_state_dict(state["averaged"])
    for optimizer, kept in zip(optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(kept)
    return state["epoch"]
