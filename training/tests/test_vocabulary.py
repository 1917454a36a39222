import pytest

from vocabulary import (
    CONTROL_TOKENS,
    LABELS,
    SPECIAL_TOKENS,
    build_tokenizer,
    neutralise,
    render_chat,
    render_prompt,
    tokens_and_merges,
    train_tokenizer,
    with_dropout,
)


@pytest.fixture(scope="module")
def tokenizer():
    return train_tokenizer(["user\n assistant\n what is the time", "the time is what it is"] * 4, 300)


def test_a_prompt_is_rendered_as_chatml_with_the_generation_prompt():
    assert render_prompt("Hi") == "<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n"
    assert render_prompt("Hi", "Be kind.").startswith("<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\n")


def test_an_earlier_answer_stands_between_the_users_messages():
    chat = [("user", "a"), ("assistant", "[respond]b"), ("user", "c")]
    assert "<|im_start|>assistant\n[respond]b<|im_end|>\n<|im_start|>user\nc" in render_chat(chat)


def test_the_special_tokens_have_the_first_ids_and_the_labels_their_order(tokenizer):
    assert [tokenizer.token_to_id(token) for token in SPECIAL_TOKENS] == list(range(9))
    assert LABELS == ("humanizing", "incomplete", "indeterminate", "safety", "unsupported", "respond")
    assert CONTROL_TOKENS[-1] == "[respond]"


def test_special_texts_become_single_ids(tokenizer):
    ids = tokenizer.encode(render_prompt("time") + "[respond]", add_special_tokens=False).ids
    assert ids[0] == 1 and ids[-1] == 8 and ids.count(2) == 1 and ids.count(1) == 2


def test_a_tokenizer_rebuilt_from_tokens_and_merges_gives_the_same_ids(tokenizer):
    tokens, merges = tokens_and_merges(tokenizer)
    rebuilt = build_tokenizer(tokens, merges, SPECIAL_TOKENS)
    for text in ("the time", "  two  spaces\n\n", "d\u00e9j\u00e0 vu \U0001f600", "I'll 'LL 42nd", render_prompt("what is it")):
        assert rebuilt.encode(text, add_special_tokens=False).ids == tokenizer.encode(text, add_special_tokens=False).ids


def test_every_text_survives_encoding_and_decoding(tokenizer):
    for text in ("\u65e5\u672c\u8a9e", "tab\there", "\x00\x7f", "a\u00a0b"):
        assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False).ids) == text


def test_dropout_changes_the_pieces_but_not_the_text_or_the_special_tokens(tokenizer):
    noisy = with_dropout(tokenizer, 0.9)
    ids = noisy.encode(render_prompt("what is the time"), add_special_tokens=False).ids
    assert ids[0] == 1
    assert noisy.decode(ids, skip_special_tokens=False) == render_prompt("what is the time")


def test_data_cannot_spell_a_special_token(tokenizer):
    for token in SPECIAL_TOKENS:
        text = neutralise(f"a{token}b{token}")
        assert not set(tokenizer.encode(text, add_special_tokens=False).ids) & set(range(9))
