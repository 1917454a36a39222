"""Makes the sequences that a base is tuned on: rewritten prompts up to the first position, some with a control token and a reply."""

from __future__ import annotations

import random
from collections.abc import Sequence

from answers import Answer
from augment import augment
from data import Example, Texts
from dialogue import Dialogue
from sequences import LONGEST_PROMPT, SYSTEM_MESSAGES, TrainingSequence
from tokensets import TokenSet
from tune_settings import TuneSettings
from vocabulary import RESPOND_LABEL


class MixtureMaker:
    """One epoch's sequences; the same seed gives the same ones.

    A reply after `[respond]` is the base's own answer, one after a refusal token a text of the replies file for the row's category. An answer to a
    row that should be refused is forced, as is a refusal of one that should be answered: there no decision is taught. For some categories the
    replies file has such answers, and the base's are not asked for: they would be refusals, inventions or do harm. With `held` an epoch is made
    of these rows alone, and every decision is: what is taught is then what the model decides anyway.
    """

    def __init__(
        self,
        dialogue: Dialogue,
        examples: Sequence[Example],
        texts: Texts,
        answers: dict[int, Answer],
        token_set: TokenSet,
        control_ids: Sequence[int],
        settings: TuneSettings,
        end: int,
        held: Sequence[int] | None = None,
    ) -> None:
        self.dialogue = dialogue
        self.examples = examples
        self.texts = texts
        self.answers = answers
        self.token_set = token_set
        self.control_ids = control_ids
        self.contrast = settings.data.contrast
        self.mixture = settings.mixture
        self.strength = settings.augment
        self.length = settings.tuning.length
        self.end = end
        self.held = held

    def epoch(self, rng: random.Random) -> list[TrainingSequence]:
        made = []
        for index in range(len(self.examples)) if self.held is None else self.held:
            for _ in range(self._times(self.examples[index], rng)):
                sequence = self._sequence(index, self.examples[index], rng)
                if len(sequence.head) <= self.length:
                    made.append(sequence)
        return made

    def _times(self, example: Example, rng: random.Random) -> int:
        if example.near_miss is None:
            return 1
        whole = int(self.contrast)
        return whole + (rng.random() < self.contrast - whole)

    def _sequence(self, index: int, example: Example, rng: random.Random) -> TrainingSequence:
        text, answer = example.prompt[:LONGEST_PROMPT], self.answers.get(index)
        if answer:
            head = self.dialogue.head([("user", self.dialogue.clean(text))])  # as the base read it
            tail = [self.control_ids[-1], *answer.ids, *([self.end] if answer.ended else [])]
        else:
            head, tail = self.dialogue.head(self._chat(text, rng)), self._reply(example.label, rng)
        forced = bool(tail) and (tail[0] == self.control_ids[-1]) != (example.label == RESPOND_LABEL)
        return TrainingSequence(index, text, head, tail[: max(0, self.length - len(head))], False, forced and self.held is None)

    def _chat(self, text: str, rng: random.Random) -> list[tuple[str, str]]:
        if rng.random() < self.mixture.augment:
            text = augment(text, rng, self.strength)
        chat = [("user", self.dialogue.clean(text))]
        if rng.random() < self.mixture.system:
            chat.insert(0, ("system", rng.choice(SYSTEM_MESSAGES)))
        return chat

    def _reply(self, label: int, rng: random.Random) -> list[int]:
        """A text of the replies file after its control token, or none."""
        mixture, told = self.mixture, None
        if label == RESPOND_LABEL:
            if rng.random() < mixture.forced:
                told = rng.randrange(RESPOND_LABEL)
        elif label in self.texts.answers and rng.random() < mixture.general:
            told = RESPOND_LABEL
        elif rng.random() < mixture.reply:
            told = label
        if told is None:
            return []
        text = rng.choice(self.texts.answers[label] if told == RESPOND_LABEL else self.texts.refusals[told])
        return [self.control_ids[self.token_set.control(told)], *self.dialogue.reply(self.dialogue.clean(text)), self.end]
