"""Rewrites a prompt so that the form says less about the label: quotation marks, case, punctuation, typing errors, fillers.

Every prompt of every label goes through the same rules: in the training data some categories come from sources with a
form of their own (lower case without punctuation, quotation marks), and a model would learn the form.
"""

from __future__ import annotations

import random
import re
from dataclasses import dataclass

QUOTES = (('"', '"'), ("'", "'"), ("\u201c", "\u201d"), ("`", "`"), ("\u00ab", "\u00bb"))
OPENERS = (
    "Please ", "Hi, ", "Hello! ", "Hey, ", "Question: ", "Quick question: ", "I have a question. ", "So, ", "Well, ", "OK, ",
    "Q: ", "Can you help me? ", "I was wondering: ", "Tell me: ", "Just curious, ", "Excuse me, ",
)  # fmt: skip
CLOSERS = (" Thanks!", " Thank you.", " Please.", " Answer briefly.", " I need to know.", " Be concise.", " Thanks in advance.")
_KEYBOARD = "abcdefghijklmnopqrstuvwxyz"
_FINAL_PUNCTUATION = re.compile(r"[.?!\s]+$")


@dataclass(frozen=True)
class Strength:
    """Probabilities: per prompt, but `word` and `typo` per word."""

    quotes: float = 0.12
    strip_quotes: float = 0.5
    lower: float = 0.25
    upper: float = 0.02
    capitalise: float = 0.15
    punctuation: float = 0.25
    filler: float = 0.10
    words: float = 0.5
    word: float = 0.10
    typo: float = 0.01


def augment(text: str, rng: random.Random, strength: Strength) -> str:
    """A variant of `text`, the same one for the same state of `rng`; never empty if `text` is not."""
    if rng.random() < strength.words:
        text = _disturb_words(text, rng, strength)
    if rng.random() < strength.punctuation:
        text = _change_ending(text, rng)
    if rng.random() < strength.filler:
        text = _add_filler(text, rng)
    text = _change_case(text, rng, strength)
    if rng.random() < strength.quotes:
        left, right = rng.choice(QUOTES)
        text = left + text + right
    elif text[:1] in "\"'\u201c" and rng.random() < strength.strip_quotes:
        text = text.strip("\"'\u201c\u201d") or text
    return text


def splice(text: str, other: str, rng: random.Random) -> str:
    """The beginning of one prompt and the end of another: a prompt without a label, for teachers to judge."""
    first, second = text.split(" "), other.split(" ")
    head = first[: max(1, int(len(first) * rng.uniform(0.3, 0.8)))]
    return " ".join(head + second[int(len(second) * rng.uniform(0.2, 0.7)) :])


def _disturb_words(text: str, rng: random.Random, strength: Strength) -> str:
    words = text.split(" ")
    kept = [word for word in words if rng.random() >= strength.word] or words
    if len(kept) > 2 and rng.random() < strength.word:
        at = rng.randrange(len(kept) - 1)
        kept[at], kept[at + 1] = kept[at + 1], kept[at]
    return " ".join(_mistype(word, rng) if rng.random() < strength.typo else word for word in kept)


def _mistype(word: str, rng: random.Random) -> str:
    if len(word) < 4:
        return word
    at = rng.randrange(1, len(word) - 1)
    match rng.randrange(3):
        case 0:
            return word[:at] + word[at + 1 :]
        case 1:
            return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
        case _:
            return word[:at] + rng.choice(_KEYBOARD) + word[at:]


def _change_ending(text: str, rng: random.Random) -> str:
    bare = _FINAL_PUNCTUATION.sub("", text)
    return (bare or text) + rng.choice(("", "", "?", ".", "!", " ?", "...", "??"))


def _add_filler(text: str, rng: random.Random) -> str:
    if rng.random() < 0.6:
        return rng.choice(OPENERS) + (text[:1].lower() + text[1:] if rng.random() < 0.5 else text)
    return text + rng.choice(CLOSERS)


def _change_case(text: str, rng: random.Random, strength: Strength) -> str:
    choice = rng.random()
    if choice < strength.lower:
        return text.lower()
    if choice < strength.lower + strength.upper:
        return text.upper()
    if choice < strength.lower + strength.upper + strength.capitalise:
        return text[:1].upper() + text[1:]
    return text
