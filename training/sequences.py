"""Turns examples into batches of token ids with their decision and language-model targets."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer
from torch import Tensor

from augment import Strength, augment, splice
from data import Example
from vocabulary import CONTROL_TOKENS, IM_END, LABELS, RESPOND_LABEL, control_ids, render_chat

LONGEST_PROMPT = 700  # characters; longer training prompts are cut, which concerns a few rows in a thousand
REFERENCE_SHARE = 0.2  # of the replies to rows that have a usable reference response
SYSTEM_MESSAGES = (
    "You are a helpful assistant.",
    "You are a helpful, respectful and honest assistant.",
    "You are a friendly assistant that answers briefly.",
    "Answer the question of the user.",
    "You are an AI assistant.",
    "Be concise.",
    "You are a careful assistant. Answer in English.",
)


@dataclass(frozen=True)
class Shares:
    """The shares of the sequences that get an extra; `forced` is a share of those with a reply."""

    system: float = 0.15
    earlier_turn: float = 0.04
    reply: float = 0.25
    forced: float = 0.35
    splice: float = 0.0


@dataclass(frozen=True)
class TrainingSequence:
    """One sequence: `head` up to the first position, `tail` empty or a control token and a reply; `text` is the prompt before augmentation."""

    example: int
    text: str
    head: list[int]
    tail: list[int]
    spliced: bool
    forced: bool


@dataclass(frozen=True)
class Batch:
    """Right-padded ids, where to decide, and flat (row, position, next token) triples for the language-model loss."""

    examples: list[int]
    texts: list[str]
    spliced: Tensor
    ids: Tensor
    decide_at: Tensor
    decide: Tensor
    reply_rows: Tensor
    reply_positions: Tensor
    reply_targets: Tensor


class SequenceMaker:
    """Makes one epoch's sequences; the same seed gives the same sequences (but for BPE-dropout's own generator).

    A prompt is spliced only with one of its own `group`.
    """

    def __init__(
        self,
        tokenizer: Tokenizer,
        examples: Sequence[Example],
        replies: Sequence[Sequence[str]],
        strength: Strength,
        shares: Shares,
        group: Callable[[Example], int] = lambda example: 0,
    ) -> None:
        self.tokenizer = tokenizer
        self.examples = examples
        self.replies = replies
        self.strength = strength
        self.shares = shares
        self.group = group
        self.partners: dict[int, list[Example]] = {}
        for example in examples:
            self.partners.setdefault(group(example), []).append(example)
        self.controls = control_ids(tokenizer)
        self.end = tokenizer.token_to_id(IM_END)

    def epoch(self, rng: random.Random) -> list[TrainingSequence]:
        spliced = [rng.random() < self.shares.splice for _ in self.examples]
        texts = [self._text(example, mix, rng) for example, mix in zip(self.examples, spliced, strict=True)]
        chats = [self._chat(augment(text, rng, self.strength), rng) for text in texts]
        heads = self.tokenizer.encode_batch([render_chat(chat) for chat in chats], add_special_tokens=False)
        return [
            self._sequence(index, texts[index], spliced[index], encoding.ids, rng) for index, encoding in enumerate(heads)
        ]

    def _text(self, example: Example, mix: bool, rng: random.Random) -> str:
        text = example.prompt[:LONGEST_PROMPT]
        if not mix:
            return text
        return splice(text, rng.choice(self.partners[self.group(example)]).prompt[:LONGEST_PROMPT], rng)

    def _chat(self, text: str, rng: random.Random) -> list[tuple[str, str]]:
        chat = [("user", text)]
        if rng.random() < self.shares.earlier_turn:
            earlier = rng.choice(self.examples)
            answer = CONTROL_TOKENS[earlier.label] + self._reply(earlier, earlier.label, rng)
            chat[:0] = [("user", earlier.prompt[:LONGEST_PROMPT]), ("assistant", answer)]
        if rng.random() < self.shares.system:
            chat.insert(0, ("system", rng.choice(SYSTEM_MESSAGES)))
        return chat

    def _sequence(self, index: int, text: str, spliced: bool, head: list[int], rng: random.Random) -> TrainingSequence:
        example = self.examples[index]
        forced, tail = False, []
        if not spliced and rng.random() < self.shares.reply:
            label = example.label
            forced = rng.random() < self.shares.forced
            if forced:
                label = rng.randrange(len(LABELS) - 1) if label == RESPOND_LABEL else RESPOND_LABEL
            reply = self._reply(example, label, rng)
            ids = self.tokenizer.encode(reply, add_special_tokens=False).ids
            tail = [self.controls[label], *ids, self.end]
        return TrainingSequence(index, text, head, tail, spliced, forced)

    def _reply(self, example: Example, label: int, rng: random.Random) -> str:
        if label == RESPOND_LABEL and example.reference and rng.random() < REFERENCE_SHARE:
            return example.reference
        return rng.choice(self.replies[label])


def batches(sequences: Sequence[TrainingSequence], size: int, rng: random.Random) -> list[Batch]:
    """Batches of sequences of about the same length, in random order; those with a reply apart, as only they need every position."""
    groups = []
    for kind in (False, True):
        order = [sequence for sequence in sequences if bool(sequence.tail) == kind]
        order.sort(key=lambda sequence: len(sequence.head) + len(sequence.tail) + rng.uniform(-2, 2))
        groups += [order[start : start + size] for start in range(0, len(order), size)]
    rng.shuffle(groups)
    return [_collate(group) for group in groups]


def _collate(group: Sequence[TrainingSequence]) -> Batch:
    length = max(len(sequence.head) + len(sequence.tail) for sequence in group)
    ids = torch.zeros(len(group), length, dtype=torch.long)
    reply: list[tuple[int, int, int]] = []
    for row, sequence in enumerate(group):
        whole = sequence.head + sequence.tail
        ids[row, : len(whole)] = torch.tensor(whole)
        first = len(sequence.head)
        reply += [(row, at, whole[at + 1]) for at in range(first, len(whole) - 1)]
    reply_rows, reply_positions, reply_targets = torch.tensor(reply, dtype=torch.long).reshape(-1, 3).unbind(1)
    return Batch(
        examples=[sequence.example for sequence in group],
        texts=[sequence.text for sequence in group],
        spliced=torch.tensor([sequence.spliced for sequence in group]),
        ids=ids,
        decide_at=torch.tensor([len(sequence.head) - 1 for sequence in group]),
        decide=torch.tensor([0.0 if sequence.forced else 1.0 for sequence in group]),
        reply_rows=reply_rows,
        reply_positions=reply_positions,
        reply_targets=reply_targets,
    )
