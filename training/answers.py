"""The base's own greedy answers, so that a tuned model goes on writing what its base wrote.

llama.cpp decodes several prompts together, which is far faster than PyTorch on a CPU. Answers are kept in a file as they come.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from data import sha256
from llamacpp import LlamaCpp, Piece

LONGEST_HEAD = 512
_REFUSAL = re.compile(
    r"^\W*(?:(?:i'?m|i am|we'?re) (?:really |very |so )?(?:sorry|afraid|unable|not able|just an? ai)"
    r"|sorry\b|unfortunately|i apologi[sz]e|my apologies"
    r"|(?:i|we) (?:can'?t|cannot|can not|could ?n[o']t|won'?t|will not|do not have|don'?t have|must decline|have to decline)"
    r"|as an? (?:ai|artificial|language|virtual|digital)\b|it(?:'s| is) (?:not possible|impossible|not appropriate|against))",
    re.IGNORECASE,
)


def reads_as_refusal(text: str) -> bool:
    """By how it begins; only for leaving doubtful answers out, never for a decision."""
    return bool(_REFUSAL.match(text.replace("\u2019", "'")))


def repeats_itself(ids: Sequence[int]) -> bool:
    """Whether some eight tokens stand in it three times: a small base's greedy text may run in circles."""
    counts = Counter(tuple(ids[at : at + 8]) for at in range(len(ids) - 7))
    return max(counts.values(), default=0) >= 3


@dataclass(frozen=True)
class Answer:
    ids: list[int]
    text: str
    ended: bool  # by an end token, not by the limit

    @property
    def teaches(self) -> bool:
        return bool(self.ids) and not reads_as_refusal(self.text) and not repeats_itself(self.ids)


@dataclass
class _Slot:
    key: str
    position: int
    next: list[int]
    written: list[int] = field(default_factory=list)


class BaseAnswers:
    """Answers by a base of up to `limit` tokens, kept in `cache`."""

    def __init__(self, library: Path, model: Path, cache: Path, limit: int, sequences: int, threads: int, log: Callable[[str], None]) -> None:
        self.library, self.model = library, model
        self.limit, self.sequences, self.threads = limit, sequences, threads
        self.log = log
        self.path = cache / f"answers-{sha256(model)[:16]}-{limit}.jsonl"

    def answers(self, heads: Sequence[list[int]]) -> list[Answer | None]:
        """One per head, None for a head that is too long."""
        keys = [hashlib.sha256(np.array(head, dtype=np.int32).tobytes()).hexdigest()[:24] for head in heads]
        known = self._read()
        missing = {key: head for key, head in zip(keys, heads, strict=True) if key not in known and len(head) <= LONGEST_HEAD}
        if missing:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with (
                self.path.open("a", encoding="utf-8") as file,
                LlamaCpp(self.library, self.model, self.threads, LONGEST_HEAD + self.limit, self.sequences) as engine,
            ):
                self._write(engine, missing, known, file)
        return [known.get(key) for key in keys]

    def _read(self) -> dict[str, Answer]:
        if not self.path.exists():
            return {}
        data = self.path.read_bytes()
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < len(data):  # a killed run's partial last line
            self.path.write_bytes(whole)
        rows = [json.loads(line) for line in whole.decode().splitlines()]
        return {row["key"]: Answer(row["ids"], row["text"], row["ended"]) for row in rows}

    def _write(self, engine: LlamaCpp, missing: dict[str, list[int]], known: dict[str, Answer], file) -> None:
        waiting = list(missing.items())
        slots: dict[int, _Slot] = {}
        begun, told, tokens = time.monotonic(), time.monotonic(), 0
        while waiting or slots:
            room = engine.capacity - len(slots)
            for sequence in range(self.sequences):
                if sequence not in slots and waiting and len(waiting[-1][1]) <= room:
                    key, head = waiting.pop()
                    engine.forget(sequence)
                    slots[sequence] = _Slot(key, 0, head)
                    room -= len(head)
            rows = engine.decode([Piece(sequence, slot.position, slot.next) for sequence, slot in slots.items()])
            tokens += len(slots)
            for (sequence, slot), token in zip(list(slots.items()), rows.argmax(axis=1).tolist(), strict=True):
                slot.position += len(slot.next)
                slot.next = [token]
                ended = engine.ends(token)
                if not ended:
                    slot.written.append(token)
                if ended or len(slot.written) == self.limit:
                    del slots[sequence]
                    answer = known[slot.key] = Answer(slot.written, engine.text(slot.written), ended)
                    row = {"key": slot.key, "ids": answer.ids, "text": answer.text, "ended": ended}
                    file.write(json.dumps(row, ensure_ascii=False) + "\n")
                    file.flush()
            done = len(missing) - len(waiting) - len(slots)
            if done and time.monotonic() - told > 30:
                told = time.monotonic()
                spent = told - begun
                self.log(
                    f"base's answers: {done}/{len(missing)}, {tokens / spent:.0f} tokens/s, {spent / done * (len(missing) - done):.0f} s left"
                )
