"""Conversations as a base model reads them: llama.cpp renders the base's own chat template and tokenises with the base's own vocabulary.

So the ids are those of run time by construction, whatever the base's pre-tokenizer is. A message never holds a special token: its texts are
broken up first.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from base import Base
from llamacpp import LlamaCpp
from vocabulary import CONTROL_TOKENS, neutralise

Chat = Sequence[tuple[str, str]]


class Dialogue:
    """Renders and tokenises for one base; close it when done."""

    def __init__(self, library: Path, base: Base, reserved: Sequence[str] = CONTROL_TOKENS) -> None:
        self.engine = LlamaCpp(library, base.path, threads=1)
        self.template = base.fields["tokenizer.chat_template"]
        self.specials = tuple(dict.fromkeys([*base.specials, *reserved]))

    def clean(self, text: str) -> str:
        """`text` with every special token's spelling broken up."""
        return neutralise(text, self.specials)

    def head(self, chat: Chat) -> list[int]:
        """The ids of (role, text) pairs with the generation prompt; the first position follows the last one."""
        return self.engine.tokenize(self.engine.render(self.template, chat))

    def reply(self, text: str) -> list[int]:
        """The ids of a text that follows a control token."""
        return self.engine.tokenize(text, add_special=False)

    def close(self) -> None:
        self.engine.close()

    def __enter__(self) -> Dialogue:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
