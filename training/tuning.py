"""Gentle tuning of a base with its control rows in place: a checkpoint every few minutes, averaged weights, progress with the time left."""

from __future__ import annotations

import random
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.nn.utils import parametrize

from mixture import MixtureMaker
from model import Llama
from precision import NARROW, autocast
from rounded import ROUNDING, Rounded
from sequences import Batch, batches
from trainer import rate_factor
from tune_settings import Tuning

SAVE_EVERY = 300  # seconds between two checkpoints
LOG_EVERY = 20  # steps


class LowRank(nn.Module):
    """A matrix plus a product of two thin ones, of which the second starts at zero."""

    def __init__(self, weight: Tensor, rank: int, alpha: float) -> None:
        super().__init__()
        self.down = nn.Parameter(torch.randn(rank, weight.shape[1]) * weight.shape[1] ** -0.5)
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank))
        self.scale = alpha / rank

    def forward(self, weight: Tensor) -> Tensor:
        return weight + self.scale * (self.up @ self.down)


class Tuner:
    """Tunes `model` in place; `targets` [rows, controls] and the rows of a batch go by the maker's examples. `type_of` is the type that a
    matrix will be written in, by its name."""

    def __init__(
        self,
        model: Llama,
        maker: MixtureMaker,
        targets: Tensor,
        tuning: Tuning,
        type_of: Callable[[str], str],
        seed: int,
        checkpoint: Path,
        log: Callable[[str], None],
    ) -> None:
        self.model = model
        self.maker = maker
        self.targets = (1 - tuning.smoothing) * targets + tuning.smoothing / targets.shape[1]
        self.tuning = tuning
        self.type_of = type_of
        self.seed = seed
        self.checkpoint = checkpoint
        self.log = log
        self.groups = list(self._prepare())
        self.optimizer = torch.optim.AdamW(self.groups, lr=tuning.rate, betas=(0.9, 0.98), fused=True)
        self.trained = {name: parameter for name, parameter in model.named_parameters() if parameter.requires_grad}
        self.averaged = {name: parameter.detach().clone() for name, parameter in self.trained.items()}

    def fit(self, after_epoch: Callable[[Llama], None]) -> dict[str, Tensor]:
        """The weights that changed, averaged; goes on from the checkpoint if there is one."""
        epoch, skip = self._restore() if self.checkpoint.exists() else (0, 0)
        while epoch < self.tuning.epochs:
            self._epoch(epoch, skip)
            epoch, skip = epoch + 1, 0
            self._save(epoch, 0)
            with self._average_in_place():
                after_epoch(self.model.eval())
        return self._merged()

    def _epoch(self, epoch: int, skip: int) -> None:
        rng = random.Random(f"{self.seed}/{epoch}")
        made = batches(self.maker.epoch(rng), self.tuning.batch, rng)
        torch.manual_seed(self.seed * 1000 + epoch)
        self.model.train()
        begun = saved = time.monotonic()
        sums, counted = torch.zeros(3), 0
        for number in range(skip, len(made)):
            sums += self._step(made[number], self._rate(epoch, number / len(made)), epoch * len(made) + number)
            counted += 1
            now = time.monotonic()
            if counted % LOG_EVERY == 0:
                left = (now - begun) / counted * (len(made) * (self.tuning.epochs - epoch) - number - 1)
                decision, reply = (sums[:2] / torch.tensor([counted, sums[2].clamp(min=1.0)])).tolist()
                self.log(
                    f"epoch {epoch + 1}/{self.tuning.epochs}, step {number + 1}/{len(made)}: decision loss {decision:.4f}, reply loss {reply:.4f}, "
                    f"{(now - begun) / counted:.2f} s a step, {left:.0f} s left"
                )
            if now - saved > SAVE_EVERY:
                self._save(epoch, number + 1)
                saved = now

    def _rate(self, epoch: int, done: float) -> float:
        """The share of the peak rates after this share of an epoch."""
        tuning = self.tuning
        if tuning.restart:
            return tuning.restart**epoch * rate_factor(done, tuning.warmup)
        return rate_factor((epoch + done) / tuning.epochs, tuning.warmup)

    def _step(self, batch: Batch, factor: float, number: int) -> Tensor:
        """The losses of the decisions and of the replies, and 1 if the batch has replies."""
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        decision, reply = self._losses(batch)
        self.optimizer.zero_grad(set_to_none=True)
        (decision + self.tuning.reply_weight * reply).backward()
        torch.nn.utils.clip_grad_norm_(self.trained.values(), 1.0)
        self.optimizer.step()
        share = min(self.tuning.average, (number + 1) / (number + 10))
        with torch.no_grad():
            for name, parameter in self.trained.items():
                self.averaged[name].lerp_(parameter, 1 - share)
        return torch.stack((decision.detach(), reply.detach(), torch.tensor(float(len(batch.reply_rows) > 0))))

    def _losses(self, batch: Batch) -> tuple[Tensor, Tensor]:
        """Of the decisions, with the full vocabulary in the denominator, and of the replies, 0 if the batch has none."""
        model, reply = self.model, torch.zeros(())
        with autocast():
            if len(batch.reply_rows):
                hidden = model(batch.ids)
                logits = model.logits(hidden[torch.arange(len(batch.ids)), batch.decide_at])
                reply = F.cross_entropy(model.logits(hidden[batch.reply_rows, batch.reply_positions]).float(), batch.reply_targets)
            else:
                logits = model.logits(model(batch.ids, batch.decide_at))
        controls = F.log_softmax(logits.float(), dim=-1)[:, self.maker.control_ids]
        losses = -(self.targets[batch.examples] * controls).sum(dim=1)
        return (losses * batch.decide).sum() / batch.decide.sum().clamp(min=1.0), reply

    def _prepare(self) -> Iterator[dict]:
        """Freezes what is not tuned, adds what is, and yields the parameter groups from the top block down."""
        model, tuning = self.model, self.tuning
        layers = len(model.blk)
        first = layers - tuning.layers if tuning.layers else 0
        if not 0 <= first < layers:
            raise ValueError(f"[tuning] layers {tuning.layers}: the base has {layers}")
        model.frozen, model.recompute = first, tuning.recompute
        model.requires_grad_(False)
        for block in model.blk[:first]:
            for module in block.modules():
                if NARROW and isinstance(module, nn.Linear):
                    module.bfloat16()  # what autocast would make of it for every batch
        yield self._group(list(self._rows()), tuning.row_rate, 0.0)
        for depth, block in enumerate(reversed(model.blk[first:])):
            rate = tuning.rate * tuning.layer_decay**depth
            if tuning.rank:
                parameters = list(self._low_rank(block))
            else:
                block.requires_grad_(True)
                parameters = list(block.parameters())
            yield self._group([parameter for parameter in parameters if parameter.dim() == 2], rate, tuning.decay)
            yield self._group([parameter for parameter in parameters if parameter.dim() == 1], rate, 0.0)
            if tuning.rounded:
                self._round(block, layers - 1 - depth)

    def _rows(self) -> Iterator[nn.Parameter]:
        """The embedding and output rows, of which only the control tokens' get a gradient."""
        model = self.model
        mask = torch.zeros(model.shape.vocabulary, 1)
        mask[self.maker.control_ids] = 1.0
        for weight in [model.token_embd.weight] if model.shape.tied else [model.token_embd.weight, model.output.weight]:
            weight.requires_grad_(True)
            weight.register_hook(lambda gradient: gradient * mask)
            yield weight

    def _low_rank(self, block: nn.Module) -> Iterator[nn.Parameter]:
        for module in block.modules():
            if isinstance(module, nn.Linear):
                addition = LowRank(module.weight, self.tuning.rank, self.tuning.alpha)
                parametrize.register_parametrization(module, "weight", addition)
                yield from addition.parameters()

    def _round(self, block: nn.Module, number: int) -> None:
        for name, module in list(block.named_modules()):
            kind = self.type_of(f"blk.{number}.{name}.weight") if isinstance(module, nn.Linear) else None
            if kind in ROUNDING:
                parametrize.register_parametrization(module, "weight", Rounded(kind))

    @staticmethod
    def _group(parameters: list[nn.Parameter], rate: float, decay: float) -> dict:
        return {"params": parameters, "lr": rate, "peak": rate, "weight_decay": decay}

    @contextmanager
    def _average_in_place(self) -> Iterator[None]:
        kept = {name: parameter.detach().clone() for name, parameter in self.trained.items()}
        with torch.no_grad():
            for name, parameter in self.trained.items():
                parameter.copy_(self.averaged[name])
        yield
        with torch.no_grad():
            for name, parameter in self.trained.items():
                parameter.copy_(kept[name])

    def _merged(self) -> dict[str, Tensor]:
        """The averaged weights under the names of the GGUF's tensors, low-rank additions added."""
        with torch.no_grad():
            for name, parameter in self.trained.items():
                parameter.copy_(self.averaged[name])
        changed = {re.sub(r"\.parametrizations\.weight\..*", ".weight", name) for name in self.trained}
        for module in self.model.modules():
            if parametrize.is_parametrized(module):
                parametrize.remove_parametrizations(module, "weight", leave_parametrized=True)
        return {name: value for name, value in self.model.state_dict().items() if name in changed}

    def _save(self, epoch: int, step: int) -> None:
        partial = self.checkpoint.with_name(self.checkpoint.name + ".partial")
        state = {
            "epoch": epoch,
            "step": step,
            "trained": {name: parameter.detach() for name, parameter in self.trained.items()},
            "averaged": self.averaged,
            "optimizer": self.optimizer.state_dict(),
        }
        torch.save(state, partial)
        partial.replace(self.checkpoint)

    def _restore(self) -> tuple[int, int]:
        state = torch.load(self.checkpoint, weights_only=True)
        with torch.no_grad():
            for name, parameter in self.trained.items():
                parameter.copy_(state["trained"][name])
                self.averaged[name].copy_(state["averaged"][name])
        self.optimizer.load_state_dict(state["optimizer"])
        self.log(f"continues at epoch {state['epoch'] + 1}, step {state['step'] + 1}")
        return state["epoch"], state["step"]
