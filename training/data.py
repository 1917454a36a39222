"""Reads prompts files and replies."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from vocabulary import LABELS, RESPOND_LABEL, neutralise

# A reference response is used only where the tiny model can hope to write something of its kind.
LONGEST_REFERENCE = 60


@dataclass(frozen=True)
class Example:
    """A labelled prompt; `label` indexes LABELS, `near_miss` says of which category a should-answer row is a near miss."""

    prompt: str
    label: int
    source: str
    trust: str
    near_miss: str | None
    reference: str | None


def read_examples(path: Path) -> list[Example]:
    with path.open(encoding="utf-8") as lines:
        return [_example(json.loads(line), f"{path.name}:{number}") for number, line in enumerate(lines, 1) if line.strip()]


def _example(row: dict, where: str) -> Example:
    category, expected = row["category"], row["expected"]
    if expected not in ("refuse", "respond") or category not in (*LABELS[:RESPOND_LABEL], "none"):
        raise ValueError(f"{where}: category {category!r} with expected {expected!r}")
    if expected == "refuse" and category == "none":
        raise ValueError(f"{where}: a refusal needs a category")
    refuse = expected == "refuse"
    return Example(
        prompt=neutralise(row["prompt"]),
        label=LABELS.index(category) if refuse else RESPOND_LABEL,
        source=row.get("source") or "unknown",
        trust=row.get("trust") or "native",
        near_miss=None if refuse or category == "none" else category,
        reference=None if refuse else _usable_reference(row.get("reference_response")),
    )


def _usable_reference(text: str | None) -> str | None:
    text = neutralise((text or "").strip())
    if not text or len(text) > LONGEST_REFERENCE or "\n" in text:
        return None
    return text[0].upper() + text[1:]


def read_replies(path: Path) -> list[list[str]]:
    """Reply texts by label."""
    texts = json.loads(path.read_text(encoding="utf-8"))
    if set(texts) != set(LABELS):
        raise ValueError(f"{path.name} must hold exactly {', '.join(LABELS)}")
    return [[neutralise(text) for text in texts[label]] for label in LABELS]


@dataclass(frozen=True)
class Texts:
    """What a base is tuned to write after a control token, by label: refusals, and for some labels general answers to what should be refused."""

    refusals: list[list[str]]
    answers: dict[int, list[str]]


def read_texts(path: Path) -> Texts:
    texts = json.loads(path.read_text(encoding="utf-8"))
    refusals, answers = texts["refusals"], texts["answers"]
    categories = LABELS[:RESPOND_LABEL]
    if set(refusals) != set(categories) or not set(answers) <= set(categories):
        raise ValueError(f"{path.name} must hold refusals for {', '.join(categories)}, and answers for these alone")
    return Texts(
        [[neutralise(text) for text in refusals[category]] for category in categories],
        {LABELS.index(category): [neutralise(text) for text in written] for category, written in answers.items()},
    )


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
