"""Token texts, the byte-level BPE vocabulary and the ChatML rendering.

The one place that says how a conversation becomes token ids. For text that spells no special token the ids equal those of
`llama_tokenize` on the whole rendered string with `parse_special = true`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers


@dataclass(frozen=True)
class Category:
    """A refusal category: the id in files, the display name, the token's text."""

    id: str
    name: str
    token: str


CATEGORIES = (
    Category("humanizing", "Humanizing requests", "[Humanizing requests]"),
    Category("incomplete", "Incomplete requests", "[Incomplete requests]"),
    Category("indeterminate", "Indeterminate requests", "[Indeterminate requests]"),
    Category("safety", "Requests with safety concerns", "[Requests with safety concerns]"),
    Category("unsupported", "Unsupported requests", "[Unsupported requests]"),
)
RESPOND = "respond"
RESPOND_TOKEN = "[respond]"

# Labels in the order of the control tokens; RESPOND is the last one.
LABELS = tuple(category.id for category in CATEGORIES) + (RESPOND,)
RESPOND_LABEL = LABELS.index(RESPOND)
CONTROL_TOKENS = tuple(category.token for category in CATEGORIES) + (RESPOND_TOKEN,)

END_OF_TEXT = "<|endoftext|>"
IM_START = "<|im_start|>"
IM_END = "<|im_end|>"
SPECIAL_TOKENS = (END_OF_TEXT, IM_START, IM_END) + CONTROL_TOKENS

# The GGUF's names; the second one takes digits one by one.
PRE_TOKENIZERS = {
    "gpt-2": pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
    "smollm": pre_tokenizers.Sequence(
        [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)]
    ),
}

# llama.cpp does not run Jinja: it recognises ChatML by the text of this template.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + '<|im_end|>' + '\\n' }}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}"
)


def render_message(role: str, content: str) -> str:
    return f"{IM_START}{role}\n{content}{IM_END}\n"


def render_chat(messages: Iterable[tuple[str, str]]) -> str:
    """The rendered (role, content) pairs with the generation prompt; the first position follows its last token."""
    return "".join(render_message(role, content) for role, content in messages) + f"{IM_START}assistant\n"


def render_prompt(prompt: str, system: str | None = None) -> str:
    messages = [("user", prompt)] if system is None else [("system", system), ("user", prompt)]
    return render_chat(messages)


def neutralise(text: str, specials: Sequence[str] = SPECIAL_TOKENS) -> str:
    """Breaks up special-token texts that data spells, so that no data row can hold a control token."""
    for token in specials:
        text = text.replace(token, token[0] + " " + token[1:])
    return text


def train_tokenizer(corpus: Iterable[str], size: int) -> Tokenizer:
    """A byte-level BPE with the GPT-2 pre-tokenizer; the special tokens have the first ids."""
    tokenizer = _gpt2_tokenizer(models.BPE())
    trainer = trainers.BpeTrainer(
        vocab_size=size,
        min_frequency=2,
        special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL_TOKENS],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def build_tokenizer(
    tokens: Sequence[str], merges: Sequence[str], specials: Sequence[str], dropout: float | None = None, pre: str = "gpt-2"
) -> Tokenizer:
    """A tokenizer from a vocabulary as a GGUF holds it: tokens by id, merges as "left right", the pre-tokenizer's name."""
    pairs = [tuple(merge.split(" ")) for merge in merges]
    vocabulary = {token: index for index, token in enumerate(tokens)}
    tokenizer = _gpt2_tokenizer(models.BPE(vocab=vocabulary, merges=pairs, dropout=dropout))
    tokenizer.pre_tokenizer = PRE_TOKENIZERS[pre]
    tokenizer.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in specials])
    return tokenizer


def tokens_and_merges(tokenizer: Tokenizer) -> tuple[list[str], list[str]]:
    """The vocabulary by id and the merges as "left right", as a GGUF holds them."""
    state = json.loads(tokenizer.to_str())
    vocabulary = tokenizer.get_vocab(with_added_tokens=True)
    tokens = sorted(vocabulary, key=vocabulary.__getitem__)
    if [vocabulary[token] for token in tokens] != list(range(len(tokens))):
        raise ValueError("token ids have gaps")
    merges = [merge if isinstance(merge, str) else " ".join(merge) for merge in state["model"]["merges"]]
    return tokens, merges


def with_dropout(tokenizer: Tokenizer, dropout: float) -> Tokenizer:
    """A copy that skips each merge with probability `dropout` (BPE-dropout, for training only)."""
    tokens, merges = tokens_and_merges(tokenizer)
    return build_tokenizer(tokens, merges, SPECIAL_TOKENS, dropout or None)


def control_ids(tokenizer: Tokenizer) -> list[int]:
    return [tokenizer.token_to_id(token) for token in CONTROL_TOKENS]


def load_tokenizer(path: Path) -> Tokenizer:
    return Tokenizer.from_file(str(path))


def _gpt2_tokenizer(model: models.BPE) -> Tokenizer:
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = PRE_TOKENIZERS["gpt-2"]
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer
