"""The first stage: the control tokens' rows over the frozen base, from the training rows' features."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from functools import cached_property

import gguf
import numpy as np
import torch
from torch import Tensor

from augment import augment
from base import Base
from data import Example
from dialogue import Dialogue
from features import Features, FrozenBase
from rows import fit_rows, probabilities
from sequences import LONGEST_PROMPT, SYSTEM_MESSAGES
from tokensets import TOKEN_SETS, Vocabulary
from tune_settings import TuneSettings


class ControlRows:
    """Fits rows to training rows and tells what they do to validation rows."""

    def __init__(
        self,
        settings: TuneSettings,
        base: Base,
        dialogue: Dialogue,
        frozen: FrozenBase,
        vocabulary: Vocabulary,
        examples: Sequence[Example],
        validation: Sequence[Example],
    ) -> None:
        self.settings = settings
        self.base = base
        self.dialogue = dialogue
        self.frozen = frozen
        self.vocabulary = vocabulary
        self.examples = examples
        self.validation = validation
        self.tokens = TOKEN_SETS[settings.model.tokens]

    def fit(self, keep: Callable[[Example], bool] = lambda example: True) -> Tensor:
        """[controls, width], from the training rows to `keep`."""
        kept = [keep(example) for example in self.examples]
        if not any(kept):
            raise ValueError("no rows are left to fit")
        rows = torch.tensor(kept * self.settings.rows.copies)
        labels = torch.tensor([self.tokens.label(example) for example in self.examples] * self.settings.rows.copies)
        return fit_rows(self.training[rows], self._replaced, labels[rows], len(self.tokens.tokens), self.settings.rows.decay)

    def probabilities(self, rows: Tensor) -> np.ndarray:
        """Of the control tokens for each validation row, over the full vocabulary."""
        return probabilities(self.validating, self._replaced, rows).numpy()

    def mean_length(self) -> float:
        """Of the base's own output rows."""
        return float(np.linalg.norm(self._output_rows(), axis=1).mean())

    def head(self, prompt: str, system: str | None = None) -> list[int]:
        """The ids of a conversation of one prompt up to the first position."""
        user = ("user", self.dialogue.clean(prompt))
        return self.dialogue.head([user] if system is None else [("system", system), user])

    @cached_property
    def training(self) -> Features:
        """Of the prompts as they are, then of each rewritten copy."""
        copies = [self.frozen.features("the training rows", [self.head(example.prompt[:LONGEST_PROMPT]) for example in self.examples])]
        for copy in range(1, self.settings.rows.copies):
            rng = random.Random(f"{self.settings.seed}/copy/{copy}")
            copies.append(self.frozen.features(f"copy {copy} of the training rows", [self._rewritten(example, rng) for example in self.examples]))
        return Features(*(torch.cat([getattr(copy, field) for copy in copies]) for field in ("hidden", "total", "states")))

    @cached_property
    def validating(self) -> Features:
        return self.frozen.features("the validation rows", [self.head(example.prompt) for example in self.validation])

    def _rewritten(self, example: Example, rng: random.Random) -> list[int]:
        text = augment(example.prompt[:LONGEST_PROMPT], rng, self.settings.augment)
        return self.head(text, rng.choice(SYSTEM_MESSAGES) if rng.random() < self.settings.mixture.system else None)

    @cached_property
    def _replaced(self) -> Tensor:
        """The base's output rows whose places the control tokens take."""
        rows = self._output_rows()
        return torch.tensor(rows[[at for at in self.vocabulary.control_ids if at < len(rows)]])

    def _output_rows(self) -> np.ndarray:
        name = "token_embd.weight" if self.base.shape.tied else "output.weight"
        tensor = next(tensor for tensor in gguf.GGUFReader(self.base.path).tensors if tensor.name == name)
        return gguf.quants.dequantize(tensor.data, tensor.tensor_type)
