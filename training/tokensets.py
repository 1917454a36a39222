"""The control tokens that a base model gets: one per category and a respond token, or one refusal token and a respond token."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import gguf

from base import Base
from data import Example
from vocabulary import CATEGORIES, RESPOND, RESPOND_LABEL, RESPOND_TOKEN, Category


@dataclass(frozen=True)
class TokenSet:
    """Refusal categories in their order; the respond token is the last control token."""

    categories: tuple[Category, ...]

    @property
    def tokens(self) -> list[str]:
        return [*(category.token for category in self.categories), RESPOND_TOKEN]

    @property
    def labels(self) -> list[str]:
        return [*(category.id for category in self.categories), RESPOND]

    @property
    def respond(self) -> int:
        return len(self.categories)

    def control(self, label: int) -> int:
        """The index of the control token for one of LABELS."""
        if label == RESPOND_LABEL:
            return self.respond
        return label if len(self.categories) > 1 else 0

    def label(self, example: Example) -> int:
        """The index of the control token that answers the example."""
        return self.control(example.label)


TOKEN_SETS = {
    "categories": TokenSet(CATEGORIES),
    "single": TokenSet((Category("refuse", "Refused requests", "[refuse]"),)),
}


@dataclass(frozen=True)
class Vocabulary:
    """A base's vocabulary with the control tokens in it, of type CONTROL, and their ids."""

    tokens: list[str]
    types: list[int]
    control_ids: list[int]

    @staticmethod
    def place(base: Base, tokens: Sequence[str], rename: Sequence[str]) -> Vocabulary:
        """In place of the first of the special tokens `rename`, which the base must not need; after the base's own tokens if there are none."""
        clash = [token for token in tokens if token in base.tokens]
        if clash:
            raise ValueError(f"{base.path.name} has a token {clash[0]!r} already")
        if not rename:
            first = len(base.tokens)
            types = [*base.types, *[int(gguf.TokenType.CONTROL)] * len(tokens)]
            return Vocabulary([*base.tokens, *tokens], types, list(range(first, first + len(tokens))))
        if len(rename) < len(tokens):
            raise ValueError(f"{len(tokens)} control tokens cannot take the places of {len(rename)} tokens")
        texts, types = list(base.tokens), list(base.types)
        ids = [_replaceable(base, old) for old in rename[: len(tokens)]]
        for token, at in zip(tokens, ids, strict=True):
            texts[at], types[at] = token, int(gguf.TokenType.CONTROL)
        return Vocabulary(texts, types, ids)


def _replaceable(base: Base, token: str) -> int:
    if token not in base.tokens:
        raise ValueError(f"{base.path.name} has no token {token!r} to rename")
    at = base.tokens.index(token)
    needed = [key for key, value in base.fields.items() if key.startswith("tokenizer.ggml.") and key.endswith("_token_id") and value == at]
    if base.types[at] != gguf.TokenType.CONTROL or needed or token in base.fields.get("tokenizer.chat_template", ""):
        reason = needed[0] if needed else "it is an ordinary token or one of the chat template"
        raise ValueError(f"{base.path.name}: {token!r} cannot be renamed: {reason}")
    return at
